"""From what a fence asks for to the tabs that it shows; a wrong sample is never shown."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

from tabproof import record, tree
from tabproof.cases import cases_of
from tabproof.errors import InputError, choose
from tabproof.model.language import Language, Variant
from tabproof.model.sample import Sample
from tabproof.model.scenario import Scenario
from tabproof.tabs.project import Project
from tabproof.tabs.request import Fence
from tabproof.tabs.tab_set import Tab, TabSet

VARIANT_LABELS: dict[Variant, str] = {
    "library": "With a library",
    "stdlib": "Standard library only",
}


def tab_sets(fence: Fence, project: Project) -> tuple[TabSet, ...]:
    """The tab sets of a fence, one for each variant that it asks for.

    Raises:
        InputError: something that it asks for is not there, or may not be published.
    """
    known = project.catalog.scenarios
    if fence.scenario not in known:
        raise InputError(f"unknown scenario '{fence.scenario}'; {choose(known)}.")
    languages = _languages(fence, project)
    return tuple(
        _set(fence, known[fence.scenario], variant, languages, project)
        for variant in fence.variants
    )


def _languages(fence: Fence, project: Project) -> list[Language]:
    known = project.catalog.languages
    for name in fence.languages:
        if name not in known:
            raise InputError(f"unknown language '{name}'; {choose(known)}.")
        if fence.languages.count(name) > 1:
            raise InputError(f"the language '{name}' is given twice.")
    return [known[name] for name in fence.languages or known]


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
    sample = project.renderer.sample(scenario, variant, language)
    status = _status(sample, project)
    first, last = sample.steps[fence.step] if fence.step else (1, sample.text.count("\n"))
    lines = sample.text.splitlines(keepends=True)[first - 1 : last]
    highlight = None
    if fence.highlight:
        start, end = sample.steps[fence.highlight]
        highlight = (start - first + 1, end - first + 1)
    return Tab(
        language.name,
        language.data.title,
        language.data.lexer,
        fence.title or sample.path.rpartition("/")[2],
        textwrap.dedent("".join(lines)) if fence.step else sample.text,
        first,
        highlight,
        sample,
        status,
    )


def _status(sample: Sample, project: Project) -> str:
    """What was proved of a sample, in words for readers."""
    found = tree.read_sample(project.root, sample.path)
    if found is None:
        raise InputError(f"{tree.FOLDER}/{sample.path}: is missing; run `tabproof generate`.")
    if found != sample.content:
        raise InputError(
            f"{tree.FOLDER}/{sample.path}: is not what the templates make now; "
            "run `tabproof generate`."
        )
    scenario = project.catalog.scenarios[sample.key.scenario]
    cases = cases_of(scenario, project.catalog.cases, sample.key.language)
    standing = record.standing(sample.key, sample.digest, cases, project.proof)
    if not standing.publishable:
        raise InputError(
            f"{tree.FOLDER}/{sample.path}: {standing.reason}; run `tabproof prove --record`."
        )
    date = standing.date.partition("T")[0]
    if standing.state == "parsed":
        return f"{standing.reason[:1].upper()}{standing.reason[1:]}, {date}."
    boxes = "; ".join(toolbox.shown() for toolbox in standing.toolboxes)
    count = standing.case_count
    number = str(count) if count == len(cases) else f"{count} of {len(cases)}"
    return f"Run on {date} in {number} cases with {boxes}."
