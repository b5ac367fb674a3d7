"""Changes of a folder's files, as they come."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer
from watchdog.observers.polling import PollingObserver

from tabproof.project.template_files import is_hidden

WRITES = frozenset({"created", "modified", "moved", "deleted"})
"""Reading is an event too: whoever reads on each would never stop."""
POLL_SECONDS = 0.25


class Handler(FileSystemEventHandler):
    """Tells what a person saved from all else that happens in a folder."""

    def __init__(self, folder: Path, note: Callable[[], None]) -> None:
        """Know the folder, and what to call."""
        self._folder = folder
        self._note = note

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Call it, in a thread of watchdog's own, if a file was written that is not hidden."""
        if event.event_type not in WRITES or event.is_directory:
            return
        paths = (Path(str(path)) for path in (event.src_path, event.dest_path) if path)
        if not all(is_hidden(path.relative_to(self._folder)) for path in paths):
            self._note()


@contextmanager
def watch_folder(folder: Path, note: Callable[[], None]) -> Iterator[None]:
    """Call `note`, in another thread, whenever a file below a folder changes."""
    handler = Handler(folder, note)
    observer = Observer()
    observer.schedule(handler, str(folder), recursive=True)
    try:
        observer.start()
    except OSError:
        # Linux allows so many watched folders for each user; looking again and again always works.
        observer = PollingObserver(timeout=POLL_SECONDS)
        observer.schedule(handler, str(folder), recursive=True)
        observer.start()
    try:
        yield
    finally:
        observer.stop()
        observer.join()
