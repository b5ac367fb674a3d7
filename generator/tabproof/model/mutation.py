"""A mutation: a fault that is put into a sample on purpose, and the case that must notice it.

The kinds of faults are in `templates/mutations.yml`, for all languages; how a language makes each
of them is in its folder's `mutations.yml`.
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
    """A fault as people make it, in no language.

    Attributes:
        reason: what goes wrong, in a sentence.
        case: the name of the case that must notice it; `<<roles>>` are filled in.
        seen: a pattern that what the case reports must hold.
    """

    reason: str
    case: str
    seen: str


class MutationKindsFile(FileFormat, frozen=True, kw_only=True):
    """The file `templates/mutations.yml`.

    Attributes:
        kinds: the kinds of faults, in the order of the reports.
    """

    kinds: Annotated[dict[KindName, MutationKind], msgspec.Meta(min_length=1)]


class MutationRow(FileFormat, frozen=True, kw_only=True):
    """One row: how the samples of a language get a fault.

    Attributes:
        kind: the kind of fault, from `templates/mutations.yml`.
        variants: the variants that get it.
        step: the step of the sample that is changed.
        find: the text within the step, exactly; `<<roles>>` of the scenario are filled in.
        replace: what stands in its place then.
        occurrence: which one, counted from 1, where the step holds the text more than once.
        case: the case that must notice it, where it is another than the kind's.
        seen: what that case reports, where it is something else than the kind says.
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
    """A kind that a language's samples cannot have, and why.

    Attributes:
        kind: the kind of fault.
        variants: the variants that cannot have it.
        reason: why not.
    """

    kind: str
    variants: tuple[Variant, ...] = VARIANTS
    reason: str


class LanguageMutationsFile(FileFormat, frozen=True, kw_only=True):
    """The file `templates/LANGUAGE/mutations.yml`.

    Attributes:
        mutations: the rows.
        without: what the language cannot have.
    """

    mutations: Annotated[tuple[MutationRow, ...], msgspec.Meta(min_length=1)]
    without: tuple[ImpossibleKind, ...] = ()


class Mutation(msgspec.Struct, frozen=True):
    """A row with its kind looked up.

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
    """All mutations of a project.

    Attributes:
        kinds: in the order of the file, which is that of the reports.
        rows: language -> its mutations.
    """

    kinds: dict[str, MutationKind]
    rows: dict[str, tuple[Mutation, ...]]
