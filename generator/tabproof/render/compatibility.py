"""Whether a scenario and a language fit together, and what the sample's file is called. Pure."""

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
    """How messages name a language's variant."""
    return f"{language.name}, {variant}"


def check_features(
    scenario: Scenario, variant: Variant, language: Language, known: frozenset[str]
) -> None:
    """Refuse what the templates of a language cannot write.

    Raises:
        ScenarioError: with what the scenario asks for.
    """
    places = required_features(scenario)
    for feature in sorted(places.keys() - known):
        raise ScenarioError(
            f"{scenario.name}, {variant_label(language, variant)}: no template for {feature}; "
            f"write it and name it in `features` of templates/{language.name}/language.yml.",
            places[feature],
        )


def check_identifiers(scenario: Scenario, language: Language, reserved: frozenset[str]) -> None:
    """Refuse credentials that cannot be told apart, or whose names are taken.

    Raises:
        ScenarioError: with the credential.
    """
    owners: dict[str, str] = {}
    wholes = [name for name, each in scenario.credentials.items() if each.parts]
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
                "the templates or the language keep for themselves; rename it in the scenario.",
                place,
            )


def file_name(scenario: Scenario, language: Language) -> str:
    """The name of a scenario's sample in a language.

    Raises:
        InputError: it is none that every file system can hold.
    """
    try:
        name = language.data.file_name.format_map(Spellings(scenario.name))
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        choices = choose(f"{{{case}}}" for case in SPELLINGS)
        words = f"{_place(language)} cannot be filled in; {choices}."
        raise TemplateError("", language.name, words) from error
    if is_reserved(name):
        raise ScenarioError(
            f"{scenario.name}, {language.name}: '{name}' {DEVICE}; rename the scenario."
        )
    if not is_file_name(name):
        raise InputError(
            f"{scenario.name}, {language.name}: {_place(language)} makes '{name}', which is no "
            "file name everywhere; write letters, digits, `_`, `-` and `.`."
        )
    return name


def _place(language: Language) -> str:
    return f"`file_name` in templates/{language.name}/language.yml"


def required_features(scenario: Scenario) -> dict[str, str]:
    """Return what a scenario asks of a template beyond a token of claims alone and a GET.

    Returns:
        Feature -> the place in the scenario that asks for it.
    """
    return dict(_asked(scenario))


def _asked(scenario: Scenario) -> Iterator[tuple[str, str]]:
    token, request = scenario.token, scenario.request
    if token.header:
        yield "token header members", "$.token.header"
        if _holds_a_time(dict(token.header)):
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
        if _holds_a_time(request.body):
            yield "times in request bodies", "$.request.body"


def _holds_a_time(data: Data) -> bool:
    return any(isinstance(value, FromNow) for value in leaf_values(data))
