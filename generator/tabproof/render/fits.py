"""Let templates write a line, or else several: `{% fits 80 %}...{% else %}...{% endfits %}`. Pure.

Formatters break a line by its width, which is known only when its holes are filled.
"""

from __future__ import annotations

from jinja2 import nodes
from jinja2.ext import Extension
from jinja2.parser import Parser

FITS, ELSE, FITS_END = "\3", "\4", "\5"


class FitsExtension(Extension):
    """Parse the tag, and write both ways with marks around them."""

    tags = {"fits"}

    def parse(self, parser: Parser) -> list[nodes.Node]:
        """Return the nodes of both ways."""
        line = next(parser.stream).lineno
        width = parser.stream.expect("integer").value
        first = parser.parse_statements(("name:else",), drop_needle=True)
        second = parser.parse_statements(("name:endfits",), drop_needle=True)
        return [
            _text(f"{FITS}{width}{FITS}", line),
            *first,
            _text(ELSE, line),
            *second,
            _text(FITS_END, line),
        ]


def _text(text: str, line: int) -> nodes.Output:
    return nodes.Output([nodes.TemplateData(text, lineno=line)], lineno=line)
