"""Cache tab sets between builds of a site; most builds change no sample.

They are kept in `.tabproof/` by a digest of all that they were made from, and are shown again while
the samples on disk are still theirs. Nothing depends on it: what is not there is worked out.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

import msgspec

from tabproof.errors import MachineError
from tabproof.pages.fence_keys import Fence
from tabproof.pages.site import Build, is_live, settings_paths
from tabproof.pages.tab_set import TabSet
from tabproof.project.template_files import packaged_templates
from tabproof.samples.manifest import FOLDER as SAMPLES
from tabproof.samples.manifest import RECORD
from tabproof.system.files import write_if_changed
from tabproof.system.fingerprint import Fingerprint, fingerprint, program, walk_files
from tabproof.system.kept import FOLDER

TABS = f"{FOLDER}/tabs"
CHOICES = "TABPROOF_"
"""The prefix of the environment variables that select languages and variants."""
KEPT_FENCES = 128


class State(msgspec.Struct, frozen=True):
    """Hold the state of all files that tab sets are made from.

    Attributes:
        folder: where the tab sets that were made from it are stored.
        files: their fingerprint, which detects changes.
    """

    folder: Path
    files: Fingerprint


def cached_tab_sets(
    fence: Fence, root: Path, build: Build | None, language: str = ""
) -> tuple[TabSet, ...]:
    """Return the tab sets of a fence; see `tabproof.pages.tabs`.

    Args:
        fence: what it asks for.
        root: the project's folder.
        build: if given, the project is looked at once for all pages of this build.
        language: the tag of the page's language; empty if it is not known.

    Raises:
        InputError: something that it asks for is not there, or may not be published.
        TabproofError: a sample was edited by hand.
    """
    # A live page also shows what is on no record.
    state = None if is_live() else _look(root) if build is None else _look_once(root, build)
    if state is None:
        return _worked_out(fence, root, build, language)
    path = state.folder / hashlib.sha256(msgspec.msgpack.encode((fence, language))).hexdigest()
    known = _read(path)
    if known is not None and _is_on_disk(known, root):
        return known
    sets = _worked_out(fence, root, build, language)
    if fingerprint(_files(root)) == state.files:
        _keep(path, sets)
    return sets


def _worked_out(fence: Fence, root: Path, build: Build | None, language: str) -> tuple[TabSet, ...]:
    # Together 37 ms, as much as all else that a fence of a small site needs.
    from tabproof.pages.project_samples import open_project  # noqa: PLC0415 - see above
    from tabproof.pages.tabs import tab_sets  # noqa: PLC0415 - see above

    project = open_project(root, build)
    sets = tab_sets(fence, project, language)
    # Of all languages and scenarios, a page needs few.
    project.caches.save(whole=False)
    return sets


@lru_cache(maxsize=1)
def _look_once(root: Path, _build: Build) -> State | None:
    return _look(root)


def _look(root: Path) -> State | None:
    return _state(root, fingerprint(_files(root)))


@lru_cache(maxsize=2)
def _state(root: Path, found: Fingerprint) -> State | None:
    """Return the state of the project; None if it cannot be determined."""
    choices = sorted(each for each in os.environ.items() if each[0].startswith(CHOICES))
    digest = hashlib.sha256(repr((program(), choices)).encode())
    for path, _time, length in found:
        if not os.path.isfile(path):  # noqa: PTH113 - a link to a folder; a pipe would not end
            return None
        digest.update(f"\0{path}\0{length}\0".encode())
        with suppress(OSError):
            digest.update(Path(path).read_bytes())
    return State(root / TABS / digest.hexdigest(), found)


def _files(root: Path) -> list[str]:
    folders = {root / "templates", packaged_templates()}
    templates = (path for folder in folders for path in walk_files(folder))
    return [*settings_paths(root), str(root / RECORD), *templates]


@lru_cache(maxsize=KEPT_FENCES)
def _read(path: Path) -> tuple[TabSet, ...] | None:
    with suppress(OSError, msgspec.MsgspecError):
        return msgspec.msgpack.decode(path.read_bytes(), type=tuple[TabSet, ...])
    return None


def _is_on_disk(sets: tuple[TabSet, ...], root: Path) -> bool:
    samples = {tab.sample.path: tab.sample for tab_set in sets for tab in tab_set.tabs}
    try:
        return all(
            Path(root, SAMPLES, path).read_bytes() == sample.content
            for path, sample in samples.items()
        )
    except OSError:
        return False


def _keep(path: Path, sets: tuple[TabSet, ...]) -> None:
    """Keep tabs, and none that were made from another state."""
    folder = path.parent
    if not folder.exists():
        shutil.rmtree(folder.parent, ignore_errors=True)
    with suppress(MachineError):
        write_if_changed(path, msgspec.msgpack.encode(sets))
    _read.cache_clear()
