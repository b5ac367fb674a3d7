"""What a repository settles once: the file `tabproof.toml`, or `[tool.tabproof]`."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

import msgspec

from tabproof.model.fields import FileFormat, Positive
from tabproof.model.labels import Labels, LanguageTag
from tabproof.model.language import Variant

OWN_FILE = "tabproof.toml"
SHARED_FILE = "pyproject.toml"

Isolation: TypeAlias = Literal["auto", "bubblewrap", "rebased"]
SiteFormat: TypeAlias = Literal["material", "docusaurus", "starlight", "gfm"]
Names = Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
Variants = Annotated[tuple[Variant, ...], msgspec.Meta(min_length=1)]
Port = Annotated[int, msgspec.Meta(ge=0, le=65535)]


class ProveSettings(FileFormat, frozen=True, kw_only=True):
    """Settings of `tabproof prove`.

    Attributes:
        isolation: how runs are kept apart from this machine.
        jobs: runs at the same time.
    """

    isolation: Isolation | None = None
    jobs: Positive | None = None


class ExpandSettings(FileFormat, frozen=True, kw_only=True):
    """Settings of `tabproof expand`.

    Attributes:
        pages: the pages, and folders of pages, from the project's folder.
        format: the kind of site.
        in_place: whether each page itself is written.
        output: the folder that pages are written into, from the project's folder.
        raw: whether mkdocs-macros and Jekyll are kept from reading the tabs.
        lang: the language of the pages; that of a page's own `lang` goes before it.
    """

    pages: Names | None = None
    format: SiteFormat | None = None
    in_place: bool | None = None
    output: str | None = None
    raw: bool | None = None
    lang: LanguageTag | None = None

    def __post_init__(self) -> None:
        """A page is written in one place."""
        if self.in_place and self.output is not None:
            raise ValueError("`in_place` and `output` exclude each other")


class ServeSettings(FileFormat, frozen=True, kw_only=True):
    """Settings of `tabproof serve`.

    Attributes:
        scenario: the scenario whose API it plays.
        port: where it listens; 0 takes a free port.
        tls: whether it speaks HTTPS.
    """

    scenario: str | None = None
    port: Port | None = None
    tls: bool | None = None


class ExplainSettings(FileFormat, frozen=True, kw_only=True):
    """Settings of `tabproof explain`.

    Attributes:
        scenario: the scenario whose token it is.
    """

    scenario: str | None = None


class WatchSettings(FileFormat, frozen=True, kw_only=True):
    """Settings of `tabproof watch`.

    Attributes:
        command: the site's server and its arguments, in place of `mkdocs serve`.
    """

    command: Names | None = None


class SettingsFile(FileFormat, frozen=True, kw_only=True):
    """The file `tabproof.toml`, or the table `[tool.tabproof]` of `pyproject.toml`.

    What is left out is as the program has it.

    Attributes:
        languages: the languages that the project has samples in, in the order of their tabs; all
            that there are, if left out.
        variants: the variants that the project has samples in; both, if left out.
        prove: settings of `tabproof prove`.
        expand: settings of `tabproof expand`.
        serve: settings of `tabproof serve`.
        explain: settings of `tabproof explain`.
        watch: settings of `tabproof watch`.
        labels: the words around samples, by language; a page has those of its own language.
    """

    languages: Names | None = None
    variants: Variants | None = None
    prove: ProveSettings | None = None
    expand: ExpandSettings | None = None
    serve: ServeSettings | None = None
    explain: ExplainSettings | None = None
    watch: WatchSettings | None = None
    labels: dict[LanguageTag, Labels] | None = None
