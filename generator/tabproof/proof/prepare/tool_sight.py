"""Say what a parser or a linter sees of this machine beside the samples."""

from __future__ import annotations

from pathlib import Path

import msgspec

from tabproof.model.language import Language
from tabproof.sandbox.tools import Tool
from tabproof.toolchains import find


def with_sight(tool: Tool, language: Language, libraries: Path) -> Tool:
    """Return a parser or a linter with its programs and libraries in its sight, and no project.

    Args:
        tool: what is run, with its programs.
        language: the language whose files its command names.
        libraries: the folder of that language's libraries.
    """
    root = str(find.project_of(libraries).resolve())
    return msgspec.structs.replace(
        tool,
        readable=(
            *find.library_folders(libraries),
            *find.program_folders(tool.programs, root),
            *language.files_in(tool.command),
        ),
        hidden=find.hidden_folders(tool.programs, root),
    )
