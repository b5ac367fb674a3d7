"""Split a pasted command into words, as a POSIX shell or the Windows command line does. Pure."""

from __future__ import annotations

import re
import shlex

from tabproof.errors import InputError

CARET = re.compile(r"\^\"|\^\r?\n|\^$", re.MULTILINE)
"""How a browser's "Copy as cURL (cmd)" quotes and continues."""

ESCAPED = re.compile(r"\^(?:\r?\n[ \t]*|(.))", re.DOTALL)
PIECE = re.compile(r'(?P<backslashes>\\*)"|(?P<blank>\s+)|\\+|[^\s"\\]+')
"""The rules of Microsoft's C runtime: only backslashes before a quote are special."""

CONTINUED = re.compile(r"\\\r?\n")
QUOTED_C = re.compile(r"(?<!\S)\$'((?:[^'\\]|\\.)*)'", re.DOTALL)
"""bash's `$'...'`, which a browser's "Copy as cURL" uses for strings with quotes and newlines."""
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
    """Split one command into words; ignore what follows a pipe.

    Raises:
        InputError: a quote is not closed, or there is more than one command.
    """
    if CARET.search(text):
        return _split_for_windows(text)
    lexer = shlex.shlex(
        QUOTED_C.sub(_requoted, CONTINUED.sub(" ", text)), posix=True, punctuation_chars="|;&<>()"
    )
    lexer.whitespace_split = True
    lexer.commenters = ""
    words: list[str] = []
    try:
        for word in lexer:
            if word == "|":
                break
            if word and not word.strip("|;&<>()"):
                raise InputError(
                    f"--curl: `{word}` ends the command or redirects its output; paste one "
                    "command, with its URL in quotes."
                )
            words.append(word)
    except ValueError as error:
        raise InputError("--curl: a quote is not closed; paste the whole command.") from error
    return words


def _requoted(match: re.Match[str]) -> str:
    return shlex.quote(ESCAPE.sub(_character, match[1]))


def _character(match: re.Match[str]) -> str:
    if code := match["u"] or match["x"]:
        return chr(int(code, 16))
    if match["octal"]:
        return chr(int(match["octal"], 8))
    return CONTROLS.get(match["one"], match["one"])


def _split_for_windows(text: str) -> list[str]:
    plain = ESCAPED.sub(lambda match: match[1] or " ", text).strip()
    words, quoted = [""], False
    for piece in PIECE.finditer(plain):
        if piece["backslashes"] is not None:
            pairs, is_literal = divmod(len(piece["backslashes"]), 2)
            words[-1] += "\\" * pairs + '"' * is_literal
            quoted ^= not is_literal
        elif piece["blank"] and not quoted:
            words.append("")
        else:
            words[-1] += piece[0]
    if quoted:
        raise InputError("--curl: a quote is not closed; paste the whole command.")
    return words
