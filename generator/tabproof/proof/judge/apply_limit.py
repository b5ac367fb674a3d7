"""What the limit of a runtime excuses in a run, and what it does not. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

import msgspec

from tabproof.model.language import Limit
from tabproof.model.result import Finding, Result

UNNEEDED = Finding(
    "install",
    (),
    "a fault that the runtime's limit in language.yml excuses",
    "none: remove the limit",
)


class LimitedFindings(msgspec.Struct, frozen=True):
    """The findings of a run, with what is excused taken out.

    Attributes:
        findings: what is wrong for all that.
        excuse: why the rest is excused; "" where nothing is.
        unneeded: whether the limit is one that shows in every run, and nothing was wrong.
    """

    findings: list[Finding]
    excuse: str = ""
    unneeded: bool = False


def apply_limit(findings: Iterable[Finding], limit: Limit | None) -> LimitedFindings:
    """Take out what a limit excuses.

    Args:
        findings: all that is wrong with a run.
        limit: the one that holds for the runtime and the case, if any.
    """
    found = list(findings)
    if limit is None:
        return LimitedFindings(found)
    if not any(re.search(limit.seen, finding.message()) for finding in found):
        return LimitedFindings(found, unneeded=limit.always and not found)
    patterns = (limit.seen, *limit.entails)
    rest = [f for f in found if not any(re.search(p, f.message()) for p in patterns)]
    return LimitedFindings(rest, limit_reason(limit))


def limit_reason(limit: Limit) -> str:
    """Why a result is no pass and no fault."""
    return f"a limit of the runtime: {limit.reason}"


def is_still_valid(result: Result, limit_of: Callable[[], Limit | None]) -> bool:
    """Whether a result that was kept need not be found again.

    Args:
        result: of the same bytes, case and toolchain.
        limit_of: finds the limit that holds for the runtime and the case, if any. Where it does not
            show in every run, the next run may pass.
    """
    if result.verdict == "skipped":
        limit = limit_of()
        return limit is not None and limit.always and result.reason == limit_reason(limit)
    return result.verdict == "passed"
