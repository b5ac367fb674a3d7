"""List what `tabproof new scenario` needs; each is an option, and a question without it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

import msgspec

from tabproof.cli import answers
from tabproof.imports.from_curl import variable_names
from tabproof.imports.scenario_draft import KEY, SECRET, Draft
from tabproof.model import fields
from tabproof.model.reserved_variables import TAKEN

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
WITH_BODY = ("POST", "PUT", "PATCH")
DAY_SECONDS = 86_400
EMPTY: dict[str, Any] = {}


class Question(msgspec.Struct, frozen=True):
    """Hold one value that a scenario needs.

    Attributes:
        name: the name of the option's parameter.
        prompt: the question, and the option's help.
        read: parses a text; raises ValueError with what is expected.
        answer_of: returns the value in a draft, as a person would type it.
        apply: returns a draft with a value.
        is_asked: returns whether a draft needs it.
        choices: the valid words; empty where there is no list of them.
    """

    name: str
    prompt: str
    read: Callable[[str], Any]
    answer_of: Callable[[Draft], str]
    apply: Callable[[Draft, Any], Draft]
    is_asked: Callable[[Draft], bool] = lambda _draft: True
    choices: tuple[str, ...] = ()

    @property
    def option(self) -> str:
        """Return the option on the command line."""
        return f"--{self.name.replace('_', '-')}"


def with_option(question: Question, draft: Draft, text: str) -> Draft:
    """Return a draft with the value of an option.

    Raises:
        InputError: the value is invalid.
    """
    return answers.parse_option(
        question.option, lambda value: question.apply(draft, question.read(value)), text
    )


def with_answer(question: Question, draft: Draft) -> Draft:
    """Return a draft with the answer of a person; after an invalid one, ask again."""
    value = answers.ask(question.prompt, question.answer_of(draft), question.read)
    return question.apply(draft, value)


def _set_field(name: str) -> Callable[[Draft, Any], Draft]:
    return lambda draft, value: msgspec.structs.replace(draft, **{name: value})


def _choice_question(
    name: str, prompt: str, choices: tuple[str, ...], answer_of: Callable[[Draft], str]
) -> Question:
    return Question(
        name,
        prompt,
        answers.choice_reader(*choices),
        answer_of,
        _set_field(name),
        choices=choices,
    )


def _with_url(draft: Draft, value: tuple[str, dict[str, str]]) -> Draft:
    url, query = value
    names = variable_names(url, draft.variables)
    return msgspec.structs.replace(draft, url=url, query=query, variables=names)


def _set_variable(name: str) -> Callable[[Draft, str], Draft]:
    def put(draft: Draft, variable: str) -> Draft:
        return msgspec.structs.replace(draft, variables=draft.variables | {name: variable})

    return put


def _parse_variable(text: str) -> str:
    name = answers.text_reader(fields.EnvironmentName)(text)
    if name in TAKEN:
        raise ValueError("a variable that shells and programs do not use")
    return name


def _with_lifetime(draft: Draft, seconds: int) -> Draft:
    claims = draft.claims | {"exp": {"seconds_from_now": seconds}}
    return msgspec.structs.replace(draft, claims=claims)


QUESTIONS = (
    Question(
        "title", "What the sample does", answers.read_line, lambda d: d.title, _set_field("title")
    ),
    Question("url", "URL, with its query", answers.read_url, lambda d: d.url, _with_url),
    _choice_question("method", "Method", METHODS, lambda d: d.method),
    Question(
        "body",
        "JSON body, as it is sent (- for none)",
        answers.read_body,
        lambda d: answers.NONE if d.body is None else msgspec.json.encode(d.body).decode(),
        _set_field("body"),
        lambda d: d.method in WITH_BODY,
    ),
    Question(
        "scheme",
        "Scheme before the token in `Authorization`",
        answers.text_reader(fields.Scheme),
        lambda d: d.scheme,
        _set_field("scheme"),
    ),
    _choice_question(
        "algorithm",
        "Algorithm that signs the token",
        get_args(fields.Algorithm),
        lambda d: d.algorithm,
    ),
    Question(
        "key_variable",
        "Environment variable of the API key",
        _parse_variable,
        lambda d: d.variables.get(KEY, ""),
        _set_variable(KEY),
        lambda d: KEY in d.variables,
    ),
    Question(
        "secret_variable",
        "Environment variable of the API secret",
        _parse_variable,
        lambda d: d.variables.get(SECRET, ""),
        _set_variable(SECRET),
    ),
    _choice_question(
        "encoding",
        "Encoding of the secret in the variable, utf-8 or hex",
        ("utf-8", "hex"),
        lambda d: d.encoding,
    ),
    Question(
        "lifetime",
        "Lifetime of the token, in seconds",
        answers.integer_reader(1, 3650 * DAY_SECONDS),
        lambda d: str(d.claims.get("exp", EMPTY).get("seconds_from_now", "")),
        _with_lifetime,
    ),
    Question(
        "timeout",
        "Timeout of the request, in seconds",
        answers.integer_reader(1, DAY_SECONDS),
        lambda d: str(d.timeout_seconds),
        _set_field("timeout_seconds"),
    ),
    Question(
        "success_status",
        "HTTP status of success",
        answers.integer_reader(200, 299),
        lambda d: str(d.success_status),
        _set_field("success_status"),
    ),
    Question(
        "answer",
        "Example JSON response of success",
        answers.read_json,
        lambda d: msgspec.json.encode(d.answer).decode(),
        _set_field("answer"),
    ),
)
"""The questions, in this order."""
