"""The command lines of bubblewrap: one sandbox around the worker, one around each run.

The outer one gives the worker a network of its own, in which it may bind port 443 and add
addresses. The inner one shows a run nothing but the system, its own files, a fresh home and a
fresh /tmp; it inherits the worker's network.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from tabproof.sandbox.protocol import Mount

SYSTEM = ("bin", "etc", "lib", "lib32", "lib64", "libx32", "nix", "opt", "sbin", "usr")
HOME = "/home/reader"
PROJECT = "/project"
BUNDLE = "/etc/ssl/certs/ca-certificates.crt"
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
PACKAGE = "bubblewrap"


def around_worker(program: str, work_folder: str, command: Iterable[str]) -> list[str]:
    """The sandbox of the worker: this file system, read-only but for one folder, no network."""
    # fmt: off
    return [
        program, "--unshare-all", "--die-with-parent", "--uid", "0", "--gid", "0",
        "--cap-add", "ALL", "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev",
        "--bind", work_folder, work_folder, "--", *command,
    ]
    # fmt: on


def around_run(  # noqa: PLR0913 - each is a part of what the run can see
    program: str,
    *,
    home: str,
    hosts_file: str,
    bundle: str,
    mounts: Iterable[Mount],
    environment: Mapping[str, str],
    command: Iterable[str],
) -> list[str]:
    """The sandbox of one run, without capabilities.

    It has no user namespace of its own: a kernel mounts no fresh /proc in a second one.
    """
    # fmt: off
    arguments = [
        program, "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--hostname", "reader",
        "--die-with-parent", "--new-session", "--cap-drop", "ALL",
    ]
    # fmt: on
    for name in SYSTEM:
        path = Path("/", name)
        if path.is_symlink():
            arguments += ["--symlink", str(path.readlink()), str(path)]
        elif path.exists():
            arguments += ["--ro-bind", str(path), str(path)]
    arguments += ["--ro-bind", hosts_file, "/etc/hosts"]
    if Path(BUNDLE).exists():
        arguments += ["--ro-bind", bundle, BUNDLE]
    arguments += ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"]  # noqa: S108 - its own
    arguments += ["--dir", PROJECT, "--bind", home, HOME]
    for mount in mounts:
        arguments += ["--ro-bind", mount.source, mount.target]
    arguments += ["--remount-ro", "/", "--chdir", PROJECT, "--clearenv"]
    for name, value in (base_environment() | dict(environment)).items():
        arguments += ["--setenv", name, value]
    return [*arguments, "--", *command]


def base_environment() -> dict[str, str]:
    """What every run finds in its environment, whatever this machine's own holds."""
    return {"HOME": HOME, "PATH": PATH, "LANG": "C.UTF-8", "USER": "reader"}
