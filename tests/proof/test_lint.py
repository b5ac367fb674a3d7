from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import Result

from tabproof.errors import MachineError
from tabproof.model.catalog import Catalog
from tabproof.model.command import Probe
from tabproof.model.fields import FileFormat
from tabproof.model.language import Language
from tabproof.model.linter import DisabledRule, Linter
from tabproof.model.sample import Sample
from tabproof.project.template_files import packaged_templates
from tabproof.project.yaml_file import read_yaml
from tabproof.proof import lint as linting
from tabproof.proof.lint import LintFault, LintResult, lint
from tabproof.proof.prepare.runnable_sample import RunnableSample
from tabproof.render.renderer import Renderer
from tabproof.samples import record_files
from tabproof.toolchains import doctor, install

BASH = {"bash": "bash"}
ECHO_ALL = 'for file in "$@"; do echo "$file:2: bad word"; done'
PATTERN = r"^(?P<file>.+?):(?P<line>\d+): (?P<words>.+)$"


@pytest.fixture
def linted(tmp_path: Path, catalog: Catalog) -> Callable[..., list[LintResult]]:
    """What linters say of texts, each the sample of another variant of a language."""

    def run(
        language: Language | str, *texts: str, linter: Linter | None = None
    ) -> list[LintResult]:
        known = catalog.languages[language] if isinstance(language, str) else language
        if linter:
            known = msgspec.structs.replace(
                known, data=msgspec.structs.replace(known.data, linters=(linter,))
            )
        rendered = [s for s in Renderer(catalog).all() if s.key.language == known.name]
        if linter:  # the others it would not read
            rendered = [s for s in rendered if s.key.variant in linter.variants]
        subjects = [
            subject(known, sample, text, tmp_path)
            for sample, text in zip(rendered, texts, strict=False)
        ]
        return list(lint(subjects, tmp_path, 2))

    def subject(known: Language, sample: Sample, text: str, folder: Path) -> RunnableSample:
        file = folder / sample.path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        scenario = catalog.scenarios[sample.key.scenario]
        return RunnableSample(
            sample, scenario, known, str(file), text, sample.digest, (), "not asked"
        )

    return run


def _linter(script: str, word: str = "{samples}", **more: Any) -> Linter:
    """A linter that is a script of bash."""
    shape: dict[str, object] = {
        "name": "tale",
        "programs": BASH,
        "version": {"run": ["{bash}", "-c", "echo 1.0"]},
        "run": ["{bash}", "-c", script, "bash", word],
        "fault": PATTERN,
    }
    return msgspec.convert(shape | more, Linter)


def _faults(said: list[LintResult]) -> list[tuple[LintFault, ...]]:
    assert not any(each.skipped for each in said)
    return [each.faults for each in said]


def test_a_fault_is_told_with_the_sample_its_line_and_the_linter(
    linted: Callable[..., list[LintResult]],
) -> None:
    (said,) = linted("ruby", "text", linter=_linter(f"{ECHO_ALL}; exit 1"))
    assert list(said.lines()) == ["samples/list-users/library/list_users.rb:2: tale: bad word"]
    assert said.version == "1.0"


def test_a_fault_counts_whatever_the_exit_status(linted: Callable[..., list[LintResult]]) -> None:
    assert _faults(linted("ruby", "text", linter=_linter(ECHO_ALL))) == [
        (LintFault(2, "bad word"),)
    ]


def test_a_fault_that_is_told_twice_is_one(linted: Callable[..., list[LintResult]]) -> None:
    twice = _linter(f"{ECHO_ALL}; {ECHO_ALL}")
    assert _faults(linted("ruby", "text", linter=twice)) == [(LintFault(2, "bad word"),)]


def test_one_process_sees_all_samples_or_each_has_its_own(
    linted: Callable[..., list[LintResult]],
) -> None:
    script = 'for file in "$@"; do echo "$file:$#: seen"; done'
    together = linted("ruby", "a", "b", linter=_linter(script))
    assert _faults(together) == [(LintFault(2, "seen"),), (LintFault(2, "seen"),)]
    alone = linted("ruby", "a", "b", linter=_linter(script, "{sample}"))
    assert _faults(alone) == [(LintFault(1, "seen"),), (LintFault(1, "seen"),)]


def test_a_linter_reads_the_variants_that_it_is_for(
    linted: Callable[..., list[LintResult]], catalog: Catalog
) -> None:
    ruby = catalog.languages["ruby"]
    both, one = _linter(ECHO_ALL), _linter(ECHO_ALL, name="one", variants=["stdlib"])
    data = msgspec.structs.replace(ruby.data, linters=(both, one))
    said = linted(msgspec.structs.replace(ruby, data=data), "a", "b")
    assert [(each.linter, each.subject.sample.key.variant) for each in said] == [
        ("tale", "library"),
        ("tale", "stdlib"),
        ("one", "stdlib"),
    ]


def test_faults_below_a_heading_are_that_files(linted: Callable[..., list[LintResult]]) -> None:
    script = 'for file in "$@"; do echo "$PWD/$file"; grep -n bad "$file" | sed "s/:/ /"; done'
    pattern = r"^(?:(?P<file>/.+)|(?P<line>\d+) (?P<words>.+))$"
    said = linted("ruby", "good", "x\nbad one\nbad two", linter=_linter(script, fault=pattern))
    assert _faults(said) == [(), (LintFault(2, "bad one"), LintFault(3, "bad two"))]


def test_a_linter_that_fails_without_words_we_know_blames_the_sample_that_it_fails_on(
    linted: Callable[..., list[LintResult]],
) -> None:
    script = 'grep -q bad "$@" || exit 0; echo; echo "Error: cannot read it"; exit 2'
    said = linted("ruby", "good", "bad", "good", linter=_linter(script))
    assert _faults(said) == [(), (LintFault(1, "Error: cannot read it"),), ()]


def test_a_linter_that_fails_without_a_word_finds_no_sample_clean(
    linted: Callable[..., list[LintResult]],
) -> None:
    said = linted("ruby", "a", "b", linter=_linter("exit 9"))
    assert _faults(said) == [(LintFault(1, "ended with status 9"),)] * 2


def test_a_linter_that_does_not_end_is_stopped(
    linted: Callable[..., list[LintResult]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(linting, "LINT_SECONDS", 0.2)
    (said,) = linted("ruby", "a", linter=_linter("exec sleep 600"))
    assert said.faults == (LintFault(1, "was stopped: it still ran after 0.2 s"),)


def test_a_linter_that_cannot_be_started_is_no_fault_of_a_sample(
    linted: Callable[..., list[LintResult]], tmp_path: Path
) -> None:
    program = tmp_path / "gone"
    program.write_text('#!/bin/sh\nrm "$0"; echo 1.0\n', encoding="utf-8")
    program.chmod(0o755)
    gone = _linter("", programs={"gone": str(program)}, version={"run": ["{gone}"]}, run=["{gone}"])
    with pytest.raises(MachineError, match=r"tale: cannot be started: No such file"):
        linted("ruby", "a", linter=gone)


def test_a_linter_whose_program_is_found_only_outside_the_sandbox_is_no_fault_of_a_sample(
    linted: Callable[..., list[LintResult]], tmp_path: Path
) -> None:
    behind, shim = tmp_path / "behind" / "tale", tmp_path / "shims" / "tale"
    for file, script in ((behind, "echo 1.0"), (shim, f'exec "{behind}" "$@"')):
        file.parent.mkdir()
        file.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        file.chmod(0o755)
    linter = _linter(
        "", programs={"tale": str(shim)}, version={"run": ["{tale}"]}, run=["{tale}", "{samples}"]
    )
    with pytest.raises(MachineError, match=r"^tale: cannot be started: .*behind/tale: not found"):
        linted("ruby", "a", linter=linter)


def test_a_formatter_faults_what_it_would_write_and_changes_no_sample(
    linted: Callable[..., list[LintResult]], tmp_path: Path
) -> None:
    formatter = _linter('sed -i "s/  */ /g" "$@"', writes=True, fault="")
    texts = ("a b\n", "a\n\nx   y\nz\nb  c\n")
    assert _faults(linted("ruby", *texts, linter=formatter)) == [
        (),
        (LintFault(3, "would write `x y`"), LintFault(5, "would write `b c`")),
    ]
    kept = [path.read_text(encoding="utf-8") for path in tmp_path.rglob("*.rb")]
    assert sorted(kept) == sorted(texts)


@pytest.mark.parametrize(
    ("script", "text", "fault"),
    [
        ("sed -i '/^$/d' \"$@\"", "a\n\nb\n", LintFault(2, "would change blank lines or spaces")),
        (
            'echo >>"$@"',
            "a\nb",
            LintFault(2, "would change the end of a line or of the file"),
        ),
        ('echo c >>"$@"', "a\nb\n", LintFault(2, "would write `c`")),
    ],
)
def test_a_formatter_faults_blank_lines_and_ends_too(
    script: str, text: str, fault: LintFault, linted: Callable[..., list[LintResult]]
) -> None:
    formatter = _linter(script, writes=True, fault="")
    assert _faults(linted("ruby", text, linter=formatter)) == [(fault,)]


def test_a_formatter_that_cannot_read_one_sample_still_formats_the_others(
    linted: Callable[..., list[LintResult]],
) -> None:
    script = 'grep broken "$@" && exit 1; sed -i s/x/y/ "$@"'
    formatter = _linter(script, writes=True, fault="")
    said = linted("ruby", "x\n", "broken\n", "y\n", linter=formatter)
    assert _faults(said) == [(LintFault(1, "would write `y`"),), (LintFault(1, "broken"),), ()]


def test_no_configuration_from_elsewhere_reaches_a_linter(
    linted: Callable[..., list[LintResult]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SHELLCHECK_OPTS", "--exclude=SC2086")
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".shellcheckrc").write_text("disable=SC2086\n", encoding="utf-8")
    script = 'echo "$1:1: ${{SHELLCHECK_OPTS-none}} $(ls -A ~)"'
    assert _faults(linted("ruby", "a", linter=_linter(script))) == [(LintFault(1, "none"),)]


def test_rules_that_are_off_become_an_option_and_without_any_it_is_left_out(
    linted: Callable[..., list[LintResult]],
) -> None:
    script = 'echo "$2:1: $# $1"'
    run = ("{bash}", "-c", script, "bash", "--ignore={off}", "{samples}")
    off = (DisabledRule(rule="A1", reason="so"), DisabledRule(rule="B2", reason="so"))
    linter = msgspec.structs.replace(_linter(""), run=run, off=off, off_form="{rule}: off")
    assert _faults(linted("ruby", "a", linter=linter)) == [
        (LintFault(1, "2 --ignore=A1: off,B2: off"),)
    ]
    none = msgspec.structs.replace(
        linter, off=(), run=("{bash}", "-c", 'echo "$1:1: $#"', "bash", *run[4:])
    )
    assert _faults(linted("ruby", "a", linter=none)) == [(LintFault(1, "1"),)]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"programs": {"bash": "no-such-linter"}}, "no-such-linter is not installed"),
        (
            {"programs": {"bash": "{folder}/bin/no-such"}},
            "no-such is not installed (tabproof toolchains)",
        ),
        ({"minimum": "2"}, "tale 1.0 is too old; 2 or later is needed"),
        ({"version": {"file": "nothing.json"}}, "tale: not installed"),
    ],
)
def test_a_linter_that_is_missing_skips_each_sample_with_the_reason(
    change: dict[str, Any], reason: str, linted: Callable[..., list[LintResult]]
) -> None:
    said = linted("ruby", "a", "b", linter=_linter(ECHO_ALL, **change))
    assert [each.skipped for each in said] == [reason, reason]
    assert [each.faults for each in said] == [(), ()]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"fault": "("}, "tale: `fault` is not a regular expression: missing )"),
        ({"fault": "^(?P<line>x)$"}, "tale: `fault` needs a group called `words`"),
        ({"off": [{"rule": "A", "reason": "b"}]}, "`run` of tale has no {off}"),
        ({"off": [{"rule": "A"}]}, "missing required field `reason`"),
    ],
)
def test_a_linter_that_could_find_nothing_is_refused(change: dict[str, Any], words: str) -> None:
    with pytest.raises(msgspec.ValidationError) as caught:
        _linter("", **change)
    assert words in str(caught.value)


def test_every_language_has_a_parser_a_formatter_and_no_rule_off_without_a_reason(
    catalog: Catalog,
) -> None:
    assert catalog.languages
    for language in catalog.languages.values():
        linters = language.data.linters
        assert language.data.syntax, language.name
        # RuboCop's layout rules are Ruby's formatter.
        writes = any(linter.writes for linter in linters)
        assert writes or {linter.name for linter in linters} >= {"RuboCop"}, language.name
        assert all(off.reason.strip() for linter in linters for off in linter.off)


class Spoiled(FileFormat, frozen=True, kw_only=True):
    """What is replaced by what in a sample, and what a linter must say of that."""

    linter: str
    find: str
    replace: str
    seen: str


class SpoiledShape(FileFormat, frozen=True, kw_only=True):
    """The file `templates/LANGUAGE/spoiled.yml`."""

    spoiled: tuple[Spoiled, ...]


SPOILED = [
    (path.parent.name, spoiled)
    for path in sorted(packaged_templates().glob("*/spoiled.yml"))
    for spoiled in read_yaml(path, SpoiledShape, str(path))[0].spoiled
]


@pytest.mark.parametrize("row", SPOILED, ids=[spoiled.linter for _name, spoiled in SPOILED])
def test_each_linter_faults_a_spoiled_sample_at_its_line(
    row: tuple[str, Spoiled],
    linted: Callable[..., list[LintResult]],
    catalog: Catalog,
    root: Path,
    tmp_path: Path,
) -> None:
    name, spoiled = row
    language = catalog.languages[name]
    (linter,) = (each for each in language.data.linters if each.name == spoiled.linter)
    (tmp_path / ".tabproof").symlink_to(root / ".tabproof")
    of_language = (s for s in Renderer(catalog).all() if s.key.language == language.name)
    sample, *_more = (s for s in of_language if s.key.variant in linter.variants)
    old, new = spoiled.find, spoiled.replace
    assert old in sample.text
    (bad,) = linted(language, sample.text.replace(old, new, 1), linter=linter)
    if bad.skipped:
        pytest.skip(bad.skipped)
    line = sample.text.partition(old)[0].count("\n") + 1 + new.count("\n")
    told = [f for f in bad.faults if spoiled.seen in f.message and abs(f.line - line) <= 1]
    assert told, bad.faults


def test_every_linter_has_its_spoiled_sample(catalog: Catalog) -> None:
    linters = {
        (name, linter.name)
        for name, each in catalog.languages.items()
        for linter in each.data.linters
    }
    assert {(name, spoiled.linter) for name, spoiled in SPOILED} == linters


@pytest.fixture
def only_bash(project: Path) -> Path:
    """The project with the shell's parser as the only linter of cURL."""
    path = project / "templates/curl/language.yml"
    text = path.read_text(encoding="utf-8")
    head, _marker, linters = text.partition("\nlinters:\n")
    first = linters.split("\n  - ")[0]
    path.write_text(f"{head}\nlinters:\n{first.rstrip()}\n", encoding="utf-8")
    return path


@pytest.mark.usefixtures("only_bash")
def test_a_faulty_sample_ends_the_command_with_1_and_a_line(
    project: Path, tabproof: Callable[..., Result]
) -> None:
    clean = tabproof("prove", "--lint", "--language", "curl")
    assert clean.exit_code == 0
    assert clean.stdout.endswith("4 samples: 0 faults in 4 checks, 0 skipped\n")
    sample = project / "samples/list-users/stdlib/list-users.sh"
    text = sample.read_text(encoding="utf-8")
    sample.write_text(f"{text})\n", encoding="utf-8")
    result = tabproof("prove", "--lint", "--language", "curl")
    assert result.exit_code == 1
    line = text.count("\n") + 1
    words = "bash -n: syntax error near unexpected token `)'"
    assert f"samples/list-users/stdlib/list-users.sh:{line}: {words}\n" in result.stdout
    assert not (project / record_files.CACHE).exists()


def test_a_run_without_any_linter_ends_with_3(
    only_bash: Path, tabproof: Callable[..., Result]
) -> None:
    text = only_bash.read_text(encoding="utf-8")
    start = text.index("\nlinters:")
    missing = text[start:].replace("programs: {bash: bash}", "programs: {bash: no-such-bash}")
    only_bash.write_text(text[:start] + missing, encoding="utf-8")
    result = tabproof("prove", "--lint", "--language", "curl")
    assert result.exit_code == 3
    assert "skipped: no-such-bash is not installed" in result.stdout
    assert "0 checks, 4 skipped" in result.stdout


def test_require_all_makes_a_missing_linter_an_error(
    project: Path, tabproof: Callable[..., Result]
) -> None:
    shutil.rmtree(project / ".tabproof", ignore_errors=True)
    assert tabproof("prove", "--lint", "--language", "python").exit_code == 0
    result = tabproof("prove", "--lint", "--language", "python", "--require", "all")
    assert result.exit_code == 3
    assert "skipped: ruff is not installed" in result.stdout


def test_a_probe_is_needed() -> None:
    with pytest.raises(ValueError, match="give exactly one of `run` and `file`"):
        Probe()


def test_the_packages_of_a_linter_that_is_missing_are_asked_for(
    catalog: Catalog, tmp_path: Path
) -> None:
    ruby = catalog.languages["ruby"]
    missing = _linter("", programs={"bash": "no-such-linter"}, packages=["tale-lint"])
    from_lock = _linter("", programs={"bash": "{folder}/bin/no-such"})
    data = msgspec.structs.replace(ruby.data, linters=(missing, from_lock))
    language = msgspec.structs.replace(ruby, data=data)
    assert "tale-lint" in install.missing_packages([language], tmp_path)
    words = {line.subject: line.message for line in doctor.examine([language], tmp_path)}
    assert words["Ruby (tale)"] in (
        "no-such-linter is not installed (Debian: tale-lint)",
        "no-such is not installed (tabproof toolchains)",
    )
