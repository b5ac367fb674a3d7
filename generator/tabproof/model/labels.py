"""Define the labels around samples on a page, which a project can translate."""

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
"""A language tag (RFC 5646, section 2.1) in the forms that pages use."""

LanguageTag = Annotated[
    str, msgspec.Meta(pattern=TAG, description="a language tag, such as de or pt-BR")
]

Label = Annotated[
    str, msgspec.Meta(pattern=r"^[^\n\r]*\S[^\n\r]*(?!\n)$", description="words on one line")
]


class Labels(FileFormat, frozen=True, kw_only=True):
    """Sets the labels around samples, in one language.

    A label that is left out is in English. Placeholders in braces are filled in; a label may
    leave one out, but has no others than its English text.

    Attributes:
        library: the tab of the variant with a library.
        stdlib: the tab of the variant without a library.
        variants: the accessible name of a switch between variants, for screen readers.
        run: the status line under a sample that was run.
        one_case: the text of `{cases}` for one case.
        all_cases: the text of `{cases}` for a sample that passed all cases.
        some_cases: the text of `{cases}` for a sample whose runtime cannot pass some cases.
        own_cases: the text of `{cases}` where the site has its own cases, in place of Tabproof's.
        rebased: the note behind a toolchain that ran a copy with another address.
        parsed: the status line under a sample that was parsed but not run.
        proof: the link to the page with the proof.
        download: the link to the sample's file.
        link: the link to the tab itself.
        lines: the line under a part of a sample, on sites without line numbers.
        marked_line: the line under a sample with one marked line, on sites that cannot highlight
            lines.
        marked_lines: the line under a sample with several marked lines, on sites that cannot
            highlight lines.
        feed: the text in feeds, in place of the tabs.
    """

    library: Label = "With a library"
    stdlib: Label = "Standard library only"
    variants: Label = "{scenario}: variants"
    run: Label = "Run on {date} in {cases} with {toolchains}."
    one_case: Label = "{count} case"
    all_cases: Label = "{count} cases"
    some_cases: Label = "{count} of {total} cases"
    own_cases: Label = "{count} of {total} of this site's own cases"
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
        language: the tag of a page's language; "" if it is unknown.
        tables: language tag -> labels.
    """
    by_tag = {normalize_tag(tag): labels for tag, labels in tables.items()}
    parts = normalize_tag(language).split("-")
    tags = ("-".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((by_tag[tag] for tag in tags if tag in by_tag), ENGLISH)


def normalize_tag(tag: str) -> str:
    """Return a tag in lower case, with hyphens for underscores: `pt_BR` is `pt-br`."""
    return tag.replace("_", "-").lower()


def label_placeholders(label: str) -> set[str]:
    """Return the names of a label's placeholders.

    Raises:
        ValueError: the label has other braces.
    """
    if re.search("[{}]", PLACEHOLDER.sub("", label)):
        raise ValueError(label)
    return set(PLACEHOLDER.findall(label))


def fill_label(label: str, **values: object) -> str:
    """Return a label with its placeholders filled in.

    In a label that is written from right to left, each value is isolated: without that,
    `2026-11-25` after Arabic letters reads 25-11-2026.
    """
    right_to_left = any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in label)
    value_format = ISOLATED if right_to_left else "{}"
    return PLACEHOLDER.sub(lambda match: value_format.format(values[match[1]]), label)
