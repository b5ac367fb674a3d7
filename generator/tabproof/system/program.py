"""What makes samples of templates: this program, the template engine and the interpreter."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

from tabproof.system.fingerprint import Fingerprint, fingerprint, walk_files

PACKAGES = ("tabproof", "jinja2")


def program() -> tuple[str, Fingerprint]:
    """What changes when another one of them is installed.

    The files' times will do for it. The engine itself is not imported: where nothing is rendered
    it would take longer than all else.
    """
    specs = (find_spec(name) for name in PACKAGES)
    folders = [Path(spec.origin).parent for spec in specs if spec and spec.origin]
    files = (path for folder in folders for path in walk_files(folder) if path.endswith(".py"))
    return sys.version, fingerprint(files)
