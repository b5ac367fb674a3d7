"""The words around the samples on a page, which a project can have in its readers' languages."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Annotated

import msgspec

from tabproof.model.fields import FileFormat

PLACEHOLDER = re.compile(r"\{(\w+)\}")
ISOLATED = "\N{FIRST STRONG ISOLATE}{}\N{POP DIRECTIONAL ISOLATE}"

TAG = r"^[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8})*(?!\n)$"
"""A language tag (RFC 5646, section 2.1), as far as those of pages go."""

LanguageTag = Annotated[
    str, msgspec.Meta(pattern=TAG, description="a language tag, such as de or pt-BR")
]

Label = Annotated[
    str, msgspec.Meta(pattern=r"^[^\n\r]*\S[^\n\r]*(?!\n)$", description="words on one line")
]


class Labels(FileFormat, frozen=True, kw_only=True):
    """The words around samples, in one language.

    A label that is left out is English. What stands in braces is filled in; a label may leave it
    out, and has no other.

    Attributes:
        library: the tab of the variant with a library.
        stdlib: the tab of the variant with nothing to install.
        variants: what a screen reader says of a switch between variants.
        run: the line under a sample that was run.
        one_case: what `{cases}` is where there is one.
        all_cases: what `{cases}` is where a sample passed all.
        some_cases: what `{cases}` is where its runtime cannot pass some.
        rebased: stands behind a toolchain that ran a copy with another address.
        parsed: the line under a sample that was not run.
        proof: the link to the page with the proof.
        download: the link to the sample's file.
        link: the link to the tab itself.
        lines: stands under a part of a sample, where code has no line numbers.
        marked_line: stands under a sample with one marked line, where code has no marks.
        marked_lines: stands under a sample with marked lines, where code has no marks.
        feed: stands in a feed, in the place of the tabs.
    """

    library: Label = "With a library"
    stdlib: Label = "Standard library only"
    variants: Label = "{scenario}: variants"
    run: Label = "Run on {date} in {cases} with {toolchains}."
    one_case: Label = "{count} case"
    all_cases: Label = "{count} cases"
    some_cases: Label = "{count} of {total} cases"
    rebased: Label = "rebased"
    parsed: Label = "Not run; well formed by {parser}, {date}."
    proof: Label = "See the proof"
    download: Label = "Download {file}"
    link: Label = "Link to this sample"
    lines: Label = "Lines {first} to {last} of {file}."
    marked_line: Label = "Marked: line {line}."
    marked_lines: Label = "Marked: lines {first} to {last}."
    feed: Label = "Code samples: {languages}."


ENGLISH = Labels()


def labels_in(language: str, tables: Mapping[str, Labels]) -> Labels:
    """Return the labels of a language by lookup (RFC 4647, section 3.4), or the English ones.

    Args:
        language: the tag of a page's language; empty if it is not known.
        tables: language tag -> labels.
    """
    by_tag = {normalize_tag(tag): labels for tag, labels in tables.items()}
    parts = normalize_tag(language).split("-")
    tags = ("-".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((by_tag[tag] for tag in tags if tag in by_tag), ENGLISH)


def normalize_tag(tag: str) -> str:
    """Return the one spelling of a tag: neither its case nor an underscore makes another."""
    return tag.replace("_", "-").lower()


def label_placeholders(label: str) -> set[str]:
    """Return the names in braces.

    Raises:
        ValueError: there is a brace beside them.
    """
    if re.search("[{}]", PLACEHOLDER.sub("", label)):
        raise ValueError(label)
    return set(PLACEHOLDER.findall(label))


def fill_label(label: str, **values: object) -> str:
    """Return a label with values in the place of its placeholders.

    Where a label is written from right to left, a value keeps a direction of its own; without
    that, `2026-11-25` behind Arabic letters reads 25-11-2026.
    """
    leftwards = any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in label)
    form = ISOLATED if leftwards else "{}"
    return PLACEHOLDER.sub(lambda match: form.format(values[match[1]]), label)
