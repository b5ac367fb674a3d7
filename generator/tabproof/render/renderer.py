"""Render a scenario in a variant and a language as a sample. Pure: no disk, socket or clock."""

from __future__ import annotations

import re
from collections.abc import Iterator

import jinja2

from tabproof.errors import InputError, ScenarioError, TemplateError
from tabproof.model.catalog import Catalog
from tabproof.model.language import STEPS, Language, Step, Variant
from tabproof.model.sample import Sample, SampleKey
from tabproof.model.scenario import Scenario
from tabproof.project import template_blocks
from tabproof.render.compatibility import (
    check_features,
    check_identifiers,
    file_name,
    variant_label,
)
from tabproof.render.environment import UnwrittenStep, make_environment

STEP_MARKER = re.compile(r"\0(\w+)\0\n?")
"""What the filter `step` writes into the text: where a step begins."""

SURROGATE = re.compile("[\ud800-\udfff]")


class Renderer:
    """Render samples of a catalog; compile each template once."""

    def __init__(self, catalog: Catalog) -> None:
        """Prepare rendering; nothing is compiled yet."""
        self._catalog = catalog
        self._loader = jinja2.FunctionLoader(self._source)
        self._plain = jinja2.Environment()  # noqa: S701 - for lexing; it renders nothing
        self._by_language: dict[str, _LanguageTemplates] = {}

    def all(self) -> Iterator[Sample]:
        """Yield every sample: each scenario in each variant and each language of the project.

        Raises:
            InputError: a sample cannot be rendered; see `sample`.
        """
        for _key, sample in self.attempts():
            if isinstance(sample, InputError):
                raise sample
            yield sample

    def attempts(self) -> Iterator[tuple[SampleKey, Sample | InputError]]:
        """Yield every sample; in place of one that cannot be rendered, the error."""
        for scenario in self._catalog.scenarios.values():
            for variant in self._catalog.variants:
                for language in self._catalog.languages.values():
                    key = SampleKey(scenario.name, variant, language.name)
                    try:
                        yield key, self.sample(scenario, variant, language)
                    except InputError as error:
                        yield key, error

    def sample(self, scenario: Scenario, variant: Variant, language: Language) -> Sample:
        """Render one sample.

        Raises:
            ScenarioError: the language has no template for it, or cannot write one of its values.
            TemplateError: a template does not render, or leaves a step empty.
            InputError: not every file system allows the name of the sample's file.
        """
        templates = self._templates_of(language)
        try:
            check_features(scenario, variant, language, templates.features)
        except InputError:
            self._check_unwritten(scenario, variant, templates)
            raise
        check_identifiers(scenario, language, templates.reserved)
        name = file_name(scenario, language)
        template = self._template(scenario, variant, templates)
        try:
            marked = _render(template, scenario=scenario, variant=variant, file_name=name)
        except ScenarioError as error:
            message = f"{scenario.name}, {variant_label(language, variant)}: {error}"
            raise ScenarioError(message, error.place, error.value) from error
        except InputError as error:
            raise TemplateError("", variant_label(language, variant), str(error)) from error
        except Exception as error:  # a template is input and may raise anything
            raise self._explain(error, variant, language) from error
        if not marked.isascii() and SURROGATE.search(marked):
            message = "it writes a lone surrogate, which is not a character."
            place = self._catalog.places[template.name or ""]
            raise TemplateError(place, variant_label(language, variant), message)
        text, steps = _split(marked, variant, language)
        path = f"{scenario.name}/{variant}/{name}"
        return Sample(SampleKey(scenario.name, variant, language.name), path, text, steps)

    def _check_unwritten(
        self, scenario: Scenario, variant: Variant, templates: _LanguageTemplates
    ) -> None:
        """Report a step that is still to be written before any unsupported feature."""
        try:
            name = file_name(scenario, templates.language)
            template = self._template(scenario, variant, templates)
            _render(template, scenario=scenario, variant=variant, file_name=name)
        except UnwrittenStep as error:
            raise self._explain(error, variant, templates.language) from error
        except Exception:  # noqa: BLE001 - expected: a feature is not supported
            return

    def _template(
        self, scenario: Scenario, variant: Variant, templates: _LanguageTemplates
    ) -> jinja2.Template:
        algorithm = scenario.token.algorithm
        if (variant, algorithm) in templates.compiled:
            return templates.compiled[variant, algorithm]
        language = templates.language
        suffix = language.data.file_name.rpartition(".")[2]
        name = f"{language.name}/token-{variant}-{algorithm}.{suffix}.jinja"
        try:
            template = templates.environment.get_template(name)
        except jinja2.TemplateNotFound as error:
            raise ScenarioError(
                f"{variant_label(language, variant)}: no template for algorithm {algorithm}; "
                f"write templates/{name}.",
                "$.token.algorithm",
            ) from error
        except Exception as error:  # as above
            raise self._explain(error, variant, language) from error
        return templates.compiled.setdefault((variant, algorithm), template)

    def _source(self, name: str) -> tuple[str, str, None] | None:
        """Return a template's text, and the name that tracebacks show for its lines."""
        source = self._catalog.sources.get(name)
        if source is None:
            return None
        template_blocks.check_comments(self._plain, source, name)
        return source, name, None

    def _templates_of(self, language: Language) -> _LanguageTemplates:
        if language.name not in self._by_language:
            environment = make_environment(self._loader, language)
            environment.bytecode_cache = self._catalog.compiled(language)
            self._by_language[language.name] = _LanguageTemplates(language, environment)
        return self._by_language[language.name]

    def _explain(self, error: Exception, variant: Variant, language: Language) -> TemplateError:
        required = re.search(r"Required block '(\w+)' not found", str(error))
        if required:
            return _empty_step(required[1], variant, language)
        name, line = self._origin(error)
        if isinstance(error, jinja2.TemplateNotFound):
            reason = f"there is no template '{error.name}'"
        elif isinstance(error, jinja2.TemplateError):
            reason = re.sub(r" at \d+$", "", error.message or str(error))  # an offset in the text
        elif isinstance(error, RecursionError):
            reason = "it extends or includes itself endlessly"
        else:
            reason = f"{type(error).__name__}: {error}"
        place = f"{self._catalog.places[name]}:{line}" if name else ""
        return TemplateError(place, variant_label(language, variant), f"{reason.rstrip('.')}.")

    def _origin(self, error: Exception) -> tuple[str, int]:
        """Return the innermost template and line in the traceback, which Jinja has rewritten."""
        if isinstance(error, jinja2.TemplateSyntaxError) and error.name:
            return error.name, error.lineno
        origin, frame = ("", 0), error.__traceback__
        while frame:
            name = frame.tb_frame.f_code.co_filename
            origin = (name, frame.tb_lineno) if name in self._catalog.places else origin
            frame = frame.tb_next
        return origin


class _LanguageTemplates:
    """Hold a language's environment and its compiled templates."""

    def __init__(self, language: Language, environment: jinja2.Environment) -> None:
        self.language = language
        self.environment = environment
        self.compiled: dict[tuple[Variant, str], jinja2.Template] = {}
        self.features = frozenset(language.data.features)
        self.reserved = frozenset(language.data.identifiers.reserved)


def _render(template: jinja2.Template, **values: object) -> str:
    """Render as `template.render` does, without its lookup of each global of the environment."""
    environment = template.environment
    context = template.new_context({**environment.globals, **values}, shared=True)
    try:
        return "".join(template.root_render_func(context))
    except Exception:  # noqa: BLE001 - Jinja raises it again, with the lines of the template
        environment.handle_exception()


def _empty_step(step: str, variant: Variant, language: Language) -> TemplateError:
    message = f"the step '{step}' is empty; fill its block in templates/{language.name}/."
    return TemplateError("", variant_label(language, variant), message)


def _split(
    marked: str, variant: Variant, language: Language
) -> tuple[str, dict[Step, tuple[int, int]]]:
    """Remove the step markers; return the text and the line range of each step."""
    head, *pieces = STEP_MARKER.split(marked)
    line, steps = head.count("\n") + 1, {}
    for step, piece in zip(pieces[::2], pieces[1::2], strict=True):
        if not piece or piece.isspace():
            raise _empty_step(step, variant, language)
        first = line + len(piece) - len(piece.lstrip("\n"))
        line += piece.count("\n")
        steps[step] = (first, line - len(piece) + len(piece.rstrip("\n")))
    try:
        ordered = {step: steps[step] for step in STEPS}
    except KeyError as missing:
        raise _empty_step(missing.args[0], variant, language) from missing
    return head + "".join(pieces[1::2]), ordered
