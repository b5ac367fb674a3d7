"""Handle Ctrl-C, SIGTERM and SIGHUP: the program ends at once and leaves nothing behind.

While a command works, the first of these signals ends the processes that it started and is then a
`KeyboardInterrupt`, which leaves through every `finally`. At any other moment there is nothing to
leave behind, and the program just goes. Further signals find it already ending.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from tabproof.errors import ExitStatus

LINE = "tabproof: interrupted"
AGAIN_SECONDS = 0.5
START_SECONDS = 5.0
"""How long a start may take that is under way when the program leaves."""
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

starting = threading.Lock()
"""Held by whoever starts a process or makes a temporary folder, until it is one that `ends` or
`cleans` knows of."""


class _State:
    """Hold the state of the signal handler, which is global as signals are."""

    heeds = False
    came = False
    working = False
    holds = 0
    ends: Callable[[], None] | None = None
    cleans: Callable[[], None] | None = None


def run_program(run: Callable[[], object]) -> None:
    """Run the whole program, and heed the signals while it runs.

    A program that is interrupted does not return: it ends here, without output that nobody takes,
    and without threads that wait for something. One that exits has said why; whatever else its
    interruption led to is no news to the reader.
    """
    install_handlers()
    is_reported = False
    try:
        run()
    except SystemExit:
        is_reported = True
        raise
    finally:
        if _State.came:
            _leave(is_reported=is_reported)


def install_handlers() -> None:
    """Let the signals interrupt this process."""
    _State.heeds = True
    for number in SIGNALS:
        # nohup keeps a program from hearing that its terminal is gone. A shell script's `&`
        # makes its programs deaf to SIGINT too, but there someone may well send it on purpose.
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _interrupt)


def was_interrupted() -> bool:
    """Return whether this process has been interrupted."""
    return _State.came


def on_interruption(ends: Callable[[], None]) -> None:
    """Register what ends the processes that this one started; called in the main thread."""
    _State.ends = ends


def on_leaving(cleans: Callable[[], None]) -> None:
    """Register what removes the temporary files that threads have not removed; called at exit."""
    _State.cleans = cleans


@contextmanager
def interruptible() -> Iterator[None]:
    """Turn an interruption into a `KeyboardInterrupt`, in this context."""
    _State.working = True
    try:
        yield
    finally:
        _State.working = False


@contextmanager
def deferred() -> Iterator[None]:
    """Hold an interruption of the main thread back until what has begun can be undone."""
    if not _State.heeds or threading.current_thread() is not threading.main_thread():
        yield
        return
    _State.holds += 1
    try:
        yield
    finally:
        _State.holds -= 1
    if _State.came and not _State.holds:
        raise KeyboardInterrupt


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    _State.came = True
    if not _State.working:
        _leave(is_reported=False)
    if _State.ends:
        _State.ends()
    # Python drops what is raised in a `__del__` or in the callback of a weak reference.
    signal.signal(signal.SIGALRM, _insist)
    signal.setitimer(signal.ITIMER_REAL, AGAIN_SECONDS, AGAIN_SECONDS)
    if not _State.holds:
        raise KeyboardInterrupt


def _insist(_number: int, _frame: FrameType | None) -> None:
    """Interrupt again what goes on as if nothing had happened; what is leaving already may."""
    error = sys.exc_info()[1]
    while error and not isinstance(error, KeyboardInterrupt):
        error = error.__context__
    if _State.working and not _State.holds and error is None:
        raise KeyboardInterrupt


def _leave(*, is_reported: bool) -> None:
    """End this process; a thread that is starting another one gets to the end of that.

    From then on no thread can start anything, so that what is removed here stays away.
    """
    if not is_reported:
        # No stream: the signal may have come in the middle of a write.
        with suppress(OSError):
            os.write(2, f"{LINE}\n".encode())
    starting.acquire(timeout=START_SECONDS)
    try:
        if _State.cleans:
            _State.cleans()
    finally:
        os._exit(ExitStatus.INTERRUPTED)
