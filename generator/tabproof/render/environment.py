"""Make the Jinja environment that renders all templates. Pure."""

from __future__ import annotations

from functools import partial
from typing import NoReturn

import jinja2
from jinja2 import nodes

from tabproof.errors import ScenarioError
from tabproof.model.language import Language, Step
from tabproof.model.scenario import Resolved
from tabproof.project import template_blocks
from tabproof.project.names import convert_case, identifier
from tabproof.render.assemble import NOTHING, section_start
from tabproof.render.literals import expression, key, literal, structure


class UnwrittenStep(jinja2.TemplateRuntimeError):
    """Report a step that a new language's template still has to write."""


class _Environment(jinja2.Environment):
    """Refuse, whenever a template is compiled, blocks that are never rendered."""

    def _generate(
        self,
        source: nodes.Template,
        name: str | None,
        filename: str | None,
        defer_init: bool = False,  # noqa: FBT001, FBT002 - the signature is Jinja's
    ) -> str:
        """Check the parsed template. Jinja documents this method as the place to hook in."""
        if name is not None:
            template_blocks.check_blocks(self, source, name)
        return super()._generate(source, name, filename, defer_init)


def make_environment(loader: jinja2.BaseLoader, language: Language) -> jinja2.Environment:
    """Return the strict Jinja environment with the filters of a language."""
    environment = _Environment(
        loader=loader,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # the output is source code, not HTML
        auto_reload=False,  # a catalog does not change
    )
    data = language.data

    def as_literal(value: Resolved, notation: str = "default") -> str:
        return literal(value, data.notations[notation])

    def as_key(name: str, notation: str = "default") -> str:
        return key(name, data.notations[notation])

    def as_comment(text: str) -> str:
        for forbidden in data.comment_forbids:
            if forbidden in text:
                message = f"{text!r} cannot stand in a comment: it contains {forbidden!r}"
                raise ScenarioError(message, value=text)
        return text

    environment.filters.update(
        literal=as_literal,
        key=as_key,
        comment=as_comment,
        expression=partial(expression, language=data),
        structure=partial(structure, language=data),
        identifier=partial(identifier, identifiers=data.identifiers),
        spell=convert_case,
        section=section_start,
        uses=_use,
        helper=_help,
    )
    environment.globals["unwritten"] = _unwritten
    return environment


class Collected:
    """Collect what templates want elsewhere in a sample than where they say so."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.imports: set[str] = set()
        self.helpers: dict[str, None] = {}


@jinja2.pass_context
def _use(context: jinja2.runtime.Context, line: str) -> str:
    """Collect an import; print nothing, nor the line that it stands on."""
    context["collected"].imports.add(line)
    return NOTHING


@jinja2.pass_context
def _help(context: jinja2.runtime.Context, text: str) -> str:
    """Collect a function or a method; print nothing."""
    context["collected"].helpers[text.strip("\n")] = None
    return f"{NOTHING}\n"  # a block takes the end of its own line


def _unwritten(step: Step, task: str) -> NoReturn:
    """Stand in a new template in the place of a step, and refuse to render."""
    raise UnwrittenStep(f"the step '{step}' is still to be written: {task}")
