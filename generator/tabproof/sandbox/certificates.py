"""The certificates that the mock API shows, and the authority that samples trust."""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import trustme

from tabproof.model.case import Certificate
from tabproof.sandbox import certificate_files

EXPIRED = datetime(2020, 1, 1, tzinfo=UTC)
"""The last moment of an expired certificate."""


class Certificates:
    """One trusted authority and one that nobody knows, and server contexts by either."""

    def __init__(self) -> None:
        """Make the authorities."""
        self._trusted = trustme.CA(organization_name="Tabproof sandbox")
        self._unknown = trustme.CA(organization_name="Unknown authority")

    def write_bundle(self, path: Path) -> None:
        """Write the trusted authority's certificate, PEM."""
        self._trusted.cert_pem.write_to_path(path)

    def write(self, folder: Path, wanted: Iterable[tuple[Certificate, tuple[str, ...]]]) -> None:
        """Write the files of `identities`.

        Args:
            folder: where to.
            wanted: kinds of certificates, each with the names that it is for.
        """
        self.write_bundle(certificate_files.bundle_path(folder))
        for kind, names in set(wanted):
            path = certificate_files.identity_path(folder, kind, names)
            # A name that no certificate can be for breaks its own runs, and no others.
            with suppress(ValueError):
                self._issued(kind, names).private_key_and_cert_chain_pem.write_to_path(path)

    def context(self, kind: Certificate, hosts: tuple[str, ...]) -> ssl.SSLContext:
        """What a server shows in this process."""
        context = certificate_files.server_context()
        self._issued(kind, hosts).configure_cert(context)
        return context

    def _issued(self, kind: Certificate, hosts: tuple[str, ...]) -> trustme.LeafCert:
        authority = self._unknown if kind == "unknown" else self._trusted
        names = ("wrong.example",) if kind == "wrong-host" else hosts
        not_after = EXPIRED if kind == "expired" else None
        return authority.issue_cert(*names, not_after=not_after)


@cache
def process_certificates() -> Certificates:
    """Certificates by authorities that are made once."""
    return Certificates()
