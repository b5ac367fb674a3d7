"""Render a scenario in a variant and a language as a sample. Pure: no disk, socket or clock."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import jinja2

from tabproof.errors import InputError, ScenarioError, TemplateError
from tabproof.model.catalog import Catalog
from tabproof.model.language import Language, Variant
from tabproof.model.sample import Sample, SampleKey
from tabproof.model.scenario import Scenario
from tabproof.project import template_blocks
from tabproof.render.assemble import PLACES, assemble, section_start
from tabproof.render.compatibility import check_identifiers, check_times, file_name, variant_label
from tabproof.render.environment import Collected, make_environment
from tabproof.render.skeleton import Skeleton, make_skeleton
from tabproof.render.template_choice import NoTemplateError, TemplateChoice
from tabproof.render.views import Content, View, content_of, head_values, view

VIEW = re.compile(r"'tabproof\.render\.views\.(\w+)View object' has no attribute '(\w+)'")
SURROGATE = re.compile("[\ud800-\udfff]")


class Renderer:
    """Render samples of a catalog; compile each template once."""

    def __init__(self, catalog: Catalog) -> None:
        """Prepare rendering; nothing is compiled yet."""
        self._catalog = catalog
        self._loader = jinja2.FunctionLoader(self._source)
        self._plain = jinja2.Environment()  # noqa: S701 - for lexing; it renders nothing
        self._by_language: dict[str, _LanguageTemplates] = {}
        self._last_content: tuple[Scenario | None, Content] = (None, Content((), ()))

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
        label = variant_label(language, variant)
        name = templates.file_name(scenario)
        check_times(scenario, variant, language)
        content = self._content_of(scenario)
        head = language.data.head(variant, scenario.name, scenario.variables, name)
        skeleton = templates.skeletons.get((variant, content.facts))
        if skeleton is None:
            skeleton = self._skeleton(scenario, view(scenario, head), variant, templates)
            templates.skeletons[variant, content.facts] = skeleton
        try:
            text, sections = skeleton.fill((*content.values, *head_values(head)))
        except ScenarioError as error:
            message = f"{scenario.name}, {label}: {error}"
            raise ScenarioError(message, error.place, error.value) from error
        except InputError as error:
            raise TemplateError("", label, str(error)) from error
        except Exception as error:  # a value may be of no use to the filter that writes it
            message = f"{type(error).__name__}: {error}."
            raise TemplateError("", label, message) from error
        if not text.isascii() and SURROGATE.search(text):
            message = "it writes a lone surrogate, which is not a character."
            raise TemplateError("", label, message)
        path = f"{scenario.name}/{variant}/{name}"
        key = SampleKey(scenario.name, variant, language.name)
        return Sample(key, path, text, sections, skeleton.digest)

    def _content_of(self, scenario: Scenario) -> Content:
        """Return the content of a scenario, which the samples of all its languages share."""
        known, content = self._last_content
        if known is not scenario:
            content = content_of(scenario)
            self._last_content = scenario, content
        return content

    def _skeleton(
        self, scenario: Scenario, seen: View, variant: Variant, templates: _LanguageTemplates
    ) -> Skeleton:
        """Render the skeleton of all samples that have a scenario's structure."""
        language = templates.language
        choice = TemplateChoice(self._catalog.sources, language, variant)
        collected = Collected()
        no_head = templates.environment.undefined(
            "`heads` in language.yml has none for this variant"
        )
        values: dict[str, object] = {
            "scenario": seen.scenario,
            "variant": variant,
            "head": seen.head or no_head,
            "collected": collected,
        }
        try:
            try:
                steps = [
                    section_start(step.name)
                    + "\n"
                    + _render(
                        templates.environment.get_template(choice.step(step)),
                        {**values, "step": shown, **choice.parts(step)},
                    )
                    for step, shown in zip(scenario.steps, seen.steps, strict=True)
                ]
            except (jinja2.TemplateError, ScenarioError):
                # What is still to be written at the beginning of the file is reported first.
                sample = templates.environment.get_template(choice.sample())
                _render(sample, {**values, "steps": "", **PLACES})
                raise
            values |= {"steps": "".join(steps).removesuffix("\n"), **PLACES}
            marked = _render(templates.environment.get_template(choice.sample()), values)
        except NoTemplateError:
            raise
        except ScenarioError as error:
            message = f"{scenario.name}, {variant_label(language, variant)}: {error}"
            raise ScenarioError(message, error.place, error.value) from error
        except jinja2.TemplatesNotFound as error:
            raise choice.refusal(map(str, error.templates)) from error
        except InputError as error:
            raise TemplateError("", variant_label(language, variant), str(error)) from error
        except Exception as error:  # a template is input and may raise anything
            raise self._explain(error, variant, language) from error
        ordered = language.data.imports.ordered(collected.imports)
        helpers = "".join(f"\n{helper}\n" for helper in collected.helpers)
        skeleton = make_skeleton(
            assemble(marked, {"imports": ordered, "helpers": helpers}), seen.nodes.made
        )
        for name in scenario.sections:
            if name not in skeleton.written:
                raise _empty_section(name, variant, language)
        return skeleton

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
            return _empty_section(required[1], variant, language)
        name, line = self._origin(error)
        if isinstance(error, jinja2.TemplateNotFound):
            reason = f"there is no template '{error.name}'"
        elif isinstance(error, jinja2.TemplateError):
            reason = re.sub(r" at \d+$", "", error.message or str(error))  # an offset in the text
            reason = VIEW.sub(lambda view: f"a {view[1].lower()} has no '{view[2]}'", reason)
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
        self.skeletons: dict[tuple[Variant, tuple[object, ...]], Skeleton] = {}
        self._reserved = frozenset(language.data.identifiers.reserved)
        self._last: tuple[Scenario | None, str] = (None, "")

    def file_name(self, scenario: Scenario) -> str:
        """Return the name of a scenario's file, which its variants share.

        Raises:
            InputError: the language has no such file or variables.
        """
        known, name = self._last
        if known is not scenario:
            check_identifiers(scenario, self.language, self._reserved)
            name = file_name(scenario, self.language)
            self._last = scenario, name
        return name


def _render(template: jinja2.Template, values: Mapping[str, object]) -> str:
    """Render as `template.render` does, without its lookup of each global of the environment."""
    environment = template.environment
    context = template.new_context({**environment.globals, **values}, shared=True)
    try:
        return "".join(template.root_render_func(context))
    except Exception:  # noqa: BLE001 - Jinja raises it again, with the lines of the template
        environment.handle_exception()


def _empty_section(name: str, variant: Variant, language: Language) -> TemplateError:
    message = f"the section '{name}' is empty; fill its block in templates/{language.name}/."
    return TemplateError("", variant_label(language, variant), message)
