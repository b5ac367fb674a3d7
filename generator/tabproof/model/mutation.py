"""Define mutations: faults that are put into samples on purpose, and the cases that detect them.

`templates/mutations.yml` has the kinds of faults, for all languages. The `mutations.yml` in a
language's folder tells how to put each of them into its samples.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from tabproof.model.fields import END, FileFormat, Positive
from tabproof.model.language import VARIANTS, Step, Variant

KindName = Annotated[
    str,
    msgspec.Meta(
        pattern=rf"^[a-z0-9]+(-[a-z0-9]+)*{END}",
        description="lower-case words joined by hyphens",
    ),
]


class MutationKind(FileFormat, frozen=True, kw_only=True):
    """Describes a common fault, independently of any programming language.

    Attributes:
        reason: what goes wrong, in one sentence.
        case: the name of the case that must detect it; placeholders in `<<>>` are filled in.
        seen: a pattern that the report of the case must match.
    """

    reason: str
    case: str
    seen: str


class MutationKindsFile(FileFormat, frozen=True, kw_only=True):
    """Describes the file `templates/mutations.yml`.

    Attributes:
        kinds: the kinds of faults, in the order of the reports.
    """

    kinds: Annotated[dict[KindName, MutationKind], msgspec.Meta(min_length=1)]


class MutationRow(FileFormat, frozen=True, kw_only=True):
    """Describes how to put a fault into the samples of a language.

    Attributes:
        kind: the kind of fault, from `templates/mutations.yml`.
        variants: the variants that are changed.
        step: the step of the sample that is changed.
        find: the exact text in the step; placeholders in `<<>>` are filled in from the scenario.
        replace: the text that replaces it.
        occurrence: which occurrence to replace, counted from 1, where the step has several.
        case: the case that must detect it, if it differs from the kind's.
        seen: a pattern that the report of the case must match, if it differs from the kind's.
    """

    kind: str
    variants: tuple[Variant, ...] = VARIANTS
    step: Step
    find: Annotated[str, msgspec.Meta(min_length=1)]
    replace: str
    occurrence: Positive | None = None
    case: str | None = None
    seen: str | None = None


class ImpossibleKind(FileFormat, frozen=True, kw_only=True):
    """Describes a kind of fault that the samples of a language cannot have, and why.

    Attributes:
        kind: the kind of fault.
        variants: the variants that cannot have it.
        reason: why they cannot have it.
    """

    kind: str
    variants: tuple[Variant, ...] = VARIANTS
    reason: str


class LanguageMutationsFile(FileFormat, frozen=True, kw_only=True):
    """Describes the file `templates/LANGUAGE/mutations.yml`.

    Attributes:
        mutations: the faults and how to put them into samples.
        without: the kinds that the language cannot have.
    """

    mutations: Annotated[tuple[MutationRow, ...], msgspec.Meta(min_length=1)]
    without: tuple[ImpossibleKind, ...] = ()


class Mutation(msgspec.Struct, frozen=True):
    """Hold a mutation of a language, with the values of its kind filled in.

    Attributes:
        place: the file and the line of the row.
    """

    place: str
    kind: str
    variants: tuple[Variant, ...]
    step: Step
    find: str
    replace: str
    occurrence: int | None
    case: str
    seen: str


class Mutations(msgspec.Struct, frozen=True):
    """Hold all mutations of a project.

    Attributes:
        kinds: in the order of the file, which is that of the reports.
        rows: language -> its mutations.
    """

    kinds: dict[str, MutationKind]
    rows: dict[str, tuple[Mutation, ...]]
