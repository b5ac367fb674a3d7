"""The command lines of bubblewrap: one sandbox around the worker, one around each run.

The outer one gives the worker a network of its own, in which it may bind port 443 and add
addresses. The inner one shows a run nothing but the system, its own files, a fresh home and a
fresh /tmp; it inherits the worker's network.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

import msgspec

from tabproof.sandbox.protocol import HOME, PROJECT, Mount
from tabproof.system import processes

SYSTEM = ("bin", "etc", "lib", "lib32", "lib64", "libx32", "nix", "opt", "sbin", "usr")
BUNDLE = "/etc/ssl/certs/ca-certificates.crt"
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
SETTINGS = "/etc"
COPY_SECONDS = 60
COPY = "/dev/shm/etc"  # noqa: S108 - the worker's own /dev/shm, in memory
UTC = "/usr/share/zoneinfo/Etc/UTC"
PACKAGE = "bubblewrap"
ROOM_BYTES = str(64 << 20)
"""How much a run may write to each of its folders."""

MOST_CPU_SECONDS = 60


class View(msgspec.Struct, frozen=True):
    """What one run sees of this machine.

    Attributes:
        environment: variable -> value, None to take away what a run otherwise finds.
        hidden: folders of the system of which it sees the mounts alone.
        folder: where it starts.
        keeps_home: whether what it writes to its home folder is kept.
    """

    writable: tuple[Mount, ...]
    mounts: tuple[Mount, ...]
    environment: Mapping[str, str | None]
    folder: str
    command: tuple[str, ...]
    hidden: tuple[str, ...] = ()
    keeps_home: bool = False


def around_worker(program: str, work_folder: str, command: Iterable[str]) -> list[str]:
    """The sandbox of the worker: this file system, read-only but for one folder, no network."""
    # fmt: off
    return [
        program, "--unshare-all", "--die-with-parent", "--uid", "0", "--gid", "0",
        "--cap-add", "ALL", "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev",
        "--bind", work_folder, work_folder, "--", *command,
    ]
    # fmt: on


def copy_settings() -> None:
    """In the worker: copy /etc as a machine in UTC has it; runs see the copy.

    A link cannot be mounted over, so that nothing can take the place of /etc/localtime. What this
    user cannot read is left out.

    Raises:
        OSError: there is no copy.
    """
    command = [shutil.which("cp", path=PATH) or "cp", "-a", SETTINGS, COPY]
    processes.run(command, COPY_SECONDS)
    for name in ("localtime", "timezone"):
        Path(COPY, name).unlink(missing_ok=True)
    zone = UTC if Path(UTC).exists() else os.devnull  # an empty one is UTC too (tzset(3))
    Path(COPY, "localtime").symlink_to(zone)


def around_run(program: str, view: View) -> list[str]:
    """The sandbox of one run, without capabilities.

    It has no user namespace of its own: a kernel mounts no fresh /proc in a second one.
    """
    # fmt: off
    arguments = [
        program, "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--hostname", "reader",
        "--die-with-parent", "--new-session", "--cap-drop", "ALL",
    ]
    # fmt: on
    hidden = [folder for folder in view.hidden if _in_system(folder)]
    arguments += [*_system(), *(word for folder in hidden for word in ("--tmpfs", folder))]
    # To the kernel root is root in there too: it could change settings of the whole machine.
    arguments += ["--proc", "/proc", "--ro-bind", "/proc/sys", "/proc/sys"]
    arguments += ["--dev", "/dev", "--dir", PROJECT]
    for folder in ("/tmp", "/dev/shm"):  # noqa: S108 - the run's own
        arguments += ["--size", ROOM_BYTES, "--tmpfs", folder]
    for mount in view.writable:
        if mount.target == HOME and not view.keeps_home:
            arguments += _fresh_home(mount.source)
        else:
            arguments += ["--bind", mount.source, mount.target]
    for mount in view.mounts:
        arguments += ["--ro-bind", mount.source, mount.target]
    for folder in (*hidden, "/"):
        arguments += ["--remount-ro", folder]
    arguments += ["--chdir", view.folder, "--clearenv"]
    for name, value in (base_environment() | dict(view.environment)).items():
        if value is not None:
            arguments += ["--setenv", name, value]
    return [*arguments, "--", *_limits(), *view.command]


def _system() -> Iterator[str]:
    """What every run sees of this machine."""
    for name in SYSTEM:
        path = Path("/", name)
        if path.is_symlink():
            yield from ("--symlink", str(path.readlink()), str(path))
        elif path.exists():
            copied = str(path) == SETTINGS and Path(COPY).is_dir()
            yield from ("--ro-bind", COPY if copied else str(path), str(path))


def _in_system(folder: str) -> bool:
    """Whether a run would see a folder: it lies in one that every run sees."""
    parts = Path(folder).parts
    return len(parts) > len(("/", "usr")) and parts[1] in SYSTEM and Path(folder).is_dir()


def _fresh_home(source: str) -> list[str]:
    """A home folder of bounded size that begins with what is in another one."""
    arguments = ["--size", ROOM_BYTES, "--tmpfs", HOME]
    for path in sorted(Path(source).iterdir()):
        arguments += ["--ro-bind", str(path), f"{HOME}/{path.name}"]
    return arguments


@cache
def _limits() -> tuple[str, ...]:
    """The kernel's own limits: on computing time, and no memory dumps (prlimit(1))."""
    program = shutil.which("prlimit", path=PATH)
    return (program, f"--cpu={MOST_CPU_SECONDS}", "--core=0", "--") if program else ()


def base_environment() -> dict[str, str | None]:
    """What every run finds in its environment, whatever this machine's own holds."""
    return {"HOME": HOME, "PATH": PATH, "LANG": "C.UTF-8", "USER": "reader"}
