"""Run `tabproof generate` under faults; print the result of each run as JSON.

A process of its own for the tests beside it: it forks children that are killed, and some of it
needs a mount namespace. Children are forked rather than started anew, and find their samples
rendered: importing and rendering would take nearly all of the time, and touch no sample.

    killed_runs.py FAULT PROJECT COUNT
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tabproof.cli import generate as cli
from tabproof.cli import main
from tabproof.model.result import Result, ToolchainVersions
from tabproof.model.sample import Sample, SampleKey
from tabproof.project import catalog_reader
from tabproof.project.cases import cases_of
from tabproof.render.renderer import Renderer
from tabproof.samples import record_files, tree
from tabproof.samples.current import Rendered
from tabproof.samples.manifest import encode_manifest
from tabproof.samples.record import Current, Record
from tabproof.system import files

EVENTS = frozenset({"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod"})
PAGE_BYTES = 4096
Tree = dict[str, bytes]
RENDERED: dict[tuple[tuple[str, bytes], ...], list[Sample]] = {}
"""The scenarios' files -> their samples."""

LANGUAGES: set[str] = set()
"""Only these, where there are any."""

KEPT = {"scenarios", "settled", "templates"}
"""What a run stores for the next one in `.tabproof`."""


def rendered(project: Path) -> list[Sample]:
    """Render the samples of a project as it is now."""
    files_ = sorted((project / "templates/scenarios").iterdir())
    key = tuple((path.name, path.read_bytes()) for path in files_)
    if key not in RENDERED:
        samples = Renderer(catalog_reader.load(project)).all()
        RENDERED[key] = [s for s in samples if not LANGUAGES or s.key.language in LANGUAGES]
    return RENDERED[key]


def prepared(project: Path, _known: object, settled: Collection[str]) -> Rendered:
    """Return a project's samples, without rendering those of some scenarios."""
    return Rendered([s for s in rendered(project) if s.key.scenario not in settled])


def forked(work: Callable[[], None]) -> int:
    """Start a process that does some work; its standard error goes to a file of its number."""
    process = os.fork()
    if process == 0:
        with contextlib.suppress(BaseException):
            work()
        os._exit(99)
    return process


def ended(process: int) -> int:
    """Return the exit status of a process, or the negative number of the signal that killed it."""
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def generate(
    project: Path, messages: Path | None = None, under_lock: Callable[[], None] = lambda: None
) -> None:
    """End this process as `tabproof generate` ends.

    Args:
        project: the project's folder.
        messages: the file for its standard error.
        under_lock: called where it reads the templates.
    """

    def load(*_: object) -> SimpleNamespace:
        under_lock()
        return SimpleNamespace(scenarios=True)

    instead = SimpleNamespace(
        load=load,
        inputs_digest=lambda _root: "the same",
        TemplateCaches=catalog_reader.TemplateCaches,
    )
    replacements = {"catalog_reader": instead, "render_all": prepared}
    assert replacements.keys() <= vars(cli).keys()
    vars(cli).update(replacements)
    stderr, status = io.StringIO(), 0
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(stderr):
        try:
            main.main(["--root", str(project), "generate"])
        except SystemExit as exit_:
            status = int(exit_.code or 0)
    if messages:
        messages.write_text(stderr.getvalue(), encoding="utf-8")
    os._exit(status)


def expected_tree(project: Path) -> Tree:
    """Return what `samples/` should hold, including the manifest."""
    samples = rendered(project)
    return {s.path: s.content for s in samples} | {tree.MANIFEST: encode_manifest(samples)}


def on_disk(project: Path) -> Tree:
    """Return what `samples/` holds."""
    folder = project / tree.FOLDER
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def retitled(project: Path, word: str) -> None:
    """Change every sample: its scenario's title is in its head."""
    for path in (project / "templates/scenarios").iterdir():
        _first, _, rest = path.read_text(encoding="utf-8").partition("\n")
        path.write_text(f"title: List {word}\n{rest}", encoding="utf-8")


def temporary(path: str) -> bool:
    """Return whether it is the name of a file that is being written."""
    return path.rpartition("/")[2].startswith(files.TEMPORARY_PREFIX)


def lost(tree_on_disk: Tree, *versions: Tree) -> list[str]:
    """Return the files that are neither complete in one of the versions, nor temporary.

    While samples are written, the manifest has lines of more than one version.
    """
    lines = {line for each in versions for line in entries(each[tree.MANIFEST])}
    return sorted(
        path
        for path, content in tree_on_disk.items()
        if not temporary(path)
        and not any(each.get(path) == content for each in versions)
        and not (path == tree.MANIFEST and entries(content) <= lines)
    )


def entries(content: bytes) -> set[str]:
    """Return the entries of a manifest as JSON."""
    return {json.dumps(entry) for entry in json.loads(content)}


def killed_at(number: int, project: Path) -> Callable[[], None]:
    """Work that is killed before it does something to a file for the `number`th time."""
    left = [number]

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event in EVENTS and str(project) in str(arguments[0]):
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    def work() -> None:
        sys.addaudithook(hook)
        generate(project)

    return work


def kill_at_each_step(project: Path) -> Iterator[dict[str, Any]]:
    """Kill a run at its first step, the next one at its second, until one completes."""
    backup = project.with_name("kept")
    LANGUAGES.update(["python", "ruby"])
    ended(forked(lambda: generate(project)))
    old = expected_tree(project)
    retitled(project, "new")
    # Of each version one scenario is not in the other: files come and go as well.
    scenarios = project / "templates/scenarios"
    first = min(scenarios.iterdir())
    first.rename(scenarios / "another.yml")
    new = expected_tree(project)
    shutil.copytree(project, backup)
    step, status = 0, -signal.SIGKILL
    while status == -signal.SIGKILL:
        step += 1
        shutil.rmtree(project)
        shutil.copytree(backup, project)
        status = ended(forked(killed_at(step, project)))
        between = on_disk(project)
        # The templates change again before the next run.
        retitled(project, "newest")
        newest = expected_tree(project)
        after = ended(forked(lambda: generate(project)))
        yield {
            "status": status,
            "lost": lost(between, old, new),
            "temporary": sum(map(temporary, between)),
            "after": after,
            "current": on_disk(project) == newest,
            "rest": sorted({p.name for p in (project / ".tabproof").glob("*")} - KEPT),
        }


def kill_at_random(project: Path, count: int) -> Iterator[dict[str, Any]]:
    """Kill runs from outside, one after the other, each with other templates."""
    versions = [expected_tree(project)]
    began = time.monotonic()
    ended(forked(lambda: generate(project)))
    seconds = time.monotonic() - began
    for number in range(count):
        retitled(project, "even" if number % 2 == 0 else "odd")
        versions = [*versions, expected_tree(project)]
        process = forked(lambda: generate(project))
        time.sleep(random.uniform(0, seconds))  # noqa: S311 - any moment will do
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
        status = ended(process)
        tree_on_disk = on_disk(project)
        yield {
            "status": status,
            "lost": lost(tree_on_disk, *versions),
            "temporary": sum(map(temporary, tree_on_disk)),
        }
    yield {
        "status": ended(forked(lambda: generate(project))),
        "lost": [],
        "temporary": sum(map(temporary, on_disk(project))),
        "current": on_disk(project) == versions[-1],
    }


def generate_beside_another(project: Path, messages: Path, waiting: Path) -> None:
    """Generate as one of two processes; the first to lock waits until the other finds the lock."""
    own = vars(cli)["_print_waiting"]

    def announce() -> None:
        own()
        waiting.touch()

    def meet() -> None:
        while vars(files)["fcntl"] and not waiting.exists():
            time.sleep(0.01)

    vars(cli)["_print_waiting"] = announce
    generate(project, messages, meet)


def pairs(project: Path, count: int) -> Iterator[dict[str, Any]]:
    """Let two runs generate at once, again and again."""
    for number in range(count):
        retitled(project, "even" if number % 2 == 0 else "odd")
        new = expected_tree(project)
        messages = [project.with_name(f"said-{each}") for each in range(2)]
        waiting = project.with_name(f"waiting-{number}")
        processes = [
            forked(partial(generate_beside_another, project, path, waiting)) for path in messages
        ]
        yield {
            "statuses": [ended(process) for process in processes],
            "current": on_disk(project) == new,
            "said": [path.read_text(encoding="utf-8") for path in messages],
        }


def records(project: Path, count: int) -> Iterator[dict[str, Any]]:
    """Let two processes each add a result to the record, while a third one generates."""

    catalog = catalog_reader.load(project)
    (case, *_others) = cases_of(min(catalog.scenarios.items())[1], catalog.cases)
    keys = [SampleKey(f"{one}-{n}", "library", "ruby") for one in "ab" for n in range(count)]
    current = Current(dict.fromkeys(keys, "digest"), lambda _sample: (case,))
    box = ToolchainVersions("ruby", "3.1.2", {}, "bubblewrap")

    def add(name: str) -> Callable[[], None]:
        key = SampleKey(name, "library", "ruby")
        new = Record(
            (
                Result(
                    key, case.name, "passed", "", "digest", case.digest, box, "2026-11-24T00:00:00Z"
                ),
            )
        )

        def work() -> None:
            record_files.update(project, current, lambda old: old.union(new))
            os._exit(0)

        return work

    for number in range(count):
        retitled(project, "even" if number % 2 == 0 else "odd")
        rendered(project)  # for the child that generates
        work = [add(f"a-{number}"), add(f"b-{number}"), lambda: generate(project)]
        processes = [forked(each) for each in work]
        yield {
            "statuses": [ended(process) for process in processes],
            "results": len(record_files.read(project).record(current.find_cases).results),
            "temporary": sum(map(temporary, on_disk(project))),
        }


def full_disk(project: Path, count: int) -> Iterator[dict[str, Any]]:
    """`samples/` on a small disk with room for 0, 1, 2... pages more; then there is room again."""
    samples, messages = project / tree.FOLDER, project.with_name("said")
    samples.mkdir()
    scenarios = project / "templates/scenarios"
    right = min(scenarios.iterdir()).read_text(encoding="utf-8")
    old = expected_tree(project)
    (scenarios / "one-more.yml").write_text(right, encoding="utf-8")
    retitled(project, "new")
    new = expected_tree(project)
    for pages in range(count):
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", samples], check=True)  # noqa: S607 - wherever it is
        for path, content in old.items():
            (samples / path).parent.mkdir(parents=True, exist_ok=True)
            (samples / path).write_bytes(content)
        ballast = samples / ".ballast"
        with ballast.open("wb", buffering=0) as file:
            with contextlib.suppress(OSError):
                while True:
                    file.write(b"x" * PAGE_BYTES)
            file.truncate(file.tell() - pages * PAGE_BYTES)
        status = ended(forked(lambda: generate(project, messages)))
        between = on_disk(project)
        between.pop(ballast.name)
        ballast.unlink()
        after = ended(forked(lambda: generate(project)))
        yield {
            "status": status,
            "said": messages.read_text(encoding="utf-8"),
            "lost": lost(between, old, new),
            "temporary": sum(map(temporary, between)),
            "after": after,
            "current": on_disk(project) == new,
        }
        subprocess.run(["umount", samples], check=True)  # noqa: S607 - the same


def read_only(project: Path, _count: int) -> Iterator[dict[str, Any]]:
    """`samples/` cannot be written: first all is current, then nothing is."""
    samples, messages = project / tree.FOLDER, project.with_name("said")
    ended(forked(lambda: generate(project)))
    before = on_disk(project)
    subprocess.run(["mount", "--bind", samples, samples], check=True)  # noqa: S607 - wherever it is
    subprocess.run(["mount", "-o", "remount,ro,bind", samples], check=True)  # noqa: S607 - the same
    for word in ("", "new"):
        if word:
            retitled(project, word)
        yield {
            "status": ended(forked(lambda: generate(project, messages))),
            "said": messages.read_text(encoding="utf-8"),
            "same": on_disk(project) == before,
        }


def without_lock(project: Path, count: int) -> Iterator[dict[str, Any]]:
    """As `pairs`, on a disk that has no locks."""
    vars(files)["fcntl"] = None  # as on Windows
    return pairs(project, count)


FAULTS = {
    "kill-at-each-step": lambda project, _count: kill_at_each_step(project),
    "kill-at-random": kill_at_random,
    "pairs": pairs,
    "pairs-without-lock": without_lock,
    "records": records,
    "full-disk": full_disk,
    "read-only": read_only,
}

if __name__ == "__main__":
    fault, folder, times = sys.argv[1:]
    json.dump(list(FAULTS[fault](Path(folder), int(times))), sys.stdout)
