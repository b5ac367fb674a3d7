"""Render the first files of a new language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import jinja2
import msgspec
import yaml

ASSETS = Path(__file__).parent / "assets"
TEMPLATES = (
    "sample",
    "step-jwt-library",
    "step-jwt-stdlib",
    "sign-hmac-library",
    "sign-hmac-stdlib",
    "step-request",
)


class NewLanguage(msgspec.Struct, frozen=True, kw_only=True):
    """Hold what the first files of a language contain.

    Attributes:
        name: the name of the folder.
        lexer: the name of its lexer in Pygments.
        extension: the extension of a sample's file, without the dot.
        program: the program that runs a sample.
    """

    name: str
    title: str
    lexer: str
    extension: str
    program: str
    position: int


def language_files(language: NewLanguage, kinds: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the path below `templates/` and the text of each file of the language's folder.

    Args:
        language: the language.
        kinds: kind of mutation -> its fault.
    """
    environment = jinja2.Environment(
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - the output is YAML and templates, not HTML
        # The files are full of Jinja's own marks.
        variable_start_string="<<",
        variable_end_string=">>",
        block_start_string="<%",
        block_end_string="%>",
        comment_start_string="<#",
        comment_end_string="#>",
    )
    context = msgspec.structs.asdict(language) | {"kinds": list(kinds.items())}

    def render(asset: str, **values: object) -> str:
        text = (ASSETS / asset).read_text(encoding="utf-8")
        return environment.from_string(text).render(context | values)

    quoted = {key: _yaml_scalar(context[key]) for key in ("title", "lexer", "program")}
    yield f"{language.name}/language.yml", render("language.yml.jinja", **quoted)
    for name in TEMPLATES:
        path = f"{language.name}/{name}.{language.extension}.jinja"
        yield path, render(f"{name}.jinja")
    yield f"{language.name}/mutations.yml", render("mutations.yml.jinja")


def _yaml_scalar(text: str) -> str:
    """Return a text as a YAML scalar on one line."""
    return str(yaml.safe_dump(text, allow_unicode=True, width=float("inf"))).partition("\n")[0]
