"""Templates that were compiled before: their bytecode."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
import msgspec

from tabproof.model.language import Language
from tabproof.project.template_blocks import inherited_blocks
from tabproof.system.kept import Kept


def bytecode(kept: Kept | None, language: Language) -> jinja2.BytecodeCache | None:
    """That of a language's templates, if anything is kept."""
    return None if kept is None else _Bytecode(kept, language)


class _Bytecode(jinja2.BytecodeCache):
    """Bytecode among what is kept."""

    def __init__(self, kept: Kept, language: Language) -> None:
        self._kept = kept
        # Jinja applies filters to constants when it compiles: the code depends on both.
        made_with = msgspec.msgpack.encode((jinja2.__version__, language.data))
        self._made_with = hashlib.sha256(_filters() + made_with).hexdigest()

    def get_bucket(
        self, environment: jinja2.Environment, name: str, filename: str | None, source: str
    ) -> jinja2.bccache.Bucket:
        """A template's bytecode; its blocks were right for these names in those it extends."""
        names = " ".join(sorted(inherited_blocks(environment, source)))
        return super().get_bucket(environment, name, filename, f"{names}\0{source}")

    def get_source_checksum(self, source: str) -> str:
        """What bytecode is known by, beside its template's name."""
        return super().get_source_checksum(self._made_with + source)

    def load_bytecode(self, bucket: Any) -> None:
        """Find a template's bytecode."""
        found = self._kept.get(f"{bucket.key} {bucket.checksum}")
        if found is not None:
            bucket.bytecode_from_string(found)

    def dump_bytecode(self, bucket: Any) -> None:
        """Keep a template's bytecode."""
        self._kept.put(f"{bucket.key} {bucket.checksum}", bucket.bytecode_to_string())


@cache
def _filters() -> bytes:
    package = Path(__file__).parents[1]
    modules = ("project/template_blocks", "render/environment", "render/literals")
    return b"".join((package / f"{name}.py").read_bytes() for name in modules)
