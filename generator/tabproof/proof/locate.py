"""Where in a sample a finding belongs. Pure."""

from __future__ import annotations

from difflib import SequenceMatcher

from tabproof.model.result import Finding
from tabproof.model.sample import Sample


def line_of(finding: Finding, sample: Sample, text: str) -> int:
    """The line of the file that a finding is about, counted from 1.

    Within the finding's step it is the first line that holds the best of the hints, or else
    the step's first line. The file may differ from the sample as it was rendered: an edit moves
    lines, and where it took a hint away, the place where that was is the line.
    """
    rendered, lines = sample.text.splitlines(), text.splitlines()
    first, last = next((r for step, r in sample.steps.items() if step == finding.step), (1, 1))
    moved = _moves(rendered, lines)
    for hint in finding.hint:
        for number in range(moved[first - 1], moved[last]):
            if hint.lower() in lines[number].lower():
                return number + 1
        for number in range(first - 1, last):
            if hint.lower() in rendered[number].lower():
                return moved[number] + 1
    return moved[first - 1] + 1


def _moves(old: list[str], new: list[str]) -> list[int]:
    """For each old line, and for the end, the new line that is at its place; counted from 0."""
    places = []
    for _tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        places += [min(j1 + n, max(j1, j2 - 1)) for n in range(i2 - i1)]
    last = max(len(new) - 1, 0)
    return [*(min(place, last) for place in places), len(new)]
