"""Make the copy of a sample that calls this machine, for machines without a sandbox.

Only the API's origin differs in it. Pure.
"""

from __future__ import annotations

import re

from msgspec.structs import replace

from tabproof.model.case import Action, Answer
from tabproof.model.isolation import STAND_IN
from tabproof.model.scenario import Request
from tabproof.proof.prepare.runnable_sample import RunnableSample
from tabproof.sandbox.protocol import Exchange, Observation, Run


class NotRebased(Exception):  # noqa: N818 - it is a state of a sample, reported as data
    """Says that a text does not name the API in a way that can be replaced."""


def rebase_text(text: str, request: Request, port: int) -> str:
    """Return a sample's text with this machine in the API's place.

    Args:
        text: the sample, which names the API by its host, with or without its port.
        request: the scenario's.
        port: where the mock API listens.

    Raises:
        NotRebased: it would still call the API itself, or does not name it.
    """
    new, count = _authority(request).subn(f"{STAND_IN}:{port}", text)
    if not count:
        raise NotRebased(f"{request.host} does not occur in the sample")
    if request.host.casefold() in new.casefold():
        raise NotRebased(f"{request.host} occurs in the sample as a part of something else")
    return new


def rebased_sample(subject: RunnableSample, file: str) -> RunnableSample:
    """Return a subject with its copy, and with what its toolchain needs outside the sandbox."""
    if isinstance(subject.toolchain, str):
        return subject
    toolchain = subject.toolchain.toolchain
    own = toolchain.rebased
    toolchain = replace(
        toolchain,
        environment=toolchain.environment | own.environment,
        run=own.run or toolchain.run,
    )
    return replace(subject, file=file, toolchain=replace(subject.toolchain, toolchain=toolchain))


def rebase_run(run: Run, request: Request, port: int) -> Run:
    """Return a run whose mock API listens on that port, and never redirects to the API itself."""
    actions = tuple(_action(action, request, port) for action in run.server.actions)
    return replace(run, server=replace(run.server, port=port, actions=actions))


def restore_observation(observation: Observation, request: Request, port: int) -> Observation:
    """Return an observation with the API's name where the copy had this machine's."""
    new = request.authority
    old = f"{STAND_IN}:{port}"
    return replace(
        observation,
        stdout=observation.stdout.replace(old.encode(), new.encode()),
        stderr=observation.stderr.replace(old.encode(), new.encode()),
        exchanges=tuple(_exchange(exchange, old, new) for exchange in observation.exchanges),
    )


def _authority(request: Request) -> re.Pattern[str]:
    """Match the host, with its port or without, where it is no part of another name.

    Source: RFC 3986, section 3.2.
    """
    host = re.escape(request.host)
    return re.compile(rf"(?<![\w.-]){host}(?::{request.port}\b)?(?![\w-]|\.\w|:\d)", re.IGNORECASE)


def _action(action: Action, request: Request, port: int) -> Action:
    if not isinstance(action, Answer):
        return action
    pattern, new = _authority(request), f"{STAND_IN}:{port}"
    headers = {name: pattern.sub(new, value) for name, value in action.headers.items()}
    return replace(action, headers=headers)


def _exchange(exchange: Exchange, old: str, new: str) -> Exchange:
    headers = tuple(
        (name, new if name.lower() == "host" and value == old else value)
        for name, value in exchange.headers
    )
    return replace(exchange, headers=headers)
