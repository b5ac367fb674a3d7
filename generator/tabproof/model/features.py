"""What a scenario asks of the templates of a language."""

from __future__ import annotations

from collections.abc import Iterator

from tabproof.model.scenario import Data, FromNow, Scenario, leaf_values


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
