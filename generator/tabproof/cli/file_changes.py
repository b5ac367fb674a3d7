"""Watch a folder for changes of its files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer
from watchdog.observers.polling import PollingObserver

from tabproof.project.template_files import is_hidden

WRITES = frozenset({"created", "modified", "moved", "deleted"})
"""Events that change a file: watchdog also reports reads, which would never end here."""
POLL_SECONDS = 0.25


class Handler(FileSystemEventHandler):
    """Call a function when a file that is not hidden was written."""

    def __init__(self, folder: Path, note: Callable[[], None]) -> None:
        """Keep the folder and the function."""
        self._folder = folder
        self._note = note

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Call the function, in a thread of watchdog's own, if the event is such a write."""
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
        # Linux limits the watched folders of each user (fs.inotify); polling has no limit.
        observer = PollingObserver(timeout=POLL_SECONDS)
        observer.schedule(handler, str(folder), recursive=True)
        observer.start()
    try:
        yield
    finally:
        observer.stop()
        observer.join()
