"""The base of what is read from files."""

from __future__ import annotations

import msgspec


class FileFormat(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The base of everything that is read from a YAML file: frozen, no unknown keys."""
