"""Find faults in the claims that are times."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import msgspec

from tabproof.diagnosis.fault import Fault, Kind
from tabproof.diagnosis.redaction import Redaction
from tabproof.model.scenario import FromNow

FINER_UNITS = {1000: "milliseconds", 10**6: "microseconds", 10**9: "nanoseconds"}
NEAR_SECONDS = 10 * 366 * 86400
"""A number in another unit counts as a time if it is within so many seconds of now."""

DAY_SECONDS = 86_400
LARGEST = 2**63
SLACK_SECONDS = 1
"""During a run, the second may change between two readings of the clock."""


class RunMoment(msgspec.Struct, frozen=True):
    """Say that the token was made between two readings of the clock, in seconds since the epoch.

    Attributes:
        last: infinite where it is unknown how far the clock had moved.
        slack_seconds: by how much the token may be off; none where the clock stood.
    """

    first: float
    last: float
    slack_seconds: int = SLACK_SECONDS


class AnyMoment(msgspec.Struct, frozen=True):
    """Say that the token may have been made at any time, but must be valid now.

    Attributes:
        now: seconds since the epoch.
        skew_seconds: how far its maker's clock may be ahead of this one, or behind.
    """

    now: float
    skew_seconds: int = 0


class TimeClaim(msgspec.Struct, frozen=True):
    """Hold a claim that is a whole number of seconds.

    Attributes:
        value: seconds since the epoch.
        seconds: how far from the reading of the clock it should be.
        display: the value as messages show it.
    """

    name: str
    value: int
    seconds: int
    display: str

    @property
    def reading(self) -> int:
        """Return when the clock was read, if the claim was calculated correctly."""
        return self.value - self.seconds

    @property
    def expected(self) -> str:
        """Describe what should be there."""
        return _expected(self.name, self.seconds)

    def fault(self, kind: Kind, message: str, note: str = "") -> Fault:
        """Return a fault of this claim."""
        return Fault(kind, message, self.expected, self.display, (self.name, "now"), note)


def read_times(
    claims: Mapping[str, Any], plan: Mapping[str, FromNow], now: float, redaction: Redaction
) -> tuple[list[Fault], list[TimeClaim]]:
    """Return the faults of the times, and those times that are whole numbers of seconds."""
    faults: list[Fault] = []
    times = []
    for name, value in plan.items():
        if name not in claims:
            continue
        number = claims[name]
        if isinstance(number, bool) or not isinstance(number, int):
            faults.append(_not_an_integer(name, number, value.seconds, redaction))
            number = _integer_in(number)
        if number is None:
            continue
        time = TimeClaim(name, number, value.seconds, redaction.show(number))
        if abs(number) > LARGEST:
            message = f"{name} is not a time: it is larger than any clock can show."
            faults.append(time.fault("not-a-number", message))
            continue
        if unit := _finer_unit(number, now):
            faults.append(_finer_unit_fault(time, unit))
        elif value.seconds and number == value.seconds and now > DAY_SECONDS:
            message = f"{name} is a duration: add the current time to it."
            faults.append(
                time.fault("duration", message, f"which is {number - _due(time, now):+} s off")
            )
        else:
            times.append(time)
    return faults, times


def _expected(name: str, seconds: int) -> str:
    time = f"{name} {seconds} s from now" if seconds else f"{name} now"
    return f"{time}, an integer of seconds since the epoch in UTC"


def _due(time: TimeClaim, now: float) -> int:
    return int(now) + time.seconds


def _not_an_integer(name: str, value: object, seconds: int, redaction: Redaction) -> Fault:
    kind, message = _type_fault(name, value)
    shown = redaction.show(value)
    names = {str: "text", float: "float", bool: "bool", list: "list", dict: "object"}
    label = f"{names[type(value)]} {shown}" if type(value) in names else shown
    return Fault(kind, message, _expected(name, seconds), label, (name, "now"))


def _type_fault(name: str, value: object) -> tuple[Kind, str]:
    if isinstance(value, float):
        return "float", f"{name} is a number with a fraction or an exponent: make it an integer."
    if isinstance(value, str) and _integer_in(value) is not None:
        return "text", f"{name} is a number in quotes: make it a number."
    if isinstance(value, str) and _is_date(value):
        return "date", f"{name} is a date: write the seconds since 1970-01-01 in UTC."
    return "not-a-number", f"{name} is not a number: write the seconds since 1970-01-01 in UTC."


def _integer_in(value: object) -> int | None:
    """Return the whole number that a value of another type stands for."""
    if isinstance(value, float) and abs(value) < LARGEST:
        return int(value)
    if isinstance(value, str) and re.fullmatch(r"\s*[0-9]{1,18}(\.[0-9]{1,9})?\s*", value):
        return int(value.partition(".")[0])
    return None


def _is_date(text: str) -> bool:
    """Return whether a text is a date as ISO 8601, HTTP, JavaScript or `date` write it."""
    try:
        datetime.fromisoformat(text.strip())
    except ValueError:
        return bool(re.search(r"\b\d{1,2}:\d{2}\b|\b\d{4}[-/]\d{1,2}[-/]\d{1,2}\b", text))
    return True


def _finer_unit(number: int, now: float) -> int | None:
    return next(
        (f for f in FINER_UNITS if abs(number // f - now) < min(NEAR_SECONDS, now // 2)), None
    )


def _finer_unit_fault(time: TimeClaim, factor: int) -> Fault:
    unit = FINER_UNITS[factor]
    kind: Kind = "milliseconds" if unit == "milliseconds" else "finer-than-milliseconds"
    message = f"{time.name} is in {unit}: divide by {factor} and drop the fraction."
    return time.fault(kind, message, f"which is in {unit}")


def within_run(times: list[TimeClaim], run: RunMoment) -> Iterator[Fault]:
    """Yield the faults of times that should come from one reading of the clock during a run."""
    in_run = []
    for time in times:
        off = time.reading - int(run.first)
        if -run.slack_seconds <= off <= run.last - int(run.first) + run.slack_seconds:
            in_run.append(time)
        elif hours := hours_off(off):
            note = f"which is {hours:+g} h off: a local time taken for UTC, or another lifetime"
            message = (
                f"{time.name} is {hours:+g} h off: {zone_mistake(hours)}; or the lifetime differs."
            )
            yield time.fault("hours-off", message, note)
        else:
            yield time.fault(
                "seconds-off", f"{time.name} is {off:+} s off.", f"which is {off:+} s off"
            )
    readings = [time.reading for time in in_run]
    if len(set(readings)) > 1:
        names = " and ".join(time.name for time in in_run)
        seen = f"{max(readings) - min(readings)} s between two readings"
        message = f"{names} come from two readings of the clock: read it once."
        expected = f"{names} counted from one reading of the clock"
        yield Fault(
            "two-readings", message, expected, seen, tuple(t.name for t in reversed(in_run))
        )


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
