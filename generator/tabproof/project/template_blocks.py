"""Refuse blocks that override nothing, as their name is misspelt or outdated. Pure.

Jinja takes them without a word, and what they were to override stays as it was.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import dropwhile

import jinja2
from jinja2 import nodes

from tabproof.errors import choose

EXTENDS = re.compile(r"""\{%[-+]?\s*extends\s+["']([^"']+)["']""")
BLOCK = re.compile(r"\{%[-+]?\s*block\s+(\w+)")
"""What stands in a comment is found as well: then too little is refused, and nothing parsed."""


def inherited_blocks(environment: jinja2.Environment, source: str) -> frozenset[str]:
    """Return the names of the blocks that a template inherits; none if a base cannot be read."""
    names: set[str] = set()
    bases = [*_bases(source)]
    for number, base in enumerate(bases):
        if base not in bases[:number]:
            try:
                base_template = template_text(environment, base)
            except jinja2.TemplateError:  # rendering comes upon it too, and says where
                return frozenset()
            names |= _names(base_template)
            bases += _bases(base_template)
    return frozenset(names)


@lru_cache  # a few templates are the bases of all others
def _bases(source: str) -> list[str]:
    return EXTENDS.findall(source)


@lru_cache
def _names(source: str) -> frozenset[str]:
    return frozenset(BLOCK.findall(source))


def template_text(environment: jinja2.Environment, name: str) -> str:
    """Return the text of a template.

    Raises:
        jinja2.TemplateError: it cannot be had.
    """
    if environment.loader is None:
        raise jinja2.TemplateNotFound(name)
    return environment.loader.get_source(environment, name)[0]


def check_blocks(environment: jinja2.Environment, template: nodes.Template, name: str) -> None:
    """Refuse a block that the templates before do not have: nothing says where to show it.

    What stands inside another block is shown with it, whatever its name.

    Raises:
        jinja2.TemplateSyntaxError: with the template's name and the line.
    """
    below = [*dropwhile(lambda node: not isinstance(node, nodes.Extends), template.body)]
    inherited = inherited_blocks(environment, template_text(environment, name)) if below else None
    if not inherited:
        return
    shown = inherited | {
        node.attr
        for node in template.find_all(nodes.Getattr)
        if isinstance(node.node, nodes.Name) and node.node.name == "self"
    }
    for block in _outermost(below):
        if block.name not in shown:
            message = f"no template before has a block '{block.name}' to fill; {choose(inherited)}"
            raise jinja2.TemplateSyntaxError(message, block.lineno, name)


def _outermost(parts: Iterable[nodes.Node]) -> Iterator[nodes.Block]:
    for part in parts:
        if isinstance(part, nodes.Block):
            yield part
        else:
            yield from _outermost(part.iter_child_nodes())


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
    """Yield the lines of such comments, but not in a `raw` block, a string or a comment."""
    begins = 0
    try:
        for line, kind, text in environment.lex(source):
            if begins and not text[:1].isspace():
                yield begins
            begins = line if kind == "comment_begin" and text == "{#" else 0
    except jinja2.TemplateSyntaxError as error:
        if "end of comment" in (error.message or ""):
            yield error.lineno
