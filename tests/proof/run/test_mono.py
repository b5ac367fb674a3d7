"""How Mono's entry point ends a sample."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tabproof.model.catalog import Catalog

OUTPUT_CHARACTERS = 300_000
"""More than a pipe and any buffer hold."""

PROGRAM = """
using System;
using System.Threading.Tasks;

internal static class Program
{
    private static async Task<int> Main()
    {
        AppDomain.CurrentDomain.ProcessExit += (sender, e) => Console.Error.Write("shutdown");
        await Task.Delay(1);
        // A writer that keeps what it is given until it is flushed.
        Console.SetOut(new System.IO.StreamWriter(Console.OpenStandardOutput()));
        Console.Write(new string('x', 300000));
        Console.Error.Write("reason");
        return 7;
    }
}
"""


@pytest.fixture
def command(catalog: Catalog, tmp_path: Path) -> list[str]:
    """Runs a program whose entry point is the one that Mono's samples get."""
    mono, mcs = shutil.which("mono"), shutil.which("mcs")
    if mono is None or mcs is None:
        pytest.skip("mono: not installed")
    (tmp_path / "Program.cs").write_text(PROGRAM)
    built = tmp_path / "Program.exe"
    entry = catalog.languages["csharp"].files["MonoMain.cs"]
    sources = [str(tmp_path / "Program.cs"), entry]
    subprocess.run([mcs, f"-out:{built}", "-main:MonoMain", *sources], check=True)
    return [mono, str(built)]


def test_a_sample_under_mono_ends_without_monos_shutdown_and_loses_no_output(
    command: list[str],
) -> None:
    """Mono's shutdown aborts now and then under libfaketime, so that a case fails by chance."""
    # The shutdown would also remove what Mono keeps in /dev/shm for others to look at.
    environment = {**os.environ, "MONO_DISABLE_SHARED_AREA": "1"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 7
    assert done.stdout == "x" * OUTPUT_CHARACTERS
    assert done.stderr == "reason"
