"""Check that a language can write a scenario, and name the sample's file. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from tabproof.errors import InputError, ScenarioError, TemplateError, choose
from tabproof.model.language import Language, Variant
from tabproof.model.scenario import Data, FromNow, Scenario, leaf_values
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


def check_features(
    scenario: Scenario, variant: Variant, language: Language, supported: frozenset[str]
) -> None:
    """Refuse features that the templates of a language do not support.

    Args:
        scenario: the scenario.
        variant: the variant.
        language: the language.
        supported: the features that its templates support.

    Raises:
        ScenarioError: names the first unsupported feature, with its place in the scenario.
    """
    places = required_features(scenario)
    for feature in sorted(places.keys() - supported):
        raise ScenarioError(
            f"{scenario.name}, {variant_label(language, variant)}: no template for {feature}; "
            f"write it and name it in `features` of templates/{language.name}/language.yml.",
            places[feature],
        )


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


def required_features(scenario: Scenario) -> dict[str, str]:
    """Return what a scenario needs from a template beyond a token with claims and a GET.

    Returns:
        Feature -> the place in the scenario that needs it.
    """
    return dict(_features(scenario))


def _features(scenario: Scenario) -> Iterator[tuple[str, str]]:
    token, request = scenario.token, scenario.request
    if token.header:
        yield "token header members", "$.token.header"
        if _contains_time(dict(token.header)):
            yield "times in the token's header", "$.token.header"
    if token.signing_key.encoding != "utf-8":
        yield f"{token.signing_key.encoding} signing keys", "$.token.signing_key.encoding"
    split = next((name for name, whole in scenario.credentials.items() if whole.parts), None)
    if split is not None:
        yield "split credentials", f"$.credentials.{split}.split"
    if request.method != "GET":
        yield f"method {request.method}", "$.request.method"
    if request.body is not None:
        yield "request bodies", "$.request.body"
        if _contains_time(request.body):
            yield "times in request bodies", "$.request.body"


def _contains_time(data: Data) -> bool:
    return any(isinstance(value, FromNow) for value in leaf_values(data))
