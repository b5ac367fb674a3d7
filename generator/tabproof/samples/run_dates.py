"""Date runs: to the second, in UTC, and each after the failures that it knows of."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

FORM = "%Y-%m-%dT%H:%M:%SZ"
"""How a date is written (RFC 3339, section 5.6); as texts they sort as they follow each other."""

CLOCK_DIFFERENCE = timedelta(hours=1)
"""How far the clock of the machine that wrote a record may be ahead."""

A_SECOND = timedelta(seconds=1)


def date_after(failures: Iterable[str]) -> str:
    """Return the date of a run that begins now: later than the failures on record.

    A failure that is not later than one on record could be taken for that one, which the sample
    has made good: a clock may be set back, and two runs may begin in one second.

    Args:
        failures: the dates of the failures on record.
    """
    now = f"{datetime.now(UTC):{FORM}}"
    latest = max(failures, default="")
    return f"{_parsed(latest) + A_SECOND:{FORM}}" if latest >= now else now


def latest_date() -> str:
    """Return the latest date that results can have."""
    return f"{datetime.now(UTC) + CLOCK_DIFFERENCE:{FORM}}"


def is_date(text: str) -> bool:
    """Return whether a text is a date of this form."""
    try:
        return f"{_parsed(text):{FORM}}" == text
    except ValueError:
        return False


def _parsed(text: str) -> datetime:
    return datetime.strptime(text, FORM).replace(tzinfo=UTC)
