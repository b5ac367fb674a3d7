"""Issue the mock API's certificates, and the certificate authority that samples trust."""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tabproof.model.case import Certificate
from tabproof.sandbox import certificate_files

DAY = timedelta(days=1)
"""How long ago an expired certificate ended, and when the one that is not valid yet begins."""

LIFETIME = timedelta(days=365)


class Certificates:
    """Issue certificates by two authorities: one that samples trust, and an unknown one."""

    def __init__(self) -> None:
        """Create the authorities."""
        self._trusted = trustme.CA(organization_name="Tabproof sandbox")
        # Real servers have theirs from an authority below the one that clients know.
        self._issuing = self._trusted.create_child_ca()
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
                path.write_bytes(self._issue(kind, names))

    def context(self, kind: Certificate, hosts: tuple[str, ...]) -> ssl.SSLContext:
        """Return the context of a server in this process."""
        context = certificate_files.server_context()
        self._leaf(kind, hosts).configure_cert(context)
        return context

    def _issue(self, kind: Certificate, hosts: tuple[str, ...]) -> bytes:
        """Return a private key and its certificate, with those that lead to the authority (PEM)."""
        if kind == "self-signed":
            return _self_signed(hosts)
        if kind == "no-authority":
            return self._issue_without_authority(hosts)
        return self._leaf(kind, hosts).private_key_and_cert_chain_pem.bytes()

    def _leaf(self, kind: Certificate, hosts: tuple[str, ...]) -> trustme.LeafCert:
        authority = self._unknown if kind == "unknown" else self._issuing
        now = datetime.now(UTC)
        return authority.issue_cert(
            *(lookalikes(hosts[0]) if kind == "wrong-host" else hosts),
            # Beside other names, a common name does not count (RFC 6125, section 6.4.4).
            common_name=hosts[0] if kind == "wrong-host" else None,
            not_before=now + DAY if kind == "not-yet-valid" else None,
            not_after=now - DAY if kind == "expired" else None,
        )

    def _issue_without_authority(self, hosts: tuple[str, ...]) -> bytes:
        """Issue a certificate as the owner of an ordinary one, who is no authority."""
        owner = self._trusted.issue_cert("owner.example")
        (own,) = (pem.bytes() for pem in owner.cert_chain_pems)
        issuer = trustme.CA.from_pem(own, owner.private_key_pem.bytes())
        return issuer.issue_cert(*hosts).private_key_and_cert_chain_pem.bytes() + own


def lookalikes(host: str) -> tuple[str, ...]:
    """Return names that a careless comparison takes for a host's.

    A dot that is a pattern, the host as the end or the beginning of another name, a name below it,
    and the domain above it.
    """
    first, _dot, domain = host.partition(".")
    names = [f"{first}x{domain}", f"x{host}", f"x.{host}", f"*.{host}", f"{host}.example"]
    return (*names, domain) if domain else tuple(names)


def _self_signed(hosts: tuple[str, ...]) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, hosts[0])])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - LIFETIME)
        .not_valid_after(now + LIFETIME)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    return private + certificate.public_bytes(serialization.Encoding.PEM)


@cache
def process_certificates() -> Certificates:
    """Return the certificates of this process, whose authorities are created once."""
    return Certificates()
