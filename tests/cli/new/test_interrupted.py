"""Who is asked may leave by Ctrl-C, or by Ctrl-D: that is an interruption like any other."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

NEW = ("new", "scenario", "list-orders")
AGAIN_SECONDS = 0.2
INTERRUPTED = "\ntabproof: interrupted\n"


def test_ctrl_c_at_a_question_says_what_it_says_elsewhere(root: Path, written: Any) -> None:
    command = [sys.executable, "-m", "tabproof", "--root", str(root), *NEW]
    leader, follower = pty.openpty()
    with subprocess.Popen(
        command, stdin=follower, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as process:
        assert process.stderr
        said = b""
        while not said.endswith(b"]:"):
            said += process.stderr.read(1) or pytest.fail(said.decode())
        # A signal that comes just before a read is not noticed in it: people press again.
        while process.poll() is None:
            process.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                process.wait(AGAIN_SECONDS)
        assert process.stderr.read().decode().lstrip(" ") == INTERRUPTED
        assert process.returncode == 130
    os.close(leader)
    os.close(follower)
    assert written() == set()


@pytest.mark.usefixtures("terminal")
def test_the_end_of_the_answers_is_an_interruption(tabproof: Any, written: Any) -> None:
    result = tabproof(*NEW, typed="")
    assert (result.exit_code, written()) == (130, set())
    assert result.stderr.endswith(INTERRUPTED)
    assert "Abort" not in result.stderr
