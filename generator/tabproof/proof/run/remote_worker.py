"""Do a job on the machine that received it, in its own folder of the project."""

from __future__ import annotations

from contextlib import closing
from functools import lru_cache
from pathlib import Path

import msgspec

from tabproof import __version__
from tabproof.errors import TabproofError
from tabproof.model.catalog import Catalog
from tabproof.model.isolation import BUBBLEWRAP
from tabproof.project import catalog_reader
from tabproof.proof.prepare.runnable_sample import RunnableSample
from tabproof.proof.run import local
from tabproof.proof.run.jobs import Job, JobPart, JobResult
from tabproof.sandbox import batch_runner, isolation_choice
from tabproof.sandbox.batch_runner import IsCancelled, never_cancelled
from tabproof.toolchains import find
from tabproof.toolchains.find import InstalledToolchain, MissingToolchain

PROCESSORS = 1
"""How many runs of a job compute at the same time: a machine does a job on each processor."""


class DifferentMachine(Exception):  # noqa: N818 - it is caught here and reported as data
    """Says that this machine is not like the one that sent the job."""


def run_job(job: Job, given_up: IsCancelled = never_cancelled) -> JobResult:
    """Do a job in the project whose folder is this process's own.

    A fault of this machine is returned as data: the other machine could not read the exception.
    """
    if job.version != __version__:
        return JobResult(refused=f"it has Tabproof {__version__}, this machine {job.version}")
    try:
        with batch_runner.work_folder() as folder:
            requested = {
                identity: (subject, case)
                for number, part in enumerate(job.parts)
                for subject in [_prepare(part, Path(folder, f"sample-{number}"), job.proof)]
                for identity, case in part.cases.items()
            }
            with closing(local.run_locally(requested, PROCESSORS, given_up)) as outcomes:
                result = JobResult(tuple(outcomes))
        return JobResult(refused="it was told to stop") if given_up() else result
    except (DifferentMachine, TabproofError, OSError) as error:
        return JobResult(refused=str(error).rstrip("."))


def _prepare(part: JobPart, folder: Path, proof: str) -> RunnableSample:
    """Write a sample to a file of this machine, and give it this machine's toolchain.

    Raises:
        DifferentMachine: a result of this machine would name a toolchain that it has not.
    """
    sent = part.subject
    reason = _missing_sandbox(proof) if sent.isolation == BUBBLEWRAP else ""
    if reason:
        raise DifferentMachine(reason)
    language = _catalog(proof).languages.get(sent.language.name)
    if language is None or find.language_digest(language) != part.language_digest:
        raise DifferentMachine(f"its templates/{sent.language.name} are not those of this machine")
    toolchain = _same_toolchain(sent, _toolchains(proof, language.name))
    file = folder / Path(sent.file).name
    subject = msgspec.structs.replace(sent, file=str(file), language=language, toolchain=toolchain)
    own, other = (s.toolbox.label() if s.toolbox else "" for s in (sent, subject))
    if own != other:
        raise DifferentMachine(f"it has {other}, this machine {own}")
    folder.mkdir()
    file.write_bytes(part.content)
    return subject


def _same_toolchain(
    sent: RunnableSample, toolchains: list[InstalledToolchain | MissingToolchain]
) -> InstalledToolchain:
    """Return this machine's toolchain of the same runtime.

    Raises:
        DifferentMachine: there is none.
    """
    variant = sent.sample.key.variant
    runtime = sent.toolbox.runtime if sent.toolbox else ""
    for candidate in find.usable_toolchains(toolchains, variant):
        if candidate.toolchain.runtime == runtime:
            return candidate
    raise DifferentMachine(find.missing_toolchain_reason(_of_runtime(toolchains, runtime), variant))


def _of_runtime(
    toolchains: list[InstalledToolchain | MissingToolchain], runtime: str
) -> list[InstalledToolchain | MissingToolchain]:
    return [t for t in toolchains if t.toolchain.runtime == runtime]


# A machine may be changed between two proofs, and does many jobs of one.
@lru_cache(maxsize=1)
def _catalog(proof: str) -> Catalog:
    del proof
    return catalog_reader.load(Path.cwd())


@lru_cache(maxsize=64)
def _toolchains(proof: str, language: str) -> list[InstalledToolchain | MissingToolchain]:
    return find.find_toolchains(_catalog(proof).languages[language], Path.cwd())


@lru_cache(maxsize=1)
def _missing_sandbox(proof: str) -> str:
    del proof
    return isolation_choice.missing_sandbox()
