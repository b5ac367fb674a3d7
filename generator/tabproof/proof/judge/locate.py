"""Where in a sample a finding belongs. Pure."""

from __future__ import annotations

from difflib import SequenceMatcher

from tabproof.model.result import Finding
from tabproof.model.sample import Sample


def line_of(finding: Finding, sample: Sample, text: str) -> int:
    """The line of the file that a finding is about, counted from 1.

    A compiler has named it, or else it is looked for.
    Within the finding's step it is the first line that holds the best of the hints, or else
    the step's first line. The file may differ from the sample as it was rendered: an edit moves
    lines, and is itself the first suspect. Where it took a hint away, that place is the line.
    """
    if finding.line:
        return finding.line
    rendered, lines = sample.text.splitlines(), text.splitlines()
    first, last = next((r for step, r in sample.steps.items() if step == finding.step), (1, 1))
    moved, kept = _moves(rendered, lines)
    for hint in (hint.lower() for hint in finding.hint):
        here = [n for n in range(moved[first - 1], moved[last]) if hint in lines[n].lower()]
        edited = [n for n in here if n not in kept.values()]
        gone = [n for n in range(first - 1, last) if hint in rendered[n].lower() and n not in kept]
        suspects = edited or [moved[n] for n in gone] or here
        if suspects:
            return suspects[0] + 1
    return moved[first - 1] + 1


def _moves(old: list[str], new: list[str]) -> tuple[list[int], dict[int, int]]:
    """Where old lines went, counted from 0.

    Returns:
        For each old line, and for the end, the new line that is at its place; and the same for
        those lines that are as they were.
    """
    places: list[int] = []
    kept: dict[int, int] = {}
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        places += [min(j1 + n, max(j1, j2 - 1)) for n in range(i2 - i1)]
        if tag == "equal":
            kept |= zip(range(i1, i2), range(j1, j2), strict=True)
    last = max(len(new) - 1, 0)
    return [*(min(place, last) for place in places), len(new)], kept
