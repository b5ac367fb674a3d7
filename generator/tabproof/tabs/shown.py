"""From what a fence asks for to the tabs that it shows; a wrong sample is never shown."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from functools import lru_cache

from tabproof import edits, tree
from tabproof.cases import cases_of, run_in
from tabproof.counting import counted
from tabproof.errors import InputError, ScenarioError, ScenarioFaultsError, TabproofError, choose
from tabproof.model.case import Case
from tabproof.model.language import Language, Variant
from tabproof.model.sample import Sample, SampleKey
from tabproof.model.scenario import Scenario
from tabproof.scenarios import source_of
from tabproof.standing import Standing, standing_of
from tabproof.tabs.live import NOT_YET
from tabproof.tabs.project import Project
from tabproof.tabs.request import Fence
from tabproof.tabs.tab_set import Tab, TabSet

KEPT_SAMPLES = 4096
VARIANT_LABELS: dict[Variant, str] = {
    "library": "With a library",
    "stdlib": "Standard library only",
}


def tab_sets(fence: Fence, project: Project) -> tuple[TabSet, ...]:
    """The tab sets of a fence, one for each variant that it asks for.

    Raises:
        InputError: something that it asks for is not there, or may not be published.
        TabproofError: a sample was edited by hand.
    """
    known = project.catalog.scenarios
    if fence.scenario not in known:
        if faults := project.catalog.faults_of(fence.scenario):
            raise ScenarioFaultsError(faults)
        raise InputError(f"unknown scenario '{fence.scenario}'; {choose(known, fence.scenario)}.")
    languages = _languages(fence, project)
    for variant in fence.variants:
        if variant not in project.catalog.variants:
            raise InputError(_left_out(f"variant '{variant}'", project.catalog.variants))
    return tuple(
        _set(fence, known[fence.scenario], variant, languages, project)
        for variant in fence.variants
    )


def _languages(fence: Fence, project: Project) -> list[Language]:
    known = project.catalog.languages
    for name in fence.languages:
        if name in project.catalog.left_out:
            raise InputError(_left_out(f"language '{name}'", known))
        if name not in known:
            raise InputError(f"unknown language '{name}'; {choose(known)}.")
    usual = (name for name, language in known.items() if not language.data.on_request)
    return [known[name] for name in fence.languages or usual]


def _left_out(what: str, known: Iterable[str]) -> str:
    return f"this project has no samples in {what}, by its settings; {choose(known)}."


def _set(
    fence: Fence,
    scenario: Scenario,
    variant: Variant,
    languages: Iterable[Language],
    project: Project,
) -> TabSet:
    tabs = tuple(_tab(fence, scenario, variant, language, project) for language in languages)
    parts = (scenario.name, variant, *((fence.step,) if fence.step else ()))
    return TabSet(
        "-".join(parts), scenario.name, variant, VARIANT_LABELS[variant], fence.linenums, tabs
    )


def _tab(
    fence: Fence, scenario: Scenario, variant: Variant, language: Language, project: Project
) -> Tab:
    sample, status = _published(SampleKey(scenario.name, variant, language.name), project)
    first, last = sample.steps[fence.step] if fence.step else (1, sample.text.count("\n"))
    lines = sample.text.split("\n")[first - 1 : last]
    highlight = None
    if fence.highlight:
        start, end = sample.steps[fence.highlight]
        if not first <= start <= end <= last:
            raise InputError(
                f"the step '{fence.step}' is shown alone, so '{fence.highlight}' cannot be "
                "highlighted; leave out one of the two keys."
            )
        highlight = (start - first + 1, end - first + 1)
    return Tab(
        language.name,
        language.data.title,
        language.data.lexer,
        fence.title or sample.path.rpartition("/")[2],
        textwrap.dedent("\n".join(lines)) + "\n" if fence.step else sample.text,
        first,
        highlight,
        sample,
        status,
    )


@lru_cache(maxsize=KEPT_SAMPLES)
def _published(key: SampleKey, project: Project) -> tuple[Sample, str]:
    """A sample, and what was proved of it, in words for readers; many pages show the same."""
    known = project.catalog
    try:
        sample = project.renderer.sample(
            known.scenarios[key.scenario], key.variant, known.languages[key.language]
        )
    except ScenarioError as error:
        raise source_of(project.root, key.scenario).located(error) from error
    return sample, (_live_status if project.live else _status)(sample, project)


def _live_status(sample: Sample, project: Project) -> str:
    try:
        return _status(sample, project)
    except TabproofError:
        standing, _count = _standing(sample, project)
        return f"Not proved: {standing.reason}." if standing.state == "failed" else NOT_YET


def _standing(sample: Sample, project: Project) -> tuple[Standing, int]:
    """What is on record, and how many cases there are."""
    cases = run_in(sample.key.language, _cases(sample.key.scenario, project))
    tools = project.catalog.languages[sample.key.language].data.toolchains
    return standing_of(sample.key, sample.digest, cases, project.proof, tools), len(cases)


@lru_cache(maxsize=KEPT_SAMPLES)
def _cases(scenario: str, project: Project) -> tuple[Case, ...]:
    return cases_of(project.catalog.scenarios[scenario], project.catalog.cases)


def _status(sample: Sample, project: Project) -> str:
    found = tree.read_sample(project.root, sample.path)
    if found is None:
        raise InputError(f"{tree.FOLDER}/{sample.path}: is missing; run `tabproof generate`.")
    if found != sample.content:
        edits.refuse(filter(None, [tree.difference(project.root, sample)]))
        raise InputError(
            f"{tree.FOLDER}/{sample.path}: is not what the templates make now; "
            "run `tabproof generate`."
        )
    standing, cases = _standing(sample, project)
    if not standing.publishable:
        raise InputError(
            f"{tree.FOLDER}/{sample.path}: {standing.reason}; run `tabproof prove --record`."
        )
    date = standing.date.partition("T")[0]
    if standing.state == "parsed":
        return f"{standing.reason[:1].upper()}{standing.reason[1:]}, {date}."
    boxes = "; ".join(toolbox.shown() for toolbox in standing.toolboxes)
    count = standing.case_count
    some = "" if count == cases else f"{count} of "
    return f"Run on {date} in {some}{counted(cases, 'case')} with {boxes}."
