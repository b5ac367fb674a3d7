"""The certificates that the mock API shows, and the authority that samples trust."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import trustme

from tabproof.model.case import Certificate

EXPIRED = datetime(2020, 1, 1, tzinfo=UTC)
"""The last moment of an expired certificate."""


class Certificates:
    """One trusted authority and one that nobody knows, and server contexts by either."""

    def __init__(self) -> None:
        """Make the authorities."""
        self._trusted = trustme.CA(organization_name="Tabproof sandbox")
        self._unknown = trustme.CA(organization_name="Unknown authority")
        self.context = cache(self._context)

    def write_bundle(self, path: Path) -> None:
        """Write the trusted authority's certificate, PEM."""
        self._trusted.cert_pem.write_to_path(path)

    def _context(self, kind: Certificate, hosts: tuple[str, ...]) -> ssl.SSLContext:
        authority = self._unknown if kind == "unknown" else self._trusted
        names = ("wrong.example",) if kind == "wrong-host" else hosts
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_alpn_protocols(["http/1.1"])
        not_after = EXPIRED if kind == "expired" else None
        authority.issue_cert(*names, not_after=not_after).configure_cert(context)
        return context
