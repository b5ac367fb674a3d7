"""How many there are of something, in words. Pure."""

from __future__ import annotations


def counted(count: int, noun: str) -> str:
    """`1 file`, `2 files`.

    Args:
        count: how many there are.
        noun: what one of them is called; its plural takes an `s`.
    """
    return f"{count} {noun}{'' if count == 1 else 's'}"


def be(count: int) -> str:
    """`is` or `are`, after as many."""
    return "is" if count == 1 else "are"
