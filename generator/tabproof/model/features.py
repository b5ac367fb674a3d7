"""What a scenario asks of the templates of a language."""

from __future__ import annotations

from collections.abc import Iterator

from tabproof.model.scenario import Data, FromNow, Scenario, values


def features(scenario: Scenario) -> set[str]:
    """What a scenario asks of a template beyond a token without further members and a GET."""
    return set(_asked(scenario))


def _asked(scenario: Scenario) -> Iterator[str]:
    token, request = scenario.token, scenario.request
    if token.header:
        yield "token header members"
        if _holds_a_time(dict(token.header)):
            yield "times in the token's header"
    if token.signing_key.encoding != "utf-8":
        yield f"{token.signing_key.encoding} signing keys"
    if any(whole.parts for whole in scenario.credentials.values()):
        yield "split credentials"
    if request.method != "GET":
        yield f"method {request.method}"
    if request.body is not None:
        yield "request bodies"
        if _holds_a_time(request.body):
            yield "times in request bodies"


def _holds_a_time(data: Data) -> bool:
    return any(isinstance(value, FromNow) for value in values(data))
