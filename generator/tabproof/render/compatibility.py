"""Check that a language can write a scenario, and name the sample's file. Pure."""

from __future__ import annotations

from tabproof.errors import InputError, ScenarioError, TemplateError, choose
from tabproof.model.language import Language, Variant
from tabproof.model.scenario import FromNow, Scenario, leaf_values
from tabproof.project.names import (
    DEVICE,
    SPELLINGS,
    Spellings,
    identifier,
    is_file_name,
    is_reserved,
)


def variant_label(language: Language, variant: Variant) -> str:
    """Return the name of a language's variant for messages."""
    return f"{language.name}, {variant}"


def check_times(scenario: Scenario, variant: Variant, language: Language) -> None:
    """Refuse times where no language writes them yet: samples read the clock for claims alone.

    Raises:
        ScenarioError: names the place.
    """
    for what, place, data in (
        ("times in the token's header", "$.token.header", scenario.token.header.values()),
        ("times in request bodies", "$.request.body", [scenario.request.body]),
    ):
        if any(isinstance(value, FromNow) for value in leaf_values([*data])):
            label = variant_label(language, variant)
            raise ScenarioError(f"{scenario.name}, {label}: no template for {what}.", place)


def check_identifiers(scenario: Scenario, language: Language, reserved: frozenset[str]) -> None:
    """Refuse credentials whose variables would have the same or a reserved name.

    Raises:
        ScenarioError: names the credential.
    """
    owners: dict[str, str] = {}
    wholes = [name for name, whole in scenario.credentials.items() if whole.parts]
    for name in [*wholes, *(leaf.name for leaf in scenario.leaves)]:
        place = f"$.credentials.{name}"
        spelt = identifier(name, language.data.identifiers)
        if owners.setdefault(spelt, name) != name:
            raise ScenarioError(
                f"{scenario.name}, {language.name}: the credentials '{owners[spelt]}' and "
                f"'{name}' are both spelt {spelt}; rename one in the scenario.",
                place,
            )
        if name in reserved or spelt in reserved:
            raise ScenarioError(
                f"{scenario.name}, {language.name}: the credential '{name}' has a name that "
                "the templates or the language reserve; rename it in the scenario.",
                place,
            )


def file_name(scenario: Scenario, language: Language) -> str:
    """Return the file name of a scenario's sample in a language.

    Raises:
        InputError: not every file system allows the name.
    """
    try:
        name = language.data.file_name.format_map(Spellings(scenario.name))
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        choices = choose(f"{{{case}}}" for case in SPELLINGS)
        message = f"{_place(language)} cannot be filled in; {choices}."
        raise TemplateError("", language.name, message) from error
    if is_reserved(name):
        raise ScenarioError(
            f"{scenario.name}, {language.name}: '{name}' {DEVICE}; rename the scenario."
        )
    if not is_file_name(name):
        raise InputError(
            f"{scenario.name}, {language.name}: {_place(language)} makes '{name}', which is "
            "not a valid file name everywhere; use letters, digits, `_`, `-` and `.`."
        )
    return name


def _place(language: Language) -> str:
    return f"`file_name` in templates/{language.name}/language.yml"
