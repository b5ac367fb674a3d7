"""Whether the times of a token that was made at any time are good now (RFC 7519, section 4.1)."""

from __future__ import annotations

from collections.abc import Iterator

from tabproof.diagnosis.fault import Fault
from tabproof.diagnosis.times import AnyMoment, TimeClaim
from tabproof.diagnosis.zones import hours_off, zone_words

FRESH_SECONDS = 300
"""A token that someone looks into is mostly younger than this."""


def validity_faults(times: list[TimeClaim], when: AnyMoment) -> Iterator[Fault]:
    """What is wrong with the times, now.

    A time that is counted forward (`exp`) must lie ahead, at most so far from the others as the
    scenario says; one that is not (`iat`, `nbf`) must not. A shorter lifetime is no fault.
    """
    starts = [time for time in times if time.seconds <= 0]
    ends = [time for time in times if time.seconds > 0]
    yield from _starts(starts, when)
    base = starts[0].reading if starts else None
    for time in ends:
        fault = _end(time, base, when)
        if fault:
            yield fault


def validity_remarks(times: list[TimeClaim], when: AnyMoment) -> Iterator[str]:
    """What a good token's times say: how long it is good, and which skew was forgiven."""
    for time in times:
        ahead = time.seen - int(when.now)
        if time.seconds <= 0 and ahead > 0:
            yield f"{time.name} is {ahead} s ahead of this clock; {_forgiven(when)}"
        elif time.seconds > 0 and ahead <= 0:
            yield f"{time.name} was {-ahead} s ago; {_forgiven(when)}"
        elif time.seconds > 0:
            yield f"{time.name} is in {ahead} s"


def _forgiven(when: AnyMoment) -> str:
    return f"the scenario forgives {when.skew_seconds} s"


def _starts(starts: list[TimeClaim], when: AnyMoment) -> Iterator[Fault]:
    """One clock that is ahead is one fault, however many claims came from it."""
    ahead = [time for time in starts if time.seen > when.now + when.skew_seconds]
    for number, time in enumerate(ahead):
        if any(abs(time.reading - other.reading) <= 1 for other in ahead[:number]):
            continue
        off = time.seen - int(when.now)
        if hours := hours_off(time.reading - int(when.now), FRESH_SECONDS):
            words = f"{time.name} is {off} s ahead, about {hours:g} h: {zone_words(hours)}."
            yield time.fault("hours-off", words, f"which is {off} s ahead")
        else:
            words = (
                f"{time.name} is {off} s ahead of this machine's clock, so the token is not yet "
                f"valid: one of the two clocks is wrong; {_forgiven(when)}."
            )
            yield time.fault("not-yet-valid", words, f"which is {off} s ahead")


def _end(time: TimeClaim, base: int | None, when: AnyMoment) -> Fault | None:
    now = int(when.now)
    if base is None:
        off = time.reading - now
        too_long = off > when.skew_seconds
        hours = hours_off(off, FRESH_SECONDS)
    else:
        off = time.reading - base
        too_long = off > 0
        hours = hours_off(off)
    lifetime = off + time.seconds
    born_dead = base is not None and lifetime <= 0
    if hours and (too_long or born_dead):
        words = f"{time.name} is {hours:+g} h off: {zone_words(hours)}; or another lifetime."
        return time.fault("hours-off", words, f"which is {hours:+g} h off")
    if too_long:
        since = "now" if base is None else "the token was made"
        words = (
            f"{time.name} is {lifetime} s from when {since}, at most {time.seconds} s are allowed."
        )
        words = words.replace("from when now", "from now")
        return time.fault("lifetime-too-long", words, f"which is {off} s too long")
    if time.seen + when.skew_seconds > when.now:
        return None
    words = f"the token expired {now - time.seen} s ago, by {time.name}: make a new one."
    if shift := hours_off(time.reading - now, FRESH_SECONDS):
        words = (
            f"the token expired {now - time.seen} s ago, by {time.name}: make a new one; if it is "
            f"new, its clock is {shift:+g} h off: {zone_words(shift)}."
        )
    return time.fault("expired", words, f"which was {now - time.seen} s ago")
