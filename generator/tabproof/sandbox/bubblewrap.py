"""Build bubblewrap's command lines: one sandbox around the worker, one around each run.

The outer one gives the worker a network of its own, in which it may bind port 443 and add
addresses. The inner one shows a run only the system, its own files, a fresh home folder and a fresh
/tmp; it inherits the worker's network.
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
WRITABLE_BYTES = str(64 << 20)
"""The size of each folder that a run may write to."""

MAX_CPU_SECONDS = 60


class View(msgspec.Struct, frozen=True):
    """Hold what one run sees of this machine.

    Attributes:
        writable: files and folders that it may write to.
        mounts: files and folders that it sees, read-only.
        environment: variable -> value; None removes a variable that every run has.
        folder: the working directory.
        tracer: a command around that of the run, which writes down what the run does.
        hidden: folders of the system in which it sees only the mounts.
        keeps_home: whether files that it writes to its home folder stay after it.
    """

    writable: tuple[Mount, ...]
    mounts: tuple[Mount, ...]
    environment: Mapping[str, str | None]
    folder: str
    command: tuple[str, ...]
    tracer: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    keeps_home: bool = False


def around_worker(program: str, work_folder: str, command: Iterable[str]) -> list[str]:
    """Return the command that runs the worker: no network, all but one folder read-only.

    Args:
        program: the path of bubblewrap.
        work_folder: the folder that the worker may write to.
        command: the worker's command.
    """
    # fmt: off
    return [
        program, "--unshare-all", "--die-with-parent", "--uid", "0", "--gid", "0",
        "--cap-add", "ALL", "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev",
        "--bind", work_folder, work_folder, "--", *command,
    ]
    # fmt: on


def copy_settings() -> None:
    """Copy /etc, with UTC as the time zone, in the worker; runs see the copy.

    A mount cannot cover a symbolic link such as /etc/localtime, so a copy is needed. Files that
    this user cannot read are left out.

    Raises:
        OSError: the copy cannot be made.
    """
    command = [shutil.which("cp", path=PATH) or "cp", "-a", SETTINGS, COPY]
    processes.run(command, COPY_SECONDS)
    for name in ("localtime", "timezone"):
        Path(COPY, name).unlink(missing_ok=True)
    # Every name that is not in the hosts file is asked for here, where nobody answers.
    Path(COPY, "resolv.conf").unlink(missing_ok=True)
    Path(COPY, "resolv.conf").write_text("nameserver 127.0.0.1\n")
    zone = UTC if Path(UTC).exists() else os.devnull  # an empty one is UTC too (tzset(3))
    Path(COPY, "localtime").symlink_to(zone)


def around_run(view: View) -> tuple[list[str], list[str]]:
    """Return bubblewrap's options for one run, without capabilities, and the command in it.

    The sandbox has no user namespace of its own: the kernel does not mount a fresh /proc in a
    nested one. Its network namespace is the one that bubblewrap is started in.
    """
    # fmt: off
    arguments = [
        "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--hostname", "reader",
        "--die-with-parent", "--new-session", "--cap-drop", "ALL",
    ]
    # fmt: on
    hidden = [folder for folder in view.hidden if _in_system(folder)]
    arguments += [*_system(), *(option for folder in hidden for option in ("--tmpfs", folder))]
    # Root in the sandbox is root to the kernel: it could change settings of the whole machine.
    arguments += ["--proc", "/proc", "--ro-bind", "/proc/sys", "/proc/sys"]
    arguments += ["--dev", "/dev", "--dir", PROJECT]
    for folder in ("/tmp", "/dev/shm"):  # noqa: S108 - the run's own
        arguments += ["--size", WRITABLE_BYTES, "--tmpfs", folder]
    for mount in view.writable:
        if mount.target == HOME and not view.keeps_home:
            arguments += _fresh_home(mount.source)
        else:
            arguments += ["--bind", mount.source, mount.target]
    for mount in view.mounts:
        arguments += ["--ro-bind", mount.source, mount.target]
    # bubblewrap's /dev is in memory and has no size.
    for folder in (*hidden, "/dev", "/"):
        arguments += ["--remount-ro", folder]
    arguments += ["--chdir", view.folder, "--clearenv"]
    for name, value in (base_environment() | dict(view.environment)).items():
        if value is not None:
            arguments += ["--setenv", name, value]
    return arguments, ["--", *_limits(), *view.command]


def _system() -> Iterator[str]:
    """Yield the options that mount the folders of the system that every run sees."""
    for name in SYSTEM:
        path = Path("/", name)
        if path.is_symlink():
            yield from ("--symlink", str(path.readlink()), str(path))
        elif path.exists():
            is_copied = str(path) == SETTINGS and Path(COPY).is_dir()
            yield from ("--ro-bind", COPY if is_copied else str(path), str(path))


def _in_system(folder: str) -> bool:
    """Return whether a folder is inside one that every run sees."""
    parts = Path(folder).parts
    return len(parts) > len(("/", "usr")) and parts[1] in SYSTEM and Path(folder).is_dir()


def _fresh_home(source: str) -> list[str]:
    """Return the options for a home folder of limited size, with the contents of another one."""
    arguments = ["--size", WRITABLE_BYTES, "--tmpfs", HOME]
    for path in sorted(Path(source).iterdir()):
        arguments += ["--ro-bind", str(path), f"{HOME}/{path.name}"]
    return arguments


@cache
def _limits() -> tuple[str, ...]:
    """Return the command that sets the kernel's limits: CPU time, no core dumps (prlimit(1))."""
    program = shutil.which("prlimit", path=PATH)
    return (program, f"--cpu={MAX_CPU_SECONDS}", "--core=0", "--") if program else ()


def base_environment() -> dict[str, str | None]:
    """Return the environment variables of every run, independent of this machine's."""
    return {"HOME": HOME, "PATH": PATH, "LANG": "C.UTF-8", "USER": "reader"}
