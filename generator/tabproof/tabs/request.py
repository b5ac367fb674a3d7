"""What an author asks for: the keys of a `tabproof` fence."""

from __future__ import annotations

from typing import Annotated

import msgspec

from tabproof.model.language import Step, Variant
from tabproof.model.scenario import Shape


class Fence(Shape, frozen=True, kw_only=True):
    """What a fence asks for.

    Attributes:
        variant: one, or several for a switch between them.
        languages: which tabs, in this order; all in the project's order if empty.
        highlight: the step whose lines are marked.
        step: the step whose lines alone are shown.
        linenums: whether each line has its number in the file.
        title: stands above the code in place of the file's name.
    """

    scenario: str
    variant: Variant | Annotated[tuple[Variant, ...], msgspec.Meta(min_length=1)]
    languages: tuple[str, ...] = ()
    highlight: Step | None = None
    step: Step | None = None
    linenums: bool = False
    title: str = ""

    @property
    def variants(self) -> tuple[Variant, ...]:
        """The variants, in the order of the fence."""
        return (self.variant,) if isinstance(self.variant, str) else self.variant
