"""What `tabproof new scenario` needs: each is an option, and a question where it is not given."""

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
    """One thing that a scenario needs.

    Attributes:
        name: that of the option, and of the argument that has its value.
        prompt: how it is asked for; the option's help.
        read: a text becomes a value; raises ValueError with what is expected.
        answer_of: what a draft says, as a person would type it.
        apply: a draft with a value.
        is_asked: whether a draft needs it.
        choices: the words that it may be; none where it may be many a thing.
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
        """How it is given on the command line."""
        return f"--{self.name.replace('_', '-')}"


def with_option(question: Question, draft: Draft, text: str) -> Draft:
    """A draft with what an option says.

    Raises:
        InputError: a scenario cannot have that.
    """
    return answers.parse_option(
        question.option, lambda each: question.apply(draft, question.read(each)), text
    )


def with_answer(question: Question, draft: Draft) -> Draft:
    """A draft with what a person answers; a wrong answer is asked for again."""
    value = answers.ask(question.prompt, question.answer_of(draft), question.read)
    return question.apply(draft, value)


def _set_field(name: str) -> Callable[[Draft, Any], Draft]:
    return lambda draft, value: msgspec.structs.replace(draft, **{name: value})


def _choice_question(
    name: str, words: str, choices: tuple[str, ...], of: Callable[[Draft], str]
) -> Question:
    return Question(
        name, words, answers.choice_reader(*choices), of, _set_field(name), choices=choices
    )


def _with_url(draft: Draft, value: tuple[str, dict[str, str]]) -> Draft:
    place, query = value
    named = variable_names(place, draft.variables)
    return msgspec.structs.replace(draft, url=place, query=query, variables=named)


def _set_variable(name: str) -> Callable[[Draft, str], Draft]:
    def put(draft: Draft, variable: str) -> Draft:
        return msgspec.structs.replace(draft, variables=draft.variables | {name: variable})

    return put


def _parse_variable(text: str) -> str:
    read = answers.text_reader(fields.EnvironmentName)(text)
    if read in TAKEN:
        raise ValueError("a variable that means nothing to shells and programs yet")
    return read


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
        "Word in front of the token in `Authorization`",
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
        "How the secret's bytes are written in it, utf-8 or hex",
        ("utf-8", "hex"),
        lambda d: d.encoding,
    ),
    Question(
        "lifetime",
        "Seconds that the token is good for",
        answers.integer_reader(1, 3650 * DAY_SECONDS),
        lambda d: str(d.claims.get("exp", EMPTY).get("seconds_from_now", "")),
        _with_lifetime,
    ),
    Question(
        "timeout",
        "Seconds to wait for an answer",
        answers.integer_reader(1, DAY_SECONDS),
        lambda d: str(d.timeout_seconds),
        _set_field("timeout_seconds"),
    ),
    Question(
        "success_status",
        "Status that is a success",
        answers.integer_reader(200, 299),
        lambda d: str(d.success_status),
        _set_field("success_status"),
    ),
    Question(
        "answer",
        "JSON that the API answers then, as an example",
        answers.read_json,
        lambda d: msgspec.json.encode(d.answer).decode(),
        _set_field("answer"),
    ),
)
"""In the order in which they are asked."""
