"""Turn a pasted request into the draft of a scenario. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import msgspec

from tabproof.imports import pasted_token
from tabproof.imports.curl_command import PastedRequest
from tabproof.imports.scenario_draft import SECRET, Draft
from tabproof.model.reserved_variables import TAKEN

SECOND_LEVEL = frozenset({"ac", "co", "com", "edu", "gov", "net", "org"})
"""`shop` is the owner in `api.shop.co.uk`; a list of all such suffixes has thousands of them."""


def draft_from_curl(pasted: PastedRequest, title: str) -> tuple[Draft, tuple[str, ...]]:
    """Draft a scenario from a request.

    Args:
        pasted: the request.
        title: the scenario's title.

    Returns:
        The draft, and notes on what was left out or assumed.
    """
    defaults = Draft(title=title, url=pasted.url)
    fields: dict[str, Any] = {
        "method": pasted.method,
        "query": pasted.query,
        "headers": pasted.headers or defaults.headers,
        "body": pasted.body,
        "scheme": pasted.scheme or defaults.scheme,
        "timeout_seconds": pasted.timeout_seconds or defaults.timeout_seconds,
        "variables": variable_names(pasted.url, defaults.variables),
    }
    notes = [*pasted.notes]
    lifetime = defaults.claims["exp"]["seconds_from_now"]
    token = pasted_token.read_token(pasted.token, lifetime) if pasted.token else None
    if token is None:
        missing = "JSON Web Token" if pasted.token else "token"
        notes.append(f"no {missing} in the command: claims and lifetime are placeholders")
    else:
        names = dict.fromkeys([*token.credentials, SECRET])
        fields["variables"] = variable_names(pasted.url, names)
        fields["algorithm"], fields["claims"] = token.algorithm, token.claims
        fields["header"] = token.header
        notes += token.notes
    notes.append("assumed: UTF-8 secret, status 200, placeholder responses; please check")
    return msgspec.structs.replace(defaults, **fields), tuple(notes)


def variable_names(url: str, names: Mapping[str, object]) -> dict[str, str]:
    """Return credential -> variable, prefixed with the API's owner: `SHOP_API_KEY`."""
    labels = [label.upper() for label in (urlsplit(url).hostname or "").split(".")]
    owner = labels[-2:-1]
    if len(labels) > 2 and owner[0].lower() in SECOND_LEVEL:  # noqa: PLR2004 - two are left out
        owner = labels[-3:-2]
    prefix = re.sub(r"[^A-Z0-9]", "_", owner[0]) + "_" if owner else ""
    if not prefix[:1].isalpha() or prefix == "API_":
        prefix = ""
    return {
        name: variable if variable not in TAKEN else f"MY_{variable}"
        for name in names
        for variable in [prefix + name.upper()]
    }
