"""Take the findings that a declared limit of a runtime excuses out of a run's findings. Pure."""

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
    """Hold the findings of a run without those that a limit excuses.

    Attributes:
        findings: what remains wrong.
        excuse: why the other findings are excused; "" where none is.
        unneeded: whether the limit is one that shows in every run, and nothing was wrong.
    """

    findings: list[Finding]
    excuse: str = ""
    unneeded: bool = False


def apply_limit(findings: Iterable[Finding], limit: Limit | None) -> LimitedFindings:
    """Take the findings out that a limit excuses.

    Args:
        findings: all that is wrong with a run; where the limit makes the sample itself refuse, as
            a refusal.
        limit: the one that holds for the runtime and the case, if any.
    """
    all_findings = list(findings)
    if limit is None:
        return LimitedFindings(all_findings)
    if limit.refuses:
        return LimitedFindings(all_findings, "" if all_findings else limit.excuse)
    if not any(re.search(limit.seen, finding.message()) for finding in all_findings):
        return LimitedFindings(all_findings, unneeded=limit.always and not all_findings)
    patterns = (limit.seen, *limit.entails)
    rest = [f for f in all_findings if not any(re.search(p, f.message()) for p in patterns)]
    return LimitedFindings(rest, limit.excuse)


def is_still_valid(result: Result, limit_of: Callable[[], Limit | None]) -> bool:
    """Return whether a recorded result is still valid, so that its run is not repeated.

    Args:
        result: of the same bytes, case and toolchain.
        limit_of: returns the limit that holds for the runtime and the case, if any. Where it does
            not show in every run, the next run may pass.
    """
    if result.verdict == "skipped":
        limit = limit_of()
        return limit is not None and limit.always and result.reason == limit.excuse
    return result.verdict == "passed"
