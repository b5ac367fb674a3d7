"""Run small programs as samples are, by the real worker in the real sandbox."""

from __future__ import annotations

import errno
import io
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
import uuid
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest

from tabproof.model.case import Action, Answer, Close, Delivery, Send, Stage, Stall, Wait
from tabproof.model.command import Probe
from tabproof.model.language import Toolchain
from tabproof.sandbox import batch_runner, bubblewrap, isolation_choice, process_limit
from tabproof.sandbox.certificates import Certificates, process_certificates
from tabproof.sandbox.mock_api import response
from tabproof.sandbox.protocol import (
    PROJECT,
    Batch,
    Home,
    Mount,
    Observation,
    Run,
    ServerPlan,
)
from tabproof.sandbox.worker import Worker, serve
from tabproof.system.output import LARGEST_OUTPUT_BYTES
from tabproof.system.resource_limits import (
    MOST_PROCESSES,
    MOST_THREADS,
    SHARED_MEMORY,
    TOO_MUCH_MEMORY,
    ResourceWatch,
)
from tabproof.toolchains import case_tools
from tabproof.toolchains.find import InstalledToolchain

pytestmark = pytest.mark.usefixtures("sandbox")

HOST = "api.example.com"
PATIENCE_SECONDS = 120
"""For what must happen, however slow the machine is."""

PYTHON = str(Path(sys.executable).resolve())
TOOLCHAIN = Toolchain(runtime="python", programs={}, version=Probe(run=("x",)), run=("x",))
MOUNTS = tuple(InstalledToolchain(TOOLCHAIN, "/nowhere", "3", {"python": PYTHON}, {}, {}).mounts())

REQUEST = """
    import http.client, ssl

    context = ssl.create_default_context(cafile="/etc/ssl/certs/ca-certificates.crt")

    def connect(host="api.example.com", timeout=120):
        return http.client.HTTPSConnection(host, timeout=timeout, context=context)

    def get(path="/", **options):
        connection = connect(**options)
        connection.request("GET", path)
        return connection.getresponse().read().decode()
"""
MEETING = "/meeting"
MEET = f"""
    import socket

    def meet(name):
        # Runs have nothing in common but this socket, which is the tests'.
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(120)
            connection.connect({MEETING!r})
            connection.sendall(name.encode())
            assert connection.recv(1) == b"."
"""
ANSWER = Answer(200, {"Content-Type": "text/plain"}, b"here it is")


@pytest.fixture
def meeting(tmp_path: Path) -> Iterator[Mount]:
    """A socket where two runs wait for each other."""
    path = tmp_path / "meeting"
    waiting: dict[bytes, socket.socket] = {}

    def serve() -> None:
        while True:
            connection, _peer = listener.accept()
            name = connection.recv(100)
            if not name:
                connection.close()
                return
            if other := waiting.pop(name, None):
                for each in (connection, other):
                    each.sendall(b".")
                    each.close()
            else:
                waiting[name] = connection

    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        thread = threading.Thread(target=serve)
        thread.start()
        yield Mount(str(path), MEETING)
        with socket.socket(socket.AF_UNIX) as last:
            last.connect(str(path))
        thread.join()


def server(*actions: Action, hosts: tuple[str, ...] = (HOST,), **options: Any) -> ServerPlan:
    defaults: dict[str, Any] = {"port": 443, "listens": True, "certificate": "trusted"}
    return ServerPlan(hosts=hosts, actions=actions or (ANSWER,), **(defaults | options))


class Bench:
    """Run programs in the sandbox."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.programs = 0

    def python(self, *sources: str, name: str = "run", **options: Any) -> Run:
        """Return a run of a Python program."""
        text = "\n".join(textwrap.dedent(source) for source in sources)
        return self.program(text, (PYTHON, "-I"), "sample.py", name, **options)

    def shell(self, source: str, name: str = "run", **options: Any) -> Run:
        """Return a run of a shell script."""
        return self.program(textwrap.dedent(source), ("sh",), "sample.sh", name, **options)

    def program(
        self, text: str, runtime: tuple[str, ...], file: str, name: str, **options: Any
    ) -> Run:
        self.programs += 1
        path = self.folder / f"{self.programs}-{file}"
        path.write_text(text)
        defaults: dict[str, Any] = {
            "command": (*runtime, file),
            "mounts": (*MOUNTS, Mount(str(path), f"{PROJECT}/{file}"), *options.pop("further", ())),
            "environment": {},
            "home": "",
            "server": server(),
            "kill_after_seconds": PATIENCE_SECONDS,
        }
        return Run(id=name, **(defaults | options))

    def start(
        self, *runs: Run, processors: int = 2, homes: dict[str, Home] | None = None
    ) -> Generator[Observation, None, None]:
        with batch_runner.work_folder() as folder:
            yield from batch_runner.run_batch(Batch(folder, processors, homes or {}, runs))

    def all(self, *runs: Run, **options: Any) -> dict[str, Observation]:
        return {item.id: item for item in self.start(*runs, **options)}

    def one(self, run: Run, **options: Any) -> Observation:
        (observation,) = self.all(run, **options).values()
        return observation

    def output(self, run: Run, **options: Any) -> Any:
        """Return what a run writes to stdout, parsed from JSON."""
        result = self.one(run, **options)
        assert (result.broken, result.killed, result.stderr, result.exit_status) == ("", "", b"", 0)
        return json.loads(result.stdout)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def is_alive(marker: str) -> bool:
    """Return whether any process of this machine has the marker as an argument."""
    for arguments in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if marker.encode() in arguments.read_bytes().split(b"\0"):
                return True
        except OSError:
            continue
    return False


def is_soon_gone(marker: str) -> bool:
    for _ in range(PATIENCE_SECONDS * 10):
        if not is_alive(marker):
            return True
        time.sleep(0.1)
    return False


def test_a_run_is_seen_with_its_outcome_and_its_requests(bench: Bench) -> None:
    run = bench.python(
        REQUEST,
        """
        import sys
        connection = connect()
        connection.request("POST", "/a?b=%20c", body=b"data", headers={"X-Odd": "1"})
        print(connection.getresponse().read().decode())
        print("two", file=sys.stderr)
        sys.exit(3)
        """,
    )
    before = time.time()
    observation = bench.one(run)
    assert (observation.exit_status, observation.stdout, observation.stderr) == (
        3,
        b"here it is\n",
        b"two\n",
    )
    assert (observation.broken, observation.killed, observation.connections) == ("", "", 1)
    (exchange,) = observation.exchanges
    assert (exchange.host, exchange.method, exchange.target) == (HOST, "POST", "/a?b=%20c")
    assert (exchange.body, exchange.fault) == (b"data", "")
    assert exchange.header("x-odd") == ["1"]
    assert exchange.header("Host") == [HOST]
    assert before <= observation.started_at <= exchange.received_at <= time.time()


def test_a_run_reaches_no_other_host_and_is_seen_to_try(bench: Bench) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        observation = bench.one(
            bench.python(
                f"PORT = {port}",
                """
                import json, socket

                def reach(host, port):
                    try:
                        return socket.create_connection((host, port), timeout=60).close()
                    except OSError as error:
                        return type(error).__name__, error.strerror

                print(json.dumps([
                    reach("192.0.2.1", 443), reach("1.1.1.1", 53), reach("2001:db8::1", 443),
                    reach("127.0.0.1", PORT), reach("example.com", 443),
                ]))
                """,
            )
        )
    output = json.loads(observation.stdout)
    assert [output[n] for n in (0, 1, 3)] == [["ConnectionRefusedError", "Connection refused"]] * 3
    # Some machines have no IPv6 to begin with.
    assert output[2]
    assert output[4][0] == "gaierror"
    connections = [(c.host, c.port) for c in observation.contacts if not c.is_datagram]
    assert [c for c in connections if ":" not in c[0]] == [
        ("192.0.2.1", 443),
        ("1.1.1.1", 53),
        ("127.0.0.1", port),
    ]
    assert {c.lookup for c in observation.contacts if c.is_datagram} == {"example.com"}
    times = [contact.at for contact in observation.contacts]
    assert times == sorted(times)
    assert observation.started_at <= times[0] <= times[-1] <= time.time()


def test_each_attempt_to_connect_is_counted_though_nobody_listens(bench: Bench) -> None:
    run = bench.python(
        """
        import socket
        for port in (443, 443, 80):
            try:
                socket.create_connection(("api.example.com", port))
            except ConnectionRefusedError:
                pass
        """,
        server=server(listens=False),
    )
    contacts = bench.one(run).contacts
    assert [(contact.host, contact.port) for contact in contacts] == [
        (HOST, 443),
        (HOST, 443),
        (HOST, 80),
    ]


def test_a_flood_cannot_hide_a_contact(bench: Bench) -> None:
    run = bench.python(
        """
        import socket
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
            for _ in range(5000):
                datagrams.sendto(bytes(900), ("192.0.2.1", 9))
        """
    )
    assert bench.one(run).contacts[-1].host == ""


def test_a_run_sees_nothing_of_the_parents_environment(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TABPROOF_TEST_TOKEN", "a secret of the build")
    monkeypatch.setenv("PATH", f"{os.environ['PATH']}:/odd/folder")
    monkeypatch.setenv("LANG", "tr_TR.ISO-8859-9")
    output = bench.output(
        bench.python(
            "import json, os; print(json.dumps(dict(os.environ)))", environment={"OWN": "'$x é'"}
        )
    )
    assert output == {
        "HOME": "/home/reader",
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "LANG": "C.UTF-8",
        "USER": "reader",
        "PWD": "/project",
        "OWN": "'$x é'",
    }


EVERYTHING = """
    import glob, json, os

    seen = {}
    for path in glob.glob("/proc/[0-9]*/*"):
        if os.path.basename(path) in ("environ", "cmdline", "mountinfo", "maps", "comm"):
            try:
                seen[path] = open(path, "rb").read().decode(errors="replace")
            except OSError as error:
                seen[path] = str(error)
    for path in glob.glob("/proc/[0-9]*/fd/*") + ["/proc/1/cwd", "/proc/1/root", "/proc/1/exe"]:
        try:
            seen[path] = os.readlink(path)
        except OSError as error:
            seen[path] = str(error)
    print(json.dumps(seen))
"""
"""Prints what a run can see of its own processes, and of those that started it."""


def test_a_run_finds_nothing_of_this_process_wherever_it_looks(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JOB_SECRET", "canary-of-a-job")
    with socket.create_server(("127.0.0.1", 0)) as other:
        os.set_inheritable(other.fileno(), True)  # noqa: FBT003 - it takes no keyword
        seen = bench.output(bench.python(EVERYTHING, environment={"OWN": "a-value-of-its-own"}))
    assert [path for path, text in seen.items() if "canary" in text] == []
    environments = {path: text for path, text in seen.items() if path.endswith("/environ")}
    assert environments["/proc/1/environ"] == ""
    assert any("a-value-of-its-own" in text for text in environments.values())
    descriptors = [text for path, text in seen.items() if "/fd/" in path]
    gone = "[Errno 2] No such file or directory"  # that of the folder which lists them
    kinds = {text.partition(":")[0] for text in descriptors}
    assert kinds <= {"/dev/null", "pipe", "anon_inode", gone}
    # The options of bubblewrap name folders of this machine.
    lines = {path: text for path, text in seen.items() if path.endswith("/cmdline")}
    assert len(lines) > 1
    assert [path for path, text in lines.items() if str(bench.folder) in text] == []


def test_a_run_reaches_no_neighbour(bench: Bench, meeting: Mount) -> None:
    """Each mock API has the same address, in a network of its run's own."""
    curious = bench.python(
        *(MEET, REQUEST),
        """
        import errno, json

        meet("both there")
        reached = []
        addresses = [f"198.18.0.{n}" for n in range(256)] + [f"127.0.0.{n}" for n in range(1, 9)]
        for address in [*addresses, "::1"]:
            for port in (443, 8443):
                try:
                    socket.create_connection((address, port), 5).close()
                    reached.append([address, port])
                except OSError as error:
                    assert error.errno == errno.ECONNREFUSED, (address, error)
        abstract = [line.split()[-1] for line in open("/proc/net/unix") if "@" in line]
        print(json.dumps([reached, abstract]))
        meet("both done")
        """,
        name="curious",
        further=(meeting,),
    )
    neighbours = {
        name: bench.python(
            *(MEET, REQUEST),
            """
            meet("both there")
            print(get())
            server = socket.create_server(("0.0.0.0", 8443))
            unix = socket.socket(socket.AF_UNIX)
            unix.bind("\\0neighbour")
            meet("both done")
            """,
            name=name,
            server=server(hosts=(HOST, "other.example")),
            further=(meeting,),
        )
        for name in ("neighbour",)
    }
    observations = bench.all(curious, *neighbours.values())
    reached, abstract = json.loads(observations["curious"].stdout)
    assert reached == [["198.18.0.2", 443]]
    assert abstract == []
    assert observations["neighbour"].stdout == b"here it is\n"
    assert observations["neighbour"].connections == 1


def test_a_run_cannot_change_its_trace(bench: Bench) -> None:
    run = bench.python(
        """
        import glob, os, subprocess
        subprocess.run(["echo", "an-argument"], check=True)
        for path in ["/trace", *glob.glob("/proc/[0-9]*/fd/*")]:
            try:
                os.truncate(path, 0)
            except OSError:
                pass
        print(open("/proc/self/status").read().partition("TracerPid:")[2].split()[0])
        """,
        tracer=case_tools.tracer(),
    )
    observation = bench.one(run)
    assert observation.stdout == b"an-argument\n0\n", observation
    assert '["echo", "an-argument"]' in observation.trace


def test_a_trace_without_an_end_is_cut(bench: Bench) -> None:
    run = bench.python(
        """
        import subprocess
        argument = "x" * 60_000
        while True:
            subprocess.run(["true", *[argument] * 20], check=True)
        """,
        tracer=case_tools.tracer(),
        kill_after_seconds=60,
    )
    observation = bench.one(run)
    assert observation.exit_status != 0
    assert len(observation.trace) <= case_tools.MOST_TRACE_BYTES


def test_a_run_sees_nothing_of_a_hidden_folder_but_its_mounts(bench: Bench, tmp_path: Path) -> None:
    """A project may lie below a folder that every run sees: /opt, /usr/src..."""
    (tmp_path / "library").mkdir()
    (tmp_path / "library" / "file").write_text("mounted")
    folder = "/usr/share"
    assert [*Path(folder).iterdir()]
    source = f"""
        find {folder} -mindepth 1 | sort
        cat {folder}/library/file
        echo
        touch {folder}/new 2>/dev/null || echo read-only
    """
    shown = Mount(str(tmp_path / "library"), f"{folder}/library")
    run = bench.shell(source, hidden=(folder, str(tmp_path), "/usr", "/no/such/folder"))
    observation = bench.one(msgspec.structs.replace(run, mounts=(*run.mounts, shown)))
    assert observation.stdout.decode().splitlines() == [
        f"{folder}/library",
        f"{folder}/library/file",
        "mounted",
        "read-only",
    ]
    assert (observation.broken, observation.stderr) == ("", b"")


def test_a_run_finds_a_machine_in_utc(bench: Bench) -> None:
    output = bench.output(
        bench.python(
            """
            import json, os, time
            print(json.dumps({
                "now": time.strftime("%z", time.localtime(1782907200)),
                "localtime": os.path.realpath("/etc/localtime"),
                "timezone": os.path.exists("/etc/timezone"),
                "user": [os.path.exists("/etc/passwd"), os.environ.get("TZ")],
            }))
            """
        )
    )
    assert output["now"] == "+0000"
    assert output["localtime"] in (str(Path(bubblewrap.UTC).resolve()), os.devnull)
    assert not output["timezone"]
    assert output["user"] == [True, None]
    tokyo = bench.shell("date -d @0 +%z", environment={"TZ": "JST-9"})
    assert bench.one(tokyo).stdout == b"+0900\n"


def test_this_machines_time_zone_and_name_servers_are_left_out_of_the_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = tmp_path / "etc"
    (settings / "sub").mkdir(parents=True)
    (settings / "localtime").symlink_to("/usr/share/zoneinfo/Asia/Tokyo")
    (settings / "timezone").write_text("Asia/Tokyo\n")
    (settings / "resolv.conf").symlink_to("../run/resolv.conf")
    (settings / "sub" / "timezone").write_text("a program's own")
    (settings / "link").symlink_to("/no/such/file")
    os.mkfifo(settings / "pipe")
    copy = tmp_path / "copy"
    monkeypatch.setattr(bubblewrap, "SETTINGS", str(settings))
    monkeypatch.setattr(bubblewrap, "COPY", str(copy))
    monkeypatch.setattr(bubblewrap, "SYSTEM", (str(settings).lstrip("/"),))
    view = bubblewrap.View((), (), {}, "/", ("true",))
    for source in (settings, copy):
        options, _command = bubblewrap.around_run(view)
        place = options.index("--ro-bind")
        assert options[place : place + 3] == ["--ro-bind", str(source), str(settings)]
        if not copy.exists():
            bubblewrap.copy_settings()
    assert {str(path.relative_to(copy)) for path in copy.rglob("*")} == {
        "localtime",
        "sub",
        "sub/timezone",
        "link",
        "pipe",
        "resolv.conf",
    }
    assert not (copy / "resolv.conf").is_symlink()
    assert (copy / "resolv.conf").read_text() == "nameserver 127.0.0.1\n"
    zones = [Path(bubblewrap.UTC).resolve(), Path(os.devnull)]
    assert (copy / "localtime").resolve() in zones


def test_a_run_sees_the_system_its_own_files_and_nothing_else(bench: Bench) -> None:
    output = bench.output(
        bench.python(
            """
            import json, os, sys
            print(json.dumps({
                "top": os.listdir("/"), "homes": os.listdir("/home"),
                "here": [os.getcwd(), *os.listdir(".")],
                "input": sys.stdin.read(),
                "processes": [name for name in os.listdir("/proc") if name.isdigit()],
                "host": os.uname().nodename,
            }))
            """
        )
    )
    mounted = {Path(mount.target).parts[1] for mount in MOUNTS}
    assert set(output["top"]) <= {
        *bubblewrap.SYSTEM,
        "dev",
        "home",
        "proc",
        "project",
        "tmp",
        *mounted,
    }
    assert output["homes"] == ["reader"]
    assert output["here"] == ["/project", "sample.py"]
    assert (output["host"], output["input"]) == ("reader", "")
    # Bubblewrap's own, and the program.
    assert len(output["processes"]) == 2


@pytest.mark.parametrize(
    "path", [str(Path.home()), str(Path(__file__).parent), tempfile.gettempdir()]
)
def test_a_run_sees_neither_the_home_nor_the_project_nor_files_beside_it(
    bench: Bench, path: str
) -> None:
    output = bench.output(
        bench.python(
            f"""
            import json, os
            print(json.dumps(os.listdir({path!r}) if os.path.isdir({path!r}) else None))
            """
        )
    )
    shown = [Path(m.target) for m in MOUNTS if Path(m.target).is_relative_to(path)]
    assert set(output or []) <= {folder.relative_to(path).parts[0] for folder in shown}


def test_a_run_can_write_to_its_home_to_tmp_and_beside_the_sample_alone(bench: Bench) -> None:
    output = bench.output(
        bench.python(
            """
            import json, os

            def write(folder):
                try:
                    open(folder + "/file", "w").close()
                except OSError as error:
                    return error.strerror

            folders = [os.environ["HOME"], "/tmp", "/project", "/", "/usr", "/etc", "/home"]
            print(json.dumps([write(folder) for folder in folders]))
            """
        )
    )
    assert output == [None, None, None, *["Read-only file system"] * 4]


def test_a_run_can_change_neither_its_sample_nor_its_libraries(bench: Bench) -> None:
    source = """
        for file in sample.sh library/file library/new; do
          echo x 2>/dev/null >>"$file" || echo "$file"
        done
        rm -f sample.sh library/file 2>/dev/null || echo removed nothing
    """
    # Copies of samples lie in the batch's folder, to which the worker may write.
    with batch_runner.work_folder() as folder:
        library = Path(folder, "library")
        library.mkdir()
        (library / "file").write_text("as it was")
        bench.folder = Path(folder)
        run = bench.shell(source, further=(Mount(str(library), f"{PROJECT}/library"),))
        (observation,) = batch_runner.run_batch(Batch(folder, 2, {}, (run,)))
        assert observation.stdout.decode().splitlines() == [
            *("sample.sh", "library/file", "library/new", "removed nothing")
        ]
        assert [path.read_text() for path in library.iterdir()] == ["as it was"]
        assert Path(folder, "1-sample.sh").read_text() == textwrap.dedent(source)


LEAVE = """
    mkdir -p "$HOME/.cache/tale"
    echo x >"$HOME/.cache/tale/answer"
    echo more >>"$HOME/.netrc"
    echo token >"/tmp/token"
    echo '[]' >answer.json
    echo gone >gone && rm gone
"""
LEFT = [
    "/home/reader/.cache",
    "/home/reader/.cache/tale",
    "/home/reader/.cache/tale/answer",
    "/home/reader/.netrc",
    "/project/answer.json",
]


def test_what_a_run_leaves_behind_is_seen_and_what_it_was_given_is_not(bench: Bench) -> None:
    files = {"/home/reader/.netrc": "machine x\n", "/project/secrets.py": "x = 1\n"}
    seen = bench.all(
        bench.shell(LEAVE, name="leaves", files=files),
        bench.shell("cat ~/.netrc secrets.py sample.sh >/dev/null", name="reads", files=files),
        bench.shell("ln -s / link; mkfifo pipe; mkdir -p deep/er", name="kinds"),
    )
    assert [each.exit_status for each in seen.values()] == [0, 0, 0]
    assert list(seen["leaves"].left) == [*LEFT, "1 more"]
    assert seen["reads"].left == ()
    assert seen["kinds"].left == (
        "/project/deep",
        "/project/deep/er",
        "/project/link",
        "/project/pipe",
    )


def test_a_run_cannot_cover_what_it_leaves_with_what_it_was_given(bench: Bench) -> None:
    observation = bench.one(bench.shell("echo x >>sample.sh; mv /tmp /x; echo x >sample.shx"))
    assert observation.left == ("/project/sample.shx",)


def test_a_run_has_no_capabilities_and_can_get_none(bench: Bench) -> None:
    output = bench.output(
        bench.python(
            """
            import errno, json, os, socket

            def attempt(action, *arguments):
                try:
                    action(*arguments)
                except OSError as error:
                    return errno.errorcode[error.errno]

            with open("/proc/self/status") as file:
                status = dict(line.split(":", 1) for line in file)
            print(json.dumps({
                "capabilities": [int(status[f"Cap{set}"], 16) for set in ("Eff", "Prm", "Inh")],
                "privileges": status["NoNewPrivs"].strip(),
                "port": attempt(socket.create_server, ("127.0.0.1", 443)),
                "root": attempt(os.chroot, "/tmp"),
            }))
            """
        )
    )
    assert output == {
        "capabilities": [0, 0, 0],
        "privileges": "1",
        "port": "EACCES",
        "root": "EPERM",
    }


def test_names_and_certificates_are_the_sandboxs(bench: Bench) -> None:
    output = bench.output(
        bench.python(
            REQUEST,
            """
            import json, socket
            with open("/etc/hosts") as hosts, open("/etc/ssl/certs/ca-certificates.crt") as bundle:
                print(json.dumps({
                    "hosts": hosts.read(), "bundle": bundle.read(),
                    "addresses": [socket.gethostbyname("api.example.com"),
                                  socket.gethostbyname("elsewhere.example")],
                    "body": get(),
                }))
            """,
            server=server(hosts=(HOST, "elsewhere.example")),
        )
    )
    first, second = output["addresses"]
    assert output["hosts"] == (
        f"127.0.0.1 localhost reader\n{first} {HOST}\n{second} elsewhere.example\n"
    )
    # Clients treat loopback addresses in ways of their own.
    assert first.startswith("198.18.")
    assert first != second
    assert output["bundle"].count("BEGIN CERTIFICATE") == 1
    (authority,) = certificates(output["bundle"])
    assert (("organizationName", "Tabproof sandbox"),) in authority["subject"]
    assert output["body"] == "here it is"


def test_the_authority_is_made_for_this_proof(bench: Bench, tmp_path: Path) -> None:
    bundle = bench.one(bench.shell(f"cat {bubblewrap.BUNDLE}")).stdout
    Certificates().write_bundle(tmp_path / "another.pem")
    assert bundle != (tmp_path / "another.pem").read_bytes()
    process_certificates().write_bundle(tmp_path / "own.pem")
    assert bundle == (tmp_path / "own.pem").read_bytes()


def certificates(bundle: str) -> list[dict[str, Any]]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=bundle)
    return context.get_ca_certs()


def test_home_and_tmp_are_fresh_in_each_run(bench: Bench) -> None:
    source = """
        import json, os
        folders = [os.environ["HOME"], "/tmp", "/dev/shm"]
        contents = [os.listdir(folder) for folder in folders]
        for folder in folders:
            open(folder + "/left-by-an-earlier-run", "w").close()
        print(json.dumps(contents))
    """
    observations = bench.all(*(bench.python(source, name=name) for name in "abc"), processors=1)
    contents = [json.loads(each.stdout) for each in observations.values()]
    assert contents == [[[], [], []]] * 3


def test_runs_at_the_same_time_see_a_mock_api_each(bench: Bench, meeting: Mount) -> None:
    runs = [
        bench.python(
            *(MEET, REQUEST),
            f"""
            meet("first")
            first = get("/{name}")
            meet("second")
            print(first, get("/{name}"))
            """,
            name=name,
            server=server(Answer(200, {}, name.encode()), hosts=hosts),
            further=(meeting,),
        )
        # Not all runs have as many hosts.
        for name, hosts in {"one": (HOST, "a.example", "b.example"), "two": (HOST,)}.items()
    ]
    others = [bench.shell(":", name=f"other-{n}", server=server()) for n in range(4)]
    observations = bench.all(*runs, *others)
    for name in ("one", "two"):
        assert (observations[name].stdout, observations[name].broken) == (
            f"{name} {name}\n".encode(),
            "",
        )
        assert [exchange.target for exchange in observations[name].exchanges] == [f"/{name}"] * 2
        assert observations[name].connections == 2
    assert [
        (each.broken, each.exchanges) for id_, each in observations.items() if "other" in id_
    ] == [("", ())] * 4


def test_a_request_to_another_host_is_seen_as_one(bench: Bench) -> None:
    run = bench.python(
        REQUEST,
        "get(host='elsewhere.example')",
        server=server(hosts=(HOST, "elsewhere.example")),
    )
    assert [exchange.host for exchange in bench.one(run).exchanges] == ["elsewhere.example"]


def test_two_requests_on_one_connection_are_seen_as_such(bench: Bench) -> None:
    run = bench.python(
        REQUEST,
        """
        connection = connect()
        for path in ("/1", "/2"):
            connection.request("GET", path)
            connection.getresponse().read()
        """,
    )
    observation = bench.one(run)
    assert [exchange.target for exchange in observation.exchanges] == ["/1", "/2"]
    assert observation.connections == 1


def test_bytes_that_are_no_request_are_seen_with_the_reason(bench: Bench) -> None:
    run = bench.python(
        REQUEST,
        """
        import socket
        plain = socket.create_connection(("api.example.com", 443))
        with context.wrap_socket(plain, server_hostname="api.example.com") as secure:
            secure.sendall(b"hello\\r\\n\\r\\n")
            secure.recv(1)
        """,
    )
    (exchange,) = bench.one(run).exchanges
    assert exchange.fault


def test_a_connection_is_refused_where_nothing_listens(bench: Bench) -> None:
    run = bench.python(
        REQUEST,
        """
        try:
            get()
        except ConnectionRefusedError as error:
            print(error.strerror)
        """,
        server=server(listens=False),
    )
    observation = bench.one(run)
    assert (observation.stdout, observation.exchanges, observation.connections) == (
        b"Connection refused\n",
        (),
        0,
    )


CERTIFICATE_FAULTS = {
    "unknown": "unable to get local issuer certificate",
    "self-signed": "self-signed certificate",
    "expired": "certificate has expired",
    "not-yet-valid": "certificate is not yet valid",
    "wrong-host": "Hostname mismatch, certificate is not valid for 'api.example.com'.",
    "no-authority": "invalid CA certificate",
}


def test_each_certificate_has_its_own_fault_and_no_other(bench: Bench) -> None:
    source = """
        try:
            get()
        except ssl.SSLCertVerificationError as error:
            print(error.verify_message)
        """
    runs = [
        bench.python(REQUEST, source, name=kind, server=server(certificate=kind))
        for kind in CERTIFICATE_FAULTS
    ]
    observations = bench.all(*runs)
    outputs = {kind: each.stdout.decode().rstrip("\n") for kind, each in observations.items()}
    assert outputs == CERTIFICATE_FAULTS
    assert {(each.exchanges, each.connections) for each in observations.values()} == {((), 1)}


def test_a_wrong_certificate_is_for_names_that_are_like_the_hosts(bench: Bench) -> None:
    run = bench.python(
        REQUEST,
        """
        context.check_hostname = False
        connection = connect()
        connection.connect()
        certificate = connection.sock.getpeercert()
        print(*(name for _kind, name in certificate["subjectAltName"]))
        """,
        server=server(certificate="wrong-host"),
    )
    assert bench.one(run).stdout.decode().split() == [
        "apixexample.com",
        "xapi.example.com",
        "x.api.example.com",
        "*.api.example.com",
        "api.example.com.example",
        "example.com",
    ]


def test_a_server_without_tls_answers_a_handshake_in_http_and_records_a_request_in_clear(
    bench: Bench,
) -> None:
    runs = [
        bench.python(
            REQUEST,
            """
            try:
                get()
            except ssl.SSLError as error:
                print(error.reason)
            """,
            name="tls",
            server=server(protocol="http"),
        ),
        bench.python(
            """
            import http.client
            connection = http.client.HTTPConnection("api.example.com", 443)
            connection.request("GET", "/")
            print(connection.getresponse().read().decode())
            """,
            name="clear",
            server=server(protocol="http"),
        ),
    ]
    observations = bench.all(*runs)
    assert {n: (o.stdout, len(o.exchanges)) for n, o in observations.items()} == {
        "tls": (b"WRONG_VERSION_NUMBER\n", 0),
        "clear": (b"here it is\n", 1),
    }


@pytest.mark.skipif(
    case_tools.OLD_TLS in case_tools.missing_tools(), reason="this OpenSSL cannot speak TLS 1.1"
)
def test_a_server_can_speak_tls_1_1_alone(bench: Bench) -> None:
    source = """
        connection = connect()
        try:
            connection.connect()
            print(connection.sock.version())
        except ssl.SSLError as error:
            print(error.reason)
        """
    old = """
        context.minimum_version = ssl.TLSVersion.TLSv1_1
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
        """
    runs = [
        bench.python(REQUEST, source, name="usual", server=server(protocol="tls-1.1")),
        bench.python(REQUEST, old, source, name="old", server=server(protocol="tls-1.1")),
    ]
    observations = bench.all(*runs)
    assert observations["old"].stdout == b"TLSv1.1\n"
    # OpenSSL has several reasons for it, by the system's own settings.
    assert b"PROTOCOL" in observations["usual"].stdout


def test_a_client_that_goes_while_it_waits_gets_no_answer(bench: Bench) -> None:
    run = bench.python(
        REQUEST,
        """
        try:
            get(timeout=0.5)
        except TimeoutError:
            print("gone")
        """,
        server=server(Wait(PATIENCE_SECONDS), ANSWER),
    )
    observation = bench.one(run)
    assert (observation.stdout, observation.exit_status, len(observation.exchanges)) == (
        b"gone\n",
        0,
        1,
    )


def test_a_client_that_stays_gets_its_answer_late(bench: Bench) -> None:
    run = bench.python(
        REQUEST,
        """
        import time
        before = time.monotonic()
        print(get(), time.monotonic() - before >= 0.5)
        """,
        server=server(Wait(0.5), ANSWER),
    )
    assert bench.one(run).stdout == b"here it is True\n"


@pytest.mark.parametrize(
    ("stage", "error", "connections"),
    [("connection", "timed out", 0), ("handshake", "The handshake operation timed out", 1)],
)
def test_a_server_can_stop_to_answer_before_a_request(
    bench: Bench, stage: Stage, error: str, connections: int
) -> None:
    run = bench.python(
        REQUEST,
        """
        try:
            get(timeout=1)
        except TimeoutError as error:
            print(error)
        """,
        server=server(stall=Stall(stage, PATIENCE_SECONDS)),
    )
    observation = bench.one(run)
    assert (observation.exchanges, observation.connections) == ((), connections)
    (contact,) = observation.contacts
    assert (contact.host, contact.port) == (HOST, 443)
    assert observation.stdout.decode().endswith(f"{error}\n")
    assert observation.ended_at - contact.at >= 1


def test_a_connection_that_nobody_answers_is_refused_in_the_end(bench: Bench) -> None:
    run = bench.python(
        """
        import socket
        try:
            socket.create_connection(("api.example.com", 443))
        except ConnectionRefusedError:
            print("refused")
        """,
        server=server(stall=Stall("connection", 0.2)),
    )
    observation = bench.one(run)
    # What TCP sends again is no second attempt.
    assert (observation.stdout, len(observation.contacts)) == (b"refused\n", 1)


def test_a_body_can_stop_in_the_middle(bench: Bench) -> None:
    begun = Answer(200, {}, b"here it is", Delivery(stall_after_bytes=4))
    run = bench.python(
        REQUEST,
        """
        connection = connect(timeout=1)
        connection.request("GET", "/")
        response = connection.getresponse()
        print(response.read(4).decode())
        try:
            response.read(1)
        except TimeoutError:
            print("no more of", response.headers["Content-Length"])
        """,
        server=server(begun, Wait(PATIENCE_SECONDS)),
    )
    assert bench.one(run).stdout == b"here\nno more of 10\n"


def test_a_server_can_end_a_connection_in_each_way(bench: Bench) -> None:
    source = """
        import socket
        connection = socket.create_connection(("api.example.com", 443))
        if PROTOCOL == "tls":
            connection = context.wrap_socket(
                connection, server_hostname="api.example.com", suppress_ragged_eofs=False
            )
        connection.sendall(b"GET / HTTP/1.1\\r\\nHost: api.example.com\\r\\n\\r\\n")
        received, end = b"", "an end"
        try:
            while more := connection.recv(1000):
                received += more
        except OSError as error:
            end = type(error).__name__
        print(received.decode().rpartition("\\n")[2], end, sep="")
        """
    cut, goodbye = (Delivery(cut_after_bytes=4, ending=end) for end in ("cut", "goodbye"))
    # Python's ssl has one word for a cut and for a reset.
    ends: dict[str, tuple[str, Action, str]] = {
        "cut": ("tls", Close("cut"), "SSLEOFError"),
        "goodbye": ("tls", Close("goodbye"), "an end"),
        "reset": ("http", Close("reset"), "ConnectionResetError"),
        "half": ("tls", Answer(200, {}, b"here it is", cut), "hereSSLEOFError"),
        "half-goodbye": ("tls", Answer(200, {}, b"here it is", goodbye), "herean end"),
        "other": ("tls", Send(b"SSH-2.0-x"), "SSH-2.0-xSSLEOFError"),
    }
    runs = [
        bench.python(
            REQUEST,
            f"PROTOCOL = {protocol!r}",
            source,
            name=name,
            server=server(action, protocol=protocol),
        )
        for name, (protocol, action, _end) in ends.items()
    ]
    seen = {name: each.stdout.decode().strip() for name, each in bench.all(*runs).items()}
    assert seen == {name: end for name, (_protocol, _action, end) in ends.items()}


@pytest.mark.parametrize("stage", ["connection", "handshake"])
def test_a_run_that_waits_for_a_connection_leaves_its_processor_to_another(
    bench: Bench, meeting: Mount, stage: Stage
) -> None:
    runs = [
        bench.python(
            MEET,
            """
            with socket.socket() as waits:
                waits.setblocking(False)
                waits.connect_ex(("api.example.com", 443))
                meet("both wait")
            """,
            name=name,
            server=server(stall=Stall(stage, PATIENCE_SECONDS)),
            further=(meeting,),
        )
        for name in ("one", "two")
    ]
    observations = bench.all(*runs, processors=1)
    assert {name: each.exit_status for name, each in observations.items()} == {"one": 0, "two": 0}


def test_a_run_that_waits_leaves_its_processor_to_another(bench: Bench, meeting: Mount) -> None:
    runs = [
        bench.python(
            *(MEET, REQUEST),
            """
            connection = connect()
            connection.request("GET", "/")
            meet("both wait")
            """,
            name=name,
            server=server(Wait(PATIENCE_SECONDS)),
            further=(meeting,),
        )
        for name in ("one", "two")
    ]
    observations = bench.all(*runs, processors=1)
    assert {name: each.exit_status for name, each in observations.items()} == {"one": 0, "two": 0}


def test_a_run_that_never_ends_is_killed_and_the_others_go_on(bench: Bench) -> None:
    marker = f"marker-{os.urandom(8).hex()}"
    runs = [
        bench.shell("while :; do :; done", name="spins", kill_after_seconds=1),
        bench.shell("trap '' TERM INT HUP; sleep 1000", name="sleeps", kill_after_seconds=1),
        bench.python(
            f"""
            import subprocess, sys, time
            code = "import time; time.sleep(1000)"
            subprocess.Popen([sys.executable, "-c", code, {marker!r}], start_new_session=True)
            print("started", flush=True)
            time.sleep(1000)
            """,
            name="forks",
            kill_after_seconds=4,
        ),
        bench.shell("echo here", name="quick"),
    ]
    observations = bench.all(*runs, processors=4)
    assert {name: each.killed for name, each in observations.items()} == {
        "spins": "it still ran after 1 s",
        "sleeps": "it still ran after 1 s",
        "forks": "it still ran after 4 s",
        "quick": "",
    }
    assert observations["spins"].exit_status is None
    assert observations["quick"].stdout == b"here\n"
    assert is_soon_gone(marker)


def test_endless_output_is_stopped(bench: Bench) -> None:
    observations = bench.all(
        bench.shell("yes", name="stdout"),
        bench.shell("yes >&2", name="stderr"),
        bench.shell("head -c 3000000 /dev/zero", name="large"),
    )
    limit = LARGEST_OUTPUT_BYTES >> 20
    for name in ("stdout", "stderr"):
        assert (observations[name].killed, observations[name].exit_status) == (
            f"it wrote more than {limit} MiB",
            None,
        )
    assert (observations["large"].killed, len(observations["large"].stdout)) == ("", 3_000_000)


def test_a_run_on_a_terminal_writes_the_same_bytes_and_what_it_reads_is_seen(bench: Bench) -> None:
    about = 'test -t 0 && test -t 1 && test -t 2; echo "$?"; printf "a\\nb\\r\\n"; echo c >&2'
    seen = bench.all(
        bench.shell(f"{about}; exit 3", name="on", on_terminal=True),
        bench.shell(about, name="off"),
        bench.shell("read -r key; echo $key", name="reads", on_terminal=True),
        bench.shell("head -c 300000 /dev/zero; exit 1", name="large", on_terminal=True),
    )
    on, off = seen["on"], seen["off"]
    assert (on.exit_status, on.stdout, on.stderr) == (3, b"0\na\nb\r\n", b"c\n")
    assert (off.exit_status, off.stdout, off.stderr) == (0, b"1\na\nb\r\n", b"c\n")
    assert seen["reads"].stdout == b"x\n"
    assert [name for name, each in seen.items() if each.read_keys] == ["reads"]
    assert (len(seen["large"].stdout), seen["large"].exit_status) == (300_000, 1)


def test_a_slow_reader_lets_a_run_wait_and_misses_nothing(bench: Bench) -> None:
    source = """
        import sys, time
        started = time.monotonic()
        sys.stdout.write("x" * 200_000)
        sys.stdout.flush()
        sys.stderr.write(str(time.monotonic() - started))
    """
    seen = bench.all(
        bench.python(source, name="slow", reader_pause_seconds=1.5),
        bench.python(source, name="fast"),
        bench.shell(
            "echo 1; while :; do :; done",
            name="endless",
            reader_pause_seconds=0.5,
            kill_after_seconds=3,
        ),
    )
    assert [len(seen[name].stdout) for name in ("slow", "fast")] == [200_000, 200_000]
    assert float(seen["slow"].stderr) > 1.4
    assert seen["endless"].killed == "it still ran after 3 s"


def test_a_run_with_too_many_processes_is_stopped_and_the_others_go_on(bench: Bench) -> None:
    marker = f"swarm-{uuid.uuid4()}"
    swarm = bench.python(
        f"""
        import subprocess, sys
        line = [sys.executable, "-c", "import time; time.sleep(600)", "{marker}"]
        swarm = [subprocess.Popen(line) for _ in range({MOST_PROCESSES} + 8)]
        swarm[0].wait()
        """,
        name="swarm",
    )
    observations = bench.all(swarm, bench.shell("echo here", name="other"))
    assert observations["swarm"].killed == f"it had more than {MOST_PROCESSES} processes"
    assert observations["swarm"].exit_status is None
    assert (observations["other"].killed, observations["other"].stdout) == ("", b"here\n")
    assert is_soon_gone(marker)


def test_the_kernel_bounds_the_processes_of_a_sandbox(tmp_path: Path) -> None:
    if os.geteuid() == 0 and not process_limit.limits_root():
        pytest.skip("this kernel bounds no processes of root")
    most = 320
    swarm = f"""
        import os, signal, time
        from tabproof.sandbox.process_limit import limit_processes

        limit_processes({most})
        swarm = []
        try:
            for _ in range({most + 100}):
                child = os.fork()
                if child == 0:
                    time.sleep(600)
                    os._exit(0)
                swarm.append(child)
        except BlockingIOError:
            print(len(swarm))
        for child in swarm:
            os.kill(child, signal.SIGKILL)
    """
    program = shutil.which("bwrap") or ""
    command = [sys.executable, "-c", textwrap.dedent(swarm)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    sandbox = bubblewrap.around_worker(program, [str(tmp_path)], command)
    done = subprocess.run(sandbox, capture_output=True, env=environment, check=True)
    assert most - 20 <= int(done.stdout) < most


def test_a_run_cannot_lift_the_bound_on_processes(bench: Bench) -> None:
    output = bench.output(
        bench.python(
            """
            import json, resource
            try:
                resource.setrlimit(resource.RLIMIT_NPROC, (1 << 20, 1 << 20))
            except ValueError as error:
                print(json.dumps([resource.getrlimit(resource.RLIMIT_NPROC)[1], str(error)]))
            """
        )
    )
    assert output[0] <= process_limit.MAX_PROCESSES
    assert "not allowed" in output[1]


def test_a_run_can_change_no_setting_of_the_machine(bench: Bench) -> None:
    output = bench.output(
        bench.python(
            """
            import json, os

            def opens(path):
                try:
                    os.close(os.open(path, os.O_WRONLY))
                except OSError:
                    return False
                return True

            tree = os.walk("/proc/sys")
            paths = [os.path.join(folder, name) for folder, _, names in tree for name in names]
            print(json.dumps([len(paths), [path for path in paths if opens(path)]]))
            """
        )
    )
    assert output[0] > 0
    assert output[1] == []


def test_a_run_with_too_many_threads_is_stopped(bench: Bench) -> None:
    source = f"""
        import threading, time
        threading.stack_size(1 << 16)
        for _ in range({MOST_THREADS} + 8):
            threading.Thread(target=time.sleep, args=(600,)).start()
    """
    assert bench.one(bench.python(source)).killed == f"it had more than {MOST_THREADS} threads"


def test_files_in_memory_count_as_memory(bench: Bench) -> None:
    source = """
        import os, time
        file = os.memfd_create("large")
        block = bytes(1 << 24)
        for _ in range(160):
            os.write(file, block)
        time.sleep(600)
    """
    assert bench.one(bench.python(source)).killed == "it held more than 2 GiB of memory"


HIDES_MEMORY = {
    "mapped": """
        mappings = []
        for _ in range(8):
            file = os.memfd_create("large")
            for _ in range(50):
                os.write(file, block)
            mappings.append(mmap.mmap(file, 1 << 12))
            os.close(file)
    """,
    "sent": """
        ends = socket.socketpair()
        for _ in range(8):
            file = os.memfd_create("large")
            for _ in range(50):
                os.write(file, block)
            socket.send_fds(ends[0], [b"x"], [file])
            os.close(file)
    """,
    "segment": """
        libc = ctypes.CDLL(None, use_errno=True)
        libc.shmat.restype = ctypes.c_void_p
        libc.shmdt.argtypes = [ctypes.c_void_p]
        for _ in range(400):
            place = libc.shmat(libc.shmget(0, len(block), 0o1600), None, 0)
            ctypes.memset(place, 1, len(block))
            libc.shmdt(place)
    """,
}


@pytest.mark.parametrize("way", HIDES_MEMORY)
def test_memory_that_no_process_shows_is_bounded_and_its_run_is_no_result(
    bench: Bench, way: str
) -> None:
    head = "import ctypes, mmap, os, socket, time\nblock = bytes(1 << 24)\n"
    source = f"{head}{textwrap.dedent(HIDES_MEMORY[way])}time.sleep(600)\n"
    good = bench.python(REQUEST, "print(get())", name="good")
    observations = bench.all(bench.python(source, name="bad"), good)
    bad, seen = observations["bad"], observations["good"]
    assert (bad.exit_status, bad.lacking) in {(None, "memory"), (None, "")}
    assert bad.killed in {SHARED_MEMORY, TOO_MUCH_MEMORY}
    assert (seen.stdout, seen.exit_status) == (b"here it is\n", 0)


def test_a_run_that_takes_all_memory_is_stopped(bench: Bench) -> None:
    observation = bench.one(
        bench.python("blocks = []\nwhile True:\n    blocks.append(bytes(1 << 26))")
    )
    assert observation.killed == "it held more than 2 GiB of memory"


@pytest.mark.parametrize("folder", ["/tmp", "/home/reader", "/dev/shm", "/project"])  # noqa: S108 - the run's own
def test_a_run_that_fills_the_disk_gets_a_full_disk_of_its_own(bench: Bench, folder: str) -> None:
    written = bench.output(
        bench.python(
            f"""
            import json
            written = 0
            try:
                for number in range(1000):
                    with open(f"{folder}/{{number}}", "wb") as file:
                        written += file.write(bytes(1 << 20))
            except OSError as error:
                print(json.dumps([written, error.errno]))
            """
        )
    )
    assert 0 < written[0] <= 64 << 20
    assert written[1] == errno.ENOSPC


def test_a_run_can_write_nowhere_without_a_bound(bench: Bench) -> None:
    writable = bench.output(
        bench.python(
            """
            import json, os

            def is_writable(folder):
                path = os.path.join(folder, "new")
                try:
                    open(path, "wb").close()
                    os.remove(path)
                except OSError:
                    return False
                return True

            mounts = {line.split()[4] for line in open("/proc/self/mountinfo")}
            folders = {folder for folder, _, _ in os.walk("/dev")} | mounts | {"/run", "/var"}
            print(json.dumps(sorted(filter(is_writable, folders))))
            """
        )
    )
    assert writable == ["/dev/shm", "/home/reader", "/project", "/tmp"]  # noqa: S108 - the run's own


def test_a_run_that_computes_for_ever_is_stopped(bench: Bench) -> None:
    output = bench.output(
        bench.python(
            """
            import json, resource
            print(json.dumps([
                resource.getrlimit(resource.RLIMIT_CPU)[0],
                resource.getrlimit(resource.RLIMIT_CORE)[0],
            ]))
            """
        )
    )
    assert output == [60, 0]


def test_processes_that_a_run_leaves_behind_end_with_it(bench: Bench) -> None:
    marker = f"marker-{os.urandom(8).hex()}"
    run = bench.python(
        f"""
        import os, subprocess, sys
        code = "from signal import *; signal(SIGTERM, SIG_IGN); import time; time.sleep(1000)"
        command = [sys.executable, "-c", code, {marker!r}]
        # One holds the pipes open, one does not, and one is an orphan in a session of its own.
        subprocess.Popen(command)
        subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if os.fork() == 0:
            os.setsid()
            subprocess.Popen(command, start_new_session=True)
            os._exit(0)
        print("done", flush=True)
        os._exit(0)
        """
    )
    observation = bench.one(run)
    assert (observation.exit_status, observation.stdout, observation.killed) == (0, b"done\n", "")
    assert is_soon_gone(marker)


def test_a_run_can_kill_neither_the_worker_nor_another_run(bench: Bench, meeting: Mount) -> None:
    victim = bench.python(MEET, "meet('again'); print('alive')", name="victim", further=(meeting,))
    killer = bench.python(
        MEET,
        """
        import os, signal
        for pid in range(1, 70_000):
            if pid != os.getpid():
                try:
                    os.kill(pid, signal.SIGKILL)
                except OSError:
                    pass
        try:
            os.kill(-1, signal.SIGKILL)
        except OSError:
            pass
        meet('again')
        print("done")
        """,
        name="killer",
        further=(meeting,),
    )
    observations = bench.all(killer, victim)
    assert {name: each.stdout for name, each in observations.items()} == {
        "killer": b"done\n",
        "victim": b"alive\n",
    }


MISBEHAVING = {
    "swarm": f"""
        import subprocess, sys
        line = [sys.executable, "-c", "import time; time.sleep(600)"]
        swarm = [subprocess.Popen(line) for _ in range({MOST_PROCESSES} + 8)]
        swarm[0].wait()
    """,
    "disk": """
        with open("/tmp/large", "wb") as file:
            while True:
                file.write(bytes(1 << 20))
    """,
    "output": """
        while True:
            print("x" * (1 << 16))
    """,
    "memory": """
        blocks = []
        while True:
            blocks.append(bytes(1 << 26))
    """,
    "sleeper": """
        import time
        time.sleep(1000)
    """,
    "killer": """
        import os, signal, sys
        os.kill(os.getppid(), signal.SIGKILL)
        sys.exit("my parent lives")
    """,
    "reader": f"""
        open({__file__!r})
    """,
    "caller": """
        import urllib.request
        urllib.request.urlopen("https://example.com/")
    """,
}
"""What a sample should not do -> a sample that does it."""


def test_runs_that_misbehave_get_distinct_reasons_and_leave_their_neighbours_alone(
    bench: Bench,
) -> None:
    seconds = {"sleeper": 1}
    bad = [
        bench.python(source, name=name, kill_after_seconds=seconds.get(name, PATIENCE_SECONDS))
        for name, source in MISBEHAVING.items()
    ]
    good = [bench.python(REQUEST, "print(get())", name=f"good-{n}") for n in range(4)]
    observations = bench.all(*good[:2], *bad, *good[2:])
    assert {name: each.killed for name, each in observations.items() if each.killed} == {
        "swarm": f"it had more than {MOST_PROCESSES} processes",
        "output": f"it wrote more than {LARGEST_OUTPUT_BYTES >> 20} MiB",
        "memory": "it held more than 2 GiB of memory",
        "sleeper": "it still ran after 1 s",
    }
    last_lines = {
        name: each.stderr.decode().strip().rpartition("\n")[2]
        for name, each in observations.items()
        if each.exit_status == 1
    }
    assert last_lines == {
        "disk": "OSError: [Errno 28] No space left on device",
        "killer": "my parent lives",
        "reader": f"FileNotFoundError: [Errno 2] No such file or directory: {__file__!r}",
        "caller": last_lines["caller"],
    }
    assert last_lines["caller"].startswith("urllib.error.URLError: <urlopen error [Errno -")
    for each in good:
        assert (observations[each.id].stdout, observations[each.id].exit_status) == (
            b"here it is\n",
            0,
        )


FORK_BOMB = "bomb() { bomb | bomb & }; bomb; sleep 600"
STARTS_PROCESSES = "for number in $(seq 600); do /bin/true || exit 9; done; echo all"


def test_a_run_that_finds_no_process_left_is_repeated_without_the_one_that_took_them(
    bench: Bench,
) -> None:
    # bubblewrap itself may wait for ever for a process that it could not start.
    good = [
        bench.shell(STARTS_PROCESSES, name=f"good-{number}", kill_after_seconds=30)
        for number in range(4)
    ]
    bad = [bench.shell(FORK_BOMB, name=f"bad-{number}") for number in range(2)]
    observations = bench.all(*good, *bad, processors=8)
    assert len(observations) == len(good) + len(bad)
    for run in bad:
        assert observations[run.id].killed == f"it had more than {MOST_PROCESSES} processes"
    for run in good:
        seen = observations[run.id]
        assert (seen.stdout, seen.stderr, seen.exit_status) == (b"all\n", b"", 0)


class Machine:
    """Makes runs on a machine that lacks something, for some of them however often."""

    def __init__(self, *poor: str) -> None:
        self.watch = ResourceWatch()
        self.made: list[str] = []
        self._poor = poor
        self._lock = threading.Lock()

    def observe(self, _number: int, run: Run) -> Observation:
        with self._lock:
            self.made.append(run.id)
        return Observation(run.id, 1)

    def lacking(self, observation: Observation, _begin: float, _end: float) -> str:
        first = self.made.count(observation.id) == 1
        return "memory" if observation.id in self._poor or first else ""


def test_a_run_for_which_a_machine_lacks_something_is_made_again_and_at_last_alone(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = Machine("poor")
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written))
    runs = [bench.shell("", name=name) for name in ("poor", "rich", "other")]
    serve(cast("Worker", machine), [[run] for run in runs])
    lines = [msgspec.json.decode(x, type=Observation) for x in written.getvalue().splitlines()]
    assert {seen.id: seen.lacking for seen in lines} == {"poor": "memory", "rich": "", "other": ""}
    assert len(lines) == len(runs)
    assert {name: machine.made.count(name) for name in machine.made} == {
        "poor": 3,
        "rich": 2,
        "other": 2,
    }


@pytest.mark.parametrize(
    ("left", "lacking"),
    [
        ({"most_tasks": 1}, "processes"),
        ({"folder": "/proc"}, "disk space"),
        ({}, ""),
    ],
    ids=["processes", "disk", "enough"],
)
def test_what_a_machine_lacks_is_seen_while_something_runs(
    left: dict[str, Any], lacking: str
) -> None:
    watch = ResourceWatch(
        left.get("most_tasks"), Path(left["folder"]) if "folder" in left else None
    )
    watch.add(os.getpid(), lambda: None)
    begin = time.monotonic()
    watch.wait_for_look()
    watch.wait_for_look()
    assert watch.lacking(begin, time.monotonic()) == lacking
    watch.remove(os.getpid())
    assert watch.lacking(begin - 20, begin - 10) == ""


def test_a_run_that_kills_itself_is_seen_to_fail(bench: Bench) -> None:
    observation = bench.one(bench.shell("kill -KILL $$"))
    assert observation.exit_status not in (0, None)


@pytest.mark.parametrize(
    "changes",
    [
        {"command": ("no-such-program",)},
        {"mounts": (Mount("/no/such/file", "/project/sample.sh"),)},
        {"home": "no-such-home"},
        {"server": server(port=443, hosts=("x" * 300,))},
    ],
    ids=["program", "mount", "home", "host"],
)
def test_a_run_that_cannot_be_made_is_broken(bench: Bench, changes: dict[str, Any]) -> None:
    working = bench.shell("echo here")
    broken = Run(
        **{name: changes.get(name, getattr(working, name)) for name in Run.__struct_fields__}
    )
    assert bench.one(broken).broken


def test_a_home_is_made_once_and_each_run_gets_a_copy(bench: Bench) -> None:
    home = Home((("sh", "-c", 'echo trusted > "$HOME/trust"'),), ())
    source = 'cat "$HOME/trust"; ls "$HOME"; echo spoilt > "$HOME/trust"; touch "$HOME/left"'
    runs = [bench.shell(source, name=name, home="tale") for name in "ab"]
    observations = bench.all(*runs, homes={"tale": home}, processors=1)
    assert [each.stdout for each in observations.values()] == [b"trusted\ntrust\n"] * 2


def test_a_home_that_cannot_be_made_breaks_its_runs_alone(bench: Bench) -> None:
    home = Home((("sh", "-c", "echo no trust here >&2; exit 1"),), ())
    runs = [bench.shell(":", name="with", home="tale"), bench.shell(":", name="without")]
    observations = bench.all(*runs, homes={"tale": home})
    assert observations["with"].broken == "sh failed: no trust here"
    assert (observations["without"].broken, observations["without"].exit_status) == ("", 0)


def test_a_worker_that_dies_leaves_broken_runs_and_no_processes(bench: Bench) -> None:
    marker = f"marker-{os.urandom(8).hex()}"
    quick = bench.shell("echo here", name="quick")
    slow = [
        bench.python(
            "import time; time.sleep(1000)",
            name=name,
            command=(PYTHON, "-I", "sample.py", marker),
        )
        for name in ("slow-1", "slow-2")
    ]
    observations = bench.start(*slow, quick, processors=3)
    first = next(observations)
    for worker in workers():
        os.kill(worker, signal.SIGKILL)
    rest = list(observations)
    assert (first.id, first.broken) == ("quick", "")
    assert [each.id for each in rest] == ["slow-1", "slow-2"]
    for each in rest:
        assert each.broken.startswith("the worker ended early")
        assert each.exit_status is None
    assert is_soon_gone(marker)


def workers() -> list[int]:
    """Return the process IDs of the sandboxes that this process started."""
    process_ids = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, rest = status.read_text().rpartition(")")
        except OSError:
            continue
        if name.endswith("(bwrap") and int(rest.split()[1]) == os.getpid():
            process_ids.append(int(status.parent.name))
    assert process_ids
    return process_ids


def test_closing_the_observations_stops_the_worker(bench: Bench) -> None:
    marker = f"marker-{os.urandom(8).hex()}"
    slow = bench.python(
        "import time; time.sleep(1000)", name="slow", command=(PYTHON, "-I", "sample.py", marker)
    )
    observations = bench.start(slow, bench.shell(":", name="quick"))
    assert next(observations).id == "quick"
    observations.close()
    assert is_soon_gone(marker)


@pytest.fixture
def other_bwrap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the path at which another bwrap takes precedence."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return folder / "bwrap"


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("echo 'bwrap: no namespaces here' >&2; exit 1", "bwrap: no namespaces here"),
        ("exit 0", "no message"),
        ("""printf '{"id": "one", "exit_status": 0'""", "no message"),
        ("""printf '{"id": "one", "stdout": "no base64"}\\n'""", "no message"),
        ("cat >/dev/null; exit 3", "no message"),
    ],
    ids=["refuses", "ends", "half-a-line", "garbled", "reads-all"],
)
@pytest.mark.parametrize("argument", ["short", "long" * 100_000], ids=["short", "long"])
def test_a_worker_that_never_starts_leaves_broken_runs(
    bench: Bench, other_bwrap: Path, script: str, message: str, argument: str
) -> None:
    other_bwrap.write_text(f"#!/bin/sh\n{script}\n")
    other_bwrap.chmod(0o755)
    runs = [bench.shell(":", name=name, environment={"X": argument}) for name in ("one", "two")]
    observations = bench.all(*runs)
    assert [each.broken for each in observations.values()] == [
        f"the worker ended early: {message}"
    ] * 2


def test_a_machine_without_bubblewrap_gets_the_name_of_its_package(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", "/no/such/folder")
    assert isolation_choice.missing_sandbox() == "bwrap is not installed (Debian: bubblewrap)"


def test_a_system_without_bubblewrap_gets_no_advice_to_install_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", "/no/such/folder")
    monkeypatch.setattr("sys.platform", "darwin")
    assert isolation_choice.missing_sandbox() == "bubblewrap runs on Linux only"


def test_a_machine_that_refuses_namespaces_has_that_as_the_reason(other_bwrap: Path) -> None:
    other_bwrap.write_text("#!/bin/sh\necho 'bwrap: No permissions' >&2\necho more >&2\nexit 1\n")
    other_bwrap.chmod(0o755)
    assert isolation_choice.missing_sandbox() == "bwrap does not work here: bwrap: No permissions"


@pytest.mark.parametrize(
    ("answer", "content"),
    [
        (
            Answer(200, {"Content-Type": "text/plain"}, "é".encode()),
            b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\n\xc3\xa9",
        ),
        (
            Answer(302, {"Location": "/"}, b""),
            b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n",
        ),
        (Answer(299, {}, b""), b"HTTP/1.1 299 \r\nContent-Length: 0\r\n\r\n"),
    ],
)
def test_an_answer_is_sent_as_it_was_asked_for(answer: Answer, content: bytes) -> None:
    assert response(answer) == content
