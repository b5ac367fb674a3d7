"""Let templates write a line, or else several: `{% fits 80 %}...{% else %}...{% endfits %}`. Pure.

Formatters break a line by its width, which is known only when its holes are filled. There may be
more ways, each after an `{% else %}`: the first that fits is written, or else the last.

Whole lines stand in each way. Their width is counted without what a filter `indent` around them
adds later.

`{% fits 80 gaining 5 %}` keeps a line that is too wide if the next way is not narrower by five
characters: Prettier breaks no pair after a short key.
"""

from __future__ import annotations

from jinja2 import nodes
from jinja2.ext import Extension
from jinja2.parser import Parser

FITS, ELSE, FITS_END = "\3", "\4", "\5"


class FitsExtension(Extension):
    """Parse the tag, and write all ways with marks around them."""

    tags = {"fits"}

    def parse(self, parser: Parser) -> list[nodes.Node]:
        """Return the nodes of all ways."""
        stream = parser.stream
        line = next(stream).lineno
        width = stream.expect("integer").value
        gain = stream.expect("integer").value if stream.skip_if("name:gaining") else 0
        ways = [
            _text(f"{FITS}{width}-{gain}{FITS}", line),
            *parser.parse_statements(("name:else",), drop_needle=True),
        ]
        is_last = False
        while not is_last:
            way = parser.parse_statements(("name:else", "name:endfits"))
            ways += [_text(ELSE, line), *way]
            is_last = next(stream).value == "endfits"
        return [*ways, _text(FITS_END, line)]


def _text(text: str, line: int) -> nodes.Output:
    return nodes.Output([nodes.TemplateData(text, lineno=line)], lineno=line)
