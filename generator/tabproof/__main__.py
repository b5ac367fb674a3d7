"""The program's start: it can be interrupted before it has imported anything that takes time."""

from __future__ import annotations

import gc

from tabproof.system import interruption

NEW_OBJECTS = 50_000
"""How many there are when Python looks for those that nothing needs; without this, 700."""


def main() -> None:
    """Be the whole program."""
    interruption.run_program(_run)


def _run() -> None:
    # What a command makes lives about as long as the command: hundreds of looks at it find nothing.
    gc.set_threshold(NEW_OBJECTS)
    from tabproof import cli  # noqa: PLC0415 - 72 ms, in which Ctrl-C is heeded already

    cli.main.main(prog_name="tabproof")


if __name__ == "__main__":
    main()
