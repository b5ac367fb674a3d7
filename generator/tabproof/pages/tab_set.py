"""Hold a set of tabs as data, before it is written for a kind of site."""

from __future__ import annotations

import msgspec

from tabproof.model.labels import ENGLISH, Labels
from tabproof.model.language import Variant
from tabproof.model.sample import Sample


class Tab(msgspec.Struct, frozen=True):
    """Hold one sample, or one step of it, as a reader sees it.

    Attributes:
        language: the language's name, as its folder has it.
        label: the words on the tab.
        lexer: the name of the highlighter for it.
        title: stands above the code.
        text: the code, with a newline at its end.
        first_line: the number in the file of the text's first line, from 1.
        highlight: first and last line to mark, counted in the text from 1; None for none.
        sample: the whole sample.
        status: what was proved of it, in a sentence.
    """

    language: str
    label: str
    lexer: str
    title: str
    text: str
    first_line: int
    highlight: tuple[int, int] | None
    sample: Sample
    status: str

    @property
    def file_name(self) -> str:
        """Return the file name for downloads."""
        return self.sample.path.rpartition("/")[2]


class TabSet(msgspec.Struct, frozen=True):
    """Hold the tabs of one scenario in one variant.

    Attributes:
        anchor: names the set in a page's address; it depends on what is shown alone, so that it
            stays when sets are added above.
        label: the words for its variant, for a switch between sets.
        linenums: whether each line shows its number in the file; None leaves it to the site.
        labels: the other words around the samples.
    """

    anchor: str
    scenario: str
    variant: Variant
    label: str
    linenums: bool | None
    tabs: tuple[Tab, ...]
    labels: Labels = ENGLISH
