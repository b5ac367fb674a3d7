"""A parser for samples whose toolchain is missing: `python -m tabproof.proof.syntax GRAMMAR FILE`.

The grammar is an importable tree-sitter grammar (`tree_sitter_c_sharp`).
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import tree_sitter

DIRECTIVE = b"#:"
"""Lines of a C# file-based app that its build reads; no grammar knows them."""


def faults(grammar: str, source: bytes) -> list[str]:
    """Where a source is not well formed, one line each.

    Raises:
        ImportError: the grammar is not installed.
    """
    language = tree_sitter.Language(importlib.import_module(grammar).language())
    plain = b"\n".join(b"" if x.startswith(DIRECTIVE) else x for x in source.split(b"\n"))
    tree = tree_sitter.Parser(language).parse(plain)
    return list(_faults(tree.root_node))


def _faults(node: tree_sitter.Node) -> Iterator[str]:
    line = node.start_point[0] + 1
    if node.is_missing:
        yield f"line {line}: `{node.type}` is missing"
    elif node.is_error:
        yield f"line {line}: not well formed"
    elif node.has_error:
        for child in node.children:
            yield from _faults(child)


def main() -> None:
    """Print the faults on stderr; exit status 1 where there are any."""
    grammar, name = sys.argv[1:]
    found = faults(grammar, Path(name).read_bytes())
    sys.exit("\n".join(found) or None)


if __name__ == "__main__":
    main()
