"""One scenario is at fault: that is told with its place, and all others go on."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import Result
from markdown import Markdown
from tests.languages import LANGUAGES, SAMPLES
from tests.pages.rendered import ALTERNATE, EXTENSIONS, Panels

from tabproof.cli.watch_regenerate import regenerate
from tabproof.model.sample import SampleKey
from tabproof.pages.extension import FenceError
from tabproof.project import catalog_reader
from tabproof.render.renderer import Renderer

Run = Callable[..., Result]
FOLDER = "templates/scenarios"
WRONG, OTHER = f"{FOLDER}/list-users.yml", f"{FOLDER}/videosdk-sessions.yml"
NOT_YAML = (
    f"tabproof: {WRONG}:1: is not YAML: while parsing a flow node, expected the node content, but "
    "found '<stream end>'.\n"
)
RIGHT = Path(__file__).parents[1] / "inputs/right.yml"
IN_A_FOLDER = "is not read: it is in a folder of its own; move it to"
NO_SCENARIO = (
    "tabproof: templates/scenarios: there is no scenario; create one with "
    "`tabproof new scenario NAME`.\n"
)


def _edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def _samples(project: Path, scenario: str) -> dict[str, bytes]:
    folder = project / "samples" / scenario
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*.*")}


def _lines(project: Path, scenario: str) -> list[dict[str, object]]:
    manifest = json.loads((project / "samples/manifest.json").read_bytes())
    return [entry for entry in manifest if entry["scenario"] == scenario]


@pytest.fixture
def broken(project: Path) -> Path:
    """A project in which one of two scenarios is no YAML."""
    (project / WRONG).write_text("title: [", encoding="utf-8")
    return project


@pytest.fixture
def unable(project: Path) -> Path:
    """A project in which PHP cannot write the title of one of two scenarios."""
    _edit(project / WRONG, "title: ", "title: On ?> off, ")
    return project


def _title_line(project: Path) -> tuple[str, int]:
    lines = (project / WRONG).read_text(encoding="utf-8").splitlines()
    number = next(n for n, line in enumerate(lines, 1) if line.startswith("title: "))
    return lines[number - 1].removeprefix("title: "), number


# generate and check


def test_generate_writes_the_samples_of_the_others_and_leaves_those_of_the_scenario_at_fault(
    broken: Path, tabproof: Run
) -> None:
    kept, lines = _samples(broken, "list-users"), _lines(broken, "list-users")
    _edit(broken / OTHER, "title: ", "title: Really ")
    for changed in (SAMPLES + 1, 0):  # the second time, the other scenario is settled
        result = tabproof("generate")
        assert result.exit_code == 2
        assert result.stdout.count("wrote samples/videosdk-sessions/") == max(changed - 1, 0)
        assert "list-users" not in result.stdout
        assert result.stderr.endswith(NOT_YAML)
        assert result.stderr.count("\n") == 2
        assert _samples(broken, "list-users") == kept
        assert _lines(broken, "list-users") == lines
    assert len(_lines(broken, "videosdk-sessions")) == SAMPLES


@pytest.mark.usefixtures("broken")
def test_check_tells_the_fault_alone_where_all_others_are_current(tabproof: Run) -> None:
    for _ in range(2):
        result = tabproof("check")
        assert (result.exit_code, result.stdout, result.stderr) == (2, "", NOT_YAML)


def test_check_names_what_is_not_current_of_the_others_beside_the_fault(
    broken: Path, tabproof: Run
) -> None:
    _edit(broken / OTHER, "title: ", "title: Really ")
    result = tabproof("check")
    assert result.exit_code == 2
    assert result.stdout.count(": changed\n") == SAMPLES + 1
    first, second = result.stderr.splitlines(keepends=True)
    assert "are not current; run `tabproof generate`" in first
    assert second == NOT_YAML


def test_a_mended_scenario_is_generated_again(broken: Path, tabproof: Run) -> None:
    assert tabproof("generate").exit_code == 2
    (broken / WRONG).write_bytes(RIGHT.read_bytes())
    assert tabproof("generate").exit_code == 0
    assert len(_lines(broken, "list-users")) == SAMPLES
    # Nobody ran these.
    assert tabproof("check").exit_code == 1


def test_a_sample_of_a_scenario_at_fault_is_not_looked_at(broken: Path, tabproof: Run) -> None:
    edited = broken / "samples/list-users/library/list_users.rb"
    edited.write_text("puts 'mine'\n", encoding="utf-8")
    assert tabproof("generate", "--overwrite").exit_code == 2
    assert edited.read_text(encoding="utf-8") == "puts 'mine'\n"
    assert tabproof("check").stderr == NOT_YAML


def test_the_fault_of_a_hand_edit_elsewhere_is_told_beside_that_of_the_scenario(
    broken: Path, tabproof: Run
) -> None:
    edited = broken / "samples/videosdk-sessions/library/videosdk_sessions.rb"
    edited.write_text("puts 'mine'\n", encoding="utf-8")
    result = tabproof("generate")
    assert result.exit_code == 2
    assert "edited by hand" in result.stderr.splitlines()[0]
    assert result.stderr.endswith(NOT_YAML)
    assert edited.read_text(encoding="utf-8") == "puts 'mine'\n"


def test_every_fault_is_told_in_a_line_of_its_own(broken: Path, tabproof: Run) -> None:
    _edit(broken / OTHER, "title: ", "titel: ")
    (broken / FOLDER / "Third.yml").write_bytes(RIGHT.read_bytes())
    for command in ("generate", "check", "report"):
        result = tabproof(command)
        told = [line for line in result.stderr.splitlines() if line.startswith("tabproof: ")]
        assert result.exit_code == 2
        assert len(told) == 3
        assert all(
            sum(f"{FOLDER}/{name}" in line for line in told) == 1
            for name in ("Third.yml: ", "list-users.yml:1: ", "videosdk-sessions.yml:")
        )


def test_a_scenario_without_an_example_that_a_case_answers_is_at_fault(
    project: Path, tabproof: Run
) -> None:
    text = RIGHT.read_text(encoding="utf-8").replace("  429: {body: {code: 429}}\n", "")
    (project / WRONG).write_text(text, encoding="utf-8")
    line = text.splitlines().index("responses:") + 1
    result = tabproof("check")
    assert result.exit_code == 2
    assert result.stderr.startswith(f"tabproof: {WRONG}:{line}: there is no example for status 429")
    assert result.stderr.count("\n") == 1


# One sample that a language cannot render


def test_a_value_that_one_language_cannot_write_is_told_with_its_line_and_leaves_the_others_alone(
    unable: Path, tabproof: Run
) -> None:
    title, line = _title_line(unable)
    kept = _samples(unable, "list-users")
    result = tabproof("generate")
    assert result.exit_code == 2
    told = [
        f"tabproof: {WRONG}:{line}: list-users, php, {variant}: {title!r} cannot stand in a "
        "comment: it contains '?>'"
        for variant in ("library", "stdlib")
    ]
    assert result.stderr.splitlines()[1:] == told
    assert result.stdout.count("wrote samples/list-users/") == SAMPLES - 2
    now = _samples(unable, "list-users")
    assert {path for path in kept if kept[path] == now[path]} == {
        "library/list-users.php",
        "stdlib/list-users.php",
    }
    assert len(_lines(unable, "list-users")) == SAMPLES
    assert tabproof("generate").stderr.splitlines()[1:] == told


def test_a_language_that_lacks_what_a_scenario_asks_for_is_told_at_that_place(
    project: Path, tabproof: Run
) -> None:
    (project / "templates/ruby/body-json.rb.jinja").unlink()
    scenario = RIGHT.read_text(encoding="utf-8").replace(
        "  timeout_seconds", "  method: POST\n  body: {a: 1}\n  timeout_seconds"
    )
    (project / WRONG).write_text(scenario, encoding="utf-8")
    line = scenario.splitlines().index("  body: {a: 1}") + 1
    result = tabproof("generate")
    own = [line for line in result.stderr.splitlines() if WRONG in line]
    assert own == [
        f"tabproof: {WRONG}:{line}: ruby, {variant}: no template for a JSON body; write "
        f"templates/ruby/body-json-{variant}.rb.jinja."
        for variant in ("library", "stdlib")
    ]
    assert result.stdout.count("wrote samples/list-users/") == SAMPLES - 2


def test_a_template_that_does_not_render_for_one_scenario_names_it(
    project: Path, tabproof: Run
) -> None:
    _edit(project / WRONG, "  claims:\n", '  header: {kid: "1"}\n  claims:\n')
    token = "ruby/step-jwt-library.rb.jinja"
    path = project / "templates" / token
    spoilt = "{% if step.header %}{{ nothing }}{% endif %}"
    _edit(path, "now = ", f"{spoilt}\nnow = ")
    result, words = tabproof("generate"), "'nothing' is undefined."
    assert result.exit_code == 2
    assert [line for line in result.stderr.splitlines() if line.startswith("tabproof: ")] == [
        f"tabproof: templates/{token}:{_line_of(path, spoilt)}: list-users, ruby, library: {words}"
    ]


def _line_of(path: Path, text: str) -> int:
    lines = path.read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


def test_a_template_that_renders_for_no_scenario_is_told_once_and_leaves_other_languages_alone(
    project: Path, tabproof: Run
) -> None:
    _edit(project / "templates/ruby/step-request.rb.jinja", "puts response.body", "{{ nothing }}")
    _edit(project / "templates/python/step-request.py.jinja", "response = ", "answer = response = ")
    result = tabproof("generate")
    assert result.exit_code == 2
    told = [line for line in result.stderr.splitlines() if line.startswith("tabproof: ")]
    assert len(told) == 2
    assert all(": 'nothing' is undefined." in line and "list-users" not in line for line in told)
    assert result.stdout.count("wrote ") == 4 + 1


# Other commands


@pytest.mark.usefixtures("broken")
def test_a_proof_of_the_others_goes_on_and_ends_with_the_fault(tabproof: Run) -> None:
    options = ("--language", "curl", "--case", "success", "--format", "json")
    result = tabproof("prove", *options)
    report = json.loads(result.stdout)
    assert {sample["scenario"] for sample in report["samples"]} == {"videosdk-sessions"}
    assert result.exit_code == 2
    assert result.stderr.endswith(NOT_YAML)


@pytest.mark.usefixtures("broken")
def test_a_proof_of_another_scenario_does_not_tell_the_fault(tabproof: Run) -> None:
    options = ("--language", "curl", "--case", "success")
    result = tabproof("prove", "--scenario", "videosdk-sessions", *options)
    assert result.exit_code in (0, 3)  # whether this machine has jq or not
    assert "list-users" not in result.output


@pytest.mark.parametrize("mode", [(), ("--lint",), ("--mutate",)])
@pytest.mark.usefixtures("broken")
def test_a_proof_of_the_scenario_at_fault_tells_the_fault_alone(
    mode: tuple[str, ...], tabproof: Run
) -> None:
    result = tabproof("prove", *mode, "--scenario", "list-users")
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", NOT_YAML)


@pytest.mark.parametrize("command", ["explain", "serve"])
@pytest.mark.usefixtures("broken")
def test_a_command_about_the_scenario_at_fault_tells_the_fault(command: str, tabproof: Run) -> None:
    for options in (("--scenario", "list-users"), ()):
        result = tabproof(command, *options)
        assert (result.exit_code, result.stderr) == (2, NOT_YAML)


@pytest.mark.parametrize("command", ["doctor", "config"])
@pytest.mark.usefixtures("broken")
def test_a_command_about_no_scenario_does_not_mind(command: str, tabproof: Run) -> None:
    result = tabproof(command)
    assert (result.exit_code, WRONG in result.output) == (0, False)


def test_a_renewal_goes_on_with_the_others(broken: Path) -> None:
    _edit(broken / OTHER, "title: ", "title: Really ")
    renewal = regenerate(broken)
    assert len(renewal.lines) == SAMPLES + 1
    assert [str(fault.error) for fault in renewal.faults] == [
        NOT_YAML.removeprefix("tabproof: ").removesuffix("\n")
    ]
    assert {sample.key.scenario for task in renewal.tasks for sample in task.samples} == {
        "videosdk-sessions"
    }


# Pages


def _page(project: Path, *keys: str) -> str:
    fence = "\n".join(["```tabproof", "variant: library", *keys, "```"])
    options: dict[str, dict[str, Any]] = {**ALTERNATE, "tabproof": {"root": str(project)}}
    return Markdown(extensions=list(EXTENSIONS), extension_configs=options).convert(fence)


def test_a_fence_of_a_scenario_at_fault_fails_and_the_others_are_shown(broken: Path) -> None:
    with pytest.raises(FenceError) as raised:
        _page(broken, "scenario: list-users")
    assert NOT_YAML.removeprefix("tabproof: ").strip() in raised.value.message
    labels = Panels(_page(broken, "scenario: videosdk-sessions")).labels
    assert "Python" in labels


def test_a_fence_of_a_language_that_cannot_render_fails_and_those_of_others_are_shown(
    unable: Path, tabproof: Run
) -> None:
    title, line = _title_line(unable)
    assert tabproof("generate").exit_code == 2
    with pytest.raises(FenceError) as raised:
        _page(unable, "scenario: list-users", "languages: [php]")
    assert f"{WRONG}:{line}: list-users, php, library: {title!r}" in raised.value.message
    with pytest.raises(FenceError, match="not proved for its present bytes"):
        _page(unable, "scenario: list-users", "languages: [ruby]")


def test_the_table_of_the_proof_which_shows_every_scenario_tells_the_fault(broken: Path) -> None:
    options: dict[str, dict[str, Any]] = {**ALTERNATE, "tabproof": {"root": str(broken)}}
    page = Markdown(extensions=list(EXTENSIONS), extension_configs=options)
    with pytest.raises(FenceError) as raised:
        page.convert("```tabproof-proof\n```")
    assert WRONG in raised.value.message


# Files that look like a scenario


@pytest.mark.parametrize("command", ["generate", "check", "prove"])
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("List_Orders.YML", "is not read: its name ends in .YML; rename it to list-orders.yml."),
        ("orders.YAML", "is not read: its name ends in .YAML; rename it to orders.yaml."),
        ("!.Yml", "is not read: its name ends in .Yml; rename it to NAME.yml."),
        (
            "sub/x.yml",
            f"{IN_A_FOLDER} templates/scenarios/x.yml, or out of templates/scenarios/.",
        ),
        (
            "sub/deep/List Carts.yaml",
            f"{IN_A_FOLDER} templates/scenarios/list-carts.yaml, or out of templates/scenarios/.",
        ),
    ],
)
def test_a_file_that_looks_like_a_scenario_and_is_not_read_is_named_with_the_mend(
    command: str, name: str, words: str, project: Path, tabproof: Run
) -> None:
    path = project / FOLDER / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(RIGHT.read_bytes())
    options = ("--language", "curl", "--case", "success") if command == "prove" else ()
    result = tabproof(command, *options)
    assert result.exit_code == 2
    assert result.stderr.endswith(f"tabproof: {FOLDER}/{name}: {words}\n")


@pytest.mark.parametrize(
    "name", [".hidden.yml", "sub/.x.yml", ".sub/x.yml", "x.yml~", "README.md", "sub/notes.txt"]
)
def test_other_files_beside_the_scenarios_are_none(name: str, project: Path, tabproof: Run) -> None:
    path = project / FOLDER / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(RIGHT.read_bytes())
    assert tabproof("check").exit_code == 0


def test_the_samples_of_a_scenario_that_was_moved_where_it_is_not_read_stay(
    project: Path, tabproof: Run
) -> None:
    kept = _samples(project, "list-users")
    (project / WRONG).rename(project / FOLDER / "List_Users.YML")
    assert tabproof("generate").exit_code == 2
    assert _samples(project, "list-users") == kept


def test_a_scenario_is_shown_though_another_file_has_nearly_its_name(project: Path) -> None:
    (project / FOLDER / "List_Users.YML").write_bytes(RIGHT.read_bytes())
    assert "Python" in Panels(_page(project, "scenario: list-users")).labels


def test_of_two_files_of_one_scenario_neither_is_rendered(project: Path, tabproof: Run) -> None:
    (project / FOLDER / "list-users.yaml").write_bytes(RIGHT.read_bytes())
    known = catalog_reader.load(project)
    assert set(known.scenarios) == {"videosdk-sessions"}
    result = tabproof("generate")
    assert result.stderr.endswith(
        f"tabproof: {WRONG}: there is a list-users.yaml too; remove one.\n"
    )


@pytest.mark.parametrize("command", ["generate", "check", "prove", "report", "explain", "serve"])
def test_a_project_without_a_scenario_says_so_and_what_to_do(
    command: str, project: Path, tabproof: Run
) -> None:
    before = _samples(project, "list-users")
    for path in (project / FOLDER).iterdir():
        path.unlink()
    result = tabproof(command)
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", NO_SCENARIO)
    assert _samples(project, "list-users") == before


# The renderer itself


def test_attempts_give_a_reason_in_the_place_of_each_sample_that_cannot_be_rendered(
    project: Path,
) -> None:
    known = catalog_reader.load(project)
    titled = msgspec.structs.replace(known.scenarios["list-users"], title="?>")
    scenarios = known.scenarios | {"list-users": titled}
    attempts = dict(Renderer(msgspec.structs.replace(known, scenarios=scenarios)).attempts())
    assert len(attempts) == 2 * SAMPLES
    wrong = {key for key, result in attempts.items() if isinstance(result, Exception)}
    assert wrong == {
        SampleKey("list-users", "library", "php"),
        SampleKey("list-users", "stdlib", "php"),
    }
    assert "php" in LANGUAGES


def test_of_two_lines_that_an_ended_run_left_the_one_of_the_file_stays(
    broken: Path, tabproof: Run
) -> None:
    manifest = broken / "samples/manifest.json"
    entries = json.loads(manifest.read_bytes())
    other = [entry | {"sha256": "0" * 64} for entry in entries]
    for both in (other + entries, entries + other):
        manifest.write_text(json.dumps(both), encoding="utf-8")
        assert tabproof("generate").exit_code == 2
        assert json.loads(manifest.read_bytes()) == entries
