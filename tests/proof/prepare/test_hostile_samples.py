"""Compile, parse and lint samples that attack the machine that they are proved on."""

from __future__ import annotations

import base64
import shutil
import socket
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from tabproof.model.catalog import Catalog
from tabproof.model.command import Probe
from tabproof.model.isolation import BUBBLEWRAP, REBASED, Isolation
from tabproof.model.language import Language, Toolchain
from tabproof.model.linter import Linter
from tabproof.model.result import Finding, Unavailable
from tabproof.proof.lint import lint
from tabproof.proof.prepare.build import build_samples, parse_sample
from tabproof.proof.prepare.runnable_sample import RunnableSample
from tabproof.render.renderer import Renderer
from tabproof.system.resource_limits import ResourceWatch
from tabproof.toolchains import find
from tabproof.toolchains.find import InstalledToolchain

pytestmark = pytest.mark.usefixtures("sandbox")

BASH = shutil.which("bash") or "bash"
PROBE = Probe(run=("{bash}", "-c", "echo 1.0"))
LINE = r"^(?P<words>error: .*)$"


class Surroundings(msgspec.Struct):
    """Hold what a sample must not find, and what it must not do."""

    secret: str
    root: Path
    file: Path
    outside: Path
    listener: socket.socket

    def was_reached(self) -> bool:
        """Return whether something connected to this machine's loopback device."""
        try:
            self.listener.accept()[0].close()
        except BlockingIOError:
            return False
        return True

    def attack(self, report: str) -> str:
        """Return commands of bash in one line; they end with `report`, which sees `$found`."""
        port = self.listener.getsockname()[1]
        # Assembled there: what looks for the secret does not find itself.
        secret = f"{self.secret[:8]}''{self.secret[8:]}"
        return "; ".join(
            (
                "found=",
                f"grep -aqs {secret} /proc/*/environ && found+=' variables'",
                f"grep -qs {secret} {self.file} && found+=' files'",
                f"[ -e {self.root}/pyproject.toml ] && found+=' project'",
                f"find {Path.home()} -maxdepth 1 -type f 2>/dev/null | grep -q . && found+=' home'",
                f"(echo > /dev/tcp/127.0.0.1/{port}) 2>/dev/null && found+=' network'",
                f"(echo > {self.outside}) 2>/dev/null",
                report,
            )
        )


@pytest.fixture
def around(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Surroundings]:
    secret = uuid.uuid4().hex
    monkeypatch.setenv("JOB_SECRET", secret)
    (tmp_path / "private").write_text(secret)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        listener.settimeout(0)
        yield Surroundings(secret, root, tmp_path / "private", tmp_path / "written", listener)


@pytest.fixture
def hostile(
    catalog: Catalog, root: Path, tmp_path: Path
) -> Callable[[Language, str, Isolation], RunnableSample]:
    """A sample with a text, of a language that executes it as it compiles, parses and lints."""
    (sample, *_) = Renderer(catalog).all()

    def make(language: Language, text: str, isolation: Isolation) -> RunnableSample:
        file = tmp_path / "sample" / "attack.sh"
        file.parent.mkdir()
        file.write_text(text)
        (toolchain,) = language.data.toolchains
        installed = InstalledToolchain(
            toolchain, str(tmp_path / "nowhere"), "1.0", {"bash": BASH}, {}, {}, root=str(root)
        )
        return RunnableSample(
            sample,
            catalog.scenarios[sample.key.scenario],
            language,
            str(file),
            text,
            sample.digest,
            (),
            installed,
            isolation,
            places=find.base_placeholders(language, root),
        )

    return make


@pytest.fixture
def executing(language_with: Callable[..., Language]) -> Language:
    """A language whose compiler, parser and linter do what a sample says."""
    command = ("{bash}", "{sample}")
    toolchain = Toolchain(
        runtime="tale",
        programs={"bash": "bash"},
        version=PROBE,
        prepare=((*command, "{build}"),),
        run=command,
    )
    linter = Linter(
        name="read", programs={"bash": "bash"}, version=PROBE, run=command, fault=LINE, parses=True
    )
    language = language_with(msgspec.structs.replace(toolchain, fault=LINE))
    data = msgspec.structs.replace(language.data, linters=(linter,))
    return msgspec.structs.replace(language, data=data)


def _build(subject: RunnableSample, folder: Path) -> str:
    (built,) = build_samples([subject], str(folder), 1).values()
    if isinstance(built, Unavailable):
        return built.reason
    return built.observed if isinstance(built, Finding) else built


def _parse(subject: RunnableSample, _folder: Path) -> str:
    parsed = parse_sample(subject, "now")
    return parsed.reason if parsed else ""


def _lint(subject: RunnableSample, folder: Path) -> str:
    (result,) = lint([subject], folder, 1)
    return " ".join(fault.message for fault in result.faults)


TOOLS = pytest.mark.parametrize("use", [_build, _parse, _lint], ids=["build", "parse", "lint"])


@TOOLS
def test_what_a_tool_executes_finds_nothing_and_reaches_nothing(
    use: Callable[[RunnableSample, Path], str],
    executing: Language,
    hostile: Callable[..., RunnableSample],
    around: Surroundings,
    tmp_path: Path,
) -> None:
    text = around.attack('echo "error: found:$found."; exit 1')
    assert use(hostile(executing, text, BUBBLEWRAP), tmp_path) == "error: found:."
    assert not around.was_reached()
    assert not around.outside.exists()


@TOOLS
def test_what_a_tool_writes_is_removed_and_the_sample_is_as_it_was(
    use: Callable[[RunnableSample, Path], str],
    executing: Language,
    hostile: Callable[..., RunnableSample],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    writes = 'for file in ~/left /tmp/left ./left "$0"; do echo x >>"$file" && n=x$n; done 2>&-'
    subject = hostile(executing, f'{writes}; echo "error: $n."; exit 1', BUBBLEWRAP)
    assert use(subject, tmp_path).startswith("error: xx")
    assert list(temporary.iterdir()) == []
    assert Path(subject.file).read_text() == subject.text
    assert list(Path(subject.file).parent.iterdir()) == [Path(subject.file)]


@TOOLS
def test_without_a_sandbox_tools_run_with_the_rights_of_this_user(
    use: Callable[[RunnableSample, Path], str],
    executing: Language,
    hostile: Callable[..., RunnableSample],
    around: Surroundings,
    tmp_path: Path,
) -> None:
    """The attack is one: the test above could not fail otherwise."""
    text = around.attack('echo "error: found:$found."; exit 1')
    found = use(hostile(executing, text, REBASED), tmp_path)
    assert {"files", "project", "network."} <= set(found.split())
    assert around.was_reached()
    assert around.outside.exists()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (":() { : | : & }; :; sleep 600", "it had more than 128 processes"),
        ("yes", "it wrote more than 16 MiB"),
        ("dd if=/dev/zero of=big bs=1M 2>&1; sleep 600", "it wrote more than 1 GiB"),
        (
            "dd if=/dev/zero of=/dev/null bs=3G count=9 iflag=fullblock",
            "it held more than 2 GiB of memory",
        ),
    ],
    ids=["processes", "output", "disk", "memory"],
)
def test_a_compiler_that_takes_too_much_is_stopped(
    text: str,
    reason: str,
    executing: Language,
    hostile: Callable[..., RunnableSample],
    tmp_path: Path,
) -> None:
    assert _build(hostile(executing, text, BUBBLEWRAP), tmp_path) == f"bash was stopped: {reason}"


class PoorMachine:
    """A machine that is short of memory whenever a tool has run, for a number of times."""

    def __init__(self, times: int) -> None:
        self.times = times

    def lacking(self, _begin: float, _end: float) -> str:
        self.times -= 1
        return "memory" if self.times >= 0 else ""


@pytest.fixture
def fails(
    executing: Language, hostile: Callable[..., RunnableSample], tmp_path: Path
) -> Callable[[str], str]:
    """What building a sample with a text says of it, "" for nothing."""

    def build(text: str) -> str:
        found = _build(hostile(executing, text, BUBBLEWRAP), tmp_path)
        return "" if found == f"{tmp_path}/build-0" else found

    return build


FAILS_ONCE = '[ -e "$1/tried" ] || { touch "$1/tried"; echo "error: Killed"; exit 1; }'
FAILS = 'echo "error: Killed"; exit 1'


@pytest.mark.parametrize(
    ("text", "short", "fault"),
    [
        (FAILS_ONCE, 1, ""),
        (FAILS_ONCE, 0, "error: Killed"),
        (FAILS, 1, "error: Killed"),
        (FAILS, 9, "this machine had not enough memory"),
        ("exit 0", 9, ""),
    ],
)
def test_a_build_that_fails_for_want_of_something_is_repeated_and_no_fault(
    monkeypatch: pytest.MonkeyPatch,
    fails: Callable[[str], str],
    text: str,
    short: int,
    fault: str,
) -> None:
    monkeypatch.setattr(ResourceWatch, "lacking", PoorMachine(short).lacking)
    assert fails(text) == fault


def test_a_parser_and_a_linter_that_fail_for_want_of_something_say_nothing_of_a_sample(
    executing: Language,
    hostile: Callable[..., RunnableSample],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ResourceWatch, "lacking", PoorMachine(99).lacking)
    subject = hostile(executing, FAILS, BUBBLEWRAP)
    parsed = parse_sample(subject, "now")
    assert parsed
    assert (parsed.verdict, parsed.reason) == ("skipped", "this machine had not enough memory")
    (linted,) = lint([subject], tmp_path, 1)
    assert (linted.faults, linted.skipped) == ((), "this machine had not enough memory")


def test_what_is_repeated_runs_alone(
    executing: Language,
    hostile: Callable[..., RunnableSample],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Four builds fail beside each other; two that are repeated would meet in a folder."""
    monkeypatch.setattr(ResourceWatch, "lacking", PoorMachine(4).lacking)
    (toolchain,) = executing.data.toolchains
    meeting = tmp_path / "cache"
    alone = (
        f'[ -e "$1/tried" ] || {{ touch "$1/tried"; exit 1; }}; '
        f"mkdir {meeting}/met || exit 1; sleep 0.2; rmdir {meeting}/met"
    )
    subject = hostile(executing, alone, BUBBLEWRAP)
    assert isinstance(subject.toolchain, InstalledToolchain)
    caching = msgspec.structs.replace(toolchain, caches=(meeting.name,))
    subjects = []
    for number in range(4):
        file = Path(subject.file).with_name(f"{number}.sh")
        file.write_text(alone)
        installed = msgspec.structs.replace(
            subject.toolchain, toolchain=caching, folder=str(tmp_path)
        )
        subjects.append(msgspec.structs.replace(subject, file=str(file), toolchain=installed))
    (tmp_path / "builds").mkdir()
    built = build_samples(subjects, str(tmp_path / "builds"), 4)
    assert all(isinstance(found, str) for found in built.values()), built


def test_links_in_a_build_lead_a_mutant_nowhere(
    executing: Language,
    hostile: Callable[..., RunnableSample],
    around: Surroundings,
    tmp_path: Path,
) -> None:
    """The build of a mutant begins as a copy, which this process makes."""
    (toolchain,) = executing.data.toolchains
    read = ("{bash}", "-c", "echo error: $(cat {build}/link); exit 1")
    again = msgspec.structs.replace(toolchain, rebuild=(read,))
    original = hostile(executing, f'ln -s {around.file} "$1/link"', BUBBLEWRAP)
    assert isinstance(original.toolchain, InstalledToolchain)
    installed = msgspec.structs.replace(original.toolchain, toolchain=again)
    original = msgspec.structs.replace(original, toolchain=installed)
    copy = Path(original.file).with_name("mutant.sh")
    copy.write_text("")
    mutant = msgspec.structs.replace(original, file=str(copy), original=original)
    built = build_samples([original, mutant], str(tmp_path), 1)
    finding = built[mutant.identity]
    assert isinstance(finding, Finding)
    assert around.secret not in finding.observed


def test_a_formatter_that_leaves_a_link_does_not_show_where_it_leads(
    executing: Language,
    hostile: Callable[..., RunnableSample],
    around: Surroundings,
    tmp_path: Path,
) -> None:
    (linter,) = executing.data.linters
    writes = msgspec.structs.replace(linter, writes=True)
    data = msgspec.structs.replace(executing.data, linters=(writes,))
    language = msgspec.structs.replace(executing, data=data)
    text = f'ln -sf {around.file} "$0"'
    assert around.secret not in _lint(hostile(language, text, BUBBLEWRAP), tmp_path)


@pytest.fixture
def dotnet_subject(catalog: Catalog, root: Path, tmp_path: Path) -> RunnableSample:
    language = catalog.languages["csharp"]
    able = find.usable_toolchains(find.find_toolchains(language, root), "library")
    if not able:
        pytest.skip("dotnet with the samples' library: not installed")
    (sample, *_) = (
        s
        for s in Renderer(catalog).all()
        if (s.key.language, s.key.variant) == ("csharp", "library")
    )
    file = tmp_path / "attack" / Path(sample.path).name
    file.parent.mkdir()
    scenario = catalog.scenarios[sample.key.scenario]
    return RunnableSample(
        sample, scenario, language, str(file), sample.text, sample.digest, (), able[0]
    )


def test_a_property_of_a_csharp_file_that_msbuild_executes_finds_nothing(
    dotnet_subject: RunnableSample, around: Surroundings, tmp_path: Path
) -> None:
    script = around.attack('echo "found:$found." > found')
    # Such a line cannot have quotes.
    encoded = base64.b64encode(script.encode()).decode()
    attack = f"#:property PreBuildEvent=echo {encoded} | base64 -d | bash\n"
    Path(dotnet_subject.file).write_text(
        dotnet_subject.text.replace("\n#:package", f"\n{attack}#:package")
    )
    folder = tmp_path / "builds"
    folder.mkdir()
    kept = Path.home() / ".local/share/dotnet/runfile"
    before = sorted(kept.iterdir()) if kept.is_dir() else []
    (built,) = build_samples([dotnet_subject], str(folder), 1).values()
    assert isinstance(built, str), built
    assert Path(built, "found").read_text() == "found:.\n"
    assert Path(built, "ListUsers.dll").is_file()
    assert not around.was_reached()
    assert not around.outside.exists()
    assert (sorted(kept.iterdir()) if kept.is_dir() else []) == before


def test_a_package_that_no_lock_names_is_not_fetched(
    dotnet_subject: RunnableSample, tmp_path: Path
) -> None:
    other = dotnet_subject.text.replace("\n#:package", "\n#:package Some.Other@1.0.0\n#:package")
    Path(dotnet_subject.file).write_text(other)
    (built,) = build_samples([dotnet_subject], str(tmp_path), 1).values()
    assert isinstance(built, Finding)
    assert built.observed == "NU1101: Unable to find package Some.Other"


WRITES = {
    "node": "import {writeFileSync} from 'node:fs';\nwriteFileSync('PLACE', 'x');\n",
    "curl": "echo x > PLACE\n: $(echo x > PLACE)\n",
    "php": "<?php\nfile_put_contents('PLACE', 'x');\n",
    "python": "open('PLACE', 'w').write('x')\n",
    "ruby": "BEGIN { File.write('PLACE', 'x') }\n",
    "csharp": '#:property PreBuildEvent=touch PLACE\nSystem.IO.File.WriteAllText("PLACE", "x");\n',
    "go": "package main\n\n//go:generate touch PLACE\n\n// #cgo CFLAGS: -fplugin=PLACE\n"
    'import "C"\n\nfunc main() {}\n',
}


@pytest.mark.parametrize("language", WRITES)
def test_the_parser_and_the_linters_of_a_language_leave_the_machine_as_it_was(
    language: str, catalog: Catalog, root: Path, tmp_path: Path
) -> None:
    known = catalog.languages[language]
    place = tmp_path / "written"
    sample = next(s for s in Renderer(catalog).all() if s.key.language == language)
    file = tmp_path / "sample" / Path(sample.path).name
    file.parent.mkdir()
    text = WRITES[language].replace("PLACE", str(place))
    file.write_text(text)
    scenario = catalog.scenarios[sample.key.scenario]
    subject = RunnableSample(
        sample,
        scenario,
        known,
        str(file),
        text,
        sample.digest,
        (),
        "not asked",
        places=find.base_placeholders(known, root),
    )
    parsed = parse_sample(subject, "now")
    assert parsed is not None
    if parsed.verdict == "skipped":
        pytest.skip(parsed.reason)
    lint([subject], root, 2)
    assert not place.exists()


def test_c_in_a_go_file_is_not_compiled(catalog: Catalog, root: Path, tmp_path: Path) -> None:
    """A C compiler does what `#cgo` lines say."""
    language = catalog.languages["go"]
    able = find.usable_toolchains(find.find_toolchains(language, root), "stdlib")
    if not able:
        pytest.skip("go: not installed")
    sample = next(s for s in Renderer(catalog).all() if s.key.language == "go")
    file = tmp_path / "c.go"
    file.write_text(WRITES["go"].replace("PLACE", str(tmp_path / "plugin.so")))
    scenario = catalog.scenarios[sample.key.scenario]
    subject = RunnableSample(sample, scenario, language, str(file), "", sample.digest, (), able[0])
    (built,) = build_samples([subject], str(tmp_path), 1).values()
    assert isinstance(built, Finding)
    assert "build constraints exclude all Go files" in built.observed


def test_what_go_has_compiled_stays_for_later_builds(
    catalog: Catalog, root: Path, tmp_path: Path
) -> None:
    language = catalog.languages["go"]
    able = find.usable_toolchains(find.find_toolchains(language, root), "stdlib")
    if not able:
        pytest.skip("go: not installed")
    sample = next(
        s for s in Renderer(catalog).all() if (s.key.language, s.key.variant) == ("go", "stdlib")
    )
    scenario = catalog.scenarios[sample.key.scenario]
    cache = Path(able[0].folder, "cache")
    assert cache.is_relative_to(root / ".tabproof")
    counts = []
    for number in range(2):
        # Another text each time: what Go keeps of this file itself is of no use for the next.
        text = f"{sample.text}\n// {uuid.uuid4()}\n"
        file = tmp_path / f"sample-{number}.go"
        file.write_text(text)
        subject = RunnableSample(
            sample, scenario, language, str(file), text, sample.digest, (), able[0]
        )
        (tmp_path / f"builds-{number}").mkdir()
        (built,) = build_samples([subject], str(tmp_path / f"builds-{number}"), 1).values()
        assert isinstance(built, str), built
        counts.append(sum(path.name.endswith("-d") for path in cache.rglob("*")))
    assert counts[0] > 100
    assert counts[1] - counts[0] < 10
