"""A pasted request becomes a scenario that is about to be written. Pure."""

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
"""`shop` is the owner's name in `api.shop.co.uk`; the list of all such endings has thousands."""


def draft_from_curl(pasted: PastedRequest, title: str) -> tuple[Draft, tuple[str, ...]]:
    """The scenario, and what could not be known.

    Args:
        pasted: the request.
        title: the scenario's title, which no request tells.
    """
    new = Draft(title=title, url=pasted.url)
    given: dict[str, Any] = {
        "method": pasted.method,
        "query": pasted.query,
        "headers": pasted.headers or new.headers,
        "body": pasted.body,
        "scheme": pasted.scheme or new.scheme,
        "timeout_seconds": pasted.timeout_seconds or new.timeout_seconds,
        "variables": variable_names(pasted.url, new.variables),
    }
    notes = [*pasted.notes]
    lifetime = new.claims["exp"]["seconds_from_now"]
    token = pasted_token.read_token(pasted.token, lifetime) if pasted.token else None
    if token is None:
        what = "there is no JSON Web Token" if pasted.token else "there is no token"
        notes.append(f"{what}: claims and lifetime are put in")
    else:
        names = dict.fromkeys([*token.credentials, SECRET])
        given["variables"] = variable_names(pasted.url, names)
        given["algorithm"], given["claims"] = token.algorithm, token.claims
        given["header"] = token.header
        notes += token.notes
    notes.append("no command tells the secret's encoding, the status of success and the answers")
    return msgspec.structs.replace(new, **given), tuple(notes)


def variable_names(url: str, names: Mapping[str, object]) -> dict[str, str]:
    """Credential -> variable, with the name of the API's owner in front: `SHOP_API_KEY`."""
    labels = [label.upper() for label in (urlsplit(url).hostname or "").split(".")]
    owner = labels[-2:-1]
    if len(labels) > 2 and owner[0].lower() in SECOND_LEVEL:  # noqa: PLR2004 - two are left out
        owner = labels[-3:-2]
    before = re.sub(r"[^A-Z0-9]", "_", owner[0]) + "_" if owner else ""
    if not before[:1].isalpha() or before == "API_":
        before = ""
    return {
        name: variable if variable not in TAKEN else f"MY_{variable}"
        for name in names
        for variable in [before + name.upper()]
    }
