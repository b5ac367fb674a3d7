"""Define a project's settings: the file `tabproof.toml`, or `[tool.tabproof]`."""

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
    """Configures `tabproof prove`.

    Attributes:
        isolation: how runs are isolated from this machine.
        jobs: the number of runs at the same time.
    """

    isolation: Isolation | None = None
    jobs: Positive | None = None


class ExpandSettings(FileFormat, frozen=True, kw_only=True):
    """Configures `tabproof expand`.

    Attributes:
        pages: the pages and folders of pages, relative to the project's folder.
        format: the kind of site.
        in_place: whether to overwrite the pages themselves.
        output: the folder for the expanded pages, relative to the project's folder.
        raw: whether to protect the tabs from mkdocs-macros and Jekyll.
        lang: the language tag of the pages; `lang` in a page's front matter overrides it.
    """

    pages: Names | None = None
    format: SiteFormat | None = None
    in_place: bool | None = None
    output: str | None = None
    raw: bool | None = None
    lang: LanguageTag | None = None

    def __post_init__(self) -> None:
        """Refuse two places to write a page to."""
        if self.in_place and self.output is not None:
            raise ValueError("`in_place` and `output` exclude each other")


class ServeSettings(FileFormat, frozen=True, kw_only=True):
    """Configures `tabproof serve`.

    Attributes:
        scenario: the scenario whose API is served.
        port: the port; 0 for any free port.
        tls: whether to serve HTTPS.
    """

    scenario: str | None = None
    port: Port | None = None
    tls: bool | None = None


class ExplainSettings(FileFormat, frozen=True, kw_only=True):
    """Configures `tabproof explain`.

    Attributes:
        scenario: the scenario of the token.
    """

    scenario: str | None = None


class WatchSettings(FileFormat, frozen=True, kw_only=True):
    """Configures `tabproof watch`.

    Attributes:
        command: the command that serves the site, with its arguments, instead of `mkdocs serve`.
    """

    command: Names | None = None


class SettingsFile(FileFormat, frozen=True, kw_only=True):
    """Describes the file `tabproof.toml`, or the table `[tool.tabproof]` in `pyproject.toml`.

    Settings that are left out have the defaults of the command line.

    Attributes:
        languages: the languages of the project's samples, in the order of their tabs; by default,
            all languages.
        variants: the variants of the project's samples; by default, both.
        prove: settings of `tabproof prove`.
        expand: settings of `tabproof expand`.
        serve: settings of `tabproof serve`.
        explain: settings of `tabproof explain`.
        watch: settings of `tabproof watch`.
        labels: language tag -> the labels around samples; the language of a page chooses.
    """

    languages: Names | None = None
    variants: Variants | None = None
    prove: ProveSettings | None = None
    expand: ExpandSettings | None = None
    serve: ServeSettings | None = None
    explain: ExplainSettings | None = None
    watch: WatchSettings | None = None
    labels: dict[LanguageTag, Labels] | None = None
