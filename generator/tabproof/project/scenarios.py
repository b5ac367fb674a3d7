"""Read `templates/scenarios/` into validated scenarios."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn, cast

import msgspec

from tabproof.errors import InputError, ScenarioError, choose, located
from tabproof.model.catalog import Fault
from tabproof.model.credential import FORMS, Credential
from tabproof.model.reserved_variables import TAKEN
from tabproof.model.scenario import (
    Data,
    FromCredential,
    FromNow,
    Request,
    Resolved,
    Scenario,
    SigningKey,
    TokenPlan,
    normalize_number,
)
from tabproof.model.scenario_file import (
    CredentialEntry,
    Reference,
    RequestEntry,
    ScenarioFile,
    SigningKeyEntry,
    TokenEntry,
    Value,
)
from tabproof.project import value_rules
from tabproof.project.names import check_name, is_name, nearest_name
from tabproof.project.project_folder import SCENARIOS
from tabproof.project.template_files import display_path, is_hidden, list_files, read_text
from tabproof.project.validation import MismatchError, convert
from tabproof.project.yaml_file import parse_plain_yaml, parse_yaml, read_yaml
from tabproof.project.yaml_positions import Lines, line_of
from tabproof.system.kept import Kept

SUFFIXES = (".yml", ".yaml")

REFERENCES = frozenset({"credential", "seconds_from_now"})
CONTENT_TYPE = "Content-Type"
JSON = "application/json"


def read_all(
    folder: Path, root: Path, kept: Kept | None = None, settled: Collection[str] = ()
) -> tuple[dict[str, Scenario], tuple[Fault, ...]]:
    """Read every scenario of a folder.

    Args:
        folder: the project's `templates/scenarios`.
        root: messages name files from there.
        kept: the data of texts that were parsed before.
        settled: names of scenarios to leave out.

    Returns:
        The scenarios by name, and what is wrong with the others and with files that look like one.

    Raises:
        InputError: the folder cannot be read.
    """
    scenarios: dict[str, Scenario] = {}
    faults: list[Fault] = []
    seen: set[str] = set()
    for path in _files(folder, root):
        name, place = path.stem, display_path(path, root)
        try:
            if path.parent != folder or path.suffix not in SUFFIXES:
                faults.append(_unread(path, folder, place))
            elif name not in settled:
                check_name(name, place)
                if name in seen:
                    raise located(place, None, f"there is a {name}.yaml too; remove one.")
                seen.add(name)
                scenarios[name] = _resolve(name, place, *read_yaml(path, ScenarioFile, place, kept))
        except InputError as error:
            scenarios.pop(name, None)
            faults.append(Fault(nearest_name(name), error))
    return scenarios, tuple(faults)


def _files(folder: Path, root: Path) -> Iterator[Path]:
    """Return what is, or looks like, a scenario, in the order of names."""
    try:
        with os.scandir(folder) as entries:
            listed = sorted((entry.name, entry.is_dir()) for entry in entries)
    except OSError as error:
        raise located(
            display_path(folder, root), None, f"cannot be read: {error.strerror}."
        ) from error
    for name, is_folder in listed:
        if is_hidden(Path(name)):
            continue
        path = folder / name
        if path.suffix.lower() in SUFFIXES:
            yield path
        elif is_folder:
            inside = (Path(file) for _, file in list_files(path))
            yield from (file for file in inside if file.suffix.lower() in SUFFIXES)


def _unread(path: Path, folder: Path, place: str) -> Fault:
    """Return what to do with a file that nothing reads, though it looks like a scenario."""
    name = nearest_name(path.stem)
    target = f"{name}{path.suffix.lower()}" if is_name(name) else "NAME.yml"
    if path.parent == folder:
        message = f"is not read: its name ends in {path.suffix}; rename it to {target}."
    else:
        message = (
            f"is not read: it is in a folder of its own; move it to {SCENARIOS}/{target}, or out "
            f"of {SCENARIOS}/."
        )
    return Fault(name, located(place, None, message))


class Source(msgspec.Struct, frozen=True):
    """Hold the file of a scenario as it was written.

    Attributes:
        place: how messages name it.
        data: what is in it, as dicts, lists and scalars.
        lines: where in it each value is; None where it cannot be read.
    """

    place: str
    data: object = None
    lines: Lines | None = None

    def located(self, error: ScenarioError) -> InputError:
        """Return an error with the file, and with the line that it is about."""
        where = error.place or next(_places(self.data, error.value, "$"), "")
        line = line_of(self.lines, where) if self.lines and where else None
        return located(self.place, line, str(error))


def source_of(root: Path, scenario: str) -> Source:
    """Read the file of a scenario again, to tell where in it something is."""
    paths = [root / SCENARIOS / f"{scenario}{suffix}" for suffix in SUFFIXES]
    path = next((path for path in paths if path.exists()), paths[0])
    place = display_path(path, root)
    try:
        return Source(place, *parse_plain_yaml(read_text(path, place), place))
    except InputError:  # it has changed since
        return Source(place)


def _places(data: object, value: object, where: str) -> Iterator[str]:
    """Return the places in plain data that hold a value, or have it as a key."""
    if value is None:
        return
    if isinstance(data, dict):
        for key, each in data.items():
            if key == value:
                yield f"{where}.{key}"
            yield from _places(each, value, f"{where}.{key}")
    elif isinstance(data, list):
        for number, each in enumerate(data):
            yield from _places(each, value, f"{where}[{number}]")
    elif data == value and type(data) is type(value):
        yield where


def parse_text(name: str, text: str, place: str) -> Scenario:
    """Parse the text of a file into the scenario of this name.

    Raises:
        InputError: it is not right, with its line.
    """
    return _resolve(name, place, *parse_yaml(text, ScenarioFile, place))


def _resolve(name: str, place: str, shape: ScenarioFile, lines: Lines) -> Scenario:
    resolver = _Resolver(shape, place, lines)
    resolver.check("$.title", value_rules.title_fault(shape.title))
    request = shape.request
    resolver.check("$.request.url", value_rules.url_fault(request.url))
    if request.success_status not in shape.responses:
        resolver.refuse("$.responses", f"there is no example for status {request.success_status}.")
    scenario = Scenario(
        name=name,
        title=shape.title,
        lifecycle=shape.lifecycle,
        credentials=resolver.credentials,
        token=resolver.token(shape.token),
        request=resolver.request(request),
        responses=dict(shape.responses),
    )
    for each, credential in scenario.credentials.items():
        if scenario.used.isdisjoint({each, *(leaf.name for leaf in credential.leaves)}):
            message = f"'{each}' is in neither the token nor the request; use it, or remove it."
            resolver.refuse(f"$.credentials.{each}", message)
    return scenario


class _Resolver:
    """Resolve the references in a scenario, or report where they are invalid."""

    def __init__(self, shape: ScenarioFile, place: str, lines: Lines) -> None:
        self._place = place
        self._lines = lines
        self._taken: dict[str, str] = {}
        self._names = {*shape.credentials}
        key = shape.token.signing_key
        self.credentials = {
            name: self._credential(name, each, key) for name, each in shape.credentials.items()
        }
        self._known = {leaf.name: leaf for c in self.credentials.values() for leaf in (c, *c.parts)}

    def refuse(self, where: str, message: str) -> NoReturn:
        raise located(self._place, line_of(self._lines, where), message)

    def check(self, where: str, message: str) -> None:
        """Refuse a value where there are words against it."""
        if message:
            self.refuse(where, message)

    def token(self, token: TokenEntry) -> TokenPlan:
        key = self._named("$.token.signing_key.credential", token.signing_key.credential)
        if key.parts:
            message = (
                f"'{key.name}' holds two credentials; {choose(part.name for part in key.parts)}."
            )
            self.refuse("$.token.signing_key.credential", message)
        for name in ("alg", "typ"):
            if name in token.header:
                self.refuse(f"$.token.header.{name}", f"the header has its `{name}` by itself.")
        return TokenPlan(
            algorithm=token.algorithm,
            signing_key=SigningKey(key, token.signing_key.encoding),
            header=self._values("$.token.header", token.header),
            claims=self._values("$.token.claims", token.claims),
            skew_seconds=token.skew_seconds,
        )

    def request(self, request: RequestEntry) -> Request:
        headers, media_type, sent = dict(request.headers), "", request.body is not None
        header_name = next((name for name in headers if name.lower() == CONTENT_TYPE.lower()), "")
        if header_name:
            field = f"request.headers.{header_name}"
            message = value_rules.content_type_fault(headers[header_name], f"`{field}`", sent=sent)
            self.check(f"$.{field}", message)
        if sent:
            media_type = headers.pop(header_name, JSON)
        query = request.query.items()
        return Request(
            method=request.method,
            base_url=request.url,
            query={k: self._literal_text(f"$.request.query.{k}", v) for k, v in query},
            authorization=request.authorization,
            headers=headers,
            body=None if request.body is None else self._members("$.request.body", request.body),
            timeout_seconds=request.timeout_seconds,
            success_status=request.success_status,
            content_type=media_type,
        )

    def _credential(self, name: str, shape: CredentialEntry, key: SigningKeyEntry) -> Credential:
        where = f"$.credentials.{name}"
        self.check(f"{where}.title", value_rules.title_fault(shape.title))
        self._check_variable(f"{where}.environment", shape.environment, name)

        def made(leaf: str, title: str, **rest: Any) -> Credential:
            if leaf == key.credential and key.encoding in FORMS:
                rest["encoding"] = key.encoding
            return Credential(leaf, shape.environment, title, **rest)

        if shape.split is None:
            return made(name, shape.title)
        at, into = shape.split.at, shape.split.into
        for place, part in enumerate(into):
            if part in self._names:
                message = f"'{part}' is the name of another credential already; choose another."
                self.refuse(f"{where}.split.into[{place}]", message)
            self._names.add(part)
            # What `Credential.variable` is then.
            self._check_variable(f"{where}.split.into[{place}]", part.upper(), part)
        parts = tuple(
            made(part, f"{part.replace('_', ' ')} of the {shape.title}", separator=at, place=place)
            for place, part in enumerate(into)
        )
        return made(name, shape.title, separator=at, parts=parts)

    def _check_variable(self, where: str, variable: str, owner: str) -> None:
        if variable in TAKEN:
            message = f"{variable} means something to shells or programs; name another."
            self.refuse(where, message)
        known = self._taken.setdefault(variable, owner)
        if known != owner:
            self.refuse(where, f"{variable} is the variable of '{known}' already; name another.")

    def _named(self, where: str, name: str) -> Credential:
        if name not in self._known:
            self.refuse(where, f"unknown credential '{name}'; {choose(self._known)}.")
        return self._known[name]

    def _values(self, where: str, values: Mapping[str, Value]) -> dict[str, Resolved]:
        self._check_names(where, values)
        return {key: self._value(f"{where}.{key}", value) for key, value in values.items()}

    def _check_names(self, where: str, names: Iterable[object]) -> None:
        for key in names:
            self.check(f"{where}.{key}", value_rules.member_name_fault(key))

    def _members(self, where: str, values: Mapping[str, object]) -> dict[str, Data]:
        self._check_names(where, values)
        return {key: self._data(f"{where}.{key}", value) for key, value in values.items()}

    def _data(self, where: str, value: object) -> Data:
        """Return a value of a body, with the values in its lists and mappings."""
        if isinstance(value, list):
            return [self._data(f"{where}[{n}]", each) for n, each in enumerate(value)]
        if not isinstance(value, dict):
            return self._plain(where, cast("Resolved", value))  # YAML has no further types
        if len(value) != 1 or not value.keys() <= REFERENCES:
            return self._members(where, value)
        try:
            return self._value(where, convert(value, Reference))
        except MismatchError as misfit:
            self.refuse(f"{where}{misfit.place[1:]}", misfit.message)

    def _value(self, where: str, value: Value) -> Resolved:
        if not isinstance(value, Reference):
            return self._plain(where, value)
        if value.credential is not None:
            return FromCredential(self._named(f"{where}.credential", value.credential))
        return FromNow(value.seconds_from_now or 0)

    def _plain(self, where: str, value: Resolved) -> Resolved:
        self.check(where, value_rules.number_fault(value))
        return normalize_number(value)

    def _literal_text(self, where: str, value: Value) -> str:
        if isinstance(value, str):
            return value
        if isinstance(value, bool) or not isinstance(value, int):
            self.refuse(where, "a query's value is a string or an integer.")
        return str(value)
