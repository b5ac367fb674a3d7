"""Finds in the output of an installer why it failed. Pure."""

from __future__ import annotations

import re

LONGEST = 300
CAUSES = (
    # A registry whose certificate is not trusted, as behind the proxy of a company.
    ("certificate",),
    # A registry whose name is not found,
    (
        "could not resolve",
        "temporary failure resolving",
        "temporary failure in name resolution",
        "name or service not known",
        "nodename nor servname",
        r"no such host\b",
        r"getaddrinfo [A-Z_]+ \S",
    ),
    # that does not answer,
    (
        "connection refused",
        "connection reset",
        r"connect E[A-Z]+ \S",
        "network is unreachable",
        "timed out",
        "timeout was reached",
        "proxy authentication",
    ),
    # or that refuses, or has it not.
    (r"\b40[1347] \S", r"\b50[0234] \S", "failed to fetch"),
    # This machine.
    (
        "permission denied",
        r"\bEACCES: ",
        "read-only file system",
        "no space left",
        r"\bENOSPC: ",
        "not created successfully because",
    ),
    # Whatever else a program calls an error.
    ("^E: ", r"\berror\b(?! (?:code|errno|syscall|path)\b)\W*\w"),
)
"""Patterns of lines, those that say most first: a last line often repeats no more than the loss."""

NOISE = re.compile(
    r"^.*after connection broken by "
    r"|^(?:npm (?:error|ERR!)(?: network)?|ERROR:|WARNING:|Error:|E:|W:|go:)\s*"
    r"|^\S+\.csproj : error NU\d+:\s*"
)
"""What stands in front of the cause in a line."""


def failure_cause(output: str) -> str:
    """Return the line of an installer's output that names the cause; "" where it is empty."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    for patterns in CAUSES:
        pattern = re.compile("|".join(patterns), re.IGNORECASE)
        for line in lines:
            if pattern.search(line):
                return _short(line)
    return _short(lines[-1]) if lines else ""


def _short(line: str) -> str:
    words = NOISE.sub("", line) or line
    return words if len(words) <= LONGEST else f"{words[:LONGEST]}..."
