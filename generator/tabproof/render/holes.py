"""Let templates write values that they cannot look at: each stands for a hole in the text. Pure.

So what a template writes depends on the structure of a scenario alone. It is rendered once for
each structure, and the values of thousands of scenarios fill its holes.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple, NoReturn

import jinja2

OPENING, CLOSING = "\1", "\2"
"""What stands around the number of a hole in a text; no template and no value prints them."""


def _refuse(*_: object, **_named: object) -> NoReturn:
    raise jinja2.TemplateRuntimeError(
        "a template may not look at a value, only at whether it is there; "
        "print it, or give it to a filter that writes values"
    )


class Node(NamedTuple):
    """Hold how the text or the value of one hole is made.

    Attributes:
        make: makes it of others.
        of: the numbers of those others, or texts.
        label: what the hole is, for digests.
    """

    make: Callable[..., object]
    of: tuple[int | str, ...]
    label: str


class Nodes:
    """Hold the holes of a text: first the values of a scenario, then what is made of them."""

    def __init__(self) -> None:
        """Begin without any."""
        self.values: list[object] = []
        self.made: list[Node] = []
        self._known: dict[tuple[object, ...], Hole] = {}

    def value(self, value: object) -> Hole:
        """Add the hole of a value; all of them come before any that is made."""
        self.values.append(value)
        return Hole(self, len(self.values) - 1)

    def add(self, node: Node) -> Hole:
        """Add a hole that is made of others, or return the one that is made like that already."""
        known = self._known.get((node.of, node.label))
        if known is None:
            self.made.append(node)
            known = Hole(self, len(self.values) + len(self.made) - 1)
            self._known[node.of, node.label] = known
        return known


class Hole:
    """Stand for a value in a template.

    It can be printed, joined to texts, and given to the filters that write values. To compare, to
    measure or to change it is an error.
    """

    __slots__ = ("_nodes", "number")

    def __init__(self, nodes: Nodes, number: int) -> None:
        """Name a hole by its number among those of a text."""
        self._nodes, self.number = nodes, number

    def then(self, make: Callable[..., object], label: str) -> Hole:
        """Return the hole for what a function makes of this one's value."""
        return self._nodes.add(Node(make, (self.number,), label))

    def joined(self, parts: Iterable[object]) -> Hole:
        """Return the hole for texts and holes after each other, of which this is one."""
        of = tuple(part.number if isinstance(part, Hole) else str(part) for part in parts)
        return self._nodes.add(Node(_join, of, "join"))

    def __str__(self) -> str:
        return f"{OPENING}{self.number}{CLOSING}"

    _refuse = _refuse
    __repr__ = _refuse  # of what stands in a list that is printed
    __bool__ = __len__ = __iter__ = __hash__ = __getitem__ = __contains__ = _refuse
    __lt__ = __le__ = __gt__ = __ge__ = __eq__ = __ne__ = _refuse
    __add__ = __radd__ = __mul__ = __rmul__ = __mod__ = __sub__ = _refuse
    __int__ = __float__ = __index__ = _refuse

    def __getattr__(self, name: str) -> NoReturn:
        """Refuse methods of strings, such as `.replace`."""
        self._refuse()


class TextWithHoles(str):
    """Hold a text that a template has captured, and that has holes in it.

    It can be printed, and nothing else.
    """

    __slots__ = ()
    __bool__ = __len__ = __iter__ = __hash__ = __getitem__ = __contains__ = _refuse
    __lt__ = __le__ = __gt__ = __ge__ = __eq__ = __ne__ = _refuse
    __add__ = __mul__ = __rmul__ = __mod__ = _refuse


for _name in (name for name in dir(str) if not name.startswith("_")):
    setattr(TextWithHoles, _name, _refuse)


def captured(parts: Iterable[str]) -> str:
    """Return the text of a block that is assigned, filtered or called."""
    text = "".join(parts)
    return TextWithHoles(text) if OPENING in text else text


def _join(*parts: object) -> str:
    return "".join(map(str, parts))


def joined(parts: Sequence[object]) -> object:
    """Return texts and holes after each other."""
    hole = next((part for part in parts if isinstance(part, Hole)), None)
    return _join(*parts) if hole is None else hole.joined(parts)


def writes_values(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a filter that writes a value, or a hole."""
    check = getattr(function, "check", None)

    @functools.wraps(function)
    def apply(value: object, *arguments: Any, **named: Any) -> object:
        if isinstance(value, TextWithHoles):
            _refuse()
        if not isinstance(value, Hole):
            return function(value, *arguments, **named)
        if check:
            check(*arguments, **named)
        make = function
        if arguments or named:

            def make(later: object) -> object:
                return function(later, *arguments, **named)

        return value.then(make, f"{function.__name__}{arguments}{sorted(named.items())}")

    return apply


def refuses_holes(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a filter or a test of Jinja that looks at what it gets, and so may get no hole."""

    @functools.wraps(function)
    def apply(*arguments: Any, **named: Any) -> object:
        if any(isinstance(part, Hole | TextWithHoles) for part in (*arguments, *named.values())):
            raise jinja2.TemplateRuntimeError(
                f"'{name}' looks at a value, which a template may not"
            )
        return function(*arguments, **named)

    return apply


def made(nodes: Iterable[Node], values: Iterable[object]) -> list[object]:
    """Return what belongs in each hole.

    Args:
        nodes: the holes that are made of others, in their order.
        values: what belongs in the holes before those: the values of a scenario.
    """
    results = [*values]
    for make, of, _label in nodes:
        if len(of) == 1:  # nearly all are made of one other
            (number,) = of
            results.append(make(results[number]))  # type: ignore[index] # a text alone is no hole
        else:
            parts = [part if isinstance(part, str) else results[part] for part in of]
            results.append(make(*parts))
    return results
