"""Cache the bytecode of templates."""

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
    """Return the cache of a language's templates; None without one."""
    return None if kept is None else _Bytecode(kept, language)


class _Bytecode(jinja2.BytecodeCache):
    """Store bytecode in a cache file."""

    def __init__(self, kept: Kept, language: Language) -> None:
        self._kept = kept
        # Jinja applies filters to constants when it compiles: the code depends on both.
        made_with = msgspec.msgpack.encode((jinja2.__version__, language.data))
        self._made_with = hashlib.sha256(_filters() + made_with).hexdigest()

    def get_bucket(
        self, environment: jinja2.Environment, name: str, filename: str | None, source: str
    ) -> jinja2.bccache.Bucket:
        """Return a template's bucket; its key has the names of the blocks that it inherits."""
        names = " ".join(sorted(inherited_blocks(environment, source)))
        return super().get_bucket(environment, name, filename, f"{names}\0{source}")

    def get_source_checksum(self, source: str) -> str:
        """Return the checksum of a template and of all that its bytecode depends on."""
        return super().get_source_checksum(self._made_with + source)

    def load_bytecode(self, bucket: Any) -> None:
        """Load the bytecode of a template."""
        cached = self._kept.get(f"{bucket.key} {bucket.checksum}")
        if cached is not None:
            bucket.bytecode_from_string(cached)

    def dump_bytecode(self, bucket: Any) -> None:
        """Store the bytecode of a template."""
        self._kept.put(f"{bucket.key} {bucket.checksum}", bucket.bytecode_to_string())


@cache
def _filters() -> bytes:
    package = Path(__file__).parents[1]
    modules = ("project/template_blocks", "render/environment", "render/fits", "render/holes")
    return b"".join((package / f"{name}.py").read_bytes() for name in modules)
