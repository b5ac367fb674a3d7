"""Write values by the rules of a language, as its templates ask for them. Pure."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any

from jinja2.utils import htmlsafe_json_dumps

from tabproof.errors import ScenarioError
from tabproof.model.language import LanguageFile
from tabproof.model.scenario import Data, Resolved
from tabproof.project.names import SPELLINGS, convert_case, identifier
from tabproof.render.literals import expression, key, literal, structure

RECENT_TEXTS = 1024
"""How many literals are remembered: a scenario's values are in the samples of both variants."""


def value_filters(language: LanguageFile) -> dict[str, Callable[..., Any]]:
    """Return the filters that write values: name -> filter."""
    filters = _Filters(language)

    def in_a_notation(function: Callable[..., str]) -> Callable[..., str]:
        """Return a filter that looks for its notation when a template is rendered."""

        @wraps(function)
        def write(value: Any, *arguments: Any, **named: Any) -> str:
            return function(value, *arguments, **named)

        write.check = filters.check  # type: ignore[attr-defined] # `writes_values` asks for it
        return write

    return {
        "literal": in_a_notation(filters.literal),
        "key": in_a_notation(filters.key),
        "comment": filters.comment,
        "expression": in_a_notation(filters.expression),
        "structure": in_a_notation(filters.structure),
        "identifier": filters.identifier,
        "string": _string,
        "tojson": _json,
        "spell": _spell,
    }


class _Filters:
    def __init__(self, language: LanguageFile) -> None:
        self._language = language
        self._text = lru_cache(RECENT_TEXTS)(self._plain)

    def check(self, notation: str = "default", *_: object, **_named: object) -> None:
        """Raise a KeyError where the language has no such notation."""
        self._language.notations[notation]

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


def _spell(name: str, case: str) -> str:
    return convert_case(name, case)


def _check_spelling(case: str) -> None:
    SPELLINGS[case]


_spell.check = _check_spelling  # type: ignore[attr-defined] # as above


def _string(value: object) -> str:
    return str(value)


def _json(value: object) -> str:
    return str(htmlsafe_json_dumps(value))
