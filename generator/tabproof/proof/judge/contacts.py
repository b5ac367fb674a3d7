"""Find whom a run contacted beside the API, and how often it tried to reach the API. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from tabproof.model.case import Case
from tabproof.model.language import Habits
from tabproof.model.result import Finding
from tabproof.model.scenario import Scenario
from tabproof.sandbox.protocol import Contact, Observation

REGISTERED_LABELS = 2
"""How many labels of a name a message shows: those before them may hold a secret."""


def find_contacts(
    observation: Observation, case: Case, scenario: Scenario, habits: Habits
) -> Iterator[Finding]:
    """Yield each contact that a run must not make.

    Args:
        observation: what was seen.
        case: says how many requests there must be.
        scenario: names the API.
        habits: says whether the runtime asks a proxy, which alone it contacts then.
    """
    host, port = scenario.request.host, scenario.request.port
    reported = set()
    reached = {exchange.host for exchange in observation.exchanges} - {host}
    if case.proxy and habits.obeys_proxy:
        host, port = case.proxy.host, case.proxy.port
    for contact in observation.contacts:
        # A request to another host is reported as a redirect.
        if contact.host in reached or _is_wanted(contact, host, port):
            continue
        seen = _describe(contact)
        if seen not in reported:
            reported.add(seen)
            yield Finding("request", (host, "http", "/"), f"contact with {host}:{port} alone", seen)
    # A client tries each of a host's addresses; it does not try one twice.
    attempts = Counter(
        contact.address for contact in observation.contacts if _is_connection(contact, host, port)
    )
    most = max(1, case.expect.requests)
    if case.proxy and habits.obeys_proxy and not attempts:
        yield Finding("request", (host, "http", "/"), f"a connection to {host}:{port}", "none")
    if attempts and max(attempts.values()) > most:
        expected = f"{most} attempt(s) to connect"
        yield Finding("request", ("retr", "request"), expected, str(max(attempts.values())))


def _is_connection(contact: Contact, host: str, port: int) -> bool:
    return not contact.is_datagram and (contact.host, contact.port) == (host, port)


def _is_wanted(contact: Contact, host: str, port: int) -> bool:
    """Return whether a contact is the API, or a look-up of its name (with a search domain)."""
    if contact.is_datagram:
        return f"{contact.lookup}.".lower().startswith(f"{host}.".lower())
    return _is_connection(contact, host, port)


def _describe(contact: Contact) -> str:
    if not contact.host:
        return "more contacts than can be recorded"
    if contact.lookup:
        labels = contact.lookup.split(".")
        shown = ".".join(["..."] * (len(labels) > REGISTERED_LABELS) + labels[-REGISTERED_LABELS:])
        return f"a look-up of {shown}"
    kind = "a datagram to" if contact.is_datagram else "a connection to"
    return f"{kind} {contact.host}:{contact.port}"
