"""Compare the head of a sample with what its proof ran: readers copy comments, too. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tabproof.model.language import HeadLines, LanguageFile
from tabproof.model.result import Finding
from tabproof.model.sample import Sample
from tabproof.model.scenario import Scenario

LABELS = ("Install", "Set", "Run")


def find_head_faults(
    text: str, sample: Sample, scenario: Scenario, language: LanguageFile
) -> Iterator[Finding]:
    """Yield what is wrong in the head of a sample.

    Its three lines must name what the toolchain needs, the scenario's variables, and the command;
    no other line may stand between or after them, and none of its package lines may differ from
    those of the language.

    Args:
        text: the file that is run.
        sample: names the file and the variant.
        scenario: has the variables.
        language: has the heads; one without a head for the variant is not checked.
    """
    file_name = sample.path.rpartition("/")[2]
    head = language.head(sample.key.variant, scenario.name, scenario.variables, file_name)
    if head is None:
        return
    lines = text.splitlines()
    places = {label: _places(label, lines) for label in LABELS}
    expected = dict(zip(LABELS, (head.install, head.variables, head.run), strict=True))
    for label, value in expected.items():
        found = [lines[place].partition(":")[2].strip() for place in places[label]]
        if found != [value]:
            seen = " and ".join(map(repr, found)) or "none"
            yield Finding("install", (f"{label}:",), f"`{label}: {value}` in the head", seen)
    numbers = [number for found in places.values() for number in found]
    if len(numbers) == len(LABELS):
        first, last = min(numbers), max(numbers)
        prefix = lines[last].partition("Run")[0].strip()
        further = [*lines[first : last + 1], *lines[last + 1 : last + 2]]
        yield from _other_lines([line for line in further if not _is_labelled(line)], prefix)
    yield from _package_lines(head, lines)
    yield from _interpreter(lines[0] if lines else "", expected["Run"])


def _places(label: str, lines: list[str]) -> list[int]:
    return [number for number, line in enumerate(lines) if _is_labelled(line, label)]


def _is_labelled(line: str, label: str = "|".join(LABELS)) -> bool:
    return bool(re.match(rf"\W*(?:{label}): ", line))


def _other_lines(lines: list[str], prefix: str) -> Iterator[Finding]:
    """Yield the comments between the three lines, and right after them."""
    for line in lines:
        comment = line.strip().removeprefix(prefix)
        if line.strip().startswith(prefix) and re.search(r"\w", comment):
            yield Finding("install", (comment,), "three lines in the head", repr(line.strip()))


def _interpreter(first_line: str, command: str) -> Iterator[Finding]:
    """Yield a first line `#!` that names another program than the command."""
    program = command.partition(" ")[0]
    if first_line.startswith("#!") and re.split(r"[/ ]", first_line)[-1] != program:
        expected = f"{program} after `#!`, as in the command"
        yield Finding("install", ("#!",), expected, repr(first_line), 1)


def _package_lines(head: HeadLines, lines: list[str]) -> Iterator[Finding]:
    starts = tuple({package.partition(" ")[0] for package in head.packages})
    found = [line.strip() for line in lines if starts and line.strip().startswith(starts)]
    if found != list(head.packages):
        seen = " and ".join(map(repr, found)) or "none"
        yield Finding("install", starts, f"`{'` and `'.join(head.packages)}`", seen)
