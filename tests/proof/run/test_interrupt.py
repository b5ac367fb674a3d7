"""The program is interrupted at every stage of its work, in every way that a person can."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.proof.machines import machines

from tabproof.project import catalog_reader
from tabproof.render.renderer import Renderer
from tabproof.samples import record_files
from tabproof.system.files import TEMPORARY_PREFIX
from tabproof.system.kept import FOLDER

PATIENCE_SECONDS = 120
"""For what must happen, however slow the machine is."""

MARK = "TABPROOF_TEST_MARK"
LINE = "tabproof: interrupted\n"
ONE = ("--scenario", "list-users")
PYTHON = ("prove", "--fresh", *ONE, "--language", "python", "--variant", "stdlib")
CSHARP = ("prove", "--fresh", *ONE, "--language", "csharp", "--variant", "stdlib")
PAGE_BYTES = 4096
CHILD = ("sleep", "1000")


class Project:
    """A copy of the samples, and the program at work on it in a session of its own."""

    def __init__(self, root: Path, folder: Path, kept: Path) -> None:
        self.root = folder / "project"
        self.temporary = folder / "temporary"
        self.programs = folder / "bin"
        self.reached = folder / "reached"
        for place in (self.temporary, self.programs):
            place.mkdir()
        for name in ("samples", "templates/scenarios"):
            shutil.copytree(root / name, self.root / name)
        shutil.copytree(kept / FOLDER, self.root / FOLDER)
        (self.root / ".tabproof/toolchains").symlink_to(root / ".tabproof/toolchains")
        self.mark = str(uuid.uuid4())
        self.samples = self.files("samples")
        self.known: set[tuple[int, str]] = set()

    def files(self, folder: str = "") -> dict[Path, bytes]:
        return {p: p.read_bytes() for p in (self.root / folder).rglob("*") if p.is_file()}

    def environment(self) -> dict[str, str]:
        path = f"{self.programs}:{os.environ['PATH']}"
        own = {"PATH": path, "TMPDIR": str(self.temporary), MARK: self.mark, "TERM": "xterm"}
        return {**os.environ, **own, "PYTHONFAULTHANDLER": "1"}

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "tabproof", "--root", str(self.root), *words]

    @contextlib.contextmanager
    def program(
        self, *words: str, stdout: int = subprocess.PIPE
    ) -> Iterator[subprocess.Popen[str]]:
        with subprocess.Popen(
            self.command(*words),
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        ) as process:
            try:
                yield process
            finally:
                process.kill()

    def hangs(self, name: str, *, unless: str = "") -> None:
        """Put a program on PATH that waits for its child, unless its first argument is this one."""
        script = self.programs / name
        script.write_text(
            f'#!/bin/sh\n[ "$1" = "{unless}" ] && echo 10.0.100 && exit\n'
            f"{' '.join(CHILD)} &\nwait\n"
        )
        script.chmod(0o755)

    def stops_bubblewrap(self, moment: str) -> None:
        """Put a bwrap on PATH that stands still right after it has cloned the sandbox's process.

        Args:
            moment: a word of the command line of the sandbox that this happens to.
        """
        bwrap, script, never = shutil.which("bwrap"), self.programs / "bwrap", self.root / "never"
        os.mkfifo(never)
        still = "--unshare-user --info-fd 8 --userns-block-fd 9"
        script.write_text(
            f"""#!/bin/sh
case "$*" in
  *"{moment}"*) exec {bwrap} {still} "$@" 8>/dev/null 9<>{never} ;;
  *) exec {bwrap} "$@" ;;
esac
"""
        )
        script.chmod(0o755)

    def wait_for(self, moment: Callable[[], bool], process: subprocess.Popen[str]) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not moment():
            assert process.poll() is None, process.stderr and process.stderr.read()
            assert time.monotonic() < deadline
            time.sleep(0.01)
        self.known = set(descendants(process.pid))

    def no_process_is_left(self) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self.alive() and time.monotonic() < deadline:
            time.sleep(0.1)
        assert self.alive() == []

    def nothing_is_left(self) -> None:
        """No process, no temporary folder, no file that is half written; the samples as before."""
        self.no_process_is_left()
        assert list(self.temporary.iterdir()) == []
        assert self.files("samples") == self.samples
        assert [p for p in self.files() if p.name.startswith(TEMPORARY_PREFIX)] == []

    def alive(self) -> list[str]:
        """The commands of processes that were under way at the interruption, or have the mark."""
        found = []
        for process, parent, begun in processes():
            environment, words = read(process, "environ"), read(process, "cmdline")
            marked = self.mark.encode() in environment or str(self.temporary).encode() in words
            if parent and (marked or (process, begun) in self.known):
                found.append(words.decode(errors="replace"))
        return found


def processes() -> Iterator[tuple[int, int, str]]:
    """Process, parent (0 for a zombie) and when it began, of all that are alive."""
    for folder in Path("/proc").glob("[0-9]*"):
        fields = read(int(folder.name), "stat").decode(errors="replace").rpartition(")")[2].split()
        if fields:
            yield int(folder.name), 0 if fields[0] in "ZX" else int(fields[1]), fields[19]


def read(process: int, name: str) -> bytes:
    try:
        return Path(f"/proc/{process}/{name}").read_bytes()
    except OSError:
        return b""


def descendants(root: int) -> list[tuple[int, str]]:
    """All that come from a process, each with when it began."""
    found, all_of_them = [(root, "")], list(processes())
    for parent, _begun in found:
        found += [(process, begun) for process, of, begun in all_of_them if of == parent]
    return found[1:]


def hears(process: int) -> bool:
    """Whether a process catches SIGTERM."""
    caught = re.search(rb"SigCgt:\s*([0-9a-f]+)", read(process, "status"))
    return caught is not None and bool(int(caught[1], 16) >> (signal.SIGTERM - 1) & 1)


def runs(root: int) -> bool:
    """Whether the Python sample is being run somewhere below a process."""
    for process, _begun in descendants(root):
        program, *words = read(process, "cmdline").split(b"\0")
        is_python = os.path.basename(program).startswith(b"python")  # noqa: PTH119 - of bytes
        if is_python and words[:1] and words[0].endswith(b"list_users.py"):
            return True
    return False


def hangs(root: int) -> bool:
    """Whether the child of a program that hangs runs below a process, in a sandbox or not.

    In a sandbox it could not write down that it was reached.
    """
    command = "".join(f"{word}\0" for word in CHILD).encode()
    return any(read(process, "cmdline") == command for process, _begun in descendants(root))


def clones(root: int, moment: str) -> list[int]:
    """The processes of bubblewrap, below another one, that the sandbox of a moment has so far."""
    return [
        process
        for process, _begun in descendants(root)
        if Path(os.fsdecode(read(process, "cmdline").partition(b"\0")[0])).name == "bwrap"
        and moment.encode() in read(process, "cmdline")
    ]


@pytest.fixture(scope="module")
def kept(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what a run in such a project keeps for the next one."""
    folder = tmp_path_factory.mktemp("kept")
    keeping = catalog_reader.TemplateCaches(folder)
    list(Renderer(catalog_reader.load(root, keeping)).all())
    keeping.save()
    return folder


@pytest.fixture
def project(root: Path, tmp_path: Path, kept: Path) -> Project:
    return Project(root, tmp_path, kept)


def ctrl_c(process: subprocess.Popen[str]) -> None:
    os.killpg(process.pid, signal.SIGINT)


def interrupt(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGINT)


def terminate(process: subprocess.Popen[str]) -> None:
    process.terminate()


def hang_up(process: subprocess.Popen[str]) -> None:
    os.killpg(process.pid, signal.SIGHUP)


def kill(process: subprocess.Popen[str]) -> None:
    process.kill()


Stop = Callable[[subprocess.Popen[str]], None]


def ends(process: subprocess.Popen[str]) -> None:
    """The program ends at once, with one line and its exit status."""
    try:
        stdout, stderr = process.communicate(timeout=PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        below = [read(child, "cmdline") for child, _begun in descendants(process.pid)]
        status = process.poll()
        process.send_signal(signal.SIGABRT)  # faulthandler prints what each thread is doing
        stderr = ""
        with contextlib.suppress(subprocess.TimeoutExpired):
            _stdout, stderr = process.communicate(timeout=GUARD_SECONDS)
        pytest.fail(f"it goes on, with status {status} and {below} below it: {stderr}")
    assert (process.returncode, stdout or "", stderr) == (130, "", LINE)


@pytest.mark.parametrize("stop", [ctrl_c, interrupt, terminate, hang_up])
@pytest.mark.usefixtures("sandbox")
def test_interrupted_in_the_middle_of_its_runs_it_leaves_nothing(
    project: Project, stop: Stop
) -> None:
    with project.program(*PYTHON) as process:
        project.wait_for(lambda: runs(process.pid), process)
        stop(process)
        ends(process)
    project.nothing_is_left()


@pytest.mark.parametrize("stop", [ctrl_c, interrupt])
def test_interrupted_in_the_middle_of_rebased_runs_it_leaves_nothing(
    project: Project, stop: Stop
) -> None:
    with project.program(*PYTHON, "--isolation", "rebased") as process:
        project.wait_for(lambda: runs(process.pid), process)
        stop(process)
        ends(process)
    project.nothing_is_left()


@pytest.mark.parametrize("stop", [ctrl_c, interrupt, terminate])
def test_interrupted_at_its_start_it_leaves_nothing(project: Project, stop: Stop) -> None:
    with project.program(*PYTHON) as process:
        project.wait_for(lambda: hears(process.pid), process)
        stop(process)
        ends(process)
    project.nothing_is_left()


@pytest.mark.parametrize("stop", [ctrl_c, interrupt, terminate])
def test_interrupted_while_it_looks_for_toolchains_it_leaves_nothing(
    project: Project, stop: Stop
) -> None:
    project.hangs("dotnet")
    with project.program(*CSHARP) as process:
        project.wait_for(lambda: hangs(process.pid), process)
        stop(process)
        ends(process)
    project.nothing_is_left()


@pytest.mark.parametrize("stop", [ctrl_c, interrupt, terminate])
@pytest.mark.usefixtures("sandbox")
def test_interrupted_while_it_builds_it_leaves_nothing(project: Project, stop: Stop) -> None:
    project.hangs("dotnet", unless="--version")
    with project.program(*CSHARP) as process:
        project.wait_for(lambda: hangs(process.pid), process)
        stop(process)
        ends(process)
    project.nothing_is_left()


GUARD_SECONDS = 3
"""Far longer than a program takes from the start of a process to telling its guard of it."""

TRIAL, WORKER = " true", "tabproof.sandbox.worker"
"""In the command lines of the two kinds of sandboxes that the program starts itself."""


@pytest.mark.parametrize("stop", [ctrl_c, interrupt, terminate, hang_up])
@pytest.mark.parametrize("moment", [TRIAL, WORKER], ids=["trial", "worker"])
@pytest.mark.usefixtures("sandbox")
def test_interrupted_when_a_sandbox_has_just_been_cloned_it_leaves_nothing(
    project: Project, moment: str, stop: Stop
) -> None:
    project.stops_bubblewrap(moment)
    with project.program(*PYTHON) as process:
        project.wait_for(lambda: len(clones(process.pid, moment.strip())) == 2, process)
        outer, _inner = clones(process.pid, moment.strip())
        os.kill(outer, signal.SIGSTOP)
        stop(process)
        ends(process)
    project.nothing_is_left()


@pytest.mark.parametrize("moment", [TRIAL, WORKER], ids=["trial", "worker"])
@pytest.mark.usefixtures("sandbox")
def test_killed_when_a_sandbox_has_just_been_cloned_it_leaves_no_process(
    project: Project, moment: str
) -> None:
    project.stops_bubblewrap(moment)
    with project.program(*PYTHON) as process:
        project.wait_for(lambda: len(clones(process.pid, moment.strip())) == 2, process)
        # The guard hears of a group right after its start; the sandbox stands still until then.
        time.sleep(GUARD_SECONDS)
        process.kill()
    project.no_process_is_left()


@pytest.mark.parametrize("isolation", ["bubblewrap", "rebased"])
@pytest.mark.usefixtures("sandbox")
def test_killed_in_the_middle_of_its_runs_it_leaves_nothing(
    project: Project, isolation: str
) -> None:
    with project.program(*PYTHON, "--isolation", isolation) as process:
        project.wait_for(lambda: runs(process.pid), process)
        process.kill()
    project.nothing_is_left()


@pytest.mark.usefixtures("sandbox")
def test_killed_while_it_builds_it_leaves_nothing(project: Project) -> None:
    project.hangs("dotnet", unless="--version")
    with project.program(*CSHARP) as process:
        project.wait_for(lambda: hangs(process.pid), process)
        process.kill()
    project.nothing_is_left()


INSTALLER = """#!/bin/sh
trap 'kill $!; echo "rolled back" > {reached}; exit 1' INT
sleep 1000 &
touch {reached}
wait
"""


@pytest.mark.parametrize("stop", [ctrl_c, interrupt, terminate, hang_up, kill])
def test_interrupted_while_it_installs_it_lets_the_installer_tidy_up(
    project: Project, stop: Stop
) -> None:
    (project.root / ".tabproof/toolchains").unlink()
    npm = project.programs / "npm"
    npm.write_text(INSTALLER.format(reached=project.reached))
    npm.chmod(0o755)
    with project.program("toolchains", "--language", "node") as process:
        project.wait_for(project.reached.exists, process)
        stop(process)
        if stop is not kill:
            stdout, stderr = process.communicate(timeout=PATIENCE_SECONDS)
            assert (process.returncode, stderr.splitlines()[-1]) == (130, LINE.strip()), stdout
    project.nothing_is_left()
    assert project.reached.read_text() == "rolled back\n"


@pytest.mark.parametrize("what", ["--mutate", "--lint"])
@pytest.mark.usefixtures("sandbox")
def test_interrupted_while_it_mutates_or_lints_it_leaves_nothing(
    project: Project, what: str
) -> None:
    project.hangs("dotnet", unless="--version")
    with project.program("prove", what, *ONE, "--language", "csharp") as process:
        project.wait_for(lambda: hangs(process.pid), process)
        interrupt(process)
        ends(process)
    project.nothing_is_left()


@pytest.mark.usefixtures("sandbox")
def test_interrupted_while_another_machine_works_it_leaves_nothing_there_either(
    project: Project, tmp_path: Path
) -> None:
    with machines(tmp_path, project.root) as others:
        others.start(1)
        (worker,) = others.workers
        with project.program(*PYTHON, "--executor", others.executor) as process:
            project.wait_for(lambda: runs(worker.pid), process)
            ctrl_c(process)
            ends(process)
        project.nothing_is_left()
        deadline = time.monotonic() + PATIENCE_SECONDS
        while others.scheduler.tasks or others.left(0) or descendants(worker.pid):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert worker.poll() is None


@pytest.mark.usefixtures("sandbox")
def test_interrupted_while_nobody_reads_its_report_it_still_ends(project: Project) -> None:
    reading, writing = os.pipe()
    fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, PAGE_BYTES)
    os.write(writing, bytes(PAGE_BYTES))
    with project.program(*PYTHON, "--case", "success", stdout=writing) as process:
        os.close(writing)
        project.wait_for((project.root / record_files.CACHE).exists, process)
        interrupt(process)
        ends(process)
    os.close(reading)
    project.nothing_is_left()


@pytest.mark.parametrize("stop", [ctrl_c, interrupt, terminate])
def test_interrupted_while_it_serves_a_client_it_leaves_nothing(
    project: Project, stop: Stop
) -> None:
    with project.program("serve", *ONE, "--tls", "--port", "0") as process:
        assert process.stderr is not None
        port = next(
            int(found[1])
            for line in process.stderr
            if (found := re.search(r"https://127\.0\.0\.1:(\d+)/", line))
        )
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.sendall(b"\x16\x03\x01")
            project.known = set(descendants(process.pid))
            stop(process)
            ends(process)
    project.nothing_is_left()


def test_what_an_interruption_leads_to_is_still_one_line() -> None:
    program = """
import os, signal
from tabproof.system import interruption

def run():
    with interruption.interruptible():
        try:
            os.kill(os.getpid(), signal.SIGINT)
        except KeyboardInterrupt:
            raise RuntimeError("something that had not begun cannot end")

interruption.run_program(run)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", LINE)


def test_an_interruption_that_python_drops_comes_again() -> None:
    program = """
import os, signal, time
from tabproof.system import interruption

class Last:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0)

def run():
    try:
        with interruption.interruptible():
            Last()
            time.sleep(1000)
    except KeyboardInterrupt:
        time.sleep(3 * interruption.AGAIN_SECONDS)  # nothing interrupts what is leaving
        raise SystemExit(130)

interruption.run_program(run)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 130
    assert "Exception ignored in" in done.stderr


@pytest.mark.usefixtures("sandbox")
def test_ctrl_c_on_a_terminal_takes_the_progress_bar_away(project: Project) -> None:
    master, slave = pty.openpty()
    command = ["setsid", "--ctty", *project.command(*PYTHON)]
    with subprocess.Popen(
        command, env=project.environment(), stdin=slave, stdout=slave, stderr=slave, text=True
    ) as process:
        os.close(slave)
        project.wait_for(lambda: runs(process.pid), process)
        os.write(master, b"\x03")
        shown = b"".join(iter(lambda: drained(master), b"")).decode(errors="replace")
        assert process.wait(PATIENCE_SECONDS) == 130
    os.close(master)
    assert shown.endswith(LINE.replace("\n", "\r\n"))
    assert shown.count("\x1b[?25l") == shown.count("\x1b[?25h")
    project.nothing_is_left()


def drained(terminal: int) -> bytes:
    """What a terminal shows next; nothing once its last program has ended."""
    try:
        return os.read(terminal, PAGE_BYTES)
    except OSError:
        return b""


@pytest.mark.usefixtures("sandbox")
def test_a_program_that_shall_outlive_its_terminal_does_so(project: Project) -> None:
    command = ["nohup", *project.command(*PYTHON, "--case", "success")]
    with subprocess.Popen(
        command,
        env=project.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        project.wait_for(lambda: hears(process.pid), process)
        hang_up(process)
        stdout, _stderr = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 0
    assert "1 passed" in stdout
    project.nothing_is_left()
