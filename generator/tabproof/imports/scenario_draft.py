"""Hold the draft of a scenario, and render it as YAML. Pure, except for reading its template."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jinja2
import msgspec
import yaml

ASSET = Path(__file__).with_name("scenario.yml.jinja")
LONGEST_COLUMNS = 90
"""A value that is longer on one line is written over several."""

KEY, SECRET = "api_key", "api_secret"


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """Hold the contents of a scenario's file. A claim's value is plain data, as in the file.

    Attributes:
        variables: credential -> environment variable.
        signing_key: the credential that signs.
        encoding: how the credential encodes the key's bytes.
        scheme: the word before the token in `Authorization`.
        answer: the body of the example response with `success_status`.
    """

    title: str
    variables: dict[str, str] = msgspec.field(
        default_factory=lambda: {KEY: "API_KEY", SECRET: "API_SECRET"}
    )
    algorithm: str = "HS256"
    signing_key: str = SECRET
    encoding: str = "utf-8"
    claims: dict[str, Any] = msgspec.field(
        default_factory=lambda: {
            "iss": {"credential": KEY},
            "iat": {"seconds_from_now": 0},
            "exp": {"seconds_from_now": 600},
        }
    )
    header: dict[str, Any] = {}
    method: str = "GET"
    url: str
    query: dict[str, str] = {}
    scheme: str = "Bearer"
    headers: dict[str, str] = msgspec.field(default_factory=lambda: {"Accept": "application/json"})
    body: dict[str, Any] | None = None
    timeout_seconds: int = 10
    success_status: int = 200
    answer: Any = msgspec.field(default_factory=lambda: {"message": "An example answer."})

    @property
    def responses(self) -> dict[int, Any]:
        """Return status -> body, for each status that the packaged cases need."""
        return {
            self.success_status: self.answer,
            401: {"message": "The token is not valid."},
            429: {"message": "Too many requests."},
        }


EXAMPLE = Draft(
    title="List orders",
    variables={KEY: "SHOP_API_KEY", SECRET: "SHOP_API_SECRET"},
    url="https://api.shop.example/v1/orders",
    query={"state": "open"},
    answer={"orders": [{"id": 7, "state": "open"}]},
)


def scenario_text(draft: Draft) -> str:
    """Render the file of a scenario, with comments."""
    environment = jinja2.Environment(
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - the output is YAML, not HTML
    )
    environment.filters.update(yaml=_flow, block=_block, spoken=credential_title)
    template = environment.from_string(ASSET.read_text(encoding="utf-8"))
    return template.render(draft=draft)


def credential_title(name: str) -> str:
    """Return a credential's title: `API key` for `api_key`."""
    return " ".join("API" if word == "api" else word for word in name.split("_"))


class _Dumper(yaml.SafeDumper):
    """Dump YAML without aliases, which scenarios do not allow."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - PyYAML's signature
        """Write each value in full."""
        return True


def _represent_text(dumper: yaml.SafeDumper, value: str) -> yaml.Node:
    # Unquoted or in single quotes, it would be folded over several lines.
    style = None if value.isprintable() else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


def _represent_number(dumper: yaml.SafeDumper, value: float) -> yaml.Node:
    # Scenarios do not know exponents: 1e+20 would be a string.
    digits = format(value, "f") if "e" in repr(value) else repr(value)
    return dumper.represent_scalar("tag:yaml.org,2002:float", digits)


_Dumper.add_representer(str, _represent_text)
_Dumper.add_representer(float, _represent_number)


def _dump(value: Any, *, flow: bool) -> str:
    text = yaml.dump(
        value,
        Dumper=_Dumper,
        default_flow_style=flow,
        allow_unicode=True,
        sort_keys=False,
        width=float("inf"),
    )
    return str(text).removesuffix("...\n").rstrip("\n")


def _flow(value: Any) -> str:
    return _dump(value, flow=True)


def _block(value: Any, indent: int) -> str:
    """Write a value after the colon of its key: on the same line, or on lines of its own below."""
    line = _flow(value)
    if len(line) <= LONGEST_COLUMNS or not isinstance(value, (dict, list)):
        return f" {line}"
    margin = "\n" + " " * indent
    return margin + _dump(value, flow=False).replace("\n", margin)
