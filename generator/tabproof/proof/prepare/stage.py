"""Prepare everything that runs need before they can start: copies, ports, builds, homes."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import msgspec

from tabproof.model.isolation import REBASED, STAND_IN
from tabproof.model.result import Finding, Unavailable
from tabproof.model.scenario import Request
from tabproof.proof.prepare import build, rebase
from tabproof.proof.prepare.plan import plan_homes, plan_run
from tabproof.proof.prepare.runnable_sample import RequestedRuns, RunnableSample
from tabproof.sandbox.batch_runner import IsCancelled, never_cancelled
from tabproof.sandbox.protocol import Home, Observation, Run


class StagedRuns(msgspec.Struct, frozen=True):
    """Hold the runs that can start, and why the others cannot.

    Attributes:
        faults: the runs that cannot, and why.
        ports: the identity of each subject that is rebased -> the port of its copy.
    """

    runs: tuple[Run, ...]
    homes: dict[str, Home]
    faults: dict[str, Finding | Unavailable]
    requested: RequestedRuns
    ports: dict[str, int]

    def restored(self, observation: Observation) -> Observation:
        """Return an observation as it would be of the published bytes."""
        subject, _case = self.requested[observation.id]
        port = self.ports.get(subject.identity)
        if port is None:
            return observation
        return rebase.restore_observation(observation, subject.scenario.request, port)


@contextmanager
def stage_runs(
    requested: RequestedRuns, folder: str, processors: int, given_up: IsCancelled = never_cancelled
) -> Iterator[StagedRuns]:
    """Stage runs; their ports are freed at the end.

    Args:
        requested: what to run.
        folder: where copies and builds go.
        processors: how many builds may run at the same time.
        given_up: returns whether the runs are cancelled.
    """
    with ExitStack() as stack:
        subjects = {subject.identity: subject for subject, _case in requested.values()}
        ports = {s.identity: _port(stack) for s in subjects.values() if s.isolation == REBASED}
        stand_ins = {
            name: _stand_in(subject, Path(folder, f"copy-{number}"), ports.get(name))
            for number, (name, subject) in enumerate(subjects.items())
        }
        usable = [s for s in stand_ins.values() if not isinstance(s, Finding)]
        builds = build.build_samples(usable, folder, processors, given_up)
        runs: list[Run] = []
        faults: dict[str, Finding | Unavailable] = {}
        for identity, (subject, case) in requested.items():
            stand_in = stand_ins[subject.identity]
            if isinstance(stand_in, Finding):
                faults[identity] = stand_in
                continue
            built = builds.get(stand_in.identity)
            if isinstance(built, (Finding, Unavailable)):
                faults[identity] = built
                continue
            run = plan_run(identity, stand_in, case, built)
            runs.append(_adapted(run, subject.scenario.request, ports.get(subject.identity)))
        yield StagedRuns(tuple(runs), plan_homes(usable), faults, requested, ports)


def _port(stack: ExitStack) -> int:
    """Reserve a port for the mock API: it stays bound, so that no other process gets it."""
    holder = stack.enter_context(socket.socket())
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    holder.bind((STAND_IN, 0))
    port: int = holder.getsockname()[1]
    return port


def _stand_in(subject: RunnableSample, folder: Path, port: int | None) -> RunnableSample | Finding:
    """Return what runs in a subject's place: its copy where it is rebased, or itself."""
    if port is None:
        return subject
    content = Path(subject.file).read_bytes().decode(errors="surrogateescape")
    try:
        text = rebase.rebase_text(content, subject.scenario.request, port)
    except rebase.NotRebased as error:
        host = subject.scenario.request.host
        return Finding("request", (host,), "a run", f"none: it cannot be rebased: {error}")
    folder.mkdir()
    copy = folder / Path(subject.file).name
    copy.write_bytes(text.encode(errors="surrogateescape"))
    return rebase.rebased_sample(subject, str(copy))


def _adapted(run: Run, request: Request, port: int | None) -> Run:
    return run if port is None else rebase.rebase_run(run, request, port)
