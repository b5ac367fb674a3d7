"""Read what a process writes, within bounds on its time and its output."""

from __future__ import annotations

import selectors
import time
from collections.abc import Callable, Iterable, Iterator
from typing import IO, Self

import msgspec

from tabproof.system import interruption, terminal

LARGEST_OUTPUT_BYTES = 16 << 20
INTERRUPTED = "it was interrupted"

END_SECONDS = 10.0
"""How long it is waited for what was killed; the kernel usually takes milliseconds."""
LOOK_SECONDS = 0.5
"""How often a thread looks whether there was an interruption."""


class ReaderPause(msgspec.Struct, frozen=True):
    """Let the reader of a process's output be slow.

    Attributes:
        seconds: how long stdout and stderr are each left unread after their first bytes.
        when_paused: called when that begins.
    """

    seconds: float = 0
    when_paused: Callable[[], object] = bool


READS_AT_ONCE = ReaderPause()


class _Pipes:
    """Wait for what arrives in some pipes, each of which may be left unread for some time."""

    def __init__(self, pipes: Iterable[IO[bytes]]) -> None:
        self._selector = selectors.DefaultSelector()
        self._paused: dict[IO[bytes], float] = {}
        for pipe in pipes:
            self._selector.register(pipe, selectors.EVENT_READ)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._selector.close()

    def __bool__(self) -> bool:
        """Return whether anything may still arrive."""
        return bool(self._selector.get_map() or self._paused)

    def readable(self, seconds: float) -> Iterator[IO[bytes]]:
        """Yield the pipes that can be read, at most these seconds later."""
        now = time.monotonic()
        for pipe in [pipe for pipe, until in self._paused.items() if now >= until]:
            del self._paused[pipe]
            self._selector.register(pipe, selectors.EVENT_READ)
        longest = min([seconds, *(until - now for until in self._paused.values())])
        for key, _events in self._selector.select(longest):
            yield key.fileobj  # type: ignore[misc] # only pipes were registered

    def close(self, pipe: IO[bytes]) -> None:
        """Wait for this one no more."""
        self._selector.unregister(pipe)

    def pause(self, pipe: IO[bytes], seconds: float) -> None:
        """Leave this one unread for some time."""
        self._selector.unregister(pipe)
        self._paused[pipe] = time.monotonic() + seconds


def collect(
    outputs: dict[IO[bytes], bytearray],
    kill: Callable[[], None],
    kill_after_seconds: float,
    grace_seconds: float,
    pause: ReaderPause,
) -> str:
    """Read what a process writes until it ends or is killed; return why it was killed.

    Args:
        outputs: where its output arrives -> what has arrived, which is added to.
        kill: ends it.
        kill_after_seconds: when it is ended.
        grace_seconds: how long it may take to end after an interruption; 0 for `END_SECONDS`.
        pause: how slow the reader is.
    """
    deadline = time.monotonic() + kill_after_seconds
    killed = ""
    with _Pipes(outputs) as pipes:
        while pipes:
            if interruption.was_interrupted() and not killed:
                killed = INTERRUPTED
                deadline = time.monotonic() + (grace_seconds or END_SECONDS)
            left = deadline - time.monotonic()
            if left <= 0 and killed:
                break  # it was asked to end and did not, or left its group and holds the pipe
            for pipe in pipes.readable(max(0.0, min(left, LOOK_SECONDS))):
                chunk = terminal.read(pipe)
                if chunk and pause.seconds and not outputs[pipe]:
                    pause.when_paused()
                    pipes.pause(pipe, pause.seconds)
                if not chunk:
                    pipes.close(pipe)
                elif len(outputs[pipe]) < LARGEST_OUTPUT_BYTES:
                    outputs[pipe] += chunk
                elif not killed:
                    killed = f"it wrote more than {LARGEST_OUTPUT_BYTES >> 20} MiB"
                    deadline = time.monotonic() + END_SECONDS
                    kill()
            if not killed and time.monotonic() >= deadline:
                killed = f"it still ran after {kill_after_seconds:g} s"
                deadline = time.monotonic() + END_SECONDS
                kill()
    return killed
