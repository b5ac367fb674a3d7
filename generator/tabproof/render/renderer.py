"""A scenario in a variant and a language becomes a sample. Pure: no disk, socket or clock."""

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

MARK = re.compile(r"\0(\w+)\0\n?")
"""What the filter `step` leaves in the text: where a step begins."""

SURROGATE = re.compile("[\ud800-\udfff]")


class Renderer:
    """Renders samples of a catalog; compiles each template once."""

    def __init__(self, catalog: Catalog) -> None:
        """Keep the catalog; nothing is compiled yet."""
        self._catalog = catalog
        self._loader = jinja2.FunctionLoader(self._source)
        self._plain = jinja2.Environment()  # noqa: S701 - it lexes, and renders nothing
        self._kits: dict[str, _Kit] = {}

    def all(self) -> Iterator[Sample]:
        """Every sample: each scenario in each variant and each language of the project."""
        for _key, sample in self.attempts():
            if isinstance(sample, InputError):
                raise sample
            yield sample

    def attempts(self) -> Iterator[tuple[SampleKey, Sample | InputError]]:
        """Yield the same samples; in the place of one that cannot be rendered, the reason."""
        for scenario in self._catalog.scenarios.values():
            for variant in self._catalog.variants:
                for language in self._catalog.languages.values():
                    key = SampleKey(scenario.name, variant, language.name)
                    try:
                        yield key, self.sample(scenario, variant, language)
                    except InputError as error:
                        yield key, error

    def sample(self, scenario: Scenario, variant: Variant, language: Language) -> Sample:
        """One sample.

        Raises:
            ScenarioError: the language has no template for it, or cannot write one of its values.
            TemplateError: a template does not render, or leaves a step empty.
            InputError: the sample's file would have no name that every file system can hold.
        """
        kit = self._kit(language)
        try:
            check_features(scenario, variant, language, kit.features)
        except InputError:
            self._check_written(scenario, variant, kit)
            raise
        check_identifiers(scenario, language, kit.reserved)
        name = file_name(scenario, language)
        template = self._template(scenario, variant, kit)
        try:
            marked = _rendered(template, scenario=scenario, variant=variant, file_name=name)
        except ScenarioError as error:
            words = f"{scenario.name}, {variant_label(language, variant)}: {error}"
            raise ScenarioError(words, error.place, error.value) from error
        except InputError as error:
            raise TemplateError("", variant_label(language, variant), str(error)) from error
        except Exception as error:  # a template is input, and may do anything
            raise self._explain(error, variant, language) from error
        if not marked.isascii() and SURROGATE.search(marked):
            words = "it writes a lone surrogate, which is no character."
            place = self._catalog.places[template.name or ""]
            raise TemplateError(place, variant_label(language, variant), words)
        text, steps = _split(marked, variant, language)
        path = f"{scenario.name}/{variant}/{name}"
        return Sample(SampleKey(scenario.name, variant, language.name), path, text, steps)

    def _check_written(self, scenario: Scenario, variant: Variant, kit: _Kit) -> None:
        """A step without any code is told before what the code cannot write."""
        try:
            name = file_name(scenario, kit.language)
            template = self._template(scenario, variant, kit)
            _rendered(template, scenario=scenario, variant=variant, file_name=name)
        except UnwrittenStep as error:
            raise self._explain(error, variant, kit.language) from error
        except Exception:  # noqa: BLE001 - no wonder, if it cannot be written
            return

    def _template(self, scenario: Scenario, variant: Variant, kit: _Kit) -> jinja2.Template:
        algorithm = scenario.token.algorithm
        if (variant, algorithm) in kit.templates:
            return kit.templates[variant, algorithm]
        language = kit.language
        suffix = language.data.file_name.rpartition(".")[2]
        name = f"{language.name}/token-{variant}-{algorithm}.{suffix}.jinja"
        try:
            template = kit.environment.get_template(name)
        except jinja2.TemplateNotFound as error:
            raise ScenarioError(
                f"{variant_label(language, variant)}: no template for algorithm {algorithm}; "
                f"write templates/{name}.",
                "$.token.algorithm",
            ) from error
        except Exception as error:  # the same
            raise self._explain(error, variant, language) from error
        return kit.templates.setdefault((variant, algorithm), template)

    def _source(self, name: str) -> tuple[str, str, None] | None:
        """A template's text, and the name that tracebacks give its lines."""
        source = self._catalog.sources.get(name)
        if source is None:
            return None
        template_blocks.check_comments(self._plain, source, name)
        return source, name, None

    def _kit(self, language: Language) -> _Kit:
        if language.name not in self._kits:
            environment = make_environment(self._loader, language)
            environment.bytecode_cache = self._catalog.compiled(language)
            self._kits[language.name] = _Kit(language, environment)
        return self._kits[language.name]

    def _explain(self, error: Exception, variant: Variant, language: Language) -> TemplateError:
        required = re.search(r"Required block '(\w+)' not found", str(error))
        if required:
            return _empty_step(required[1], variant, language)
        name, line = self._spot(error)
        if isinstance(error, jinja2.TemplateNotFound):
            what = f"there is no template '{error.name}'"
        elif isinstance(error, jinja2.TemplateError):
            what = re.sub(r" at \d+$", "", error.message or str(error))  # a place in the text
        elif isinstance(error, RecursionError):
            what = "it extends or includes itself without an end"
        else:
            what = f"{type(error).__name__}: {error}"
        place = f"{self._catalog.places[name]}:{line}" if name else ""
        return TemplateError(place, variant_label(language, variant), f"{what.rstrip('.')}.")

    def _spot(self, error: Exception) -> tuple[str, int]:
        """The innermost template and line that an error comes from; Jinja rewrites tracebacks."""
        if isinstance(error, jinja2.TemplateSyntaxError) and error.name:
            return error.name, error.lineno
        spot, frame = ("", 0), error.__traceback__
        while frame:
            name = frame.tb_frame.f_code.co_filename
            spot = (name, frame.tb_lineno) if name in self._catalog.places else spot
            frame = frame.tb_next
        return spot


class _Kit:
    """What all samples of a language are rendered with."""

    def __init__(self, language: Language, environment: jinja2.Environment) -> None:
        self.language = language
        self.environment = environment
        self.templates: dict[tuple[Variant, str], jinja2.Template] = {}
        self.features = frozenset(language.data.features)
        self.reserved = frozenset(language.data.identifiers.reserved)


def _rendered(template: jinja2.Template, **values: object) -> str:
    """What `template.render` gives, without its search for each of the environment's globals."""
    environment = template.environment
    context = template.new_context({**environment.globals, **values}, shared=True)
    try:
        return "".join(template.root_render_func(context))
    except Exception:  # noqa: BLE001 - it is raised again, with the lines of the template
        environment.handle_exception()


def _empty_step(step: str, variant: Variant, language: Language) -> TemplateError:
    words = f"the step '{step}' is empty; fill its block in templates/{language.name}/."
    return TemplateError("", variant_label(language, variant), words)


def _split(
    marked: str, variant: Variant, language: Language
) -> tuple[str, dict[Step, tuple[int, int]]]:
    """Take the marks out of the text; return it with the line range of each step."""
    head, *pieces = MARK.split(marked)
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
