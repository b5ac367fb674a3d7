"""The certificates of a batch as files: whoever starts a worker makes them, the worker shows them.

A worker begins with each proof, and the library that makes certificates takes longer to be
imported than all that a worker needs.
"""

from __future__ import annotations

import hashlib
import ssl
from pathlib import Path

from tabproof.model.case import Certificate


def bundle_path(folder: Path) -> Path:
    """The file with the certificate of the authority that samples trust, PEM."""
    return folder / "authority.pem"


def identity_path(folder: Path, kind: Certificate, names: tuple[str, ...]) -> Path:
    """The file with a server's private key and its certificate for these names, PEM."""
    digest = hashlib.sha256("\n".join((kind, *names)).encode()).hexdigest()
    return folder / f"identity-{digest}.pem"


def tls_context(path: Path) -> ssl.SSLContext:
    """What a server shows that has the key and the certificate of a file.

    Raises:
        OSError: there is none.
    """
    if not path.is_file():
        raise FileNotFoundError("no certificate can be for this host")
    made = server_context()
    made.load_cert_chain(path)
    return made


def server_context() -> ssl.SSLContext:
    """What every server has, whatever it shows."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.set_alpn_protocols(["http/1.1"])
    return made
