"""Make the cases of a scenario from the rows of `cases.yml`. Pure."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import TypeAlias

import msgspec

from tabproof.errors import InputError, ScenarioError, choose
from tabproof.model.case import (
    BODY,
    JUDGE_VERSION,
    MOCK_API_VERSION,
    Action,
    Answer,
    Case,
    Close,
    Expectation,
    Send,
    Situation,
    Stall,
    Wait,
)
from tabproof.model.case_file import Act, CaseRow, CasesFile
from tabproof.model.catalog import Catalog
from tabproof.model.credential import FORMS, Credential
from tabproof.model.language import Language
from tabproof.model.sample import SampleKey
from tabproof.model.scenario import Scenario

PLACEHOLDER = re.compile(r"\{(credential|signing_key)\}")
OTHER_SUCCESS = (201, 200)
"""Another success status: the first one, or the second where the scenario's is the first."""

PATIENCE_SECONDS = 10
"""How long the mock API waits for a client to disconnect, after the client's timeout."""


REFUSAL_SECONDS = 3.5
"""How long after the client's timeout a connection that nobody answered is refused."""


def cases_of(scenario: Scenario, table: CasesFile) -> tuple[Case, ...]:
    """Return the cases of a scenario, in the order of the table.

    Args:
        scenario: the scenario.
        table: the file `cases.yml`.

    Raises:
        InputError: a row names an unknown outcome, credential or example, or two rows make cases
            of one name.
    """
    cases: dict[str, Case] = {}
    scenario_json = _scenario_json(scenario)
    for row in table.cases:
        for case in _rows(row, scenario, table):
            if case.name in cases:
                raise InputError(f"templates/cases.yml: two cases have the name '{case.name}'.")
            cases[case.name] = msgspec.structs.replace(
                case, digest=_digest(case, scenario_json), outcome=row.expect
            )
    return tuple(cases.values())


def missing_example(scenario: Scenario, table: CasesFile) -> ScenarioError | None:
    """Return an error for the first example response that the cases need; None without one."""
    for row in table.cases:
        for act in row.server.acts:
            if act.answer and (status := _status(act, scenario)) not in scenario.responses:
                return _no_example(status, row.name)
    return None


def cases_for_language(language: Language, cases: Iterable[Case]) -> tuple[Case, ...]:
    """Return the cases that a language's samples run in, with the digests of its results."""
    return tuple(
        msgspec.structs.replace(case, digest=_with_language(case.digest, language))
        for case in cases
        if not case.languages or language.name in case.languages
    )


def _with_language(digest: str, language: Language) -> str:
    return hashlib.sha256(f"{digest}{language.results_digest}".encode()).hexdigest()


FindCases: TypeAlias = Callable[[SampleKey], tuple[Case, ...]]
"""Returns the cases of a sample; none where its scenario or its language is not there."""


def case_finder(catalog: Catalog) -> FindCases:
    """Return a function from a sample to its cases.

    The cases of one scenario at a time are cached, as samples come scenario by scenario; those of
    thousands of scenarios would fill the memory.
    """
    languages = catalog.unused_languages | catalog.languages

    @lru_cache(maxsize=1)
    def scenario_cases(name: str) -> tuple[Case, ...]:
        return cases_of(catalog.scenarios[name], catalog.cases)

    @lru_cache(maxsize=2 * len(languages))
    def language_cases(scenario: str, language: str) -> tuple[Case, ...]:
        if scenario not in catalog.scenarios or language not in languages:
            return ()
        return cases_for_language(languages[language], scenario_cases(scenario))

    return lambda sample: language_cases(sample.scenario, sample.language)


def _rows(row: CaseRow, scenario: Scenario, table: CasesFile) -> Iterator[Case]:
    wholes = tuple(scenario.credentials.values())
    signing_key = scenario.token.signing_key.credential
    choices: dict[str | None, tuple[Credential | None, ...]] = {
        None: (None,),
        "credential": scenario.leaves,
        "signing_key": (signing_key,),
        "account": tuple(leaf for leaf in scenario.leaves if leaf != signing_key),
        "variable": wholes,
        "split": tuple(whole for whole in wholes if whole.parts),
        "encoded": tuple(leaf for leaf in scenario.leaves if leaf.encoding in FORMS),
    }
    for credential in choices[row.for_each]:
        yield _case(row, scenario, table, credential)


def _case(row: CaseRow, scenario: Scenario, table: CasesFile, subject: Credential | None) -> Case:
    name = row.name.replace("{credential}", subject.name if subject else "{credential}")
    for outcome in (row.expect, row.refused):
        if outcome is not None and outcome not in table.outcomes:
            raise _fault(name, f"unknown outcome '{outcome}'; {choose(table.outcomes)}.")
    actions = tuple(_action(act, scenario, name) for act in row.server.acts)

    def expectation(outcome: str) -> Expectation:
        return _fill_expectation(table.outcomes[outcome], actions, subject, scenario)

    return Case(
        name=name,
        reason=row.reason,
        languages=row.languages,
        listens=row.server.listens,
        resolves=row.server.resolves,
        certificate=row.server.certificate,
        protocol=row.server.protocol,
        other_hosts=table.other_hosts,
        proxy=row.server.proxy,
        actions=actions,
        stall=_stall(row, scenario),
        credentials=_credentials(name, row, scenario, table, subject),
        situation=Situation(
            environment=row.environment,
            files=_files(row.files, subject),
            elsewhere=row.elsewhere,
            hides=row.hides,
            breaks=row.breaks,
            options=row.options,
            arguments=row.arguments,
            clock=row.clock,
            traced=row.traced,
            reader_pause_seconds=row.reader_pause_seconds,
            on_terminal=row.on_terminal,
        ),
        expect=expectation(row.expect),
        refused=expectation(row.refused) if row.refused else msgspec.UNSET,
        stderr_never=table.stderr_never,
        client_headers=table.client_headers,
        digest="",
    )


def _files(files: Mapping[str, str], subject: Credential | None) -> dict[str, str]:
    """Return path -> content, with the variable of the row's credential filled in."""
    variable = subject.environment if subject else "{environment}"
    return {path: text.replace("{environment}", variable) for path, text in files.items()}


def _stall(row: CaseRow, scenario: Scenario) -> Stall | None:
    """Return the stage at which the server stops to answer, and for how long."""
    stage = row.server.stalls
    if stage is None:
        return None
    # An unanswered packet is sent again after 1, 3, 7, 15, 31... s: the next one is refused.
    patience = REFUSAL_SECONDS if stage == "connection" else PATIENCE_SECONDS
    return Stall(stage, scenario.request.timeout_seconds + patience)


def _credentials(
    name: str, row: CaseRow, scenario: Scenario, table: CasesFile, subject: Credential | None
) -> dict[str, str | None]:
    """Return environment variable -> text; None for one that is unset."""
    placeholders = {"signing_key": scenario.token.signing_key.credential.name}
    placeholders |= {"credential": subject.name} if subject else {}
    values = {
        PLACEHOLDER.sub(lambda match: placeholders.get(match[1], match[0]), key): (
            value.replace("{separator}", subject.separator) if value and subject else value
        )
        for key, value in row.credentials.items()
    }
    names = {own.name for whole in scenario.credentials.values() for own in (whole, *whole.parts)}
    for key in values:
        if key not in names:
            raise _fault(name, f"unknown credential '{key}'; {choose(names)}.")

    def decoded(leaf: Credential) -> str:
        value = values.get(leaf.name)
        return _default_text(leaf.name, table.credential) if value is None else value

    def variable_text(whole: Credential) -> str | None:
        if whole.name in values and (whole.parts or row.written or values[whole.name] is None):
            return values[whole.name]
        return whole.encode(decoded, raw=frozenset(values) if row.written else frozenset())

    return {whole.environment: variable_text(whole) for whole in scenario.credentials.values()}


def _default_text(name: str, template: str) -> str:
    """Return the text of a credential that no case sets."""
    # Two names share so much that a message would take one credential for a part of the other.
    unique = base64.b32encode(hashlib.sha512(name.encode()).digest()).decode().lower()
    return template.replace("{name}", name).replace("{unique}", unique.rstrip("="))


def _fault(name: str, message: str) -> InputError:
    return InputError(f"templates/cases.yml: case '{name}': {message}")


def _action(act: Act, scenario: Scenario, name: str) -> Action:
    if act.wait:
        return Wait(scenario.request.timeout_seconds + PATIENCE_SECONDS)
    if act.send is not None:
        return Send(act.send.encode())
    if act.close:
        return Close(act.close)
    success = scenario.request.success_status
    statuses = {"success": success, "other-success": OTHER_SUCCESS[success == OTHER_SUCCESS[0]]}
    if reply := act.reply:
        status = reply.status if isinstance(reply.status, int) else statuses[reply.status]
        times = reply.times if reply.times > 1 else msgspec.UNSET
        return Answer(status, reply.headers, reply.body.encode(reply.encoding), act.delivery, times)
    status = _status(act, scenario)
    if status not in scenario.responses:
        raise _no_example(status, name)
    response = scenario.responses[status]
    return Answer(status, response.headers, response.content, act.delivery)


def _status(act: Act, scenario: Scenario) -> int:
    """Return the status of the example that the mock API sends."""
    return scenario.request.success_status if act.answer == "success" else int(act.answer or 0)


def _no_example(status: int, case: str) -> ScenarioError:
    return ScenarioError(
        f"there is no example for status {status}, which case '{case}' of templates/cases.yml "
        "needs; add it.",
        "$.responses",
    )


def _fill_expectation(
    expect: Expectation,
    actions: tuple[Action, ...],
    subject: Credential | None,
    scenario: Scenario,
) -> Expectation:
    """Return the expectation with its placeholders filled in."""
    answer = next((a for a in reversed(actions) if isinstance(a, Answer)), None)
    values = {
        "body": _body(answer),
        "status": str(answer.status) if answer else "",
        "environment": subject.environment if subject else "",
        "key_bytes": str(int(scenario.token.algorithm.removeprefix("HS")) // 8),
    }

    def fill(text: str) -> str:
        # In one pass: a body may contain `{status}` itself.
        return re.sub(rf"\{{({'|'.join(values)})\}}", lambda match: values[match[1]], text)

    return msgspec.structs.replace(
        expect,
        stdout=fill(expect.stdout),
        stderr=None if expect.stderr is None else fill(expect.stderr),
        stderr_has=fill(expect.stderr_has),
    )


def _body(answer: Answer | None) -> str:
    if answer is None:
        return ""
    return answer.body.decode(errors="replace") if answer.times is msgspec.UNSET else BODY


def _scenario_json(scenario: Scenario) -> bytes:
    """Return what results depend on in a scenario, as the end of a JSON array."""
    parts = (scenario.credentials, scenario.token, scenario.request)
    return msgspec.json.encode(parts, order="sorted")[1:]


def _digest(case: Case, scenario_json: bytes) -> str:
    """Return the digest of what results depend on, beside the sample and the toolchain."""
    versions = (MOCK_API_VERSION, JUDGE_VERSION)
    case_json = msgspec.json.encode((versions, case), order="sorted")[:-1]
    return hashlib.sha256(case_json + b"," + scenario_json).hexdigest()
