"""A job is done on a machine that was sent it, in a project's folder of its own."""

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


class DifferentMachine(Exception):  # noqa: N818 - it is caught here and told as data
    """This machine is not like the one that sent the job."""


def run_job(job: Job, given_up: IsCancelled = never_cancelled) -> JobResult:
    """Do a job in the project whose folder is this process's own.

    What is wrong with this machine is told as data: another one could not read the exception.
    """
    if job.version != __version__:
        return JobResult(refused=f"it has Tabproof {__version__}, this machine {job.version}")
    try:
        with batch_runner.work_folder() as folder:
            wanted = {
                identity: (subject, case)
                for number, part in enumerate(job.parts)
                for subject in [_laid(part, Path(folder, f"sample-{number}"), job.proof)]
                for identity, case in part.cases.items()
            }
            with closing(local.run_locally(wanted, PROCESSORS, given_up)) as told:
                seen = tuple(told)
        return JobResult(refused="it was told to stop") if given_up() else JobResult(seen)
    except (DifferentMachine, TabproofError, OSError) as error:
        return JobResult(refused=str(error).rstrip("."))


def _laid(part: JobPart, folder: Path, proof: str) -> RunnableSample:
    """A sample as a file of this machine's own, with this machine's toolchain.

    Raises:
        Unlike: a result from here would not be one of the toolchain that it would name.
    """
    sent = part.subject
    lack = _lacking(proof) if sent.isolation == BUBBLEWRAP else ""
    if lack:
        raise DifferentMachine(lack)
    language = _catalog(proof).languages.get(sent.language.name)
    if language is None or find.language_digest(language) != part.language_digest:
        raise DifferentMachine(f"its templates/{sent.language.name} are not those of this machine")
    found = _same(sent, _found(proof, language.name))
    file = folder / Path(sent.file).name
    subject = msgspec.structs.replace(sent, file=str(file), language=language, toolchain=found)
    own, other = (each.toolbox.label() if each.toolbox else "" for each in (sent, subject))
    if own != other:
        raise DifferentMachine(f"it has {other}, this machine {own}")
    folder.mkdir()
    file.write_bytes(part.content)
    return subject


def _same(
    sent: RunnableSample, found: list[InstalledToolchain | MissingToolchain]
) -> InstalledToolchain:
    """This machine's toolchain of the same runtime.

    Raises:
        Unlike: there is none.
    """
    variant = sent.sample.key.variant
    runtime = sent.toolbox.runtime if sent.toolbox else ""
    for each in find.usable_toolchains(found, variant):
        if each.toolchain.runtime == runtime:
            return each
    raise DifferentMachine(find.missing_toolchain_reason(_of_runtime(found, runtime), variant))


def _of_runtime(
    found: list[InstalledToolchain | MissingToolchain], runtime: str
) -> list[InstalledToolchain | MissingToolchain]:
    return [each for each in found if each.toolchain.runtime == runtime]


# A machine may be changed between two proofs, and does many jobs of one.
@lru_cache(maxsize=1)
def _catalog(proof: str) -> Catalog:
    del proof
    return catalog_reader.load(Path.cwd())


@lru_cache(maxsize=64)
def _found(proof: str, language: str) -> list[InstalledToolchain | MissingToolchain]:
    return find.find_toolchains(_catalog(proof).languages[language], Path.cwd())


@lru_cache(maxsize=1)
def _lacking(proof: str) -> str:
    del proof
    return isolation_choice.missing_sandbox()
