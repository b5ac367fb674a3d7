"""Issue the mock API's certificates, and the certificate authority that samples trust."""

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
"""When an expired certificate expired."""


class Certificates:
    """Issue certificates by two authorities: one that samples trust, and an unknown one."""

    def __init__(self) -> None:
        """Create the authorities."""
        self._trusted = trustme.CA(organization_name="Tabproof sandbox")
        self._unknown = trustme.CA(organization_name="Unknown authority")

    def write_bundle(self, path: Path) -> None:
        """Write the trusted authority's certificate (PEM)."""
        self._trusted.cert_pem.write_to_path(path)

    def write(
        self, folder: Path, identities: Iterable[tuple[Certificate, tuple[str, ...]]]
    ) -> None:
        """Write the files that `certificate_files` names.

        Args:
            folder: the folder of the batch.
            identities: kinds of certificates, each with the host names that it is for.
        """
        self.write_bundle(certificate_files.bundle_path(folder))
        for kind, names in set(identities):
            path = certificate_files.identity_path(folder, kind, names)
            # A name that no certificate can be made for breaks only its own runs.
            with suppress(ValueError):
                self._issue(kind, names).private_key_and_cert_chain_pem.write_to_path(path)

    def context(self, kind: Certificate, hosts: tuple[str, ...]) -> ssl.SSLContext:
        """Return the context of a server in this process."""
        context = certificate_files.server_context()
        self._issue(kind, hosts).configure_cert(context)
        return context

    def _issue(self, kind: Certificate, hosts: tuple[str, ...]) -> trustme.LeafCert:
        authority = self._unknown if kind == "unknown" else self._trusted
        names = ("wrong.example",) if kind == "wrong-host" else hosts
        not_after = EXPIRED if kind == "expired" else None
        return authority.issue_cert(*names, not_after=not_after)


@cache
def process_certificates() -> Certificates:
    """Return the certificates of this process, whose authorities are created once."""
    return Certificates()
