"""What is wrong with a claim that is a time."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import msgspec

from tabproof.diagnosis.fault import Fault, Kind
from tabproof.diagnosis.redaction import Redaction
from tabproof.diagnosis.zones import hours_off, zone_words
from tabproof.model.scenario import FromNow

FINER_UNITS = {1000: "milliseconds", 10**6: "microseconds", 10**9: "nanoseconds"}
NEAR_SECONDS = 10 * 366 * 86400
"""A number that is in another unit is taken for a time within so many seconds of now."""

DAY_SECONDS = 86_400
LARGEST = 2**63
SLACK_SECONDS = 1
"""In a run, a clock's second may turn over between two readings of it."""


class RunMoment(msgspec.Struct, frozen=True):
    """The token was made between two readings of the clock, seconds since the epoch.

    The last one is infinite where nobody knows how far the clock had moved.
    """

    first: float
    last: float


class AnyMoment(msgspec.Struct, frozen=True):
    """The token may have been made long ago; it must be good now.

    Attributes:
        now: seconds since the epoch.
        skew_seconds: how far its maker's clock may be ahead of this one, or behind.
    """

    now: float
    skew_seconds: int = 0


class TimeClaim(msgspec.Struct, frozen=True):
    """A claim that is a whole number of seconds.

    Attributes:
        seconds: so far from the reading of the clock it should be.
    """

    name: str
    seen: int
    seconds: int
    display: str

    @property
    def reading(self) -> int:
        """When the clock was read, if it was counted rightly."""
        return self.seen - self.seconds

    @property
    def expected(self) -> str:
        """What belongs there."""
        return _expected(self.name, self.seconds)

    def fault(self, kind: Kind, words: str, note: str = "") -> Fault:
        """A fault of this claim."""
        return Fault(kind, words, self.expected, self.display, (self.name, "now"), note)


def read_times(
    claims: Mapping[str, Any], plan: Mapping[str, FromNow], now: float, discretion: Redaction
) -> tuple[list[Fault], list[TimeClaim]]:
    """The times that are whole numbers of seconds, and what is wrong with the others."""
    faults: list[Fault] = []
    times = []
    for name, value in plan.items():
        if name not in claims:
            continue
        number = claims[name]
        if isinstance(number, bool) or not isinstance(number, int):
            faults.append(_no_integer(name, number, value.seconds, discretion))
            number = _integer_in(number)
        if number is None:
            continue
        time = TimeClaim(name, number, value.seconds, discretion.show(number))
        if abs(number) > LARGEST:
            words = f"{name} is no time: it is larger than any clock can show."
            faults.append(time.fault("not-a-number", words))
            continue
        if unit := _finer_unit(number, now):
            faults.append(_finer(time, unit))
        elif value.seconds and number == value.seconds and now > DAY_SECONDS:
            words = f"{name} is a duration: add it to the time now."
            faults.append(
                time.fault("duration", words, f"which is {number - _due(time, now):+} s off")
            )
        else:
            times.append(time)
    return faults, times


def _expected(name: str, seconds: int) -> str:
    wanted = f"{name} {seconds} s from now" if seconds else f"{name} now"
    return f"{wanted}, an integer of seconds since the epoch in UTC"


def _due(time: TimeClaim, now: float) -> int:
    return int(now) + time.seconds


def _no_integer(name: str, seen: object, seconds: int, discretion: Redaction) -> Fault:
    kind, words = _type_fault(name, seen)
    shown = discretion.show(seen)
    names = {str: "text", float: "float", bool: "bool", list: "list", dict: "object"}
    label = f"{names[type(seen)]} {shown}" if type(seen) in names else shown
    return Fault(kind, words, _expected(name, seconds), label, (name, "now"))


def _type_fault(name: str, seen: object) -> tuple[Kind, str]:
    if isinstance(seen, float):
        return "float", f"{name} is a number with a fraction or an exponent: make it an integer."
    if isinstance(seen, str) and _integer_in(seen) is not None:
        return "text", f"{name} is a number in quotes: make it a number."
    if isinstance(seen, str) and _is_date(seen):
        return "date", f"{name} is a date: write the seconds since 1970-01-01 in UTC."
    return "not-a-number", f"{name} is no number: write the seconds since 1970-01-01 in UTC."


def _integer_in(value: object) -> int | None:
    """The whole number that a value of another type stands for."""
    if isinstance(value, float) and abs(value) < LARGEST:
        return int(value)
    if isinstance(value, str) and re.fullmatch(r"\s*[0-9]{1,18}(\.[0-9]{1,9})?\s*", value):
        return int(value.partition(".")[0])
    return None


def _is_date(text: str) -> bool:
    """Whether a text is a date as ISO 8601, HTTP, JavaScript or `date` write it."""
    try:
        datetime.fromisoformat(text.strip())
    except ValueError:
        return bool(re.search(r"\b\d{1,2}:\d{2}\b|\b\d{4}[-/]\d{1,2}[-/]\d{1,2}\b", text))
    return True


def _finer_unit(seen: int, now: float) -> int | None:
    return next(
        (f for f in FINER_UNITS if abs(seen // f - now) < min(NEAR_SECONDS, now // 2)), None
    )


def _finer(time: TimeClaim, factor: int) -> Fault:
    unit = FINER_UNITS[factor]
    kind: Kind = "milliseconds" if unit == "milliseconds" else "finer-than-milliseconds"
    words = f"{time.name} is in {unit}: divide by {factor} and drop the fraction."
    return time.fault(kind, words, f"which is in {unit}")


def within_run(times: list[TimeClaim], run: RunMoment) -> Iterator[Fault]:
    """Times of a token that was made during a run: from one reading of the clock, in the run."""
    fine = []
    for time in times:
        off = time.reading - int(run.first)
        if -SLACK_SECONDS <= off <= run.last - int(run.first) + SLACK_SECONDS:
            fine.append(time)
        elif hours := hours_off(off):
            note = f"which is {hours:+g} h off: a local time taken for UTC, or another lifetime"
            words = f"{time.name} is {hours:+g} h off: {zone_words(hours)}; or another lifetime."
            yield time.fault("hours-off", words, note)
        else:
            yield time.fault(
                "seconds-off", f"{time.name} is {off:+} s off.", f"which is {off:+} s off"
            )
    readings = [time.reading for time in fine]
    if len(set(readings)) > 1:
        names = " and ".join(time.name for time in fine)
        seen = f"{max(readings) - min(readings)} s between two readings"
        words = f"{names} come from two readings of the clock: read it once."
        expected = f"{names} counted from one reading of the clock"
        yield Fault("two-readings", words, expected, seen, tuple(t.name for t in reversed(fine)))
