"""The proof bites, is never vacuous, and runs nothing twice."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tabproof import record
from tabproof.cli import main
from tabproof.proof import observe

ROOT = Path(__file__).parent.parent.parent
RUNNER = CliRunner()

pytestmark = pytest.mark.skipif(bool(observe.lacking()), reason=observe.lacking() or "fine")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The project with one scenario whose timeout is short, its samples generated."""
    shutil.copytree(ROOT / "templates", tmp_path / "templates")
    scenario = tmp_path / "templates/scenarios/list-users.yml"
    text = scenario.read_text()
    assert "timeout_seconds: 10" in text
    scenario.write_text(text.replace("timeout_seconds: 10", "timeout_seconds: 2"))
    (tmp_path / "templates/scenarios/videosdk-sessions.yml").unlink()
    (tmp_path / ".tabproof").mkdir()
    (tmp_path / ".tabproof/toolchains").symlink_to(ROOT / ".tabproof/toolchains")
    assert tabproof(tmp_path, "generate").exit_code == 0
    return tmp_path


def tabproof(root: Path, *arguments: str) -> Result:
    return RUNNER.invoke(main, ["--root", str(root), *arguments])


def edit(root: Path, path: str, old: str, new: str) -> int:
    """Change a sample by hand; return the number of the changed line."""
    file = root / "samples/list-users" / path
    text = file.read_text()
    assert text.count(old) == 1
    file.write_text(text.replace(old, new))
    return text[: text.index(old)].count("\n") + 1


def runs(root: Path, *arguments: str) -> tuple[int, int]:
    """How many runs passed in a proof that must succeed, and how many were on record."""
    result = tabproof(root, "prove", *arguments)
    assert result.exit_code == 0, result.output
    passed = re.search(r"(\d+) passed, 0 failed", result.stdout)
    reused = re.search(r"\((\d+) of them on record", result.stdout)
    assert passed
    return int(passed[1]), int(reused[1]) if reused else 0


BITES = [
    pytest.param(
        "node",
        ("stdlib/list-users.mjs", "exp: now + 3600", "exp: Date.now() + 3600 * 1000"),
        "success",
        r"exp 3600 s from now, an integer of .*; seen \d{13}, which is in milliseconds",
        id="milliseconds",
    ),
    pytest.param(
        "python",
        (
            "library/list_users.py",
            '"exp": now + 3600',
            '"exp": (dt := __import__("datetime")).datetime.now() + dt.timedelta(hours=1)',
        ),
        "tokyo",
        r"exp 3600 s from now, .*; seen \d{10}, which is \+9 h off: a local time taken for UTC",
        id="local time",
    ),
    pytest.param(
        "csharp",
        ("stdlib/ListUsers.cs", "AllowAutoRedirect = false", "AllowAutoRedirect = true"),
        "redirect-elsewhere",
        r"a request to api\.zoom\.us alone; seen one to elsewhere\.example: a redirect was",
        id="redirect followed",
    ),
    pytest.param(
        "php",
        (
            "stdlib/list-users.php",
            '"HTTP $status: $body\\n");\n    exit(1);',
            '"HTTP $status: $body\\n");\n    exit(0);',
        ),
        "status-401",
        r"expected exit status 1; seen 0",
        id="exit 0 on 401",
    ),
    pytest.param(
        "ruby",
        ("stdlib/list_users.rb", "iat: now,", "iat: now, nbf: now,"),
        "success",
        r"expected no claim nbf, only iss, iat, exp; seen nbf \d{10}",
        id="an extra claim",
    ),
    pytest.param(
        "curl",
        ("stdlib/list-users.sh", " --max-time 2", ""),
        "hang",
        r"expected exit status 1; seen 0: it outlasted its timeout and took the late answer",
        id="no timeout",
    ),
]


@pytest.mark.parametrize(("language", "mutant", "case", "words"), BITES)
def test_the_proof_bites_and_says_what_is_wrong_in_which_line(
    project: Path, language: str, mutant: tuple[str, str, str], case: str, words: str
) -> None:
    path, *change = mutant
    edited = edit(project, path, *change)
    cases = {"success", case}
    options = [option for name in sorted(cases) for option in ("--case", name)]
    result = tabproof(
        project, "prove", "--language", language, "--variant", path.partition("/")[0], *options
    )
    assert result.exit_code == 1
    lines = [line for line in result.stdout.splitlines() if line.startswith("samples/")]
    found = [line for line in lines if re.search(words, line) and f": {case}" in line]
    assert len(found) == 1, result.stdout
    place = re.match(r"samples/list-users/([^:]+):(\d+): ", found[0])
    assert place
    assert place[1] == path
    # A PHP sample's `exit` stands one line below the message that the edit begins with.
    assert abs(int(place[2]) - edited) <= 1


def test_an_unchanged_sample_passes_in_every_case(project: Path) -> None:
    cases = len(json.loads((ROOT / "samples/proof.json").read_text())["results"])
    passed, reused = runs(project, "--language", "ruby", "--variant", "stdlib")
    assert 0 < passed < cases
    assert reused == 0


def test_a_second_proof_runs_nothing_until_something_changes(project: Path) -> None:
    chosen = ("--language", "python", "--variant", "stdlib", "--case", "success", "--case", "tokyo")
    assert runs(project, *chosen) == (2, 0)
    assert runs(project, *chosen) == (2, 2)
    assert runs(project, *chosen, "--fresh") == (2, 0)
    edit(project, "stdlib/list_users.py", "import os\n", "import os  # changed\n")
    assert runs(project, *chosen) == (2, 0)
    cases = project / "templates/cases.yml"
    text = cases.read_text()
    assert text.count("Asia/Tokyo") == 1
    cases.write_text(text.replace("Asia/Tokyo", "Europe/Berlin"))
    assert runs(project, *chosen) == (2, 1)


def test_only_record_writes_the_record_and_it_holds_no_duration(project: Path) -> None:
    chosen = ("--language", "ruby", "--variant", "stdlib", "--case", "success")
    proof = project / record.RECORD
    assert runs(project, *chosen) == (1, 0)
    assert not proof.exists()
    assert runs(project, *chosen, "--record") == (1, 1)
    first = proof.read_bytes()
    (row,) = json.loads(first)["results"]
    assert row["verdict"] == "passed"
    assert row["toolbox"]["runtime"] == "ruby"
    assert not [key for key in row if "second" in key or "duration" in key]
    assert runs(project, *chosen, "--record") == (1, 1)
    assert proof.read_bytes() == first


def test_a_sample_without_its_toolchain_is_skipped_and_skipped_alone_is_no_success(
    project: Path,
) -> None:
    language = project / "templates/ruby/language.yml"
    text = language.read_text()
    assert text.count("{ruby: ruby}") == 2
    language.write_text(text.replace("{ruby: ruby}", "{ruby: no-such-ruby}", 1))
    chosen = ("prove", "--language", "ruby", "--variant", "stdlib", "--case", "success")
    result = tabproof(project, *chosen)
    assert result.exit_code == 3
    assert "no-such-ruby is not installed" in result.stdout
    assert "0 passed, 0 failed, 1 skipped" in result.stdout
    both = (*chosen, "--language", "python")
    assert tabproof(project, *both).exit_code == 0
    assert tabproof(project, *both, "--require", "all").exit_code == 3


def test_a_mock_api_that_never_answers_is_no_success(project: Path) -> None:
    cases = project / "templates/cases.yml"
    text = cases.read_text()
    assert "acts:\n        - wait: past-timeout\n        - answer: success" in text
    never = "  - name: silent\n    reason: r\n    server: {acts: [{wait: past-timeout}]}\n"
    cases.write_text(f"{text}\n{never}    expect: answered\n")
    result = tabproof(project, "prove", "--language", "ruby", "--case", "silent")
    assert result.exit_code in (1, 2)
    assert " 1 passed" not in result.output


def test_a_missing_sample_is_an_error_of_its_own(project: Path) -> None:
    (project / "samples/list-users/stdlib/list_users.rb").unlink()
    result = tabproof(project, "prove", "--language", "ruby")
    assert result.exit_code == 2
    assert result.stderr == (
        "tabproof: samples/list-users/stdlib/list_users.rb: is missing; run `tabproof generate`.\n"
    )


def test_a_limit_that_excuses_nothing_is_an_error(project: Path) -> None:
    language = project / "templates/ruby/language.yml"
    limit = '    limits: [{versions: "", cases: [success], reason: none}]\n'
    text = language.read_text()
    assert text.count('    run: ["{ruby}", "{file}"]\n') == 1
    language.write_text(
        text.replace(
            '    run: ["{ruby}", "{file}"]\n', f'    run: ["{{ruby}}", "{{file}}"]\n{limit}'
        )
    )
    result = tabproof(project, "prove", "--language", "ruby", "--case", "success")
    assert result.exit_code == 1
    assert "remove the limit" in result.stdout


def test_an_invented_result_does_not_make_a_changed_sample_publishable(project: Path) -> None:
    chosen = ("--language", "ruby", "--variant", "stdlib", "--case", "success")
    runs(project, *chosen, "--record")
    edit(project, "stdlib/list_users.rb", "exp: now + 3600", "exp: now + 7200")
    sample = project / "samples/list-users/stdlib/list_users.rb"
    proof = project / record.RECORD
    rows = json.loads(proof.read_text())
    rows["results"][0]["sample_digest"] = (
        __import__("hashlib").sha256(sample.read_bytes()).hexdigest()
    )
    proof.write_text(json.dumps(rows))
    assert tabproof(project, "check").exit_code == 1
    result = tabproof(project, "prove", *chosen, "--fresh")
    assert result.exit_code == 1
    assert re.search(r"exp 3600 s from now, .* seen \d{10}, which is", result.stdout)
