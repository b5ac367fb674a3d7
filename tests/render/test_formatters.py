"""Check that no linter or formatter changes a sample, however long the values in it are."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from tests.languages import LANGUAGES

from tabproof.cli import main
from tabproof.errors import ExitStatus

TOOLCHAINS = Path(__file__).parents[2] / ".tabproof/toolchains"
ALL_CASES = "TABPROOF_ALL_CASES"
SLOW = {
    "csharp": "dotnet format starts for some 20 s; it breaks no line by its width",
    "go": "go vet compiles each sample; gofmt breaks no line by its width",
}

LENGTHS = (5, 16, 28, 36, 56)
"""How long a name is, in the scenario. Between them, each line is broken in each of its ways.

Prettier breaks more lines than the templates have ways for where a variable has 48 characters.
"""


# The scenarios


def _cut(text: str, length: int) -> str:
    """Return a text of that length, in words, that begins with another."""
    return (f"{text} " + "of the account of a reseller " * length)[: length - 1].strip() + "s"


def _name(text: str, length: int) -> str:
    return _cut(text, length).replace(" ", "_")


def _host(length: int) -> str:
    return f"{_cut('api', length).replace(' ', '-')}.example"


def _credentials(length: int) -> dict[str, Any]:
    return {
        name: {"environment": f"THE_SHOP_{name}".upper(), "title": _cut("Key", length)}
        for name in (_name("key", length), _name("secret", length))
    }


def _split_credential(length: int) -> dict[str, Any]:
    parts = [_name("key", length), _name("secret", length)]
    whole = _name("pair", length)
    return {
        whole: {
            "environment": f"THE_SHOP_{whole}".upper(),
            "title": _cut("Pair", length),
            "split": {"at": ":", "into": parts},
        }
    }


def _scenario(length: int) -> dict[str, Any]:
    """Return the simplest structure: two credentials, a token without a header, a GET."""
    key, secret = _name("key", length), _name("secret", length)
    return {
        "title": _cut("List orders", 4 * length),
        "credentials": _credentials(length),
        "token": {
            "algorithm": "HS256",
            "signing_key": {"credential": secret},
            "claims": {
                "iss": {"credential": key},
                "exp": {"seconds_from_now": 3600},
                "aud": _cut("orders", 3 * length),
                _name("scope", length): _cut("orders", length),
            },
        },
        "request": {
            "method": "GET",
            "url": f"https://{_host(length)}/{_name('v1', 2 * length + 8)}",
            "authorization": "Bearer",
            "timeout_seconds": 10,
            "success_status": 200,
        },
        "responses": {status: {"body": "x"} for status in (200, 401, 429)},
    }


def _with_header(scenario: dict[str, Any], length: int) -> None:
    scenario["token"]["header"] = {
        "kid": {"credential": _name("key", length)},
        _name("x", length): _cut("west", length),
    }


def _with_hex(scenario: dict[str, Any], length: int) -> None:
    del length
    scenario["token"]["signing_key"]["encoding"] = "hex"


def _with_split(scenario: dict[str, Any], length: int) -> None:
    scenario["credentials"] = _split_credential(length)


def _with_body(scenario: dict[str, Any], length: int) -> None:
    scenario["request"] |= {
        "method": "POST",
        "headers": {"Accept": _cut("text/plain", 2 * length), "X-A": _cut("on", 3 * length)},
        "body": {"name": _cut("an order", 3 * length), "items": [{"id": 7, "tags": ["a", "b"]}]},
    }


STRUCTURES = {
    "plain": (),
    "hex": (_with_hex, _with_header, _with_body),
    "split": (_with_split, _with_header, _with_body),
    "split-hex": (_with_split, _with_hex),
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with each structure in each length, and the packaged templates."""
    root = tmp_path_factory.mktemp("formatters")
    folder = root / "templates/scenarios"
    folder.mkdir(parents=True)
    for name, changes in STRUCTURES.items():
        for length in LENGTHS:
            scenario = _scenario(length)
            for change in changes:
                change(scenario, length)
            text = yaml.safe_dump(scenario, sort_keys=False)
            (folder / f"{name}-{length}.yml").write_text(text, encoding="utf-8")
    if TOOLCHAINS.is_dir():  # installed for this repository's own samples
        (root / ".tabproof").mkdir()
        (root / ".tabproof/toolchains").symlink_to(TOOLCHAINS)
    result = CliRunner().invoke(main, ["--root", str(root), "generate"])
    assert result.exit_code == ExitStatus.DONE, result.stderr
    return root


@pytest.mark.parametrize("language", LANGUAGES)
def test_values_of_any_length_leave_formatters_nothing_to_do(language: str, project: Path) -> None:
    if language in SLOW and not os.environ.get(ALL_CASES):
        pytest.skip(f"{SLOW[language]}: set {ALL_CASES}")
    result = CliRunner().invoke(
        main, ["--root", str(project), "prove", "--lint", "--language", language]
    )
    text = result.stdout + result.stderr
    assert result.exit_code in {ExitStatus.DONE, ExitStatus.UNABLE}, text
    if skipped := re.search(r"skipped: .*", result.stdout):  # the others have found nothing
        pytest.skip(skipped[0].strip())
    assert result.exit_code == ExitStatus.DONE, text
