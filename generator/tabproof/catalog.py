"""The edge where `templates/` becomes validated scenarios, languages and cases.

A project's own `templates/` is searched first, the packaged one second. Scenarios are the
project's alone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path

from tabproof import languages
from tabproof.errors import InputError, choose, located
from tabproof.model.case_file import CasesShape
from tabproof.model.catalog import Catalog
from tabproof.model.environment import TAKEN
from tabproof.model.scenario import (
    Credential,
    FromCredential,
    FromNow,
    Reference,
    Request,
    Resolved,
    Scenario,
    ScenarioShape,
    SigningKey,
    TokenPlan,
    Value,
)
from tabproof.naming import is_reserved
from tabproof.template_files import first, hidden, read_text, shown
from tabproof.yaml_file import Lines, line_of, read

SCENARIO_NAME_WORDS = "lower-case words joined by hyphens"
LONGEST_NAME = 100
LARGEST_PORT = 65_535


def packaged_templates() -> Path:
    """Where the templates that come with the package are, in a wheel and in a checkout alike."""
    package = Path(__file__).parent
    inside = package / "templates"
    return inside if inside.is_dir() else package.parent.parent / "templates"


def load(root: Path) -> Catalog:
    """Read a project's templates.

    Args:
        root: the project's folder, the one that holds `templates/`.

    Raises:
        InputError: a file is not right, with its line.
    """
    own = root / "templates"
    if not (own / "scenarios").is_dir():
        raise InputError(
            f"{own / 'scenarios'}: there is no such folder; run tabproof in a project that has "
            "one, or name the project with --root."
        )
    folders = folders_of(root)
    cases = first(folders, "cases.yml") or own / "cases.yml"
    sources, places = _sources(folders, root)
    return Catalog(
        scenarios=dict(_scenarios(own / "scenarios", root)),
        languages=languages.read_all(folders, root),
        cases=read(cases, CasesShape, shown(cases, root))[0],
        sources=sources,
        places=places,
    )


def folders_of(root: Path) -> list[Path]:
    """Where templates are looked for: the project's own folder, then the packaged one."""
    own = root / "templates"
    return [own] if own.samefile(packaged_templates()) else [own, packaged_templates()]


def _sources(folders: list[Path], root: Path) -> tuple[dict[str, str], dict[str, str]]:
    sources: dict[str, str] = {}
    places: dict[str, str] = {}
    for folder in reversed(folders):
        for path in sorted(folder.rglob("*.jinja")):
            if not hidden(path.relative_to(folder)):
                name = path.relative_to(folder).as_posix()
                sources[name] = read_text(path, shown(path, root)).replace("\r\n", "\n")
                places[name] = shown(path, root)
    return sources, places


def _scenarios(folder: Path, root: Path) -> Iterator[tuple[str, Scenario]]:
    seen: set[str] = set()
    for path in sorted(folder.iterdir()):
        if hidden(Path(path.name)) or path.suffix not in (".yml", ".yaml"):
            continue
        place = shown(path, root)
        _check_name(path.stem, place)
        if path.stem in seen:
            raise located(place, None, f"there is a {path.stem}.yaml too; remove one.")
        seen.add(path.stem)
        shape, lines = read(path, ScenarioShape, place)
        yield path.stem, _resolve(path.stem, shape, place, lines)


def _check_name(name: str, place: str) -> None:
    words = name.split("-")
    plain = all(word.isascii() and word.isalnum() and word == word.lower() for word in words)
    if not plain or not name[:1].isalpha() or len(name) > LONGEST_NAME or is_reserved(name):
        raise located(
            place,
            None,
            f"'{unicodedata.normalize('NFC', name)}' is no name that every file system can hold; "
            f"rename the file to {SCENARIO_NAME_WORDS}, at most {LONGEST_NAME} characters.",
        )


def _resolve(name: str, shape: ScenarioShape, place: str, lines: Lines) -> Scenario:
    credentials = {
        key: Credential(key, value.environment, value.title)
        for key, value in shape.credentials.items()
    }
    resolver = _Resolver(credentials, place, lines)
    resolver.check_words("$.title", shape.title)
    owners: dict[str, str] = {}
    for key, value in shape.credentials.items():
        resolver.check_words(f"$.credentials.{key}.title", value.title)
        if value.environment in TAKEN:
            words = f"{value.environment} means something to shells or programs; name another."
            resolver.refuse(f"$.credentials.{key}.environment", words)
        owner = owners.setdefault(value.environment, key)
        if owner != key:
            words = f"{value.environment} is the variable of '{owner}' already; name another."
            resolver.refuse(f"$.credentials.{key}.environment", words)
    request, token = shape.request, shape.token
    resolver.check_port("$.request.url", request.url)
    if request.success_status not in shape.responses:
        resolver.refuse("$.responses", f"there is no example for status {request.success_status}.")
    return Scenario(
        name=name,
        title=shape.title,
        lifecycle=shape.lifecycle,
        credentials=credentials,
        token=TokenPlan(
            algorithm=token.algorithm,
            signing_key=SigningKey(
                resolver.credential("$.token.signing_key.credential", token.signing_key.credential),
                token.signing_key.encoding,
            ),
            header=resolver.values("$.token.header", token.header),
            claims=resolver.values("$.token.claims", token.claims),
            skew_seconds=token.skew_seconds,
        ),
        request=Request(
            method=request.method,
            base_url=request.url,
            query=resolver.texts("$.request.query", request.query),
            authorization=request.authorization,
            headers=dict(request.headers),
            body=None if request.body is None else resolver.values("$.request.body", request.body),
            timeout_seconds=request.timeout_seconds,
            success_status=request.success_status,
        ),
        responses=dict(shape.responses),
    )


class _Resolver:
    """Turns references into what they refer to, or says where they cannot be."""

    def __init__(self, credentials: Mapping[str, Credential], place: str, lines: Lines) -> None:
        self._credentials = credentials
        self._place = place
        self._lines = lines

    def refuse(self, where: str, words: str) -> None:
        raise located(self._place, line_of(self._lines, where), words)

    def check_words(self, where: str, text: str) -> None:
        """A title stands in comments and headings: one line of printable characters."""
        if not text.strip() or not text.isprintable():
            self.refuse(where, f"{text!r} is no title: write one line of printable characters.")

    def check_port(self, where: str, url: str) -> None:
        port = url.removeprefix("https://").partition("/")[0].partition(":")[2]
        if port and not 1 <= int(port) <= LARGEST_PORT:
            self.refuse(where, f"a port is a number from 1 to {LARGEST_PORT}; got {port}.")

    def credential(self, where: str, name: str) -> Credential:
        if name not in self._credentials:
            self.refuse(where, f"unknown credential '{name}'; {choose(self._credentials)}.")
        return self._credentials[name]

    def values(self, where: str, values: Mapping[str, Value]) -> dict[str, Resolved]:
        for key in values:
            # JavaScript takes the one for the prototype, PHP the other for a list's index.
            if key == "__proto__" or re.fullmatch(r"-?\d+", key):
                self.refuse(f"{where}.{key}", f"'{key}' is no name that every language can hold.")
        return {key: self._value(f"{where}.{key}", value) for key, value in values.items()}

    def texts(self, where: str, values: Mapping[str, Value]) -> dict[str, str]:
        return {key: self._literal_text(f"{where}.{key}", v) for key, v in values.items()}

    def _value(self, where: str, value: Value) -> Resolved:
        if not isinstance(value, Reference):
            return value
        if value.credential is not None:
            return FromCredential(self.credential(f"{where}.credential", value.credential))
        return FromNow(value.seconds_from_now or 0)

    def _literal_text(self, where: str, value: Value) -> str:
        if isinstance(value, str):
            return value
        if isinstance(value, bool) or not isinstance(value, int):
            self.refuse(where, "a query's value is a string or an integer.")
        return str(value)
