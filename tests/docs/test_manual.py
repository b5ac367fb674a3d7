"""The manual of the command line says all that the command line can do."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path
from typing import Any

import click
import pytest
from markupsafe import escape

from tabproof.cli import COMMANDS, main
from tabproof.pages.reference import command_line

DOCS = Path(__file__).parent.parent.parent / "docs"
SECTIONS = dict(command_line.sections())
NOT_RUN = {
    "tabproof prove --language ruby": "takes minutes",
    "tabproof prove --record": "takes minutes",
    "tabproof prove --executor": "needs a scheduler and workers",
    "tabproof new scenario place-order": "asks",
    "tabproof new language lua": "asks",
    "tabproof serve": "does not end by itself",
    "tabproof watch": "does not end by itself",
    "tabproof toolchains": "installs packages",
}
"""How an example begins that is not run -> why."""

FAULTY = ("tabproof explain", "expand --format docusaurus --in-place --check")
"""What finds a fault: the token at hand is a wrong one, the pages are not expanded."""


def _command(name: str) -> click.Command:
    command: click.Command | None = main
    for word in name.split():
        assert isinstance(command, click.Group)
        command = command.get_command(click.Context(command), word)
    assert command is not None
    return command


def _examples(name: str) -> list[str]:
    lines = (_command(name).epilog or "").partition("\b")[2].splitlines()
    return [line.strip() for line in lines if line.strip()]


NAMES = [
    " ".join((name, *inner))
    for name in COMMANDS
    for inner in ((), *((each,) for each in sorted(getattr(_command(name), "commands", ()))))
]
"""The commands, and those within them."""

EXAMPLES = [example for name in NAMES for example in _examples(name)]


def test_there_is_a_section_for_the_program_and_for_each_command() -> None:
    assert list(SECTIONS) == ["`tabproof`", *(f"`tabproof {name}`" for name in NAMES)]


@pytest.mark.parametrize("name", NAMES)
def test_a_section_has_the_help_each_option_and_each_choice(name: str) -> None:
    html, command = SECTIONS[f"`tabproof {name}`"], _command(name)
    assert f"<pre><code>tabproof {name}" in html
    for parameter in command.params:
        if "--root" in parameter.opts:  # it is every command's, and told of the program
            assert "<code>--root</code>" not in html
            assert "<code>--root</code>" in SECTIONS["`tabproof`"]
            continue
        names = ", ".join([*parameter.opts, *parameter.secondary_opts])
        if isinstance(parameter, click.Argument):
            (names,) = re.findall("[A-Z]+", parameter.metavar or (parameter.name or "").upper())
        assert f"<code>{names}</code>" in html
        if isinstance(parameter.type, click.Choice):
            assert all(f"<code>{choice}</code>" in html for choice in parameter.type.choices)


ARGUMENTS = [
    pytest.param(name, parameter, id=f"{name} {parameter.name}")
    for name in NAMES
    for parameter in _command(name).params
    if isinstance(parameter, click.Argument)
]


@pytest.mark.parametrize(("name", "argument"), ARGUMENTS)
def test_an_argument_has_a_sentence_in_the_manual(name: str, argument: click.Argument) -> None:
    sentence: str = getattr(argument, "help", "")
    assert re.fullmatch(r"[A-Z].+\.", sentence)
    assert f"<td>{escape(sentence)}</td>" in SECTIONS[f"`tabproof {name}`"]


def test_an_argument_has_one_name() -> None:
    html = SECTIONS["`tabproof expand`"]
    assert "<code>PAGE</code>" in html
    assert "PATHS" not in html


@pytest.mark.parametrize("name", NAMES)
def test_a_section_has_the_exit_statuses_and_examples(name: str) -> None:
    html = SECTIONS[f"`tabproof {name}`"]
    assert "<p>Exit status: " in html
    assert _examples(name)
    assert all(example.startswith(f"tabproof {name}") for example in _examples(name))


def test_a_default_stands_where_there_is_one_and_nowhere_else() -> None:
    assert "<td><code>8080</code></td>" in SECTIONS["`tabproof serve`"]
    assert not any(word in html for html in SECTIONS.values() for word in ("UNSET", ">None<"))


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_is_run_or_says_why_not(
    example: str, terminal: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(terminal.project)
    # The pages of this site have fences that no other kind of site can show.
    for page in (terminal.project / "docs").glob("*.md"):
        page.unlink()
    # Fish makes it when it is first started.
    (terminal.home / ".config/fish/completions").mkdir(parents=True)
    if example.startswith("tabproof init"):  # what a project has samples in is settled by them
        shutil.rmtree(terminal.project / "samples")
    words = shlex.split(example.partition(" > ")[0].partition(" < ")[0])[1:]
    _command(words[0]).make_context(words[0], words[1:])
    if not example.startswith(tuple(NOT_RUN)):
        needs_shell = re.search(r"[|<>;&$*~]", example)
        status, shown = terminal.run(example) if needs_shell else terminal.invoke(words)
        assert status == any(words in example for words in FAULTY), shown


def test_the_page_and_the_help_have_one_place_for_each_shell() -> None:
    page = (DOCS / "command-line.md").read_text(encoding="utf-8").splitlines()
    for example in _examples("completion"):
        assert example in page


@pytest.mark.parametrize("beginning", NOT_RUN)
def test_each_example_that_is_not_run_is_there(beginning: str) -> None:
    assert any(example.startswith(beginning) for example in EXAMPLES)
