"""Make the tab sets of a fence from samples on record; a wrong sample is never shown."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from functools import lru_cache

from tabproof.errors import InputError, ScenarioError, ScenarioFaultsError, TabproofError, choose
from tabproof.model.case import Case
from tabproof.model.labels import Labels, fill_label, labels_in
from tabproof.model.language import Language, Variant
from tabproof.model.sample import Sample, SampleKey
from tabproof.model.scenario import Scenario
from tabproof.pages.fence_keys import Fence
from tabproof.pages.project_samples import Project
from tabproof.pages.site import NOT_YET
from tabproof.pages.tab_set import Tab, TabSet
from tabproof.project.cases import cases_for_language, cases_of
from tabproof.project.scenarios import source_of
from tabproof.samples import tree
from tabproof.samples.status import SampleStatus, status_of

KEPT_SAMPLES = 4096


def tab_sets(fence: Fence, project: Project, language: str = "") -> tuple[TabSet, ...]:
    """Return the tab sets of a fence, one for each variant that it asks for.

    Args:
        fence: what it asks for.
        project: where the samples are.
        language: the tag of the page's language; empty if it is not known.

    Raises:
        InputError: something that it asks for is not there, or may not be published.
        TabproofError: a sample was edited by hand.
    """
    scenarios = project.catalog.scenarios
    if fence.scenario not in scenarios:
        if faults := project.catalog.faults_of(fence.scenario):
            raise ScenarioFaultsError(faults)
        raise InputError(
            f"unknown scenario '{fence.scenario}'; {choose(scenarios, fence.scenario)}."
        )
    languages = _languages(fence, project)
    labels = labels_in(language, project.labels)
    for variant in fence.variants:
        if variant not in project.catalog.variants:
            raise InputError(_excluded_message(f"variant '{variant}'", project.catalog.variants))
    return tuple(
        _set(fence, scenarios[fence.scenario], variant, languages, project, labels)
        for variant in fence.variants
    )


def _languages(fence: Fence, project: Project) -> list[Language]:
    languages = project.catalog.languages
    for name in fence.languages:
        if name in project.catalog.unused_languages:
            raise InputError(_excluded_message(f"language '{name}'", languages))
        if name not in languages:
            raise InputError(f"unknown language '{name}'; {choose(languages)}.")
    default_names = (name for name, language in languages.items() if not language.data.on_request)
    return [languages[name] for name in fence.languages or default_names]


def _excluded_message(subject: str, choices: Iterable[str]) -> str:
    return f"this project has no samples in {subject}, by its settings; {choose(choices)}."


def _set(  # noqa: PLR0913, PLR0917 - all that a set is made of
    fence: Fence,
    scenario: Scenario,
    variant: Variant,
    languages: Iterable[Language],
    project: Project,
    labels: Labels,
) -> TabSet:
    keys = [(SampleKey(scenario.name, variant, language.name), language) for language in languages]
    tabs = tuple(_tab(fence, language, *_published(key, project, labels)) for key, language in keys)
    return TabSet(
        "-".join(filter(None, (scenario.name, variant, fence.step))),
        scenario.name,
        variant,
        labels.library if variant == "library" else labels.stdlib,
        fence.linenums,
        tabs,
        labels,
    )


def _tab(fence: Fence, language: Language, sample: Sample, status: str) -> Tab:
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
def _published(key: SampleKey, project: Project, labels: Labels) -> tuple[Sample, str]:
    """Return a sample and its status for readers; cached, as many pages show the same."""
    catalog = project.catalog
    try:
        sample = project.renderer.sample(
            catalog.scenarios[key.scenario], key.variant, catalog.languages[key.language]
        )
    except ScenarioError as error:
        raise source_of(project.root, key.scenario).located(error) from error
    return sample, (_live_status if project.live else _checked_status)(sample, project, labels)


def _live_status(sample: Sample, project: Project, labels: Labels) -> str:
    try:
        return _checked_status(sample, project, labels)
    except TabproofError:
        on_record, _count = _status_on_record(sample, project)
        return f"Not proved: {on_record.reason}." if on_record.state == "failed" else NOT_YET


def _status_on_record(sample: Sample, project: Project) -> tuple[SampleStatus, int]:
    """Return the status on record, and the number of cases."""
    language = project.catalog.languages[sample.key.language]
    cases = cases_for_language(language, _cases(sample.key.scenario, project))
    tools = language.data.toolchains
    return status_of(sample.key, sample.digest, cases, project.proof, tools), len(cases)


@lru_cache(maxsize=KEPT_SAMPLES)
def _cases(scenario: str, project: Project) -> tuple[Case, ...]:
    return cases_of(project.catalog.scenarios[scenario], project.catalog.cases)


def _checked_status(sample: Sample, project: Project, labels: Labels) -> str:
    content = tree.read_sample(project.root, sample.path)
    if content is None:
        raise InputError(f"{tree.FOLDER}/{sample.path}: is missing; run `tabproof generate`.")
    if content != sample.content:
        tree.refuse_hand_edits(filter(None, [tree.difference(project.root, sample)]))
        raise InputError(
            f"{tree.FOLDER}/{sample.path}: is not what the templates make now; "
            "run `tabproof generate`."
        )
    on_record, cases = _status_on_record(sample, project)
    if not on_record.publishable:
        raise InputError(
            f"{tree.FOLDER}/{sample.path}: {on_record.reason}; run `tabproof prove --record`."
        )
    date = on_record.date.partition("T")[0]
    if on_record.state == "parsed":
        return fill_label(labels.parsed, parser=on_record.parser, date=date)
    count = on_record.case_count
    if project.catalog.lacking_cases:
        label = labels.own_cases
    elif count < cases:
        label = labels.some_cases
    else:
        label = labels.one_case if cases == 1 else labels.all_cases
    return fill_label(
        labels.run,
        date=date,
        cases=fill_label(label, count=count, total=cases),
        toolchains="; ".join(box.label(labels.rebased) for box in on_record.toolboxes),
    )
