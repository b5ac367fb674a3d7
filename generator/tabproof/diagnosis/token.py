"""Judge a token, and the header that carries it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tabproof.diagnosis import encoding, members, signature
from tabproof.diagnosis.fault import Fault, Judgement
from tabproof.diagnosis.redaction import Redaction
from tabproof.diagnosis.times import AnyMoment, RunMoment, read_times, within_run
from tabproof.diagnosis.validity import validity_faults, validity_remarks
from tabproof.errors import InputError
from tabproof.model.result import Finding
from tabproof.model.scenario import FromNow, Scenario

LONGEST_SCHEME = 24


def check_token(
    authorization: str,
    scenario: Scenario,
    credentials: Mapping[str, str],
    moment: RunMoment,
) -> Iterator[Finding]:
    """Yield what is wrong with the token that a sample sent, as findings of a proof.

    Args:
        authorization: the value of the `Authorization` header.
        scenario: what the token should be.
        credentials: environment variable -> value.
        moment: when the run began and ended.
    """
    judgement = judge_header([authorization], scenario, credentials, moment)
    return (fault.finding() for fault in judgement.faults)


def judge_header(
    authorizations: Sequence[str],
    scenario: Scenario,
    credentials: Mapping[str, str],
    when: RunMoment | AnyMoment,
) -> Judgement:
    """Judge the token of a request.

    Args:
        authorizations: the values of all `Authorization` headers.
        scenario: what the token should be.
        credentials: environment variable -> value.
        when: the run in which it was made, or the moment at which it must be valid.
    """
    scheme = scenario.request.authorization
    if len(authorizations) != 1:
        return Judgement((_header_count_fault(scheme, len(authorizations)),))
    word, space, token = authorizations[0].partition(" ")
    # A scheme's case does not matter (RFC 9110, section 11.1); a sample writes it as usual.
    same = word == scheme if isinstance(when, RunMoment) else word.lower() == scheme.lower()
    if space and same:
        return judge_token(token, scenario, credentials, when)
    redaction = redaction_of(scenario, credentials)
    return Judgement((_scheme_fault(scheme, authorizations[0], redaction),))


def judge_token(
    text: str, scenario: Scenario, credentials: Mapping[str, str], when: RunMoment | AnyMoment
) -> Judgement:
    """Judge a token.

    Args:
        text: the token, perhaps with quotes, whitespace or a scheme around it.
        scenario: what the token should be.
        credentials: environment variable -> value.
        when: the run in which it was made, or the moment at which it must be valid.

    Raises:
        InputError: the scenario's algorithm cannot be checked, or a credential is not in the form
            that the scenario states.
    """
    signature.check_algorithm(scenario.token)
    for whole in scenario.credentials.values():
        if not whole.matches(credentials[whole.environment]):
            raise InputError(
                f"{whole.environment} is not {whole.form}, as the scenario says it is."
            )
    redaction = redaction_of(scenario, credentials)
    faults, bare = encoding.unwrap(text, scenario.request.authorization)
    for credential in (*scenario.credentials.values(), *scenario.leaves):
        if bare and credential.text(credentials) in (text, text.strip(), bare):
            return Judgement((_bare_credential_fault(credential.title),))
    part_faults, compact = encoding.split_token(bare)
    faults += part_faults
    if compact is None:
        return Judgement(tuple(faults))
    header_encoding, header = encoding.decode_members(compact.header, "header", redaction)
    claims_encoding, claims = encoding.decode_members(compact.claims, "claims", redaction)
    faults += [*header_encoding, *claims_encoding]
    if header is None or claims is None:
        return Judgement(tuple(faults))
    plan = scenario.token
    faults += members.header_faults(header, plan, credentials, redaction)
    faults += signature.signature_faults(compact, header, scenario, credentials)
    faults += members.claim_faults(claims, plan, credentials, redaction)
    time_faults, remarks = _times(claims, scenario, when, redaction)
    return Judgement(tuple(_with_swap_merged([*faults, *time_faults], scenario)), remarks)


def comparable_form(authorization: str) -> str:
    """Return a token's header and its claims' names and types: what all languages must share."""
    header, claims = (
        _json(part) for part in (authorization + "..").rpartition(" ")[2].split(".")[:2]
    )
    members = claims if isinstance(claims, dict) else {}
    types = {name: type(value).__name__ for name, value in members.items()}
    return json.dumps([header, types], sort_keys=True)


def _json(part: str) -> Any:
    try:
        return json.loads((encoding.decode_part(part) or b"").decode())
    except (ValueError, RecursionError):
        return None


def redaction_of(scenario: Scenario, credentials: Mapping[str, str]) -> Redaction:
    """Return the redaction of the credential that signs."""
    signer = scenario.token.signing_key.credential
    return Redaction(signer.text(credentials), signer.title)


def _times(
    claims: Mapping[str, Any],
    scenario: Scenario,
    when: RunMoment | AnyMoment,
    redaction: Redaction,
) -> tuple[list[Fault], tuple[str, ...]]:
    planned = {k: v for k, v in scenario.token.claims.items() if isinstance(v, FromNow)}
    now = when.first if isinstance(when, RunMoment) else when.now
    faults, times = read_times(claims, planned, now, redaction)
    if isinstance(when, RunMoment):
        return [*faults, *within_run(times, when)], ()
    return [*faults, *validity_faults(times, when)], tuple(validity_remarks(times, when))


def _with_swap_merged(faults: list[Fault], scenario: Scenario) -> Iterator[Fault]:
    """Merge the two faults of a swapped key and secret into one."""
    both = {"signed-with-key", "claim-is-secret"}
    if not both <= {fault.kind for fault in faults}:
        yield from faults
        return
    first = next(fault for fault in faults if fault.kind in both)
    titles = " and ".join(f"the {c.title}" for c in scenario.leaves)
    message = f"{titles} are swapped, in the code or in the environment variables."
    seen = "each in the other's place"
    yield Fault("exchanged", message, f"{titles} each in its place", seen, first.hint)
    yield from (fault for fault in faults if fault.kind not in both)


def _bare_credential_fault(title: str) -> Fault:
    message = f"it is the {title} itself, not a token: a token is made with it."
    return Fault("not-a-jwt", message, encoding.SHAPE, f"the {title}", encoding.FORWARD)


def _header_count_fault(scheme: str, count: int) -> Fault:
    kind, seen, message = (
        ("authorization-twice", str(count), "there is more than one Authorization header.")
        if count
        else (
            "authorization-missing",
            "none",
            f"there is no Authorization header; send `Authorization: {scheme} <token>`.",
        )
    )
    expected = "one Authorization header"
    return Fault(kind, message, expected, seen, ("Authorization",), step="request")  # type: ignore[arg-type]


def _scheme_fault(scheme: str, value: str, redaction: Redaction) -> Fault:
    word = value.partition(" ")[0]
    hint = (scheme, "Authorization")
    expected = f"`{scheme} <token>`"
    if word.count(".") == encoding.PARTS - 1 and word.startswith("eyJ"):
        message = f"the token has no `{scheme} ` in front."
        return Fault("scheme-missing", message, expected, "the token alone", hint, step="request")
    # A long word is not a scheme but a credential, and must not be shown.
    shown = "no scheme in front"
    if len(word) <= LONGEST_SCHEME:
        shown = f"the scheme {redaction.show(word)}"
    message = f"the Authorization header has {shown}; it should be `{scheme} <token>`."
    return Fault("scheme-other", message, expected, shown, hint, step="request")
