"""Render a scenario in a variant and a language as a sample. Pure: no disk, socket or clock."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

import jinja2

from tabproof.errors import InputError, ScenarioError, TemplateError
from tabproof.model.catalog import Catalog
from tabproof.model.language import Language, Variant
from tabproof.model.sample import Sample, SampleKey
from tabproof.model.scenario import Scenario
from tabproof.project import template_blocks
from tabproof.render.assemble import PLACES, assemble, section_start
from tabproof.render.compatibility import check_identifiers, file_name, variant_label
from tabproof.render.environment import Collected, make_environment
from tabproof.render.template_choice import TemplateChoice

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
            TemplateError: a template does not render, or leaves a section empty.
            InputError: not every file system allows the name of the sample's file.
        """
        templates = self._templates_of(language)
        check_identifiers(scenario, language, templates.reserved)
        name = file_name(scenario, language)
        choice = TemplateChoice(self._catalog.sources, language, variant)
        collected = Collected()
        values: dict[str, object] = {
            "scenario": scenario,
            "variant": variant,
            "file_name": name,
            "head": language.data.head(variant, scenario.name, scenario.variables, name),
            "collected": collected,
        }
        try:
            steps = [
                section_start(step.name) + "\n"
                + _render(
                    templates.environment.get_template(choice.step(step)),
                    {**values, "step": step.plan, **choice.parts(step)},
                )
                for step in scenario.steps
            ]
            values |= {"steps": "".join(steps).removesuffix("\n"), **PLACES}
            marked = _render(templates.environment.get_template(choice.sample()), values)
        except ScenarioError as error:
            message = f"{scenario.name}, {variant_label(language, variant)}: {error}"
            raise ScenarioError(message, error.place, error.value) from error
        except jinja2.TemplatesNotFound as error:
            raise choice.refusal(error.templates) from error
        except InputError as error:
            raise TemplateError("", variant_label(language, variant), str(error)) from error
        except Exception as error:  # a template is input and may raise anything
            raise self._explain(error, variant, language) from error
        if not marked.isascii() and SURROGATE.search(marked):
            message = "it writes a lone surrogate, which is not a character."
            place = self._catalog.places[choice.sample()]
            raise TemplateError(place, variant_label(language, variant), message)
        ordered = language.data.imports.ordered(collected.imports)
        helpers = "".join(f"\n{helper}\n" for helper in collected.helpers)
        text, sections = assemble(marked, {"imports": ordered, "helpers": helpers})
        label = variant_label(language, variant)
        _check_filled(text, sections, scenario.sections, label, language.name)
        path = f"{scenario.name}/{variant}/{name}"
        steps = {name: sections[name] for name in scenario.sections}
        return Sample(SampleKey(scenario.name, variant, language.name), path, text, steps)

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
        folder = f"templates/{language.name}/"
        required = re.search(r"Required block '(\w+)' not found", str(error))
        if required:
            message = f"the section '{required[1]}' is empty; fill its block in {folder}."
            return TemplateError("", variant_label(language, variant), message)
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
        self.reserved = frozenset(language.data.identifiers.reserved)


def _render(template: jinja2.Template, values: Mapping[str, object]) -> str:
    """Render as `template.render` does, without its lookup of each global of the environment."""
    environment = template.environment
    context = template.new_context({**environment.globals, **values}, shared=True)
    try:
        return "".join(template.root_render_func(context))
    except Exception:  # noqa: BLE001 - Jinja raises it again, with the lines of the template
        environment.handle_exception()


def _check_filled(
    text: str,
    sections: Mapping[str, tuple[int, int]],
    names: Iterable[str],
    label: str,
    folder: str,
) -> None:
    """Refuse a sample in which a section is missing or empty.

    Raises:
        TemplateError: names the section.
    """
    lines = text.splitlines()
    for name in names:
        first, last = sections.get(name, (1, 0))
        if not any(map(str.strip, lines[first - 1 : last])):
            message = f"the section '{name}' is empty; fill its block in templates/{folder}/."
            raise TemplateError("", label, message)
