"""Recognize offsets of whole hours, and name the time zones that were mixed up."""

from __future__ import annotations

QUARTERS = (5.75, 8.75, 12.75)
"""The zones in use that are offset by neither full nor half hours: Nepal, Eucla, Chatham."""

NEAR_ZONE_SECONDS = 60
LONGEST_SHIFT_SECONDS = 15 * 3600


def hours_off(off_seconds: int, age_seconds: int = 0) -> float:
    """Return how many hours a time is off, if a time zone can be the cause; else 0.

    Args:
        off_seconds: the time less what it should be.
        age_seconds: how long ago the token may have been made; the offset may be smaller by that.
    """
    if abs(off_seconds) > LONGEST_SHIFT_SECONDS:
        return 0
    candidates = [n / 2 for n in range(-30, 31) if n] + [s * q for q in QUARTERS for s in (1, -1)]
    matches = [
        hours
        for hours in candidates
        if -NEAR_ZONE_SECONDS - age_seconds < off_seconds - hours * 3600 < NEAR_ZONE_SECONDS
    ]
    return min(matches, key=lambda hours: abs(off_seconds - hours * 3600), default=0)


def zone_mistake(hours: float) -> str:
    """Describe the time zone error that gives so many hours."""
    return (
        f"as if local time at {_zone(hours)} was taken for UTC, or UTC for local time at "
        f"{_zone(-hours)}"
    )


def _zone(hours: float) -> str:
    minutes = round(abs(hours) * 60)
    rest = f":{minutes % 60:02}" if minutes % 60 else ""
    return f"UTC{'+' if hours > 0 else '-'}{minutes // 60}{rest}"
