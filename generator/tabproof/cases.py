"""Rows of `cases.yml` become the cases of a scenario. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

import msgspec

from tabproof.errors import InputError, choose
from tabproof.model.case import (
    MOCK_API_VERSION,
    Action,
    Answer,
    Case,
    Close,
    Expectation,
    Send,
    Situation,
    Wait,
)
from tabproof.model.case_file import Act, CaseShape, CasesShape
from tabproof.model.scenario import Credential, Scenario

PATIENCE_SECONDS = 10
"""How long past a client's timeout the mock API still waits for it to go."""


def cases_of(scenario: Scenario, table: CasesShape, language: str = "") -> tuple[Case, ...]:
    """The cases of a scenario, in the table's order.

    Args:
        scenario: what the samples do.
        table: the rows.
        language: leave out what this language is not run in; "" leaves out nothing.

    Raises:
        InputError: a row names an outcome, a credential or an answer that is not there, or two
            rows come to the same name.
    """
    cases: dict[str, Case] = {}
    for row in table.cases:
        for case in _rows(row, scenario, table):
            if case.name in cases:
                raise InputError(f"templates/cases.yml: two cases are called '{case.name}'.")
            cases[case.name] = case
    return tuple(
        case
        for case in cases.values()
        if not (language and case.languages) or language in case.languages
    )


def _rows(row: CaseShape, scenario: Scenario, table: CasesShape) -> Iterator[Case]:
    if row.for_each == "credential":
        for credential in scenario.credentials.values():
            yield _case(row, scenario, table, credential)
    else:
        yield _case(row, scenario, table, None)


def _case(row: CaseShape, scenario: Scenario, table: CasesShape, each: Credential | None) -> Case:
    name = row.name.replace("{credential}", each.name if each else "{credential}")
    if row.expect not in table.outcomes:
        raise _fault(name, f"unknown outcome '{row.expect}'; {choose(table.outcomes)}.")
    signing_key = scenario.token.signing_key.credential.name
    given = {
        key.replace("{credential}", each.name if each else "{credential}").replace(
            "{signing_key}", signing_key
        ): value
        for key, value in row.credentials.items()
    }
    for key in given:
        if key not in scenario.credentials:
            raise _fault(name, f"unknown credential '{key}'; {choose(scenario.credentials)}.")
    actions = tuple(_action(act, scenario, name) for act in row.server.acts)
    case = Case(
        name=name,
        reason=row.reason,
        languages=row.languages,
        listens=row.server.listens,
        resolves=row.server.resolves,
        certificate=row.server.certificate,
        other_hosts=table.other_hosts,
        actions=actions,
        credentials={
            credential.environment: given.get(
                credential.name, table.credential.replace("{name}", credential.name)
            )
            for credential in scenario.credentials.values()
        },
        situation=Situation(
            environment=row.environment,
            files=row.files,
            elsewhere=row.elsewhere,
            hides=row.hides,
            options=row.options,
            clock=row.clock,
            traced=row.traced,
        ),
        expect=_filled(table.outcomes[row.expect], actions, each),
        stderr_never=table.stderr_never,
        digest="",
    )
    return msgspec.structs.replace(case, digest=_digest(case, scenario))


def _fault(name: str, words: str) -> InputError:
    return InputError(f"templates/cases.yml: case '{name}': {words}")


def _action(act: Act, scenario: Scenario, name: str) -> Action:
    if act.wait:
        return Wait(scenario.request.timeout_seconds + PATIENCE_SECONDS)
    if act.send is not None:
        return Send(act.send.encode())
    if act.close:
        return Close()
    if act.reply:
        body = act.reply.body.encode() * act.reply.times
        return Answer(act.reply.status, act.reply.headers, body, act.delivery)
    success = act.answer == "success"
    status = scenario.request.success_status if success else int(act.answer or 0)
    if status not in scenario.responses:
        raise _fault(name, f"scenario {scenario.name} has no example response {status}.")
    response = scenario.responses[status]
    return Answer(status, response.headers, response.content, act.delivery)


def _filled(
    expect: Expectation, actions: tuple[Action, ...], each: Credential | None
) -> Expectation:
    """The expectation with the answer and the credential's variable in place."""
    answer = next((a for a in reversed(actions) if isinstance(a, Answer)), None)
    known = {
        "body": answer.body.decode() if answer else "",
        "status": str(answer.status) if answer else "",
        "environment": each.environment if each else "",
    }

    def fill(text: str) -> str:
        # In one pass: an answer may hold `{status}` itself.
        return re.sub(rf"\{{({'|'.join(known)})\}}", lambda found: known[found[1]], text)

    return msgspec.structs.replace(
        expect,
        stdout=fill(expect.stdout),
        stderr=None if expect.stderr is None else fill(expect.stderr),
        stderr_has=fill(expect.stderr_has),
    )


def _digest(case: Case, scenario: Scenario) -> str:
    """What a result of this case depends on beside the sample and the toolchain."""
    asked = (MOCK_API_VERSION, case, scenario.credentials, scenario.token, scenario.request)
    plain = msgspec.to_builtins(asked, str_keys=True)
    return hashlib.sha256(msgspec.json.encode(plain, order="sorted")).hexdigest()
