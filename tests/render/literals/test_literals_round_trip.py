"""Write values into a tiny program of each language, run it, and compare what it read.

The programs are in each language's `literals.yml`. One prints a line for each value: `=` and the
hex digits of a string's UTF-8, or JSON.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from types import NoneType

import jinja2
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tabproof.errors import InputError
from tabproof.model.fields import FileFormat
from tabproof.model.language import Language
from tabproof.model.scenario import Scalar
from tabproof.project.template_files import packaged_templates
from tabproof.project.yaml_file import read_yaml
from tabproof.render.environment import make_environment

LEAST_VALUES = 200
LISTS = 25
VALUES_A_LIST = 50
TIMEOUT_SECONDS = 600
"""A program that takes longer hangs; a compiler beside other work may take minutes."""

VALUES_A_PROGRAM = 500
"""To start a runtime takes longer than to read values."""


NASTY = (
    "'\"`\\$#{}()[]<>%?!&|;*~@^=:/-+ "
    "\0\1\a\b\t\n\v\f\r\x1b\x1f\x7f\x80\x85\x9f\xa0\xad"
    "\u0300\u200b\u200d\u200e\u2028\u2029\u202e\u2066\u2069\u3000\ufe0f\ufeff"
    "\ue000\ufdd0\ufffd\uffff"
    "\U00010000\U0001f600\U0001fffe\U000e0001\U000f0000\U0010ffff"
)
AFTER_AN_ESCAPE = "019afAFnutxUé"
LOOKS_LIKE_SOURCE = (
    *("\\n", "\\0", "\\x41", "\\101", "\\u0041", "\\u{41}", "\\U00000041", "\\N{BULLET}", "\\"),
    *("#{1+1}", "#$0", "#@x", "${x}", "$x", "{$x}", "$(id)", "`id`", "$'x'", "\\(1+1)", "!!"),
    *("%s", "%(x)s", "%{x}", "{0}", "{x}", "{{ 7*7 }}", "{% raw %}", "{# x #}", "\r\n"),
    *("-n", "--help", "?>", "<?php", "*/", "//", "# x", "'''", '"""', "</script>", "__END__"),
    *("true", "null", "0", "-0", "1e3", "if", "nil", "class", "a b", "a-b", "kid", "_1", "A?"),
)
EXAMPLES: tuple[Scalar, ...] = (
    *("", *LOOKS_LIKE_SOURCE),
    *(f"{chr(code)}f" for code in range(0x100)),
    *(f"f{character}0" for character in NASTY),
    # A quote and a control lead most languages to their second way to write a string.
    *(f"'\n{text}0" for text in (*NASTY, *LOOKS_LIKE_SOURCE)),
    *(0, -1, 2**31, -(2**31) - 1, 2**53, -(2**53)),
    *(0.5, -1e-07, 123456.000001, True, False, None),
)

TEXTS = st.lists(
    st.one_of(
        st.sampled_from(NASTY),
        st.sampled_from(AFTER_AN_ESCAPE),
        st.sampled_from(LOOKS_LIKE_SOURCE),
        st.characters(exclude_categories=["Cs"]),  # the catalog refuses lone surrogates
    ),
    min_size=1,
    max_size=12,
).map("".join)
# Whole floats are left out: JSON does not tell 1.0 from 1, nor do some of the languages.
FRACTIONS = st.floats(-1e9, 1e9, allow_subnormal=False).filter(lambda x: not x.is_integer())
OTHERS: dict[str, tuple[type, st.SearchStrategy[Scalar]]] = {
    "integer": (int, st.integers(-(2**53), 2**53)),
    "fraction": (float, FRACTIONS),
    "boolean": (bool, st.booleans()),
    "nothing": (NoneType, st.none()),
}


class Program(FileFormat, frozen=True, kw_only=True):
    """Describe a place where a language takes values: a program that prints them, and its command.

    The program is `head`, `line` for each `value`, and `tail`; `line` is a template.
    """

    name: str
    notation: str
    file: str
    run: tuple[tuple[str, ...], ...]
    line: str
    head: str = ""
    tail: str = ""
    needs: tuple[str, ...] = ()
    forbids: str = ""
    beside_strings: tuple[str, ...] = tuple(OTHERS)

    def holds(self, value: Scalar) -> bool:
        if isinstance(value, str):
            return not any(character in self.forbids for character in value)
        return type(value) in {OTHERS[name][0] for name in self.beside_strings}

    @property
    def values(self) -> st.SearchStrategy[list[Scalar]]:
        others = [OTHERS[name][1] for name in self.beside_strings]
        value = st.one_of(TEXTS, TEXTS, TEXTS, *others).filter(self.holds)
        return st.lists(value, min_size=VALUES_A_LIST, max_size=VALUES_A_LIST)

    @property
    def template(self) -> str:
        return f"{self.head}{{% for value in values %}}\n{self.line}\n{{% endfor %}}\n{self.tail}"


class ProgramsFile(FileFormat, frozen=True, kw_only=True):
    """Hold the file `templates/LANGUAGE/literals.yml`."""

    programs: tuple[Program, ...]


PROGRAMS = [
    (path.parent.name, program)
    for path in sorted(packaged_templates().glob("*/literals.yml"))
    for program in read_yaml(path, ProgramsFile, str(path))[0].programs
]


@pytest.mark.parametrize(("language", "program"), PROGRAMS, ids=[p.name for _, p in PROGRAMS])
def test_a_program_reads_the_values_that_were_written_into_it(
    language: str, program: Program, languages: dict[str, Language], tmp_path: Path
) -> None:
    skip_without(*(command[0] for command in program.run), *program.needs)
    loader = jinja2.DictLoader({"program": program.template})
    template = make_environment(loader, languages[language]).get_template("program")
    drawn: list[Scalar] = []

    def draw(values: list[Scalar]) -> None:
        drawn.extend(values)

    repeat = settings(
        max_examples=LISTS,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.generate],
    )
    repeat(given(program.values)(draw))()
    assert len({repr(value) for value in drawn}) >= LEAST_VALUES
    values = [*(value for value in EXAMPLES if program.holds(value)), *drawn]
    for start in range(0, len(values), VALUES_A_PROGRAM):
        some = values[start : start + VALUES_A_PROGRAM]
        read = [repr(value) for value in run(program, template, some, tmp_path)]
        assert read == [repr(value) for value in some]


def test_every_notation_of_every_language_is_run(languages: dict[str, Language]) -> None:
    assert {(language, program.notation) for language, program in PROGRAMS} == {
        (name, notation)
        for name, language in languages.items()
        for notation in language.data.notations
    }


def test_a_word_of_the_shell_refuses_nul(languages: dict[str, Language]) -> None:
    environment = make_environment(jinja2.DictLoader({}), languages["curl"])
    with pytest.raises(InputError, match=r"'a\\x00b' cannot be written"):
        environment.from_string("{{ value | literal }}").render(value="a\0b")


def skip_without(*programs: str) -> None:
    for program in programs:
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")


def run(
    program: Program, template: jinja2.Template, values: Sequence[Scalar], folder: Path
) -> list[Scalar]:
    (folder / program.file).write_bytes(template.render(values=values).encode())
    # No locale: what a program reads must not hang on the reader's. Go compiles its library anew
    # where it has no cache.
    caches = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    environment = {
        "PATH": os.environ["PATH"],
        "LC_ALL": "C",
        "HOME": str(folder),
        "XDG_CACHE_HOME": caches,
    }
    stdout = b""
    for command in program.run:
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            capture_output=True,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, b""), done.stderr.decode()
        stdout = done.stdout
    return [read_back(line) for line in stdout.decode().split("\n")[:-1]]


def read_back(line: str) -> Scalar:
    if line.startswith("="):
        return bytes.fromhex(line[1:]).decode()
    value: Scalar = json.loads(line)
    return value
