"""Prepare everything that runs need before they can start: copies, ports, builds, homes."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import msgspec

from tabproof.model.isolation import REBASED, STAND_IN
from tabproof.model.result import Finding, Unavailable
from tabproof.model.scenario import Request
from tabproof.proof.prepare import build, rebase
from tabproof.proof.prepare.plan import plan_homes, plan_run
from tabproof.proof.prepare.runnable_sample import RequestedRuns, RunnableSample
from tabproof.samples.tree import sha256_of
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
        stand_ins = {name: _with_original(copy, stand_ins) for name, copy in stand_ins.items()}
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
    """Return what runs in a subject's place: a copy, with this machine for the API where rebased.

    The checkout may change during a proof: what runs are the bytes whose digest is recorded.
    """
    content = _read(subject.file)
    if content is None or sha256_of(content) != subject.digest:
        seen = "none: the file was changed during the proof"
        return Finding("install", (), "a run of the file that was read first", seen)
    if port is not None:
        text = content.decode(errors="surrogateescape")
        try:
            text = rebase.rebase_text(text, subject.scenario.request, port)
        except rebase.NotRebased as error:
            host = subject.scenario.request.host
            return Finding(
                "request", (host,), "a copy to run", f"none: it cannot be rebased: {error}"
            )
        content = text.encode(errors="surrogateescape")
    folder.mkdir()
    copy = folder / Path(subject.file).name
    copy.write_bytes(content)
    if port is not None:
        return rebase.rebased_sample(subject, str(copy))
    return msgspec.structs.replace(subject, file=str(copy))


def _read(file: str) -> bytes | None:
    try:
        return Path(file).read_bytes()
    except OSError:
        return None


def _with_original(
    copy: RunnableSample | Finding, copies: Mapping[str, RunnableSample | Finding]
) -> RunnableSample | Finding:
    """Return the copy of a mutant with the copy of its sample, if that is run too."""
    if isinstance(copy, Finding) or copy.original is None:
        return copy
    original = copies.get(copy.original.identity)
    if not isinstance(original, RunnableSample):
        return copy
    return msgspec.structs.replace(copy, original=original)


def _adapted(run: Run, request: Request, port: int | None) -> Run:
    return run if port is None else rebase.rebase_run(run, request, port)
