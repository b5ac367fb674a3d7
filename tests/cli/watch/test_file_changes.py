"""Which changes of files `tabproof watch` follows."""

from __future__ import annotations

from pathlib import Path

import pytest
from watchdog import events

from tabproof.cli.file_changes import Handler

FOLDER = Path("/project/templates")
FILE = f"{FOLDER}/ruby/sample.rb.jinja"
BESIDE = f"{FOLDER}/ruby/.sample.rb.jinja.swp"


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        pytest.param(events.FileCreatedEvent(FILE), True, id="a new file"),
        pytest.param(events.FileModifiedEvent(FILE), True, id="a saved file"),
        pytest.param(events.FileDeletedEvent(FILE), True, id="a deleted file"),
        pytest.param(events.FileMovedEvent(FILE, f"{FILE}.old"), True, id="a renamed file"),
        pytest.param(events.FileMovedEvent(BESIDE, FILE), True, id="a file saved by renaming"),
        pytest.param(
            events.FileMovedEvent(FILE, BESIDE), True, id="a file renamed to a hidden one"
        ),
        pytest.param(events.FileCreatedEvent(BESIDE), False, id="an editor's own file"),
        pytest.param(events.FileDeletedEvent(BESIDE), False, id="an editor's own file that goes"),
        pytest.param(events.FileMovedEvent(BESIDE, f"{BESIDE}x"), False, id="two hidden names"),
        pytest.param(events.FileOpenedEvent(FILE), False, id="a file that is read"),
        pytest.param(events.FileClosedNoWriteEvent(FILE), False, id="a file that was read"),
        pytest.param(events.DirModifiedEvent(str(FOLDER)), False, id="a folder"),
    ],
)
def test_a_change_is_followed_if_it_can_change_samples(
    event: events.FileSystemEvent, *, expected: bool
) -> None:
    calls = list[None]()
    Handler(FOLDER, lambda: calls.append(None)).on_any_event(event)
    assert bool(calls) is expected
