"""Apply a mutation to a sample's text. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable

from tabproof.errors import InputError, choose
from tabproof.model.mutation import Mutation
from tabproof.model.sample import Sample
from tabproof.proof.mutation.substitutions import Substitutions
from tabproof.samples.tree import FOLDER

PLACEHOLDER = re.compile(r"<<([a-z_]+)>>")


class NoSuchPlaceholder(Exception):  # noqa: N818 - it is caught at once: the mutation is not for the scenario
    """Says that the scenario has no value for a placeholder."""


def mutate_sample(mutation: Mutation, sample: Sample, roles: Substitutions) -> tuple[str, int]:
    """Return a sample with the fault in it, and the line of the fault.

    Args:
        mutation: what is replaced by what.
        sample: the sample; only the lines of the mutation's step are looked at.
        roles: the result of `substitutions_of` for its scenario.

    Raises:
        NoSuchPlaceholder: the scenario lacks what the mutation changes.
        InputError: the text is not there, or is there more than once.
    """
    find, new = (
        fill_placeholders(text, mutation, roles) for text in (mutation.find, mutation.replace)
    )
    lines = sample.text.splitlines(keepends=True)
    first, last = next((r for step, r in sample.steps.items() if step == mutation.step), (1, 0))
    start = len("".join(lines[: first - 1]))
    end = len("".join(lines[:last]))
    matches = [
        start + match.start() for match in re.finditer(re.escape(find), sample.text[start:end])
    ]
    if not matches:
        raise _fault(mutation, sample, f"its step {mutation.step} does not hold {find!r}.")
    if mutation.occurrence is None and len(matches) > 1:
        reason = (
            f"its step {mutation.step} holds {find!r} {len(matches)} times; say which `occurrence`."
        )
        raise _fault(mutation, sample, reason)
    number = mutation.occurrence or 1
    if number > len(matches):
        reason = f"its step {mutation.step} holds {find!r} {len(matches)} times, not {number}."
        raise _fault(mutation, sample, reason)
    place = matches[number - 1]
    text = sample.text[:place] + new + sample.text[place + len(find) :]
    if text == sample.text:
        raise _fault(mutation, sample, "nothing changes.")
    return text, _first_difference(sample.text, text)


def fill_placeholders(
    text: str,
    mutation: Mutation,
    roles: Substitutions,
    escape: Callable[[str], str] = str,
) -> str:
    """Return a text with the scenario's values in place of its `<<placeholders>>`.

    Args:
        text: the text.
        mutation: the row that it is from.
        roles: the result of `substitutions_of` for the scenario.
        escape: how a value is written, `re.escape` in a pattern.

    Raises:
        NoSuchPlaceholder: the scenario has no value for one.
        InputError: there is no such placeholder.
    """

    def value(match: re.Match[str]) -> str:
        name = match[1]
        if name not in roles:
            raise InputError(f"{mutation.place}: unknown role <<{name}>>; {choose(roles, name)}.")
        role = roles[name]
        if role is None:
            raise NoSuchPlaceholder(f"the scenario has no {name.replace('_', ' ')}")
        return escape(role)

    return PLACEHOLDER.sub(value, text)


def _fault(mutation: Mutation, sample: Sample, reason: str) -> InputError:
    return InputError(
        f"{mutation.place}: mutation '{mutation.kind}' does not fit "
        f"{FOLDER}/{sample.path}: {reason}"
    )


def _first_difference(old: str, new: str) -> int:
    """Return the first line that differs, counted from 1; the last one where the end is gone."""
    lines = new.splitlines()
    pairs = enumerate(zip(old.splitlines(), lines, strict=False), 1)
    return next((number for number, (a, b) in pairs if a != b), len(lines))
