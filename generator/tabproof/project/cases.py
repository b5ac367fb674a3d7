"""Rows of `cases.yml` become the cases of a scenario. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache

import msgspec

from tabproof.errors import InputError, ScenarioError, choose
from tabproof.model.case import (
    BODY,
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
from tabproof.model.case_file import Act, CaseRow, CasesFile
from tabproof.model.credential import FORMS, Credential
from tabproof.model.scenario import Scenario

PLACEHOLDER = re.compile(r"\{(credential|signing_key)\}")
OTHER_SUCCESS = (201, 200)
"""What is a success too; the second one where the first one is what the scenario asks for."""

PATIENCE_SECONDS = 10
"""How long past a client's timeout the mock API still waits for it to go."""


def cases_of(scenario: Scenario, table: CasesFile) -> tuple[Case, ...]:
    """The cases of a scenario, in the table's order.

    Args:
        scenario: what the samples do.
        table: the rows.

    Raises:
        InputError: a row names an outcome, a credential or an answer that is not there, or two
            rows come to the same name.
    """
    cases: dict[str, Case] = {}
    asked = _asked(scenario)
    for row in table.cases:
        for case in _rows(row, scenario, table):
            if case.name in cases:
                raise InputError(f"templates/cases.yml: two cases are called '{case.name}'.")
            cases[case.name] = msgspec.structs.replace(
                case, digest=_digest(case, asked), outcome=row.expect
            )
    return tuple(cases.values())


def missing_example(scenario: Scenario, table: CasesFile) -> ScenarioError | None:
    """Return what a scenario lacks for its cases; None where nothing is missing."""
    for row in table.cases:
        for act in row.server.acts:
            if act.answer and (status := _status(act, scenario)) not in scenario.responses:
                return _no_example(status, row.name)
    return None


def cases_for_language(language: str, cases: Iterable[Case]) -> tuple[Case, ...]:
    """The cases that a language is run in."""
    return tuple(case for case in cases if not case.languages or language in case.languages)


def case_finder(
    scenarios: Mapping[str, Scenario], table: CasesFile
) -> Callable[[str, str], tuple[Case, ...]]:
    """Finds the cases that a scenario's sample is run in, by the names of scenario and language.

    A scenario's cases are made once for samples that come one after the other, as a renderer has
    them. They are not kept beyond that: those of thousands of scenarios would fill the memory.
    """

    @lru_cache(maxsize=1)
    def of_scenario(name: str) -> tuple[Case, ...]:
        return cases_of(scenarios[name], table)

    return lambda scenario, language: cases_for_language(language, of_scenario(scenario))


def _rows(row: CaseRow, scenario: Scenario, table: CasesFile) -> Iterator[Case]:
    wholes = tuple(scenario.credentials.values())
    each: dict[str | None, tuple[Credential | None, ...]] = {
        None: (None,),
        "credential": scenario.leaves,
        "variable": wholes,
        "split": tuple(whole for whole in wholes if whole.parts),
        "encoded": tuple(leaf for leaf in scenario.leaves if leaf.encoding in FORMS),
    }
    for credential in each[row.for_each]:
        yield _case(row, scenario, table, credential)


def _case(row: CaseRow, scenario: Scenario, table: CasesFile, each: Credential | None) -> Case:
    name = row.name.replace("{credential}", each.name if each else "{credential}")
    if row.expect not in table.outcomes:
        raise _fault(name, f"unknown outcome '{row.expect}'; {choose(table.outcomes)}.")
    actions = tuple(_action(act, scenario, name) for act in row.server.acts)
    return Case(
        name=name,
        reason=row.reason,
        languages=row.languages,
        listens=row.server.listens,
        resolves=row.server.resolves,
        certificate=row.server.certificate,
        other_hosts=table.other_hosts,
        actions=actions,
        credentials=_credentials(name, row, scenario, table, each),
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


def _credentials(
    name: str, row: CaseRow, scenario: Scenario, table: CasesFile, each: Credential | None
) -> dict[str, str | None]:
    """Environment variable -> text; None where it is not set."""
    named = {"signing_key": scenario.token.signing_key.credential.name}
    named |= {"credential": each.name} if each else {}
    given = {
        PLACEHOLDER.sub(lambda found: named.get(found[1], found[0]), key): (
            text.replace("{separator}", each.separator) if text and each else text
        )
        for key, text in row.credentials.items()
    }
    known = {own.name for whole in scenario.credentials.values() for own in (whole, *whole.parts)}
    for key in given:
        if key not in known:
            raise _fault(name, f"unknown credential '{key}'; {choose(known)}.")

    def stands_for(leaf: Credential) -> str:
        text = given.get(leaf.name)
        return table.credential.replace("{name}", leaf.name) if text is None else text

    def held(whole: Credential) -> str | None:
        if whole.name in given and (whole.parts or row.written or given[whole.name] is None):
            return given[whole.name]
        return whole.encode(stands_for, raw=frozenset(given) if row.written else frozenset())

    return {whole.environment: held(whole) for whole in scenario.credentials.values()}


def _fault(name: str, words: str) -> InputError:
    return InputError(f"templates/cases.yml: case '{name}': {words}")


def _action(act: Act, scenario: Scenario, name: str) -> Action:
    if act.wait:
        return Wait(scenario.request.timeout_seconds + PATIENCE_SECONDS)
    if act.send is not None:
        return Send(act.send.encode())
    if act.close:
        return Close()
    own = scenario.request.success_status
    statuses = {"success": own, "other-success": OTHER_SUCCESS[own == OTHER_SUCCESS[0]]}
    if act.reply:
        body, named, times = act.reply.body.encode(), act.reply.status, act.reply.times
        status = named if isinstance(named, int) else statuses[named]
        often = times if times > 1 else msgspec.UNSET
        return Answer(status, act.reply.headers, body, act.delivery, often)
    status = _status(act, scenario)
    if status not in scenario.responses:
        raise _no_example(status, name)
    response = scenario.responses[status]
    return Answer(status, response.headers, response.content, act.delivery)


def _status(act: Act, scenario: Scenario) -> int:
    """Return the status of the example that the API answers with."""
    return scenario.request.success_status if act.answer == "success" else int(act.answer or 0)


def _no_example(status: int, case: str) -> ScenarioError:
    return ScenarioError(
        f"there is no example for status {status}, which case '{case}' of templates/cases.yml "
        "answers; add it.",
        "$.responses",
    )


def _filled(
    expect: Expectation, actions: tuple[Action, ...], each: Credential | None
) -> Expectation:
    """The expectation with the answer and the credential's variable in place."""
    answer = next((a for a in reversed(actions) if isinstance(a, Answer)), None)
    known = {
        "body": _body(answer),
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


def _body(answer: Answer | None) -> str:
    if answer is None:
        return ""
    return answer.body.decode() if answer.times is msgspec.UNSET else BODY


def _asked(scenario: Scenario) -> bytes:
    """What a scenario asks of all its samples, as the end of a JSON array."""
    asked = (scenario.credentials, scenario.token, scenario.request)
    return msgspec.json.encode(asked, order="sorted")[1:]


def _digest(case: Case, asked: bytes) -> str:
    """What a result of this case depends on beside the sample and the toolchain."""
    own = msgspec.json.encode((MOCK_API_VERSION, case), order="sorted")[:-1]
    return hashlib.sha256(own + b"," + asked).hexdigest()
