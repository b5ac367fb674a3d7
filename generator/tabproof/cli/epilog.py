"""What stands at the end of a command's help: its exit statuses, and examples."""

from __future__ import annotations


def epilog(statuses: str, *examples: str) -> str:
    """The text for click, which wraps paragraphs but for those that begin with a backspace."""
    lines = "".join(f"\n  {example}" for example in examples)
    return f"Exit status: {statuses}.\n\nExamples:\n\n\b{lines}"
