"""The words of a command as it was pasted: from a POSIX shell, or from the one of Windows. Pure."""

from __future__ import annotations

import re
import shlex

from tabproof.errors import InputError

CARET = re.compile(r"\^\"|\^\r?\n|\^$", re.MULTILINE)
"""How a browser's "Copy as cURL (cmd)" quotes and continues."""

ESCAPED = re.compile(r"\^(?:\r?\n[ \t]*|(.))", re.DOTALL)
PIECE = re.compile(r'(?P<backslashes>\\*)"|(?P<blank>\s+)|\\+|[^\s"\\]+')
"""In the way of Microsoft's C runtime: of backslashes, only those before a quote count."""

CONTINUED = re.compile(r"\\\r?\n")
QUOTED_C = re.compile(r"(?<!\S)\$'((?:[^'\\]|\\.)*)'", re.DOTALL)
"""bash's `$'...'`, which a browser's "Copy as cURL" uses for texts with quotes and newlines."""
ESCAPE = re.compile(
    r"\\(?:u(?P<u>[0-9a-fA-F]{4})|x(?P<x>[0-9a-fA-F]{2})|(?P<octal>[0-7]{1,3})|(?P<one>.))",
    re.DOTALL,
)
CONTROLS = {
    "n": "\n",
    "t": "\t",
    "r": "\r",
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "v": "\v",
    "e": "\x1b",
}


def split_words(text: str) -> list[str]:
    """The words of one command; what stands after a pipe is left out.

    Raises:
        InputError: a quote is left open, or there is more than one command.
    """
    if CARET.search(text):
        return _of_cmd(text)
    lexer = shlex.shlex(
        QUOTED_C.sub(_plain, CONTINUED.sub(" ", text)), posix=True, punctuation_chars="|;&<>()"
    )
    lexer.whitespace_split = True
    lexer.commenters = ""
    found: list[str] = []
    try:
        for word in lexer:
            if word == "|":
                break
            if word and not word.strip("|;&<>()"):
                raise InputError(
                    f"--curl: `{word}` ends the command or sends its output elsewhere; paste one "
                    "command, its URL in quotes."
                )
            found.append(word)
    except ValueError as error:
        raise InputError("--curl: a quote is left open; paste the whole command.") from error
    return found


def _plain(match: re.Match[str]) -> str:
    return shlex.quote(ESCAPE.sub(_character, match[1]))


def _character(match: re.Match[str]) -> str:
    if code := match["u"] or match["x"]:
        return chr(int(code, 16))
    if match["octal"]:
        return chr(int(match["octal"], 8))
    return CONTROLS.get(match["one"], match["one"])


def _of_cmd(text: str) -> list[str]:
    plain = ESCAPED.sub(lambda match: match[1] or " ", text).strip()
    found, quoted = [""], False
    for piece in PIECE.finditer(plain):
        if piece["backslashes"] is not None:
            pairs, is_literal = divmod(len(piece["backslashes"]), 2)
            found[-1] += "\\" * pairs + '"' * is_literal
            quoted ^= not is_literal
        elif piece["blank"] and not quoted:
            found.append("")
        else:
            found[-1] += piece[0]
    if quoted:
        raise InputError("--curl: a quote is left open; paste the whole command.")
    return found
