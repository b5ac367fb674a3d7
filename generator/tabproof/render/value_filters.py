"""Write values by the rules of a language, as its templates ask for them. Pure."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from jinja2.utils import htmlsafe_json_dumps

from tabproof.errors import ScenarioError
from tabproof.model.language import LanguageFile
from tabproof.model.scenario import Data, Resolved
from tabproof.project.names import convert_case, identifier
from tabproof.render.literals import expression, key, literal, structure

RECENT_TEXTS = 1024
"""How many literals are remembered: a scenario's values are in the samples of both variants."""


def value_filters(language: LanguageFile) -> dict[str, Callable[..., Any]]:
    """Return the filters that write values: name -> filter."""
    filters = _Filters(language)
    return {
        "literal": filters.literal,
        "key": filters.key,
        "comment": filters.comment,
        "expression": filters.expression,
        "structure": filters.structure,
        "identifier": filters.identifier,
        "string": _string,
        "tojson": _json,
        "spell": convert_case,
    }


class _Filters:
    def __init__(self, language: LanguageFile) -> None:
        self._language = language
        self._text = lru_cache(RECENT_TEXTS)(self._plain)

    def literal(self, value: Resolved, notation: str = "default") -> str:
        return (
            self._text(value, notation) if isinstance(value, str) else self._plain(value, notation)
        )

    def _plain(self, value: Resolved, notation: str) -> str:
        return literal(value, self._language.notations[notation])

    def key(self, name: str, notation: str = "default") -> str:
        return key(name, self._language.notations[notation])

    def comment(self, text: str) -> str:
        for forbidden in self._language.comment_forbids:
            if forbidden in text:
                message = f"{text!r} cannot stand in a comment: it contains {forbidden!r}"
                raise ScenarioError(message, value=text)
        return text

    def expression(self, value: Resolved, notation: str = "default") -> str:
        return expression(value, self._language, notation)

    def structure(
        self,
        value: Data,
        notation: str = "default",
        indent: int = 0,
        opening: str = "",
        seam: str = "",
    ) -> str:
        """Write a nested value; `seam` is what stands between two texts that become one."""
        text = structure(value, notation, indent, opening, language=self._language)
        return text.replace(seam, "") if seam else text

    def identifier(self, name: str) -> str:
        return identifier(name, self._language.identifiers)


def _string(value: object) -> str:
    return str(value)


def _json(value: object) -> str:
    return str(htmlsafe_json_dumps(value))
