"""The program's start: it can be interrupted before it has imported anything that takes time."""

from __future__ import annotations

from importlib import import_module

from tabproof import interruption


def main() -> None:
    """Be the whole program."""
    interruption.program(_run)


def _run() -> None:
    import_module("tabproof.cli").main.main(prog_name="tabproof")


if __name__ == "__main__":
    main()
