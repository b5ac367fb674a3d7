"""A language's own characters that Jinja would take for a comment: bash's `${#name}`. Pure.

Jinja reads `{#` as the beginning of a comment, and drops everything up to the next `#}` without
a word. So a comment of a template begins with `{#-` or with `{# ` and a blank.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import jinja2

DOUBTFUL = re.compile(r"\{#(?![-+\s])")
WORDS = (
    "`{#` begins a comment here; write a blank after it where a comment is meant, and "
    "`{{ '{#' }}` where the characters are"
)


def check_comments(environment: jinja2.Environment, source: str, name: str) -> None:
    """Refuse what looks like a comment and hardly is one.

    Raises:
        jinja2.TemplateSyntaxError: with the template's name and the line.
    """
    if not DOUBTFUL.search(source):  # lexing takes its time
        return
    for line in _beginnings(environment, source):
        raise jinja2.TemplateSyntaxError(WORDS, line, name)


def _beginnings(environment: jinja2.Environment, source: str) -> Iterator[int]:
    """The lines of such beginnings, but for those in a `raw` block, a string or a comment."""
    begins = 0
    try:
        for line, kind, text in environment.lex(source):
            if begins and not text[:1].isspace():
                yield begins
            begins = line if kind == "comment_begin" and text == "{#" else 0
    except jinja2.TemplateSyntaxError as error:
        if "end of comment" in (error.message or ""):
            yield error.lineno
