"""Show a scenario to templates: its structure as it is, its values as holes. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeVar

import jinja2
import msgspec

from tabproof.model.credential import Credential
from tabproof.model.language import HeadLines
from tabproof.model.scenario import Request, Scenario, Step, TokenPlan
from tabproof.render.holes import Hole, Nodes

T = TypeVar("T", bound=str | int | bool)


class _Seen(msgspec.Struct, frozen=True, eq=False):
    """Refuse to be printed: what is shown has parts that can be."""

    def __str__(self) -> str:
        raise jinja2.TemplateRuntimeError("this is no value; print one of its parts")


class Members:
    """Show a mapping: how many members there are, and each name and value as a hole."""

    def __init__(self, pairs: list[tuple[Hole, Hole]], whole: Hole) -> None:
        """Keep the members, and the hole for the whole mapping."""
        self._pairs, self.whole = pairs, whole

    def __len__(self) -> int:
        return len(self._pairs)

    def __str__(self) -> str:
        raise jinja2.TemplateRuntimeError("a mapping is no value; print its members")

    def items(self) -> Iterator[tuple[Hole, Hole]]:
        """Yield each name with its value."""
        yield from self._pairs


class CredentialView(_Seen, frozen=True, eq=False):
    """Show a credential; see `tabproof.model.credential.Credential`.

    Attributes:
        is_held: whether its text is in the token or in the request.
        is_used: whether that is so, or it signs.
    """

    name: Hole
    environment: Hole
    variable: Hole
    demand: Hole
    complaint: Hole
    pattern: str
    posix_pattern: str
    separator: str
    parts: tuple[CredentialView, ...]
    is_held: bool
    is_used: bool


class SigningKeyView(_Seen, frozen=True, eq=False):
    """Show the key that signs."""

    credential: CredentialView
    encoding: str
    is_encoded: bool


class JwtView(_Seen, frozen=True, eq=False):
    """Show a step that makes a token; see `tabproof.model.scenario.TokenPlan`.

    Attributes:
        kid: the value of the header's member of that name; None without it.
        other_header: the header's other members.
    """

    algorithm: str
    family: str
    hash_bits: int
    hash_bytes: int
    signing_key: SigningKeyView
    header: Members
    kid: Hole | None
    other_header: Members
    claims: Members
    has_time: bool
    short_secret: Hole


class RequestView(_Seen, frozen=True, eq=False):
    """Show a step that sends a request; see `tabproof.model.scenario.Request`."""

    method: str
    url: Hole
    host: Hole
    authority: Hole
    target: Hole
    authorization: Hole
    headers: Members
    body: Hole | None
    content_type: Hole | None
    timeout_seconds: Hole
    success_status: Hole
    is_idempotent: bool


class ScenarioView(_Seen, frozen=True, eq=False):
    """Show a scenario; see `tabproof.model.scenario.Scenario`."""

    name: Hole
    title: Hole
    credentials: tuple[CredentialView, ...]
    checked: tuple[CredentialView, ...]


class HeadView(_Seen, frozen=True, eq=False):
    """Show the head of a sample; see `tabproof.model.language.HeadLines`."""

    install: Hole
    variables: Hole
    run: Hole
    packages: tuple[str, ...]


class View(msgspec.Struct, frozen=True, eq=False):
    """Hold what the templates of one sample see.

    Attributes:
        steps: the step's view, for each step.
        nodes: the holes so far, to which a template adds.
    """

    scenario: ScenarioView
    steps: tuple[JwtView | RequestView, ...]
    head: HeadView | None
    nodes: Nodes


class Content(msgspec.Struct, frozen=True, eq=False):
    """Hold what a scenario puts into the holes, and what makes its skeletons.

    Attributes:
        values: the values, by their numbers.
        facts: all that templates can look at: two scenarios with the same facts have the same
            skeletons.
    """

    values: tuple[object, ...]
    facts: tuple[object, ...]


def content_of(scenario: Scenario) -> Content:
    """Return the values and the facts of a scenario."""
    viewer = _Viewer(scenario)
    viewer.scenario()
    return Content(tuple(viewer.nodes.values), tuple(viewer.facts))


def head_values(head: HeadLines | None) -> tuple[object, ...]:
    """Return the values of a head, which follow those of the scenario."""
    return (head.install, head.variables, head.run) if head else ()


def view(scenario: Scenario, head: HeadLines | None) -> View:
    """Return what templates see of a scenario, and of the head of its sample."""
    viewer = _Viewer(scenario)
    shown, steps = viewer.scenario()
    return View(shown, steps, viewer.head(head) if head else None, viewer.nodes)


class _Viewer:
    """Walk through a scenario; note each value and each fact on the way."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self.nodes = Nodes()
        self.facts: list[object] = []
        self._held, self._used = scenario.held, scenario.used

    def scenario(self) -> tuple[ScenarioView, tuple[JwtView | RequestView, ...]]:
        """Return the views of the scenario and of its steps."""
        scenario = self._scenario
        self._fact(len(scenario.credentials))
        credentials = tuple(self._credential(each) for each in scenario.credentials.values())
        shown = ScenarioView(
            name=self._hole(scenario.name),
            title=self._hole(scenario.title),
            credentials=credentials,
            checked=tuple(each for each in credentials if each.pattern),
        )
        return shown, tuple(self._step(step) for step in scenario.steps)

    def head(self, head: HeadLines) -> HeadView:
        """Return the view of a head; its values are those of `head_values`."""
        install, variables, run = map(self._hole, head_values(head))
        return HeadView(install, variables, run, head.packages)

    def _hole(self, value: object) -> Hole:
        return self.nodes.value(value)

    def _fact(self, value: T) -> T:
        self.facts.append(value)
        return value

    def _members(self, members: Mapping[str, object]) -> Members:
        self._fact(len(members))
        pairs = [(self._hole(name), self._hole(value)) for name, value in members.items()]
        return Members(pairs, self._hole(members))

    def _credential(self, credential: Credential) -> CredentialView:
        parts = tuple(self._credential(part) for part in credential.parts)
        self._fact(len(parts))
        return CredentialView(
            name=self._hole(credential.name),
            environment=self._hole(credential.environment),
            variable=self._hole(credential.variable),
            demand=self._hole(credential.demand),
            complaint=self._hole(credential.complaint),
            pattern=self._fact(credential.pattern),
            posix_pattern=self._fact(credential.posix_pattern),
            separator=self._fact(credential.separator),
            parts=parts,
            is_held=self._fact(credential.name in self._held),
            is_used=self._fact(credential.name in self._used),
        )

    def _step(self, step: Step) -> JwtView | RequestView:
        self._fact(step.name)
        plan = step.plan
        return self._jwt(plan) if isinstance(plan, TokenPlan) else self._request(plan)

    def _jwt(self, plan: TokenPlan) -> JwtView:
        key, header = plan.signing_key, dict(plan.header)
        shown_key = SigningKeyView(
            self._credential(key.credential),
            self._fact(key.encoding),
            self._fact(key.is_encoded),
        )
        whole = self._members(header)
        has_kid = self._fact("kid" in header)
        kid = self._hole(header.pop("kid")) if has_kid else None
        return JwtView(
            algorithm=self._fact(plan.algorithm),
            family=plan.family,
            hash_bits=plan.hash_bits,
            hash_bytes=plan.hash_bytes,
            signing_key=shown_key,
            header=whole,
            kid=kid,
            other_header=self._members(header),
            claims=self._members(plan.claims),
            has_time=self._fact(plan.has_time),
            short_secret=self._hole(plan.short_secret),
        )

    def _request(self, request: Request) -> RequestView:
        has_body = self._fact(request.body is not None)
        return RequestView(
            method=self._fact(request.method),
            url=self._hole(request.url),
            host=self._hole(request.host),
            authority=self._hole(request.authority),
            target=self._hole(request.target),
            authorization=self._hole(request.authorization),
            headers=self._members(request.headers),
            body=self._hole(request.body) if has_body else None,
            content_type=self._hole(request.content_type) if has_body else None,
            timeout_seconds=self._hole(request.timeout_seconds),
            success_status=self._hole(request.success_status),
            is_idempotent=self._fact(request.is_idempotent),
        )
