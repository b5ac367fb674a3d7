"""Name and load the certificate files of a batch, which the worker's servers use.

The process that starts a worker makes them: the library for that takes longer to import than all
other modules of a worker.
"""

from __future__ import annotations

import hashlib
import ssl
import warnings
from pathlib import Path

from tabproof.model.case import Certificate, Protocol


def bundle_path(folder: Path) -> Path:
    """Return the path of the trusted authority's certificate (PEM)."""
    return folder / "authority.pem"


def identity_path(folder: Path, kind: Certificate, names: tuple[str, ...]) -> Path:
    """Return the path of a server's private key and certificate (PEM).

    Args:
        folder: the folder of the batch.
        kind: the kind of certificate.
        names: the host names that it is for.
    """
    digest = hashlib.sha256("\n".join((kind, *names)).encode()).hexdigest()
    return folder / f"identity-{digest}.pem"


def tls_context(path: Path, protocol: Protocol = "tls") -> ssl.SSLContext:
    """Return a server context with the key and certificate of a file.

    Args:
        path: the file.
        protocol: where it names a version, no other one is offered.

    Raises:
        OSError: the file does not exist.
    """
    if not path.is_file():
        raise FileNotFoundError("no certificate can be made for this host")
    context = server_context()
    if protocol == "tls-1.1":
        offer_old_version(context)
    if protocol == "tls-1.2":
        context.maximum_version = ssl.TLSVersion.TLSv1_2
    if protocol == "tls-1.3":
        context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_cert_chain(path)
    return context


def offer_old_version(context: ssl.SSLContext) -> None:
    """Offer TLS 1.1 alone (RFC 8996 deprecates it); a client context then asks for it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    # Its handshake is signed with SHA-1, which OpenSSL 3 allows at its lowest level alone.
    context.set_ciphers("DEFAULT:@SECLEVEL=0")


def server_context() -> ssl.SSLContext:
    """Return a server context without a certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(["http/1.1"])
    return context
