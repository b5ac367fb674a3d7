"""Find the cause of a failure in an installer's output. Pure."""

from __future__ import annotations

import re

MAX_CHARACTERS = 300
CAUSES = (
    # The registry's certificate is not trusted, as behind a company's proxy.
    ("certificate",),
    # The registry's name cannot be resolved.
    (
        "could not resolve",
        "temporary failure resolving",
        "temporary failure in name resolution",
        "name or service not known",
        "nodename nor servname",
        r"no such host\b",
        r"getaddrinfo [A-Z_]+ \S",
    ),
    # The registry does not answer.
    (
        "connection refused",
        "connection reset",
        r"connect E[A-Z]+ \S",
        "network is unreachable",
        "timed out",
        "timeout was reached",
        "proxy authentication",
    ),
    # The registry refuses, or does not have the package.
    (r"\b40[1347] \S", r"\b50[0234] \S", "failed to fetch"),
    # This machine is the cause: permissions, disk, missing parts.
    (
        "permission denied",
        r"\bEACCES: ",
        "read-only file system",
        "no space left",
        r"\bENOSPC: ",
        "not created successfully because",
    ),
    # Any other line that is marked as an error.
    ("^E: ", r"(?:\berror\b|^npm ERR!)(?! (?:code|errno|syscall|path)\b)\W*\w"),
)
"""Patterns of lines, the most specific first: the last line often only says that it failed."""

NOISE = re.compile(
    r"^.*after connection broken by "
    r"|^(?:npm (?:error|ERR!)(?: network)?|ERROR:|WARNING:|Error:|E:|W:|go:)\s*"
    r"|^\S+\.csproj : error NU\d+:\s*"
)
"""The start of a line, in front of the cause."""


def failure_cause(output: str) -> str:
    """Return the line of an installer's output that names the cause; "" where it is empty."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    for patterns in CAUSES:
        pattern = re.compile("|".join(patterns), re.IGNORECASE)
        for line in lines:
            if pattern.search(line):
                return _shorten(line)
    return _shorten(lines[-1]) if lines else ""


def _shorten(line: str) -> str:
    message = NOISE.sub("", line) or line
    return message if len(message) <= MAX_CHARACTERS else f"{message[:MAX_CHARACTERS]}..."
