"""Make the Jinja environment that renders all templates. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, NoReturn

import jinja2
from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.filters import do_indent

from tabproof.model.language import Language, Step
from tabproof.project import template_blocks
from tabproof.render.assemble import NOTHING, section_start
from tabproof.render.fits import FitsExtension
from tabproof.render.holes import captured, joined, refuses_holes, writes_values
from tabproof.render.value_filters import value_filters

MARK = re.compile("[\1-\5]")
FITS_MARKS = re.compile("\3[0-9-]+\3|[\4\5]")
TELL_WHETHER = frozenset({"defined", "undefined", "none", "filter", "test"})
"""The tests of Jinja that look at no value."""

ACCEPTS_HOLES = frozenset(
    {"default", "d", "first", "items", "last", "list", "map", "reject", "rejectattr"}
    | {"reverse", "select", "selectattr"}
)
"""Those filters of Jinja that do not look at values; what `select` calls does, and is refused."""


class UnwrittenStep(jinja2.TemplateRuntimeError):
    """Report a step that a new language's template still has to write."""


class _CodeGenerator(CodeGenerator):
    """Join texts and holes with `~`, where Jinja makes a text of each."""

    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:  # noqa: N802 - Jinja's name
        """Write the call of `joined`."""
        self.write("environment.joined((")
        for part in node.nodes:
            self.visit(part, frame)
            self.write(", ")
        self.write("))")


class _Environment(jinja2.Environment):
    """Refuse, whenever a template is compiled, blocks that are never rendered."""

    code_generator_class = _CodeGenerator
    joined = staticmethod(joined)
    concat = staticmethod(captured)

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
            _check_marks(source, name)
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
        extensions=[FitsExtension],
    )
    for name, looking in environment.filters.items():
        if name not in ACCEPTS_HOLES:
            environment.filters[name] = refuses_holes(name, looking)
    tests: Any = environment.tests  # Jinja types them as functions of Python alone
    for name, telling in tests.items():
        if name not in TELL_WHETHER:
            tests[name] = refuses_holes(name, telling)
    for name, writing in value_filters(language.data).items():
        environment.filters[name] = writes_values(writing)
    environment.filters.update(
        join=_join,
        indent=_indent,
        section=section_start,
        uses=_use,
        helper=_help,
    )
    environment.globals["unwritten"] = _unwritten
    return environment


def _check_marks(source: nodes.Template, name: str) -> None:
    """Refuse control characters that mark holes: they would be taken for them.

    Raises:
        jinja2.TemplateSyntaxError: with the template's name and the line.
    """
    for node in source.find_all((nodes.Const, nodes.TemplateData)):
        is_data = isinstance(node, nodes.TemplateData)
        text = node.data if isinstance(node, nodes.TemplateData) else node.as_const()
        if is_data and FITS_MARKS.fullmatch(text):
            continue
        if isinstance(text, str) and MARK.search(text):
            message = "a control character cannot stand here"
            raise jinja2.TemplateSyntaxError(message, node.lineno, name)


def _indent(text: str, width: int | str = 4, first: bool = False, blank: bool = False) -> str:  # noqa: FBT001, FBT002 - the signature is Jinja's
    return do_indent("".join([*str.__iter__(text)]), width, first, blank)


def _join(parts: Iterable[object], between: str = "") -> object:
    spaced = [piece for part in parts for piece in (between, part)]
    return joined(spaced[1:])


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
    context["collected"].helpers[str.strip(text, "\n")] = None
    return f"{NOTHING}\n"  # a block takes the end of its own line


def _unwritten(step: Step, task: str) -> NoReturn:
    """Stand in a new template in the place of a step, and refuse to render."""
    raise UnwrittenStep(f"the step '{step}' is still to be written: {task}")
