"""Write the files of a run: its home folder, its hosts file, the files of its case."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

import msgspec

from tabproof.model.case import Resolution
from tabproof.sandbox.bubblewrap import BUNDLE, PATH, View
from tabproof.sandbox.protocol import HOME, TRACE, Mount, Programs, Run
from tabproof.sandbox.writable_folders import FOLDERS

TOOLS = "/tools"
"""The folder of programs on PATH, for a run from which some are hidden."""


class SharedFiles(msgspec.Struct, frozen=True):
    """Hold the read-only files that the runs of a batch share.

    Attributes:
        bundle: the file with the certificate of the sandbox's authority.
        tools: programs that are hidden or fail -> a folder with links to all others.
    """

    bundle: str
    tools: Mapping[Programs, Path]


def write_run_files(
    folder: Path, run: Run, addresses: Mapping[str, str], home: Path | None, shared: SharedFiles
) -> View:
    """Write the files of a run; return what it sees.

    Args:
        folder: a folder for this run only, with nothing in it but empty writable folders.
        run: the run.
        addresses: host -> the address on which the mock API listens for it.
        home: a home folder to copy; None for an empty one.
        shared: the files that the runs of a batch share.
    """
    (folder / "hosts").write_text(_hosts_file(addresses, run.server.resolves))
    if home:
        shutil.copytree(home, folder / "home", symlinks=True, dirs_exist_ok=True)
    trace = str(folder / "trace")
    return View(
        writable=tuple(Mount(str(folder / name), path) for name, path in FOLDERS.items()),
        mounts=(
            *system_mounts(str(folder / "hosts"), shared.bundle),
            *run.mounts,
            *_write_case_files(folder, run.files),
            *([Mount(str(shared.tools[run.programs]), TOOLS)] if any(run.programs) else []),
        ),
        environment={"PATH": TOOLS, **run.environment} if any(run.programs) else run.environment,
        folder=run.folder,
        command=run.command,
        tracer=tuple(trace if word == TRACE else word for word in run.tracer),
        hidden=run.hidden,
        keeps_home=True,
    )


def system_mounts(hosts_file: str, bundle: str) -> Iterator[Mount]:
    """Yield the mounts that replace files of the system."""
    yield Mount(hosts_file, "/etc/hosts")
    if Path(BUNDLE).exists():
        yield Mount(bundle, BUNDLE)


def _hosts_file(addresses: Mapping[str, str], resolves: Resolution) -> str:
    lines = ["127.0.0.1 localhost reader"]
    for number, (host, address) in enumerate(addresses.items()):
        # The first host is the API's: the one that a case may make unresolvable.
        if number == 0 and resolves == "none":
            continue
        if number == 0 and resolves == "dual-stack":
            lines.append(f"::1 {host}")
        lines.append(f"{address} {host}")
    return "\n".join(lines) + "\n"


def _write_case_files(folder: Path, files: Mapping[str, str]) -> Iterator[Mount]:
    """Write the case's files: into the home folder, or elsewhere, with their mounts yielded."""
    for number, (target, content) in enumerate(files.items()):
        path = Path(target)
        if path.is_relative_to(HOME):
            place = folder / "home" / path.relative_to(HOME)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(content)
        else:
            place = folder / f"file-{number}"
            place.write_text(content)
            yield Mount(str(place), target)


def link_programs(folder: Path, hides: Collection[str], breaks: Collection[str]) -> Path:
    """Make a folder of links to every program but those that a case hides or breaks."""
    folder.mkdir()
    for path in filter(Path.is_dir, map(Path, PATH.split(":"))):
        for program in path.iterdir():
            link = folder / program.name
            if program.name not in (*hides, *breaks) and not link.is_symlink():
                link.symlink_to(program)
    for name in breaks:
        broken = folder / name
        broken.write_text(f"#!/bin/sh\necho '{name}: it does not work' >&2\nexit 1\n")
        broken.chmod(0o755)
    return folder
