"""The edge where a run's surroundings are laid out: its home, its hosts file, its files."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

import msgspec

from tabproof.model.case import Resolution
from tabproof.sandbox.bubblewrap import BUNDLE, PATH, View
from tabproof.sandbox.protocol import HOME, TRACE, Mount, Run

TOOLS = "/tools"
"""The folder of programs of a run that does not find all of them."""


class SharedFiles(msgspec.Struct, frozen=True):
    """What the runs of a batch see alike, and cannot write to.

    Attributes:
        bundle: the file with the certificate of the sandbox's authority.
        tools: names of programs that are hidden -> a folder of links to all others.
    """

    bundle: str
    tools: Mapping[tuple[str, ...], Path]


def lay_out(
    folder: Path, run: Run, addresses: Mapping[str, str], home: Path | None, shared: SharedFiles
) -> View:
    """Lay out what a run sees.

    Args:
        folder: an empty folder of the run's own.
        run: what is run.
        addresses: host -> the address that the mock API has for it.
        home: a home folder to start with.
        shared: what it has in common with other runs.
    """
    (folder / "hosts").write_text(_hosts(addresses, run.server.resolves))
    (folder / "trace").touch()
    if home:
        shutil.copytree(home, folder / "home", symlinks=True)
    else:
        (folder / "home").mkdir()
    writable = [Mount(str(folder / "home"), HOME)]
    if run.traces:
        writable.append(Mount(str(folder / "trace"), TRACE))
    return View(
        writable=tuple(writable),
        mounts=(
            *system_mounts(str(folder / "hosts"), shared.bundle),
            *run.mounts,
            *_files(folder, run.files),
            *([Mount(str(shared.tools[run.hides]), TOOLS)] if run.hides else []),
        ),
        environment={"PATH": TOOLS, **run.environment} if run.hides else run.environment,
        folder=run.folder,
        command=run.command,
        hidden=run.hidden,
    )


def system_mounts(hosts_file: str, bundle: str) -> Iterator[Mount]:
    """The files that lie over the system's own."""
    yield Mount(hosts_file, "/etc/hosts")
    if Path(BUNDLE).exists():
        yield Mount(bundle, BUNDLE)


def _hosts(addresses: Mapping[str, str], resolves: Resolution) -> str:
    lines = ["127.0.0.1 localhost reader"]
    for number, (host, address) in enumerate(addresses.items()):
        # The first host is the API's: the one that a case may keep from being found.
        if number == 0 and resolves == "none":
            continue
        if number == 0 and resolves == "dual-stack":
            lines.append(f"::1 {host}")
        lines.append(f"{address} {host}")
    return "\n".join(lines) + "\n"


def _files(folder: Path, files: Mapping[str, str]) -> Iterator[Mount]:
    """Write the case's files; those in the home folder lie there, the others are mounted."""
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


def lay_tools(folder: Path, hides: Collection[str]) -> Path:
    """Make a folder of links to every program but those that a case hides."""
    folder.mkdir()
    for place in filter(Path.is_dir, map(Path, PATH.split(":"))):
        for program in place.iterdir():
            link = folder / program.name
            if program.name not in hides and not link.is_symlink():
                link.symlink_to(program)
    return folder
