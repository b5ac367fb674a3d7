"""What a scenario asks of the templates of a language."""

from __future__ import annotations

from collections.abc import Iterator

from tabproof.model.scenario import Data, FromNow, Scenario


def features(scenario: Scenario) -> set[str]:
    """What a scenario asks of a template beyond a token without further members and a GET."""
    token, request = scenario.token, scenario.request
    asked = {
        "token header members": bool(token.header),
        "times in the token's header": _holds_a_time(dict(token.header)),
        f"{token.signing_key.encoding} signing keys": token.signing_key.encoding != "utf-8",
        "split credentials": any(whole.parts for whole in scenario.credentials.values()),
        f"method {request.method}": request.method != "GET",
        "request bodies": request.body is not None,
        "times in request bodies": _holds_a_time(request.body),
    }
    return {feature for feature, is_asked in asked.items() if is_asked}


def _holds_a_time(data: Data) -> bool:
    return any(isinstance(value, FromNow) for value in _values(data))


def _values(data: Data) -> Iterator[Data]:
    """What is in data that holds neither lists nor mappings."""
    if isinstance(data, (dict, list)):
        for each in data.values() if isinstance(data, dict) else data:
            yield from _values(each)
    else:
        yield data
