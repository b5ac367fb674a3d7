"""How many there are of something, in words. Pure."""

from __future__ import annotations


def counted(count: int, noun: str) -> str:
    """`1 file`, `2 files`.

    Args:
        count: how many there are.
        noun: what one of them is called; its plural takes an `s`.
    """
    return f"{count} {noun}{'' if count == 1 else 's'}"


def duration(seconds: float) -> str:
    """Return a time in words: `0.4 s`, `24 s`, `1 min 24 s`, `2 h 5 min`.

    Args:
        seconds: how long it took.
    """
    if seconds < 1:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if not minutes:
        return f"{rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def be(count: int) -> str:
    """`is` or `are`, after as many."""
    return "is" if count == 1 else "are"
