"""Check that the times of a token are valid now (RFC 7519, section 4.1)."""

from __future__ import annotations

from collections.abc import Iterator

from tabproof.diagnosis.fault import Fault
from tabproof.diagnosis.times import AnyMoment, TimeClaim, hours_off, zone_mistake

FRESH_SECONDS = 300
"""Most tokens that people look into are younger than this."""


def validity_faults(times: list[TimeClaim], when: AnyMoment) -> Iterator[Fault]:
    """Yield the faults of the times, as of now.

    A time that is counted forward (`exp`) must lie in the future, at most as far from the others
    as the scenario says; any other (`iat`, `nbf`) must not. A shorter lifetime is no fault.
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
    """Yield remarks on a valid token: how long it stays valid, and which clock skew was allowed."""
    for time in times:
        ahead = time.value - int(when.now)
        if time.seconds <= 0 and ahead > 0:
            yield f"{time.name} is {ahead} s ahead of this clock; {_allowed_skew(when)}"
        elif time.seconds > 0 and ahead <= 0:
            yield f"{time.name} was {-ahead} s ago; {_allowed_skew(when)}"
        elif time.seconds > 0:
            yield f"{time.name} is in {ahead} s"


def _allowed_skew(when: AnyMoment) -> str:
    return f"the scenario allows a clock skew of {when.skew_seconds} s"


def _starts(starts: list[TimeClaim], when: AnyMoment) -> Iterator[Fault]:
    """Report a clock that is ahead once, however many claims came from it."""
    ahead = [time for time in starts if time.value > when.now + when.skew_seconds]
    for number, time in enumerate(ahead):
        if any(abs(time.reading - other.reading) <= 1 for other in ahead[:number]):
            continue
        off = time.value - int(when.now)
        if hours := hours_off(time.reading - int(when.now), FRESH_SECONDS):
            message = f"{time.name} is {off} s ahead, about {hours:g} h: {zone_mistake(hours)}."
            yield time.fault("hours-off", message, f"which is {off} s ahead")
        else:
            message = (
                f"{time.name} is {off} s ahead of this machine's clock, so the token is not yet "
                f"valid: one of the two clocks is wrong; {_allowed_skew(when)}."
            )
            yield time.fault("not-yet-valid", message, f"which is {off} s ahead")


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
    never_valid = base is not None and lifetime <= 0
    if hours and (too_long or never_valid):
        message = (
            f"{time.name} is {hours:+g} h off: {zone_mistake(hours)}; or the lifetime differs."
        )
        return time.fault("hours-off", message, f"which is {hours:+g} h off")
    if too_long:
        since = "from now" if base is None else "after the token was made"
        message = f"{time.name} is {lifetime} s {since}; at most {time.seconds} s are allowed."
        return time.fault("lifetime-too-long", message, f"which is {off} s too long")
    if time.value + when.skew_seconds > when.now:
        return None
    hint = "make a new one"
    if shift := hours_off(time.reading - now, FRESH_SECONDS):
        hint += f"; if it is new, its clock is {shift:+g} h off: {zone_mistake(shift)}"
    message = f"the token expired {now - time.value} s ago, according to {time.name}: {hint}."
    return time.fault("expired", message, f"which was {now - time.value} s ago")
