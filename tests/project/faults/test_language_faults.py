"""The message for each fault in a `language.yml`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from tests.project.faults.fault import INPUTS, Fault, below

from tabproof.project import catalog_reader

RIGHT = (INPUTS / "right-language.yml").read_text(encoding="utf-8")
MINIMAL = (INPUTS / "minimal-language.yml").read_text(encoding="utf-8")
PATH = "templates/perl/language.yml"

RUN_PLACEHOLDERS = "choose build, ca, file, folder, perl or stem."
INSTALL_PLACEHOLDERS = "choose folder, language, perl or tabproof_python."

# One row per fault: the edit and its line, then the message; the formatter would make it seven.
# fmt: off
FAULTS = [
    Fault("command-is-a-string", ('run: ["{perl}", "{file}"]', 'run: "{perl} {file}"'), 18,
          "`toolchains[0].run`: expected a list that is not empty; got the string '{perl} "
          "{file}'."),
    Fault("escapes-is-a-list",
          ("escapes: {\"'\": \"\\\\'\", '\\': '\\\\'}", "escapes: [\"'\"]"), 13,
          "`notations.default.strings[0].escapes`: expected a mapping; got a list of 1."),
    Fault("identifier-case-unknown", ("{case: snake, reserved: [me]}", "{case: snail}"), 5,
          "`identifiers.case`: unknown value 'snail'; choose camel, environment, kebab, pascal "
          "or snake."),
    Fault("identifiers-missing", ("identifiers: {case: snake, reserved: [me]}\n", ""), 1,
          "the file lacks the key 'identifiers'."),
    Fault("key-number-in-a-toolchain", below('run: ["{perl}", "{file}"]', "    3: x"), 19,
          "unknown key '3'; choose beside, caches, environment, exposes, fault, homebrew, install, "
          "leaves, libraries, limits, locks, minimum, noise, obeys_proxy, packages, prepare, "
          "programs, rebased, rebuild, run, runtime, trust, unavailable, variants, version or "
          "wording."),
    Fault("key-twice", below("title: Perl", "title: Perl 5"), 2,
          "the key `title` is given twice; remove one."),
    Fault("key-unknown", ("reserved:", "reservd:"), 5,
          "unknown key 'reservd'; choose case, initialisms or reserved."),
    Fault("lexer-is-a-list", ("lexer: perl", "lexer: [perl]"), 3,
          "`lexer`: expected a string; got a list of 1."),
    Fault("limit-without-a-reason",
          below('run: ["{perl}", "{file}"]',
                '    limits:\n      - {versions: "5.", cases: [hang], seen: x}'), 20,
          "`toolchains[0].limits[0]` lacks the key 'reason'."),
    Fault("limit-without-cases",
          below('run: ["{perl}", "{file}"]',
                ("    limits:\n"
                 '      - {versions: "5.", cases: [], seen: x, reason: It cannot.}')), 20,
          "`toolchains[0].limits[0].cases`: expected a list that is not empty; got an empty list."),
    Fault("minimum-is-a-number", below("programs: {perl: perl}", "    minimum: 8.10"), 17,
          "`toolchains[0].minimum`: expected a string; got 8.1."),
    Fault("notation-default-missing", ("default:", "plain:"), 1,
          "the file: `notations` needs the key `default`."),
    Fault("notation-key-is-true", ("now: $now", 'true: "1"'), 9,
          "the key `true` is not a string; put it in quotes."),
    Fault("notation-key-unknown", ("now: $now", "nul: undef"), 9,
          "unknown key 'nul'; choose bare_key, credential, false, layout, now, null, number, "
          "seconds_from_now, strings or true."),
    Fault("notation-true-without-quotes", ("now: $now", '"true": true'), 9,
          "`notations.default.true`: expected a string; got true."),
    Fault("notation-without-strings",
          (("    strings:\n      - quotes: [\"'\", \"'\"]\n"
            "        escapes: {\"'\": \"\\\\'\", '\\': '\\\\'}\n"),
           "    strings: []\n"), 11,
          "`notations.default.strings`: expected a list that is not empty; got an empty list."),
    Fault("position-in-quotes", ("position: 70", 'position: "70"'), 2,
          "`position`: expected an integer; got the string '70'."),
    Fault("position-is-a-fraction", ("position: 70", "position: 7.5"), 2,
          "`position`: expected an integer; got 7.5."),
    Fault("programs-is-a-list", ("programs: {perl: perl}", "programs: [perl]"), 16,
          "`toolchains[0].programs`: expected a mapping; got a list of 1."),
    Fault("quotes-one-of-two", ("[\"'\", \"'\"]", "[\"'\"]"), 12,
          "`notations.default.strings[0].quotes`: expected a list of 2; got a list of 1."),
    Fault("reserved-is-a-word", ("reserved: [me]", "reserved: me"), 5,
          "`identifiers.reserved`: expected a list; got the string 'me'."),
    Fault("run-is-empty", ('["{perl}", "{file}"]', "[]"), 18,
          "`toolchains[0].run`: expected a list that is not empty; got an empty list."),
    Fault("title-is-null", ("title: Perl", "title:"), 1, "`title`: expected a string; got null."),
    Fault("title-missing", ("title: Perl\n", ""), 1, "the file lacks the key 'title'."),
    Fault("toolchain-without-run", ('    run: ["{perl}", "{file}"]\n', ""), 15,
          "`toolchains[0]` lacks the key 'run'."),
    Fault("toolchain-without-version", ('    version: {run: ["{perl}", --version]}\n', ""), 15,
          "`toolchains[0]` lacks the key 'version'."),
    Fault("toolchains-missing",
          (("toolchains:\n  - runtime: perl\n    programs: {perl: perl}\n"
            '    version: {run: ["{perl}", --version]}\n    run: ["{perl}", "{file}"]\n'),
           ""), 1,
          "the file lacks the key 'toolchains'."),
    Fault("variant-unknown", below("- runtime: perl", "    variants: [libary]"), 16,
          "`toolchains[0].variants[0]`: unknown value 'libary'; choose library or stdlib."),
    Fault("version-without-run", ('{run: ["{perl}", --version]}', "{}"), 17,
          "`toolchains[0].version`: give exactly one of `run` and `file`."),
    Fault("yaml-merge-conflict", below("title: Perl", "<<<<<<< HEAD"), 2,
          "a merge conflict begins here; resolve it."),
]

MINIMAL_FAULTS = [
    Fault("file-of-the-language-missing",
          below('version: {run: ["{perl}", -v]}',
                '    prepare:\n      - ["{perl}", "{language}/main.pl"]'), 16,
          "there is no file 'main.pl' in templates/perl/; choose language.yml."),
    Fault("limit-that-excuses-everything",
          below('run: ["{perl}", "{file}"]',
                ('    limits:\n      - versions: ""\n        cases: [hang]\n'
                 '        seen: ""\n        reason: It forgets.')), 17,
          "`toolchains[0].limits[0]`: `seen`: the pattern '' matches every text."),
    Fault("linter-with-unknown-placeholder",
          (("toolchains:\n  - runtime: perl\n    programs: {perl: perl}\n"
            '    version: {run: ["{perl}", -v]}\n    run: ["{perl}", "{file}"]\n'),
           ("toolchains: []\nlinters:\n  - name: perlcritic\n"
            "    programs: {perlcritic: perlcritic}\n"
            '    version: {run: ["{perlcritic}", --version]}\n'
            '    run: ["{perlcritic}", "{sampel}"]\n')), 16,
          "`linters[0].run[1]`: unknown placeholder {sampel}; choose folder, language, off, "
          "perlcritic, sample, samples, tabproof_python or work."),
    Fault("lock-missing", below('version: {run: ["{perl}", -v]}', "    locks: [cpanfile]"), 15,
          "there is no file 'cpanfile' in templates/perl/; choose language.yml."),
    Fault("placeholder-that-does-not-end", ('"{file}"', '"{file"'), 15,
          "`toolchains[0].run[1]`: '{file': expected '}' before end of string; write a brace "
          "twice."),
    Fault("placeholder-unknown-in-a-parser",
          below('run: ["{perl}", "{file}"]',
                ("linters:\n  - name: perl -c\n    parses: true\n    programs: {perl: perl}\n"
                 '    version: {run: ["{perl}", -v]}\n'
                 '    run: ["{perl}", -c, "{build}/x", "{sample}"]')), 21,
          "`linters[0].run[2]`: unknown placeholder {build}; choose folder, language, perl, "
          "sample or tabproof_python."),
    Fault("placeholder-unknown-in-environment",
          below('version: {run: ["{perl}", -v]}',
                ('    environment:\n      PERL5LIB: "{folder}/lib"\n'
                 '      HTTPS_CA_FILE: "{bundle}"')), 17,
          "`toolchains[0].environment.HTTPS_CA_FILE`: unknown placeholder {bundle}; "
          + RUN_PLACEHOLDERS),
    Fault("placeholder-unknown-in-install",
          below('version: {run: ["{perl}", -v]}',
                ('    install:\n      - [cpanm, --local-lib, "{folder}", "{perl}"]\n'
                 '      - ["{cpanm}"]')), 17,
          "`toolchains[0].install[1][0]`: unknown placeholder {cpanm}; " + INSTALL_PLACEHOLDERS),
    Fault("placeholder-unknown-in-library",
          below('version: {run: ["{perl}", -v]}',
                '    libraries:\n      JWT:\n        run: ["{perl}", -e, "{print}"]'), 17,
          "`toolchains[0].libraries.JWT.run[2]`: unknown placeholder {print}; "
          + INSTALL_PLACEHOLDERS),
    Fault("placeholder-unknown-in-prepare",
          below('run: ["{perl}", "{file}"]',
                ('    prepare:\n      - ["{perl}", "{sample}"]\n      - ["{perl}", -o,\n'
                 '         "{built}"]')), 19,
          "`toolchains[0].prepare[1][2]`: unknown placeholder {built}; choose build, folder, "
          "language, perl, sample or stem."),
    Fault("placeholder-unknown-in-run", ('"{file}"', '"{nope}"'), 15,
          "`toolchains[0].run[1]`: unknown placeholder {nope}; " + RUN_PLACEHOLDERS),
    Fault("placeholder-with-an-attribute", ('"{file}"', '"{file.name}"'), 15,
          "`toolchains[0].run[1]`: unknown placeholder {file.name}; " + RUN_PLACEHOLDERS),
    Fault("placeholder-without-a-name", ('"{file}"', '"{}"'), 15,
          "`toolchains[0].run[1]`: unknown placeholder {}; " + RUN_PLACEHOLDERS),
    Fault("version-pattern-without-a-group", ("-v]}", '-v], pattern: "v[0-9]+"}'), 14,
          "`toolchains[0].version`: `pattern` needs a group that matches the version."),
]
# fmt: on


@pytest.mark.parametrize("text", [RIGHT, MINIMAL])
def test_the_languages_that_are_edited_here_are_right_themselves(text: str, project: Path) -> None:
    (project / PATH).parent.mkdir()
    (project / PATH).write_text(text, encoding="utf-8")
    assert "perl" in catalog_reader.load(project).languages


@pytest.mark.parametrize(
    ("right", "fault"),
    [
        pytest.param(right, fault, id=fault.name)
        for right, faults in ((RIGHT, FAULTS), (MINIMAL, MINIMAL_FAULTS))
        for fault in faults
    ],
)
def test_a_fault_in_a_language_is_reported_in_one_line_with_its_place(
    right: str, fault: Fault, project: Path, tabproof: Callable[..., Result]
) -> None:
    (project / PATH).parent.mkdir()
    (project / PATH).write_text(fault.apply_to(right), encoding="utf-8")
    result = tabproof("check")
    assert result.stderr == f"tabproof: {fault.located(PATH)}\n"
    assert result.stdout == ""
    assert result.exit_code == 2
