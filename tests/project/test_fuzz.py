"""Random and mutated input: one line and an exit status, soon, and no file is written.

A test run tries a fixed set of examples. A long run tries other ones each time, so many of each
kind as the variable says, and `--hypothesis-show-statistics` then counts how they ended:
`TABPROOF_FUZZ_EXAMPLES=2000 pytest tests/test_fuzz.py`.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from tabproof.cli import main
from tabproof.errors import InputError
from tabproof.model.case_file import CasesFile
from tabproof.model.language import LanguageFile
from tabproof.model.mutation import LanguageMutationsFile, MutationKindsFile
from tabproof.model.scenario_file import ScenarioFile
from tabproof.project import catalog_reader, mutations
from tabproof.project.template_files import LARGEST_BYTES
from tabproof.project.yaml_file import parse_yaml

EXAMPLES = os.environ.get("TABPROOF_FUZZ_EXAMPLES")
SECONDS = 2
"""Of this process's own work: another process that takes the processor is no hang."""

SHAPES = (ScenarioFile, LanguageFile, CasesFile, MutationKindsFile, LanguageMutationsFile)
FILES = (
    "templates/scenarios/list-users.yml",
    "templates/cases.yml",
    "templates/mutations.yml",
    "templates/sample.jinja",
    "templates/ruby/language.yml",
    "templates/ruby/mutations.yml",
    "templates/ruby/sample.rb.jinja",
    "templates/ruby/step-jwt-library.rb.jinja",
    "templates/ruby/step-request.rb.jinja",
    "templates/ruby/sign-hmac-stdlib.rb.jinja",
    "samples/manifest.json",
    "samples/proof.json",
    "samples/list-users/library/list_users.rb",
)
BITS = (
    *(
        "{",
        "}",
        "[",
        "]",
        ":",
        ": ",
        ", ",
        "- ",
        "\n",
        "\n\n",
        "  ",
        "\t",
        "#",
        " #",
        "'",
        '"',
        "\\",
    ),
    *(
        "&a ",
        "*a",
        "!!int ",
        "!x ",
        "<<: ",
        "? ",
        "|\n",
        ">\n",
        "---\n",
        "...\n",
        "%YAML 1.1\n",
        "~",
    ),
    *("null", "true", "no", "0", "-1", "1e3", "010", "0x10", ".5", "1:00:00", "2026-11-24", "3.10"),
    *(
        "9" * 30,
        "9" * 5000,
        "-" + "9" * 400 + ".5",
        "[" * 200,
        "{a: " * 200,
        "- " * 200,
        "a" * 3000,
    ),
    *(
        "\0",
        "\x07",
        "\x85",
        "\u2028",
        "\ufeff",
        "é",
        "\U0001f600",
        r'"\ud800"',
        r'"\0"',
        r"\N{DIGIT ONE}",
    ),
    *(
        "{{",
        "}}",
        "{%",
        "%}",
        "{#",
        "#}",
        "{{ x }}",
        "{% block x %}",
        "{% endblock %}",
        "{% raw %}",
    ),
    *(
        '{% extends "ruby/sample.rb.jinja" %}',
        '{% extends "ruby/step-request.rb.jinja" %}',
        "{% include sign_template %}",
        "{% fits 80 %}",
        "{% else %}",
        "{% endfits %}",
        "{% filter helper %}",
        '{{ "install" | section }}',
        "{{ \"require 'set'\" | uses }}",
        "{{ step.url }}",
        "{{ scenario.x }}",
        "{{ scenario | literal }}",
        "{{ 1 // 0 }}",
    ),
    *(
        "{snake}",
        "{0}",
        "{}",
        "{snake.x}",
        "{snake!r}",
        "{snake:>9}",
        "{code:q}",
        "../",
        "/",
        "con",
        "..",
    ),
    *("(", "(a+)+$", "[", "*", "\\", "(?P<x>", "<<<<<<< HEAD\n", "=======\n", ">>>>>>> theirs\n"),
    *("__proto__", "credential", "seconds_from_now", "https://", "HS256", "library"),
)
"""What files may hold that somebody has to think of."""


class HangError(BaseException):
    """It took too long. No `except Exception` may hide it."""


@contextmanager
def _soon() -> Iterator[None]:
    def late(_number: int, _frame: FrameType | None) -> None:
        raise HangError

    before = signal.signal(signal.SIGVTALRM, late)
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def fuzzed(examples: int) -> Callable[[Any], Any]:
    """Hypothesis' settings: few fixed examples, or many and others each time."""
    return settings(
        max_examples=int(EXAMPLES or examples),
        derandomize=EXAMPLES is None,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


class Edit(NamedTuple):
    """One change of a text: at a place (0 to 1), take away so much and put something in."""

    place: float
    length: int
    put: str


EDITS = st.lists(
    st.builds(
        Edit,
        st.floats(0, 1),
        st.sampled_from([0, 0, 1, 2, 5, 20, 200]),
        st.one_of(st.just(""), st.sampled_from(BITS), st.text(max_size=5)),
    ),
    min_size=1,
    max_size=4,
)


def _edited(text: str, edits: list[Edit], seed: int) -> str:
    """The text after the edits; some of what is put in is a piece of the text itself."""
    chosen = random.Random(seed)  # noqa: S311 - a choice, no secret
    for edit in edits:
        start = int(edit.place * len(text))
        put = edit.put
        if not put and chosen.random() < 1 / 2:
            begin = chosen.randrange(len(text) + 1)
            put = text[begin : begin + chosen.choice([1, 10, 100])]
        text = text[:start] + put + text[start + edit.length :]
    return text


# Text becomes data


@fuzzed(150)
@given(st.one_of(st.text(), st.lists(st.sampled_from(BITS), max_size=30).map("".join)))
def test_random_text_is_refused_in_one_line(text: str) -> None:
    for shape in SHAPES:
        with _soon():
            try:
                parse_yaml(text, shape, "x.yml")
            except InputError as error:
                said = str(error)
            else:
                continue
        assert said.startswith("x.yml:")
        assert "\n" not in said


@pytest.mark.parametrize(
    "text",
    [
        "a: &a [x]\n" + "".join(f"{c}: &{c} [*a, *a, *a, *a]\n" for c in "bcdefghi"),
        "[" * 200_000,
        "{a: " * 50_000,
        "- " * 100_000,
        "? " * 100_000,
        "? - " * 50_000,
        "&a " * 50_000,
        "!" * 200_000,
        '"' + "\\x41" * 50_000 + '"',
        "'" + "''" * 100_000,
        "a" * 200_000 + ": b",
        "? " + "a." * 100_000 + "\n: b",
        "? " + "[]" * 100_000 + "\n: b",
        "\n" * 200_000,
        "#" * 200_000,
        "a:\n" * 50_000,
        "".join(f"k{number}: v\n" for number in range(20_000)),
        "credentials:\n" + "".join(f"  k{n}: {{environment: K, x: y}}\n" for n in range(5_000)),
        "request: {headers: {" + ", ".join(f"K{n}: v" for n in range(15_000)) + ", K: 5}}",
        "title: " + "9" * 200_000,
        "title: " + "-" + "9" * 4000,
        "title: 1." + "0" * 200_000,
        "title: >\n" + " x\n" * 50_000,
        "request: {url: 'https://" + "a." * 50_000 + "'}",
        "request: {headers: {x: '" + "a " * 50_000 + "é'}}",
        "credentials: {" + "a_" * 50_000 + ": x}",
    ],
    ids=lambda text: text[:12].strip() or "blank",
)
def test_what_grows_when_it_is_read_is_refused_soon(text: str) -> None:
    assert len(text) <= LARGEST_BYTES
    with _soon(), pytest.raises(InputError) as caught:
        parse_yaml(text, ScenarioFile, "x.yml")
    assert "\n" not in str(caught.value)


# A file of a project is changed


@pytest.fixture(scope="module")
def fuzzed_project(small: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the small project whose files these tests change and restore."""
    return shutil.copytree(small, tmp_path_factory.mktemp("fuzz") / "project")


def _snapshot(root: Path) -> dict[Path, tuple[int, int]]:
    found = (path for path in root.rglob("*") if ".tabproof" not in path.parts)
    stats = {path: path.lstat() for path in found}
    return {path: (stat.st_mtime_ns, stat.st_size) for path, stat in stats.items()}


def _run(root: Path, *arguments: str) -> Result:
    with _soon():
        return CliRunner().invoke(main, ["--root", str(root), *arguments], catch_exceptions=False)


UNCHANGED = re.compile(r"\A\d+ samples?, 0 files changed\n")
"""What `generate` says before the faults of scenarios, where it wrote nothing."""
OF_SAMPLES = re.compile(
    r"tabproof: \d+ (files? of samples/ (is|are) not current"
    r"|samples? (is|are) not publishable); run "
)
"""What `check` alone says, before the same faults."""


def _faults(words: str) -> list[str]:
    """The faults that were told, each in one line."""
    assert words.endswith("\n")
    assert "Traceback" not in words
    lines = words.removesuffix("\n").split("\n")
    assert all(line.startswith("tabproof: ") for line in lines)
    return lines


def _judge(root: Path) -> int:
    """Run what reads the project; what is wrong is told, and nothing is written."""
    before = _snapshot(root)
    result = _run(root, "check")
    assert result.exit_code in (0, 1, 2, 3)
    if result.exit_code in (2, 3):
        told = _faults(result.stderr)
        again = _run(root, "generate")
        if result.exit_code == again.exit_code:
            said = _faults(UNCHANGED.sub("", again.stderr))
            assert [line for line in told if not OF_SAMPLES.match(line)] == said
        else:  # the record alone is wrong, and `generate` does not read it
            assert "proof.json" in result.stderr or "cases.yml" in result.stderr
            assert (again.exit_code, again.stdout) == (0, "")
    with _soon(), suppress(InputError):
        mutations.read_mutations(root, ["ruby"])
    assert _snapshot(root) == before
    return result.exit_code


@fuzzed(80)
@given(name=st.sampled_from(FILES), edits=EDITS, seed=st.integers(0, 2**16))
def test_a_changed_file_is_right_or_told_in_one_line(
    fuzzed_project: Path, name: str, edits: list[Edit], seed: int
) -> None:
    path = fuzzed_project / name
    right = path.read_bytes()
    changed = _edited(right.decode(), edits, seed).encode(errors="surrogatepass")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(catalog_reader, "packaged_templates", lambda: fuzzed_project / "templates")
        try:
            path.write_bytes(changed)
            event(f"exit status {_judge(fuzzed_project)}")
        finally:
            path.write_bytes(right)


@fuzzed(30)
@given(name=st.sampled_from(FILES), content=st.binary(max_size=200))
def test_a_file_of_random_bytes_is_told_in_one_line(
    fuzzed_project: Path, name: str, content: bytes
) -> None:
    path = fuzzed_project / name
    right = path.read_bytes()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(catalog_reader, "packaged_templates", lambda: fuzzed_project / "templates")
        try:
            path.write_bytes(content)
            assert _judge(fuzzed_project) in ({1} if "list_users.rb" in name else {0, 1, 2})
        finally:
            path.write_bytes(right)
