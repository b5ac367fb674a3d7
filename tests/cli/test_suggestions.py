from __future__ import annotations

from collections.abc import Callable

import click
import pytest
from click.testing import CliRunner, Result

from tabproof.cli import COMMANDS, main
from tabproof.cli.suggestions import Group, did_you_mean

Run = Callable[..., Result]


def _refused(*words: str) -> str:
    """The last line of what is said to words that the command line does not know."""
    result = CliRunner().invoke(main, words, catch_exceptions=False)
    assert (result.exit_code, result.stdout) == (2, "")
    return result.stderr.splitlines()[-1]


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_that_lacks_its_last_letter_is_recognised(name: str) -> None:
    line = _refused(name[:-1])
    assert line.startswith(f"Error: No such command '{name[:-1]}'. Did you mean ")
    assert f"'{name}'" in line


def test_a_command_of_a_group_is_recognised() -> None:
    line = "Error: No such command 'scenaro'. Did you mean 'scenario'?"
    assert _refused("new", "scenaro") == line


def test_a_word_that_is_like_nothing_gets_no_suggestion() -> None:
    assert _refused("frobnicate") == "Error: No such command 'frobnicate'."
    assert did_you_mean("frobnicate", ["a", "b"]) == ""


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (("completion", "fihs"), "fish"),
        (("schema", "scenaro"), "scenario"),
        (("prove", "--variant", "libary"), "library"),
        (("prove", "--format", "jsn"), "json"),
        (("expand", "--format", "docusarus", "page.md"), "docusaurus"),
    ],
)
def test_a_choice_that_is_misspelt_is_recognised(words: tuple[str, ...], meant: str) -> None:
    assert _refused(*words).endswith(f". Did you mean '{meant}'?")


def test_several_that_may_be_meant_are_all_named() -> None:
    assert did_you_mean("bsh", ["bash", "zsh", "fish"]) == " Did you mean 'bash' or 'zsh'?"


def test_an_option_in_the_place_of_a_command_is_an_option() -> None:
    assert _refused("--rot") == "Error: No such option '--rot'. Did you mean '--root'?"


def _all(command: click.Command, context: click.Context) -> list[click.Command]:
    if not isinstance(command, click.Group):
        return [command]
    inner = (command.get_command(context, name) for name in command.list_commands(context))
    return [command, *(each for one in inner if one for each in _all(one, context))]


def test_every_group_and_every_choice_of_the_program_suggests() -> None:
    for command in _all(main, click.Context(main)):
        assert isinstance(command, Group) == isinstance(command, click.Group), command.name
        for parameter in command.params:
            # What reads a word in its own way says what is wrong in its own way.
            converts = type(parameter.type).convert is click.Choice.convert
            assert not converts, (command.name, parameter.name)
