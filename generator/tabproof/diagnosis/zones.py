"""Whole hours between two times, and the zones that people mixed up to get them."""

from __future__ import annotations

QUARTERS = (5.75, 8.75, 12.75)
"""The zones in use that are neither on the hour nor on the half: Nepal, Eucla, Chatham."""

NEAR_SECONDS = 60
LONGEST_SHIFT_SECONDS = 15 * 3600


def hours_off(off_seconds: int, age_seconds: int = 0) -> float:
    """How many hours a time is off, where a zone can be the cause; else 0.

    Args:
        off_seconds: the time less what it should be.
        age_seconds: how long ago the token may have been made: by so much less it may be off.
    """
    if abs(off_seconds) > LONGEST_SHIFT_SECONDS:
        return 0
    candidates = [n / 2 for n in range(-30, 31) if n] + [s * q for q in QUARTERS for s in (1, -1)]
    fitting = [
        hours
        for hours in candidates
        if -NEAR_SECONDS - age_seconds < off_seconds - hours * 3600 < NEAR_SECONDS
    ]
    return min(fitting, key=lambda hours: abs(off_seconds - hours * 3600), default=0)


def zone_words(hours: float) -> str:
    """Which zone error gives so many hours."""
    return (
        f"as when the local time of a zone at {_zone(hours)} is taken for UTC, or UTC for the "
        f"local time of a zone at {_zone(-hours)}"
    )


def _zone(hours: float) -> str:
    minutes = round(abs(hours) * 60)
    rest = f":{minutes % 60:02}" if minutes % 60 else ""
    return f"UTC{'+' if hours > 0 else '-'}{minutes // 60}{rest}"
