"""`tabproof explain`: explain what is wrong with a token."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import click
import msgspec

from tabproof.cli import complete_values
from tabproof.cli.handle_errors import handle_errors
from tabproof.cli.help_text import Argument, epilog
from tabproof.cli.pick_scenario import pick_scenario, read_credentials
from tabproof.cli.suggestions import Choice
from tabproof.diagnosis.fault import Judgement
from tabproof.diagnosis.times import AnyMoment
from tabproof.diagnosis.token import judge_token
from tabproof.errors import ExitStatus, InputError
from tabproof.project import catalog_reader

LARGEST_BYTES = 1 << 20
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


@click.command(
    epilog=epilog(
        {
            ExitStatus.DONE: "the token is valid",
            ExitStatus.WRONG: "it is not valid",
            ExitStatus.INVALID_INPUT: "it cannot be checked",
        },
        "tabproof explain < token.txt",
        "tabproof explain --scenario list-users token.txt",
    )
)
@click.option(
    "--scenario",
    "name",
    shell_complete=complete_values.scenarios,
    help="The scenario that the token belongs to.",
)
@click.option(
    "--format",
    "form",
    type=Choice(["words", "json"]),
    default="words",
    help="The format of the output.",
)
@click.argument(
    "file",
    cls=Argument,
    required=False,
    shell_complete=complete_values.files,
    help="The file with the token. Default: stdin.",
)
@click.pass_obj
@handle_errors
def explain(root: Path, /, *, name: str | None, form: str, file: str | None) -> None:
    """Explain what is wrong with a token, and the likely cause.

    The token is read from FILE or stdin, never from an argument, which other users of the machine
    could see. The key and the secret are read from the scenario's environment variables. Nothing
    is sent over the network.
    """
    scenario = pick_scenario(catalog_reader.load(root), name, os.environ)
    credentials = read_credentials(scenario, os.environ)
    text = _decode(_read_token(file))
    when = AnyMoment(time.time(), scenario.token.skew_seconds)
    judgement = judge_token(text, scenario, credentials, when)
    click.echo(_as_json(judgement) if form == "json" else _as_text(judgement, scenario.name))
    if judgement.faults:
        sys.exit(ExitStatus.WRONG)


def _read_token(file: str | None) -> bytes:
    """Return the bytes of the file, or of stdin.

    Raises:
        InputError: the file cannot be read, or is too long for a token.
    """
    if file is None or file == "-":
        if sys.stdin.isatty():
            click.echo("Paste the token, then press Enter and Ctrl-D.", err=True)
        content = sys.stdin.buffer.read(LARGEST_BYTES + 1)
    else:
        content = _read_file(file)
    if len(content) > LARGEST_BYTES:
        raise InputError(f"this is not a token: it has more than {LARGEST_BYTES} bytes.")
    return content


def _read_file(file: str) -> bytes:
    try:
        with Path(file).open("rb") as stream:
            return stream.read(LARGEST_BYTES + 1)
    except (OSError, ValueError) as error:
        if file.count(".") > 1 or file.startswith("eyJ"):
            raise InputError(
                "a token is read from stdin or a file, not from an argument, which other users of "
                "this machine can see."
            ) from None
        reason = error.strerror if isinstance(error, OSError) else "not a file name"
        raise InputError(f"{file}: cannot be read: {reason}.") from error


def _decode(content: bytes) -> str:
    """Decode the bytes of a token, without white space around it and without a byte-order mark."""
    encoding = "utf-16" if content.startswith(UTF16_MARKS) else "utf-8-sig"
    return content.decode(encoding, errors="replace").strip()


def _as_text(judgement: Judgement, scenario: str) -> str:
    lines = []
    for fault in judgement.faults:
        lines += [fault.message, f"    expected: {fault.expected}", f"    seen: {fault.seen}"]
    if not judgement.faults:
        lines = ["; ".join([f"This token is valid for {scenario}", *judgement.remarks]) + "."]
    return "\n".join(lines)


def _as_json(judgement: Judgement) -> str:
    rows = [
        {"kind": f.kind, "words": f.message, "expected": f.expected, "seen": f.seen}
        for f in judgement.faults
    ]
    return msgspec.json.format(msgspec.json.encode(rows), indent=2).decode()
