"""Name and load the certificate files of a batch, which the worker's servers use.

The process that starts a worker makes them: the library for that takes longer to import than all
other modules of a worker.
"""

from __future__ import annotations

import hashlib
import ssl
from pathlib import Path

from tabproof.model.case import Certificate


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


def tls_context(path: Path) -> ssl.SSLContext:
    """Return a server context with the key and certificate of a file.

    Raises:
        OSError: the file does not exist.
    """
    if not path.is_file():
        raise FileNotFoundError("no certificate can be made for this host")
    context = server_context()
    context.load_cert_chain(path)
    return context


def server_context() -> ssl.SSLContext:
    """Return a server context without a certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(["http/1.1"])
    return context
