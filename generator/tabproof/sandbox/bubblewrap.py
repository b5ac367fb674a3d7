"""Build bubblewrap's command lines: a sandbox around the worker, around each run, around each tool.

The worker's gives it a network of its own, in which it may bind port 443 and add addresses. A run's
is inside of that: it shows only the system, the run's own files, a fresh home folder and a fresh
/tmp; it inherits the worker's network. A tool's (a compiler, a parser, a linter) shows it the same
way only its own files, and has a network with nothing in it.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import IO

import msgspec

from tabproof.sandbox import process_limit
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
WRITABLE_BYTES = 64 << 20
"""The size of each folder that a run may write to."""

TOOL_BYTES = 512 << 20
"""The size of a tool's home folder, and of its /tmp: compilers write more than samples."""

MAX_CPU_SECONDS = 60

NAMESPACES = ("--unshare-pid", "--unshare-ipc", "--unshare-uts", "--hostname", "reader")

MOST_TOOL_TASKS = 2048
"""How many processes and threads a tool may have at the same time."""


class View(msgspec.Struct, frozen=True):
    """Hold what one run, or one tool, sees of this machine.

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


def around_worker(program: str, folders: Iterable[str], command: Iterable[str]) -> list[str]:
    """Return the command that runs the worker: no network, all but some folders read-only.

    Args:
        program: the path of bubblewrap.
        folders: those that the worker may write to.
        command: the worker's command.
    """
    # fmt: off
    return [
        program, "--unshare-all", "--die-with-parent", "--uid", "0", "--gid", "0",
        "--cap-add", "ALL", "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev",
        *(word for folder in folders for word in ("--bind", folder, folder)), "--", *command,
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
    settings = COPY if Path(COPY).is_dir() else SETTINGS
    options = [*NAMESPACES, *_isolated(view, settings, WRITABLE_BYTES)]
    return options, ["--", *_limits(), *view.command]


def around_tool(program: str, view: View, options_fd: int) -> list[str]:
    """Return the command that runs a compiler, a parser or a linter, apart from its options.

    As a run is, it is in two sandboxes: the outer one has the network, in which nothing listens,
    and the limit on processes that the kernel keeps.

    Args:
        program: the path of bubblewrap.
        view: what the tool sees.
        options_fd: the file descriptor of the inner sandbox's options.
    """
    inner = [program, "--args", str(options_fd), "--", *view.command]
    folders = [mount.source for mount in view.writable]
    return around_worker(program, folders, process_limit.limited(MOST_TOOL_TASKS, inner))


def tool_options(view: View) -> list[str]:
    """Return bubblewrap's options for a compiler, a parser or a linter."""
    return [*NAMESPACES, *_isolated(view, SETTINGS, TOOL_BYTES)]


def _isolated(view: View, settings: str, size: int) -> list[str]:
    """Return the options that show only a view, without capabilities.

    Args:
        view: what is seen.
        settings: the folder that is seen as /etc.
        size: of each folder in memory, in bytes.
    """
    arguments = ["--die-with-parent", "--new-session", "--cap-drop", "ALL"]
    hidden = [folder for folder in view.hidden if _in_system(folder)]
    arguments += _system(settings)
    arguments += [option for folder in hidden for option in ("--tmpfs", folder)]
    # Root in the sandbox is root to the kernel: it could change settings of the whole machine.
    arguments += ["--proc", "/proc", "--ro-bind", "/proc/sys", "/proc/sys"]
    arguments += ["--dev", "/dev", "--dir", PROJECT]
    given = {mount.target for mount in view.writable}
    for folder in sorted({"/tmp", "/dev/shm"} - given):  # noqa: S108 - the run's own
        arguments += ["--size", str(size), "--tmpfs", folder]
    # One that is inside of another comes after it, or it would be covered.
    for mount in sorted((*view.writable, *view.mounts), key=lambda m: len(Path(m.target).parts)):
        if mount.target == HOME and not view.keeps_home:
            arguments += _fresh_home(mount.source, size)
        else:
            option = "--bind" if mount in view.writable else "--ro-bind"
            arguments += [option, mount.source, mount.target]
    # bubblewrap's /dev is in memory and has no size.
    for folder in (*hidden, "/dev", "/"):
        arguments += ["--remount-ro", folder]
    arguments += ["--chdir", view.folder, "--clearenv"]
    for name, value in (base_environment() | dict(view.environment)).items():
        if value is not None:
            arguments += ["--setenv", name, value]
    return arguments


def _system(settings: str) -> Iterator[str]:
    """Yield the options that mount the folders of the system that every run sees."""
    for name in SYSTEM:
        path = Path("/", name)
        if path.is_symlink():
            yield from ("--symlink", str(path.readlink()), str(path))
        elif path.exists():
            yield from ("--ro-bind", settings if str(path) == SETTINGS else str(path), str(path))


def _in_system(folder: str) -> bool:
    """Return whether a folder is inside one that every run sees."""
    parts = Path(folder).parts
    return len(parts) > len(("/", "usr")) and parts[1] in SYSTEM and Path(folder).is_dir()


def _fresh_home(source: str, size: int) -> list[str]:
    """Return the options for a home folder of limited size, with the contents of another one."""
    arguments = ["--size", str(size), "--tmpfs", HOME]
    for path in sorted(Path(source).iterdir()):
        arguments += ["--ro-bind", str(path), f"{HOME}/{path.name}"]
    return arguments


@cache
def _limits() -> tuple[str, ...]:
    """Return the command that sets the kernel's limits: CPU time, no core dumps (prlimit(1))."""
    program = shutil.which("prlimit", path=PATH)
    return (program, f"--cpu={MAX_CPU_SECONDS}", "--core=0", "--") if program else ()


@contextmanager
def options_file(options: Iterable[str], folder: Path | None = None) -> Iterator[IO[bytes]]:
    """Write options to a file without a name, for `--args`.

    Process 1 in a sandbox is bubblewrap, and what is in there can read /proc/1/cmdline.
    """
    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(b"".join(os.fsencode(option) + b"\0" for option in options))
        file.seek(0)
        yield file


def refusal(output: bytes) -> str:
    """Return why bubblewrap, or the program in it that sets limits, did not start a command."""
    first_line = output.decode(errors="replace").partition("\n")[0]
    return first_line if first_line.startswith(("bwrap: ", "prlimit: ")) else ""


def base_environment() -> dict[str, str | None]:
    """Return the environment variables of every run, independent of this machine's."""
    return {"HOME": HOME, "PATH": PATH, "LANG": "C.UTF-8", "USER": "reader"}
