"""A job is done on a machine that was sent it, in a project's folder of its own."""

from __future__ import annotations

from contextlib import closing
from functools import lru_cache
from pathlib import Path

import msgspec

from tabproof import __version__, catalog
from tabproof.errors import TabproofError
from tabproof.isolation import BUBBLEWRAP
from tabproof.model.catalog import Catalog
from tabproof.proof import observe, runs, toolchains
from tabproof.proof.jobs import Done, Job, Part
from tabproof.proof.observe import GivenUp, never
from tabproof.proof.subject import Subject
from tabproof.proof.toolchains import Absent, Found

PROCESSORS = 1
"""How many runs of a job compute at the same time: a machine does a job on each processor."""


class Unlike(Exception):  # noqa: N818 - it is caught here and told as data
    """This machine is not like the one that sent the job."""


def do(job: Job, given_up: GivenUp = never) -> Done:
    """Do a job in the project whose folder is this process's own.

    What is wrong with this machine is told as data: another one could not read the exception.
    """
    if job.version != __version__:
        return Done(refused=f"it has Tabproof {__version__}, this machine {job.version}")
    try:
        with observe.work_folder() as folder:
            wanted = {
                identity: (subject, case)
                for number, part in enumerate(job.parts)
                for subject in [_laid(part, Path(folder, f"sample-{number}"), job.proof)]
                for identity, case in part.cases.items()
            }
            with closing(runs.here(wanted, PROCESSORS, given_up)) as told:
                seen = tuple(told)
        return Done(refused="it was told to stop") if given_up() else Done(seen)
    except (Unlike, TabproofError, OSError) as error:
        return Done(refused=str(error).rstrip("."))


def _laid(part: Part, folder: Path, proof: str) -> Subject:
    """A sample as a file of this machine's own, with this machine's toolchain.

    Raises:
        Unlike: a result from here would not be one of the toolchain that it would name.
    """
    sent = part.subject
    lack = _lacking(proof) if sent.isolation == BUBBLEWRAP else ""
    if lack:
        raise Unlike(lack)
    language = _catalog(proof).languages.get(sent.language.name)
    if language is None or toolchains.digest_of(language) != part.language_digest:
        raise Unlike(f"its templates/{sent.language.name} are not those of this machine")
    found = _same(sent, _found(proof, language.name))
    file = folder / Path(sent.file).name
    subject = msgspec.structs.replace(sent, file=str(file), language=language, found=found)
    own, other = (each.toolbox.shown() if each.toolbox else "" for each in (sent, subject))
    if own != other:
        raise Unlike(f"it has {other}, this machine {own}")
    folder.mkdir()
    file.write_bytes(part.content)
    return subject


def _same(sent: Subject, found: list[Found | Absent]) -> Found:
    """This machine's toolchain of the same runtime.

    Raises:
        Unlike: there is none.
    """
    variant = sent.sample.key.variant
    runtime = sent.toolbox.runtime if sent.toolbox else ""
    for each in toolchains.usable_ones(found, variant):
        if each.toolchain.runtime == runtime:
            return each
    raise Unlike(toolchains.lacking(_of_runtime(found, runtime), variant))


def _of_runtime(found: list[Found | Absent], runtime: str) -> list[Found | Absent]:
    return [each for each in found if each.toolchain.runtime == runtime]


# A machine may be changed between two proofs, and does many jobs of one.
@lru_cache(maxsize=1)
def _catalog(proof: str) -> Catalog:
    del proof
    return catalog.load(Path.cwd())


@lru_cache(maxsize=64)
def _found(proof: str, language: str) -> list[Found | Absent]:
    return toolchains.find(_catalog(proof).languages[language], Path.cwd())


@lru_cache(maxsize=1)
def _lacking(proof: str) -> str:
    del proof
    return observe.lacking()
