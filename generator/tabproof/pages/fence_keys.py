"""Read and validate the keys of a `tabproof` fence. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Annotated

import msgspec

from tabproof.errors import InputError, located
from tabproof.model.fields import FileFormat
from tabproof.model.language import Step, Variant
from tabproof.project.yaml_file import parse_yaml
from tabproof.project.yaml_positions import line_of

Names = Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
Title = Annotated[str, msgspec.Meta(min_length=1)]
Variants = Annotated[tuple[Variant, ...], msgspec.Meta(min_length=1)]


class Fence(FileFormat, frozen=True, kw_only=True):
    """Hold the keys of a fence.

    Attributes:
        variant: one, or several for a switch between them.
        languages: which tabs, in this order; all in the project's order if empty.
        highlight: the step whose lines are marked.
        step: the step whose lines alone are shown.
        linenums: whether each line has its number in the file; as the site has it if None.
        title: stands above the code in place of the file's name.
    """

    scenario: str
    variant: Variant | Variants
    languages: Names = ()
    highlight: Step | None = None
    step: Step | None = None
    linenums: bool | None = None
    title: Title = ""

    @property
    def variants(self) -> tuple[Variant, ...]:
        """Return the variants in the order of the fence."""
        return (self.variant,) if isinstance(self.variant, str) else self.variant


def read_fence(texts: Iterable[str], page: str, line: int) -> Fence:
    """Return the keys of a fence.

    Args:
        texts: the lines between its first and its last one, without what they are indented by.
        page: how messages name the file.
        line: the number of its first line in the file, from 1.

    Raises:
        InputError: the lines ask for nothing that there is; with the page and the line.
    """
    text = "\n".join(texts)
    if re.fullmatch(r"\s*(#.*\s*)*", text):
        message = "the fence is empty; write `scenario: NAME` and `variant: NAME` into it."
        raise located(page, line, message)
    try:
        # The blank lines make the parser count from the top of the file.
        fence, lines = parse_yaml("\n" * line + text, Fence, page)
    except InputError as error:
        message = str(error).replace(
            ": the file: expected a mapping;", ": write lines `key: value`;"
        )
        raise InputError(message.replace(": the file", ": the fence")) from error
    for key, names in (("languages", fence.languages), ("variant", fence.variants)):
        duplicate = next((name for name in names if names.count(name) > 1), None)
        if duplicate:
            message = f"'{duplicate}' is given twice; remove one."
            raise located(page, line_of(lines, f"$.{key}"), message)
    if not fence.title.isprintable() or fence.title != fence.title.strip():
        message = "a title is one line of printable characters without spaces around it."
        raise located(page, line_of(lines, "$.title"), message)
    return fence
