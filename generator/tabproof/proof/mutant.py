"""A mutation is put into a sample's text. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TypeAlias

from tabproof.errors import InputError, choose
from tabproof.model.language import Language
from tabproof.model.mutation import Mutation
from tabproof.model.sample import Sample
from tabproof.model.scenario import Credential, FromCredential, FromNow, Scenario
from tabproof.naming import spell
from tabproof.tree import FOLDER

Roles: TypeAlias = dict[str, str | None]
ROLE = re.compile(r"<<([a-z_]+)>>")


class NoSuchRole(Exception):  # noqa: N818 - it is caught at once: the mutation is not for the scenario
    """The scenario has nothing that plays this role."""


def mutated(mutation: Mutation, sample: Sample, roles: Roles) -> tuple[str, int]:
    """A sample with the fault in it, and the line of the fault.

    Args:
        mutation: what is replaced by what.
        sample: the sample; only the lines of the mutation's step are looked at.
        roles: what `roles_of` says of its scenario.

    Raises:
        NoSuchRole: the scenario lacks what the mutation changes.
        InputError: the text is not there, or is there more than once.
    """
    find, new = (filled(text, mutation, roles) for text in (mutation.find, mutation.replace))
    lines = sample.text.splitlines(keepends=True)
    first, last = next((r for step, r in sample.steps.items() if step == mutation.step), (1, 0))
    start = len("".join(lines[: first - 1]))
    end = len("".join(lines[:last]))
    found = [
        start + match.start() for match in re.finditer(re.escape(find), sample.text[start:end])
    ]
    if not found:
        raise _fault(mutation, sample, f"its step {mutation.step} does not hold {find!r}.")
    if mutation.occurrence is None and len(found) > 1:
        words = (
            f"its step {mutation.step} holds {find!r} {len(found)} times; say which `occurrence`."
        )
        raise _fault(mutation, sample, words)
    number = mutation.occurrence or 1
    if number > len(found):
        words = f"its step {mutation.step} holds {find!r} {len(found)} times, not {number}."
        raise _fault(mutation, sample, words)
    place = found[number - 1]
    text = sample.text[:place] + new + sample.text[place + len(find) :]
    if text == sample.text:
        raise _fault(mutation, sample, "nothing changes.")
    return text, _first_difference(sample.text, text)


def filled(
    text: str,
    mutation: Mutation,
    roles: Roles,
    written: Callable[[str], str] = str,
) -> str:
    """A text with the scenario's values in place of its `<<roles>>`.

    Args:
        text: the text.
        mutation: the row that it is from.
        roles: what `roles_of` says of the scenario.
        written: how a value is written, `re.escape` in a pattern.

    Raises:
        NoSuchRole: the scenario has no such thing.
        InputError: there is no such role.
    """

    def value(match: re.Match[str]) -> str:
        name = match[1]
        if name not in roles:
            raise InputError(f"{mutation.place}: unknown role <<{name}>>; {choose(roles)}.")
        role = roles[name]
        if role is None:
            raise NoSuchRole(f"the scenario has no {name.replace('_', ' ')}")
        return written(role)

    return ROLE.sub(value, text)


def roles_of(scenario: Scenario, language: Language) -> Roles:
    """What a mutation may name of a scenario; None where the scenario has no such thing."""
    claims, request = scenario.token.claims, scenario.request
    signing_key = scenario.token.signing_key.credential
    account_claim, account = next(_accounts(scenario), (None, None))
    times = {name: value.seconds for name, value in claims.items() if isinstance(value, FromNow)}
    expiry_claim = max(times, key=times.__getitem__, default=None)
    issued_claim = next((name for name, seconds in times.items() if seconds == 0), None)
    header_name, header_value = next(iter(request.headers.items()), (None, None))
    case = language.data.identifiers.case
    return {
        "signing_key": signing_key.name,
        "signing_key_identifier": spell(signing_key.name, case),
        "signing_key_environment": signing_key.environment,
        "account": account.name if account else None,
        "account_identifier": spell(account.name, case) if account else None,
        "account_environment": account.environment if account else None,
        "account_claim": account_claim,
        "issued_claim": issued_claim,
        "expiry_claim": expiry_claim,
        "lifetime_seconds": str(times[expiry_claim]) if expiry_claim else None,
        "algorithm": scenario.token.algorithm,
        "scheme": request.authorization,
        "method": request.method,
        "host": request.host,
        "target": request.target,
        "path": request.target.partition("?")[0],
        "query": request.target.partition("?")[2] or None,
        "header_name": header_name,
        "header_value": header_value,
        "timeout_seconds": str(request.timeout_seconds),
        "success_status": str(request.success_status),
    }


def _accounts(scenario: Scenario) -> Iterator[tuple[str, Credential]]:
    """The claims that say whose token it is: they hold a credential that is not the key."""
    for name, value in scenario.token.claims.items():
        key = scenario.token.signing_key.credential
        if isinstance(value, FromCredential) and value.credential != key:
            yield name, value.credential


def _fault(mutation: Mutation, sample: Sample, words: str) -> InputError:
    return InputError(
        f"{mutation.place}: mutation '{mutation.kind}' does not fit {FOLDER}/{sample.path}: {words}"
    )


def _first_difference(old: str, new: str) -> int:
    """The first line that differs, counted from 1; the last one where the end is gone."""
    lines = new.splitlines()
    pairs = enumerate(zip(old.splitlines(), lines, strict=False), 1)
    return next((number for number, (a, b) in pairs if a != b), len(lines))
