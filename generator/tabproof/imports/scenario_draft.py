"""A scenario that is about to be written, and its text. Pure but for the template's own file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jinja2
import msgspec
import yaml

ASSET = Path(__file__).with_name("scenario.yml.jinja")
LONGEST_COLUMNS = 90
"""A value that would be longer on one line stands over several."""

KEY, SECRET = "api_key", "api_secret"


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """What a scenario's file will say. A value of a claim is plain data, as in the file.

    Attributes:
        variables: credential -> environment variable.
        signing_key: the credential that signs.
        encoding: how the key's bytes are written in its text.
        scheme: the word in front of the token.
        responses: status -> body of the example answer; that of `success_status` is among them.
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
        """Status -> body, for each status that the packaged cases ask for."""
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
    """The commented file of a scenario."""
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
    """What people call a credential: `api_key` is the `API key`."""
    return " ".join("API" if word == "api" else word for word in name.split("_"))


class _Dumper(yaml.SafeDumper):
    """YAML without aliases, which scenarios do not have."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - PyYAML's signature
        """Write each value where it stands."""
        return True


def _of_text(dumper: yaml.SafeDumper, value: str) -> yaml.Node:
    # A plain or single-quoted text would be folded over lines.
    style = None if value.isprintable() else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


def _of_number(dumper: yaml.SafeDumper, value: float) -> yaml.Node:
    # Scenarios know no exponents: 1e+20 would be a text.
    written = format(value, "f") if "e" in repr(value) else repr(value)
    return dumper.represent_scalar("tag:yaml.org,2002:float", written)


_Dumper.add_representer(str, _of_text)
_Dumper.add_representer(float, _of_number)


def _dumped(value: Any, *, flow: bool) -> str:
    written = yaml.dump(
        value,
        Dumper=_Dumper,
        default_flow_style=flow,
        allow_unicode=True,
        sort_keys=False,
        width=float("inf"),
    )
    return str(written).removesuffix("...\n").rstrip("\n")


def _flow(value: Any) -> str:
    return _dumped(value, flow=True)


def _block(value: Any, indent: int) -> str:
    """A value behind the colon of its key: in the same line, or in lines of its own below."""
    line = _flow(value)
    if len(line) <= LONGEST_COLUMNS or not isinstance(value, (dict, list)):
        return f" {line}"
    margin = "\n" + " " * indent
    return margin + _dumped(value, flow=False).replace("\n", margin)
