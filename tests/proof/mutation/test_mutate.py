"""The proof of the proof: each fault is put in, and what does not notice it is told."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from tabproof.model.catalog import Catalog
from tabproof.model.mutation import Mutations
from tabproof.project import mutations
from tabproof.proof.mutation.run import mutants_of
from tabproof.proof.mutation.substitutions import substitutions_of
from tabproof.proof.prepare.selection import Selection
from tabproof.proof.prepare.toolchain_survey import runnable_samples
from tabproof.render.renderer import Renderer
from tabproof.sandbox import batch_runner
from tabproof.sandbox.protocol import Batch, Observation
from tabproof.toolchains import find

KINDS = """\
kinds:
  milliseconds:
    reason: The clock counts milliseconds.
    case: success
    seen: which is in milliseconds
"""
ROWS = """\
mutations:
  - kind: milliseconds
    step: token
    find: Time.now.to_i
    replace: (Time.now.to_f * 1000).to_i
"""
FILE = "templates/ruby/mutations.yml"
SAMPLE = "samples/list-users/stdlib/list_users.rb"


@dataclass
class Bench:
    """A project with one kind of fault, and Ruby's way to make it."""

    root: Path
    tabproof: Callable[..., Result]

    def change(self, path: str, old: str, new: str) -> None:
        text = (self.root / path).read_text()
        assert text.count(old) == 1, f"{path} holds {text.count(old)} times {old!r}"
        (self.root / path).write_text(text.replace(old, new))

    def mutate(self, *options: str, variant: str = "stdlib") -> Result:
        return self.tabproof(
            *("prove", "--mutate", "--language", "ruby", "--variant", variant), *options
        )

    def refused(self, words: str) -> None:
        """It ends with one line, before anything is run."""
        result = self.mutate()
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr == f"tabproof: {words}\n"


@pytest.fixture
def bench(project: Path, tabproof: Callable[..., Result], root: Path) -> Bench:
    (project / "templates/mutations.yml").write_text(KINDS)
    (project / FILE).write_text(ROWS)
    (project / ".tabproof").mkdir(exist_ok=True)
    (project / ".tabproof/toolchains").symlink_to(root / ".tabproof/toolchains")
    return Bench(project, tabproof)


@pytest.fixture
def ruby(sandbox: None, catalog: Catalog, root: Path) -> None:  # noqa: ARG001 - it skips
    """For tests that run Ruby's sample."""
    found = find.select_toolchain(find.find_toolchains(catalog.languages["ruby"], root), "stdlib")
    if isinstance(found, str):
        pytest.skip(found)


def lines(result: Result) -> list[str]:
    return [line for line in result.stdout.splitlines() if line.startswith("samples/")]


def summary(result: Result) -> str:
    return result.stdout.splitlines()[-1]


def watch_runs(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that gets the name of each run: of a mutant its file, of a sample the case."""
    run: list[str] = []
    really = batch_runner.run_batch

    def watch(batch: Batch, *others: Any) -> Iterator[Observation]:
        run.extend(each.id.rpartition("#")[2].rpartition("/")[2] for each in batch.runs)
        return really(batch, *others)

    monkeypatch.setattr(batch_runner, "run_batch", watch)
    return run


# --- the mutations of this project --------------------------------------------------------------


ELSEWHERE = {"body-missing", "content-type-missing", "form-not-named", "key-not-decoded"}
"""Kinds that these scenarios have no place for; the one in tests/ghost has."""


@pytest.fixture(scope="session")
def table(root: Path, catalog: Catalog) -> Mutations:
    return mutations.read_mutations(root, catalog.languages)


def test_every_mutation_fits_every_sample_and_changes_it(
    root: Path, catalog: Catalog, table: Mutations
) -> None:
    samples = list(Renderer(catalog).all())
    subjects = runnable_samples(root, catalog, samples, Selection())
    # Each sample once, however many toolchains run it.
    once = {subject.sample.key: subject for subject in subjects}.values()
    mutants, idle = mutants_of(once, table)
    made = {(mutant.mutation.kind, mutant.original.sample.key) for mutant in mutants}
    nowhere = {result.kind for result in idle if (result.kind, result.sample) not in made}
    assert nowhere == ELSEWHERE
    assert all(mutant.text != mutant.original.text for mutant in mutants)
    wanted = {
        (row.place, sample.key)
        for sample in samples
        for row in table.rows[sample.key.language]
        if sample.key.variant in row.variants
    }
    found = [(mutant.mutation.place, mutant.original.sample.key) for mutant in mutants]
    found += [(result.rule, result.sample) for result in idle]
    assert set(found) == wanted
    assert len(found) == len(wanted)


def test_every_kind_is_made_in_more_than_one_sample(table: Mutations) -> None:
    for name in table.kinds:
        made = [
            (language, variant)
            for language, rows in table.rows.items()
            for row in rows
            if row.kind == name
            for variant in row.variants
        ]
        assert len(made) > 1, name


def test_every_kind_says_in_a_sentence_what_goes_wrong(table: Mutations) -> None:
    assert len(table.kinds) >= 23
    for name, kind in table.kinds.items():
        assert re.fullmatch(r"[A-Z].*\.", kind.reason), name


def test_roles_are_what_the_scenario_calls_its_things(catalog: Catalog) -> None:
    roles = substitutions_of(catalog.scenarios["list-users"], catalog.languages["node"])
    assert roles["signing_key_identifier"] == "apiSecret"
    assert roles["account_identifier"] == "apiKey"
    assert (roles["account_claim"], roles["issued_claim"]) == ("iss", "iat")
    assert (roles["expiry_claim"], roles["lifetime_seconds"]) == ("exp", "3600")
    assert roles["query"] == "status=active"


# --- what becomes of a mutant -------------------------------------------------------------------


@pytest.mark.usefixtures("ruby")
def test_what_is_noticed_is_killed_and_the_samples_stay_as_they_are(bench: Bench) -> None:
    before = {path: path.read_bytes() for path in bench.root.rglob("samples/**/*.*")}
    result = bench.mutate()
    assert result.exit_code == 0, result.output
    assert summary(result) == "1 mutant of 1 kind: 1 killed, 0 survived, 0 unfit, 0 not run"
    assert lines(result) == []
    assert {path: path.read_bytes() for path in bench.root.rglob("samples/**/*.*")} == before


@pytest.mark.usefixtures("ruby")
def test_what_no_case_notices_survives_and_is_told_with_its_line(bench: Bench) -> None:
    bench.change(FILE, "(Time.now.to_f * 1000).to_i", "Time.now.to_i + 0")
    result = bench.mutate()
    assert result.exit_code == 1
    number = (bench.root / SAMPLE).read_text().splitlines().index("now = Time.now.to_i") + 1
    assert lines(result) == [
        f"{SAMPLE}:{number}: milliseconds ({FILE}:2): survived: success should have noticed it"
    ]
    assert summary(result) == "1 mutant of 1 kind: 0 killed, 1 survived, 0 unfit, 0 not run"


BUILDS = """\
    prepare: [[sh, -c, 'cp "$1" "$2/program.rb"; echo prepare >>"$3"',
               sh, "{sample}", "{build}", "{folder}/cache/builds"]]
    rebuild: [[sh, -c, 'cmp "$4/program.rb" "$2/program.rb" && cp "$1" "$2/program.rb";
               echo rebuild >>"$3"',
               sh, "{sample}", "{build}", "{folder}/cache/builds", "{original}"]]
    caches: [cache]
    run: ["{ruby}", "{build}/program.rb"]
"""


@pytest.mark.usefixtures("ruby")
def test_a_mutant_is_built_from_the_build_of_its_sample(bench: Bench) -> None:
    log = bench.root / ".tabproof/toolchains/ruby/cache/builds"
    run = '    run: ["{ruby}", "{file}"]\n'
    bench.change("templates/ruby/language.yml", run, BUILDS)
    for options in (["--fresh"], []):
        result = bench.mutate(*options)
        assert summary(result) == "1 mutant of 1 kind: 1 killed, 0 survived, 0 unfit, 0 not run"
        assert log.read_text().split() == ["prepare", "rebuild"]
        log.unlink()


@pytest.mark.usefixtures("ruby")
def test_without_a_quicker_build_each_mutant_is_built_as_a_sample_is(bench: Bench) -> None:
    run = '    run: ["{ruby}", "{file}"]\n'
    build = """\
    prepare: [[sh, -c, 'cp "$1" "$2/program.rb"; sleep 0.2', sh, "{sample}", "{build}"]]
    run: ["{ruby}", "{build}/program.rb"]
"""
    bench.change("templates/ruby/language.yml", run, build)
    (bench.root / FILE).write_text(ROWS + ROWS.partition("\n")[2] * 2)
    # One at a time: the third mutant is built when the build of the sample is there.
    result = bench.mutate("--jobs", "1")
    assert summary(result) == "3 mutants of 1 kind: 3 killed, 0 survived, 0 unfit, 0 not run"


@pytest.mark.usefixtures("ruby")
def test_a_sample_is_not_run_again_in_a_case_that_it_has_passed(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = watch_runs(monkeypatch)
    assert bench.mutate().exit_code == 0
    assert sorted(run) == ["list_users.rb@ruby", "success"]
    prove = ("prove", "--language", "ruby", "--variant", "stdlib", "--case", "success")
    assert bench.tabproof(*prove).exit_code == 0
    for options, runs in ((["--fresh"], 2), ([], 1)):
        run.clear()
        assert bench.mutate(*options).exit_code == 0
        assert len(run) == runs


@pytest.mark.usefixtures("ruby")
def test_a_mutant_is_run_in_the_case_that_was_named_and_in_no_other(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = watch_runs(monkeypatch)
    # Seen in success, but not before a request is sent.
    (bench.root / FILE).write_text(f"{ROWS}    case: unset-api_key\n")
    result = bench.mutate()
    assert (result.exit_code, sorted(run)) == (1, ["list_users.rb@ruby", "unset-api_key"])


@pytest.mark.usefixtures("ruby")
def test_where_both_variants_have_the_same_lines_one_of_them_is_run(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = watch_runs(monkeypatch)
    shared = ROWS.replace("step: token", "step: request")
    shared = shared.replace("find: Time.now.to_i", "find: Net::HTTP::Get")
    shared = shared.replace("(Time.now.to_f * 1000).to_i", "Net::HTTP::Head")
    (bench.root / FILE).write_text(f"{shared}    seen: expected GET; seen HEAD\n")
    result = bench.tabproof("prove", "--mutate", "--language", "ruby")
    assert summary(result).startswith("1 mutant of 1 kind: 1 killed, "), result.output
    assert sorted(run) == ["list_users.rb@ruby", "success"]


@pytest.mark.usefixtures("ruby")
@pytest.mark.parametrize(
    ("new", "words"),
    [
        ("Time.now.to_i )", "it is no valid program any more: ruby -wc: "),
        ("nobody_knows_this", "no finding matches `which is in milliseconds`: "),
        ("Time.now.to_i + 7200", "no finding matches `which is in milliseconds`: "),
    ],
    ids=["no-program", "crash", "another-fault"],
)
def test_what_is_noticed_for_another_reason_says_nothing(
    bench: Bench, new: str, words: str
) -> None:
    bench.change(FILE, "(Time.now.to_f * 1000).to_i", new)
    result = bench.mutate()
    assert result.exit_code == 2
    (line,) = lines(result)
    assert f": milliseconds ({FILE}:2): unfit: proves nothing in success: {words}" in line


@pytest.mark.usefixtures("ruby")
def test_a_case_that_the_sample_itself_fails_in_says_nothing(bench: Bench) -> None:
    bench.change("templates/cases.yml", '    stdout: "{body}\\n"\n', '    stdout: "{body}!"\n')
    result = bench.mutate()
    assert result.exit_code == 2
    (line,) = lines(result)
    assert ": unfit: proves nothing in success: the sample itself fails in this case: " in line


@pytest.mark.usefixtures("ruby")
@pytest.mark.parametrize("broken", [True, False], ids=["refused", "not-observed"])
def test_what_the_sandbox_did_not_run_is_no_kill(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, *, broken: bool
) -> None:
    def nothing(batch: Batch, *_: object) -> Iterator[Observation]:
        yield from (Observation(run.id, broken="bwrap: no") for run in batch.runs if broken)

    monkeypatch.setattr(batch_runner, "run_batch", nothing)
    result = bench.mutate()
    assert result.exit_code == 2
    (line,) = lines(result)
    assert line.endswith(": unfit: proves nothing in success: the sandbox did not run it")


def without_ruby(bench: Bench) -> None:
    bench.change("templates/ruby/language.yml", 'minimum: "3.1"', 'minimum: "99"')
    # The head of the sample names the least version.
    assert bench.tabproof("generate").exit_code == 0


@pytest.mark.usefixtures("ruby")
def test_what_cannot_run_here_is_no_kill(bench: Bench) -> None:
    without_ruby(bench)
    result = bench.mutate()
    assert result.exit_code == 3
    assert re.search(
        r"1 not run: ruby, stdlib: ruby \S+ is too old; 99 or later is needed", result.stdout
    )
    assert summary(result) == "1 mutant of 1 kind: 0 killed, 0 survived, 0 unfit, 1 not run"


@pytest.mark.usefixtures("ruby")
def test_what_cannot_run_here_is_parsed(bench: Bench) -> None:
    without_ruby(bench)
    bench.change(FILE, "(Time.now.to_f * 1000).to_i", "Time.now.to_i )")
    result = bench.mutate()
    assert result.exit_code == 2
    assert "it is no valid program any more: ruby -wc: " in result.stdout


def limited(bench: Bench, case: str) -> None:
    limit = f"      - {{versions: '', cases: [{case}], seen: expected stdout, reason: R.}}\n"
    bench.change("templates/ruby/language.yml", "    limits:\n", f"    limits:\n{limit}")


@pytest.mark.usefixtures("ruby")
def test_a_limit_of_the_runtime_excuses_a_case_that_says_nothing(bench: Bench) -> None:
    limited(bench, "success")
    assert bench.mutate().exit_code == 0
    bench.change("templates/cases.yml", '    stdout: "{body}\\n"\n', '    stdout: "{body}!"\n')
    result = bench.mutate()
    assert (result.exit_code, lines(result)) == (3, [])
    assert "1 not run: ruby, stdlib: a limit of the runtime: R." in result.stdout


@pytest.mark.usefixtures("ruby")
def test_all_can_be_required(bench: Bench) -> None:
    limited(bench, "success")
    bench.change("templates/cases.yml", '    stdout: "{body}\\n"\n', '    stdout: "{body}!"\n')
    with (bench.root / FILE).open("a") as rows:
        rows.write(ROWS.partition("\n")[2] + "    case: status-401\n")
    assert bench.mutate().exit_code == 0
    assert bench.mutate("--require", "all").exit_code == 3


def test_the_cases_can_be_chosen_and_nothing_chosen_is_no_success(bench: Bench) -> None:
    result = bench.mutate("--case", "tokyo")
    assert result.exit_code == 3
    assert summary(result) == "0 mutants of 0 kinds: 0 killed, 0 survived, 0 unfit, 0 not run"


# --- what is wrong with mutations ---------------------------------------------------------------


def fault(words: str) -> str:
    return f"{FILE}:2: mutation 'milliseconds' does not fit {SAMPLE}: {words}"


def test_a_mutation_whose_text_is_gone_is_an_error(bench: Bench) -> None:
    bench.change(FILE, "find: Time.now.to_i", "find: Time.now.utc.to_i")
    bench.refused(fault("its step token does not hold 'Time.now.utc.to_i'."))


def test_the_text_of_another_step_is_not_there(bench: Bench) -> None:
    bench.change(FILE, "step: token", "step: request")
    bench.refused(fault("its step request does not hold 'Time.now.to_i'."))


def test_a_text_that_is_there_twice_needs_to_be_told_apart(bench: Bench) -> None:
    bench.change(FILE, "find: Time.now.to_i", "find: header")
    words = "its step token holds 'header' 2 times; say which `occurrence`."
    bench.refused(fault(words))
    bench.change(FILE, "find: header", "find: header\n    occurrence: 3")
    bench.refused(fault("its step token holds 'header' 2 times, not 3."))


def test_a_mutation_that_changes_nothing_in_a_sample_is_an_error(bench: Bench) -> None:
    bench.change(FILE, "find: Time.now.to_i", "find: <<lifetime_seconds>>")
    bench.change(FILE, "replace: (Time.now.to_f * 1000).to_i", 'replace: "3600"')
    bench.refused(fault("nothing changes."))


def test_an_unknown_role_is_an_error_with_the_choices(bench: Bench) -> None:
    bench.change(FILE, "find: Time.now.to_i", "find: <<lifetime>>")
    result = bench.mutate()
    assert result.exit_code == 2
    assert result.stderr.startswith(f"tabproof: {FILE}:2: unknown role <<lifetime>>; choose ")
    assert "lifetime_seconds" in result.stderr


def test_an_unknown_case_is_an_error(bench: Bench) -> None:
    bench.change("templates/mutations.yml", "case: success", "case: sucess")
    result = bench.mutate()
    assert result.exit_code == 2
    assert result.stderr.startswith(f"tabproof: {FILE}:2: unknown case 'sucess' in ruby; choose ")


def test_a_sample_that_was_edited_is_an_error(bench: Bench) -> None:
    bench.change(SAMPLE, "require 'json'\n", "require 'json'\n\n")
    bench.refused(f"{SAMPLE}: is not as generated; run `tabproof generate`.")


def test_a_mutation_of_what_the_scenario_has_not_is_not_for_it(bench: Bench) -> None:
    bench.change("templates/scenarios/list-users.yml", "  query: {status: active}\n", "")
    assert bench.tabproof("generate").exit_code == 0
    bench.change(FILE, "find: Time.now.to_i", 'find: "?<<query>>"')
    result = bench.mutate()
    assert result.exit_code == 3
    assert "1 not run: ruby, stdlib: the scenario has no query" in result.stdout


def test_a_kind_that_a_language_forgot_is_an_error(bench: Bench) -> None:
    bench.change(FILE, "kind: milliseconds", "kind: milliseconds\n    variants: [stdlib]")
    words = "kind 'milliseconds' has neither a mutation nor an entry under `without` in library."
    bench.refused(f"{FILE}: {words}")
    with (bench.root / FILE).open("a") as rows:
        rows.write("without:\n  - {kind: milliseconds, reason: It cannot.}\n")
    words = "kind 'milliseconds' has both a mutation and an entry under `without` in stdlib."
    bench.refused(f"{FILE}: {words}")


def test_a_language_without_mutations_is_an_error(bench: Bench) -> None:
    (bench.root / FILE).unlink()
    bench.refused(f"{FILE}: cannot be read: No such file or directory.")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("kind: milliseconds", "kind: seconds", "2: unknown kind 'seconds'; choose milliseconds."),
        (
            "step: token\n",
            "step: token\n    seen: '['\n",
            "4: `[` is not a regular expression: unterminated character set at position 0.",
        ),
        (
            "step: token\n",
            "step: token\n    seen: 'a*'\n",
            "4: this pattern matches every text.",
        ),
        ("(Time.now.to_f * 1000).to_i", "Time.now.to_i", "2: replaces a text by itself."),
    ],
    ids=["unknown-kind", "no-pattern", "pattern-of-everything", "nothing-replaced"],
)
def test_a_row_that_is_not_right_is_told_with_its_line(
    bench: Bench, old: str, new: str, words: str
) -> None:
    bench.change(FILE, old, new)
    bench.refused(f"{FILE}:{words}")


@pytest.mark.parametrize("text", ["mutations: []\n", "mutations:\n", "\n"])
def test_an_empty_file_is_an_error(bench: Bench, text: str) -> None:
    (bench.root / FILE).write_text(text)
    result = bench.mutate()
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"tabproof: {FILE}:")
