"""Parse a C# file and print where it is not well formed: `python syntax.py FILE`.

It runs in an environment of its own, with the packages of `requirements.lock`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import tree_sitter
import tree_sitter_c_sharp

DIRECTIVE = b"#:"
"""Lines of a file-based app that its build reads; the grammar does not know them."""


def faults(source: bytes) -> list[str]:
    """Return where a source is not well formed, one line each."""
    language = tree_sitter.Language(tree_sitter_c_sharp.language())
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
    """Print the faults on stderr; exit with 1 where there are any."""
    (name,) = sys.argv[1:]
    found = faults(Path(name).read_bytes())
    sys.exit("\n".join(found) or None)


if __name__ == "__main__":
    main()
