"""Where in a sample a finding belongs. Pure."""

from __future__ import annotations

from tabproof.model.result import Finding
from tabproof.model.sample import Sample


def line_of(finding: Finding, sample: Sample, text: str) -> int:
    """The line of the file that a finding is about, counted from 1.

    Within the finding's step it is the first line that holds the best of the hints, or else
    the step's first line. The file may differ from the sample as it was rendered: an edit moves
    lines, so a step is looked for around the place where it was rendered.
    """
    lines = text.splitlines()
    first, last = next((r for step, r in sample.steps.items() if step == finding.step), (1, 1))
    last = max(first, min(last + len(lines) - sample.text.count("\n"), len(lines)))
    for hint in finding.hint:
        for number in range(first, min(last, len(lines)) + 1):
            if hint in lines[number - 1]:
                return number
    return first
