"""Judge a run by what its case and its scenario expect. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import unquote

import msgspec

from tabproof.diagnosis import members, token
from tabproof.diagnosis.times import RunMoment
from tabproof.model.case import Case
from tabproof.model.language import Habits, Noise
from tabproof.model.result import Finding
from tabproof.model.scenario import Scenario
from tabproof.proof.judge import leaks
from tabproof.proof.judge.compare import canonical_json
from tabproof.proof.judge.contacts import find_contacts
from tabproof.proof.judge.sent_credentials import find_sent_credentials
from tabproof.proof.judge.waiting import find_waiting
from tabproof.sandbox.protocol import Exchange, Observation

LONGEST_EXCERPT = 120
BODILESS = frozenset({"GET", "HEAD", "DELETE"})
"""Methods that expect no body: without one, a client should send no size (RFC 9110, 8.6)."""

OBSERVED = "a run"
"""What is expected first of all; where there is none, that says nothing about the sample."""

NO_HABITS = Habits()


def judge(
    observation: Observation,
    case: Case,
    scenario: Scenario,
    habits: Habits = NO_HABITS,
) -> list[Finding]:
    """Return everything that is wrong with a run; an empty list where nothing is.

    Args:
        observation: what the run did.
        case: what it should do.
        scenario: what the sample must send.
        habits: what the runtime does by itself.
    """
    if observation.broken:
        return [Finding("install", (), OBSERVED, f"none: {observation.broken}")]
    if observation.killed:
        return [Finding("request", ("timeout",), "an end", f"none: {observation.killed}")]
    stderr = _without_noise(observation.stderr.decode(errors="replace"), habits.noise)
    told = without_terminal_noise(observation, case, habits)
    return [
        *_requests(observation, case, scenario),
        *_outcome(told, case, stderr, scenario, habits),
        *find_contacts(observation, case, scenario, habits),
        *find_waiting(observation, case, scenario),
        *_surroundings(observation, habits),
        *leaks.find_leaks(observation, case, scenario, habits.exposures),
        *find_sent_credentials(observation, case, scenario),
    ]


def _requests(observation: Observation, case: Case, scenario: Scenario) -> Iterator[Finding]:
    count = len(observation.exchanges)
    for exchange in observation.exchanges:
        if exchange.host != scenario.request.host:
            yield Finding(
                "request",
                ("redirect", "follow", "location", "url", "http"),
                f"a request to {scenario.request.host} alone",
                f"one to {exchange.host}: a redirect was followed",
            )
            return
    if count != case.expect.requests:
        step = "credentials" if _lacks_credential(case, scenario) else "request"
        yield Finding(step, ("retr", "request"), f"{case.expect.requests} request(s)", str(count))
    if observation.connections < case.expect.connections:
        expected = f"{case.expect.connections} connection(s) at least"
        yield Finding("request", ("http",), expected, str(observation.connections))
    reported = set()
    for exchange in observation.exchanges:
        for finding in _request(exchange, case, scenario, observation.started_at):
            # A fault that several requests share is reported once.
            fault = finding.step, finding.hint, finding.expected
            if fault not in reported:
                reported.add(fault)
                yield finding


def _request(
    exchange: Exchange, case: Case, scenario: Scenario, started_at: float
) -> Iterator[Finding]:
    request = scenario.request
    if exchange.fault:
        yield Finding("request", (), "an HTTP request", exchange.fault)
        return
    if exchange.method != request.method:
        yield Finding("request", ("method",), request.method, exchange.method)
    if _decoded(exchange.target) != _decoded(request.target):
        path = request.target.partition("?")[0]
        yield Finding("request", (path, "http", "/"), request.target, exchange.target)
    yield from _body(exchange, scenario, case)
    expected = {"Host": request.authority, **request.headers}
    expected.setdefault("Content-Type", request.content_type)
    for name, value in expected.items():
        sent = ", ".join(exchange.header(name))
        if sent != value:
            yield Finding("request", (name,), f"{name}: {value or '(none)'}", sent or "none")
    yield from _unnamed_headers(exchange, case, expected)
    authorization = exchange.header("Authorization")
    if len(authorization) != 1:
        yield Finding("request", ("Authorization",), "one Authorization", str(len(authorization)))
        return
    if _lacks_credential(case, scenario):
        return  # no token is right
    credentials = {name: value or "" for name, value in case.credentials.items()}
    moment = _moment(case, started_at, exchange.received_at)
    yield from token.check_token(authorization[0], scenario, credentials, moment)


def _unnamed_headers(
    exchange: Exchange, case: Case, expected: Mapping[str, str]
) -> Iterator[Finding]:
    """Yield the headers that neither the scenario names nor a client sends by itself."""
    known = {name.lower() for name in (*expected, *case.client_headers, "Authorization")}
    for name in sorted({name.lower() for name, _value in exchange.headers} - known):
        shown = name if re.fullmatch(r"[a-z-]{1,40}", name) else "with another name"
        yield Finding("request", (name,), "the headers of the scenario alone", f"one {shown}")


def _body(exchange: Exchange, scenario: Scenario, case: Case) -> Iterator[Finding]:
    """Yield what is wrong with a request's body; how its JSON is written does not matter."""
    template = scenario.request.body
    sent = exchange.body.decode(errors="replace")
    if template is None:
        if sent:
            yield Finding("request", ("body", "data"), "no request body", _excerpt(sent))
        elif exchange.method in BODILESS and (sizes := exchange.header("Content-Length")):
            expected = f"{exchange.method} without the size of a body"
            yield Finding("request", ("body", "data"), expected, f"Content-Length: {sizes[0]}")
        return
    texts = {name: value or "" for name, value in case.credentials.items()}
    body = members.resolve_data(template, texts)
    if canonical_json(sent) != msgspec.json.encode(body, order="sorted").decode():
        expected = f"the body {msgspec.json.encode(body).decode()}"
        yield Finding("request", ("payload", "body", "data"), expected, _excerpt(sent))


def _moment(case: Case, started_at: float, received_at: float) -> RunMoment:
    """Return the earliest and the latest time at which the sample can have made the token."""
    clock = case.situation.clock
    if clock is None:
        return RunMoment(started_at, received_at)
    if clock.stands:
        return RunMoment(clock.at_seconds, clock.at_seconds, slack_seconds=0)
    if clock.step_seconds:
        # Nobody knows how often a runtime reads the clock before the sample does; that all times
        # come from one reading is what such a case can hold.
        return RunMoment(clock.at_seconds, math.inf)
    return RunMoment(clock.at_seconds, clock.at_seconds + received_at - started_at)


def _outcome(
    observation: Observation, case: Case, stderr: str, scenario: Scenario, habits: Habits
) -> Iterator[Finding]:
    expect = case.full_expectation
    hint: tuple[str, ...] = ()
    step = "response" if expect.requests else "request"
    if _lacks_credential(case, scenario):
        step = "credentials"
    if observation.exit_status != expect.exit_status:
        status = str(observation.exit_status)
        if expect.exit_status and case.waits:
            status += ": it outlasted its timeout and took the late answer"
            yield Finding("request", ("timeout", "max-time"), "exit status 1", status)
        else:
            hint = ("exit", "return", "abort", "status")
            yield Finding(step, hint, f"exit status {expect.exit_status}", status)
    stdout = observation.stdout.decode(errors="replace")
    if stdout not in (expect.stdout, _one_newline(expect.stdout)):
        hint = ("stdout", "print", "console", "Write", "echo", "puts")
        yield Finding(step, hint, f"stdout {_excerpt(expect.stdout)}", _excerpt(stdout))
    if expect.stderr is not None:
        if stderr not in (expect.stderr, _one_newline(expect.stderr)):
            hint = ("stderr", "error", "Fail", "abort", "exit")
            yield Finding(step, hint, f"stderr {_excerpt(expect.stderr)}", _excerpt(stderr))
    elif expect.stderr_lines is not None:
        outcome = "" if case.outcome is msgspec.UNSET else case.outcome
        pattern = habits.wording.get(outcome, expect.stderr_has)
        yield from _message(stderr, case, step, pattern)


def _surroundings(observation: Observation, habits: Habits) -> Iterator[Finding]:
    """Yield the files that are left, and a key that is waited for: a sample needs neither."""
    left = [
        path
        for path in observation.left
        if not any(re.fullmatch(leftover.path, path) for leftover in habits.leftovers)
    ]
    if observation.read_keys:
        hint: tuple[str, ...] = ("stdin", "read", "gets", "Scan")
        yield Finding("response", hint, "nothing read from the terminal", "a wait for a key")
    if left:
        hint = ("open", "write", "file", "save", "tee", ">")
        expected = "no file left in the home folder, in /tmp or beside the sample"
        yield Finding("response", hint, expected, ", ".join(left))


def _message(stderr: str, case: Case, step: str, pattern: str) -> Iterator[Finding]:
    hint = ("error", "Fail", "abort", "exit", "fwrite")
    least, most = case.full_expectation.stderr_lines or (1, 1)
    count = len(stderr.splitlines())
    if not least <= count <= most:
        expected = f"a message of {least} to {most} lines on stderr" if most > 1 else "one line"
        yield Finding(step, hint, expected, f"{count}: {_excerpt(stderr)}")
    elif not re.search(pattern, stderr):
        expected = f"a message that holds {pattern}"
        yield Finding(step, hint, expected, _excerpt(stderr))
    for never in case.stderr_never:
        match = re.search(never, stderr)
        if match:
            yield Finding(step, hint, "a short message", f"{_excerpt(match[0])} on stderr")


def _lacks_credential(case: Case, scenario: Scenario) -> bool:
    """Return whether the sample must end before it makes a token."""
    if case.expect.requests:
        return False
    texts = {whole: case.credentials[whole.environment] for whole in scenario.credentials.values()}
    return not all(text and whole.matches(text) for whole, text in texts.items())


def _decoded(target: str) -> tuple[list[str], list[list[str]]]:
    """Return path and query, decoded part by part.

    An encoded `&` separates nothing (RFC 3986, section 2.2).
    """
    path, _mark, query = target.partition("?")
    pairs = [[unquote(part) for part in pair.split("=", 1)] for pair in query.split("&")]
    return [unquote(part) for part in path.split("/")], pairs


def without_terminal_noise(
    observation: Observation, case: Case, habits: Habits = NO_HABITS
) -> Observation:
    """Return an observation without what the runtime itself writes to a terminal."""
    if not case.situation.on_terminal:
        return observation
    stdout = observation.stdout
    for pattern in (known.terminal for known in habits.noise if known.terminal is not None):
        stdout = re.sub(pattern.encode(), b"", stdout)
    return msgspec.structs.replace(observation, stdout=stdout)


def _without_noise(stderr: str, noise: Iterable[Noise]) -> str:
    for pattern in (known.stderr for known in noise if known.stderr is not None):
        stderr = re.sub(pattern, "", stderr)
    return stderr


def _one_newline(text: str) -> str:
    """Drop a second newline at the end: a body that ends in a newline needs no other."""
    return text[:-1] if text.endswith("\n\n") else text


def _excerpt(text: str) -> str:
    if not text:
        return "empty"
    short = text if len(text) <= LONGEST_EXCERPT else f"{text[:LONGEST_EXCERPT]}..."
    return repr(short)
