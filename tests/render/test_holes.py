"""Check that templates can write the values of a scenario and never look at them.

What a template writes for one scenario is filled with the values of others: a template that could
look at one value would write a wrong sample for all others.
"""

from __future__ import annotations

import json

import pytest
from msgspec.structs import replace
from tests.render.written import REQUEST, TOKEN, token, with_templates

from tabproof.errors import InputError
from tabproof.model.catalog import Catalog
from tabproof.model.scenario import FromCredential, FromNow

VALUES = {
    "a value": "scenario.title",
    "a name": "(step.headers.items() | list)[0][0]",
    "joined to a text": "(scenario.title ~ 'x')",
    "joined to a value": "(scenario.title ~ scenario.name)",
    "joined by a filter": "([scenario.title, 'x'] | join(', '))",
    "written": "(scenario.title | literal)",
    "written and joined": "('x' ~ (scenario.name | identifier))",
}
"""How a template comes by what it may not look at."""

LOOKS = {
    "equal": "{{ V == 'List users' }}",
    "equal, the other way round": "{{ 'List users' == V }}",
    "equal values": "{{ V == scenario.title }}",
    "not equal": "{{ V != 'List users' }}",
    "less": "{{ V < 'M' }}",
    "at most": "{{ V <= 'M' }}",
    "more": "{{ V > 'M' }}",
    "at least": "{{ 'M' >= V }}",
    "if": "{% if V %}x{% endif %}",
    "if, in a line": "{{ 'x' if V }}",
    "if, in a loop": "{% for x in [V] if x %}x{% endfor %}",
    "not": "{{ not V }}",
    "and": "{{ V and 'x' }}",
    "or": "{{ V or 'x' }}",
    "a default for nothing": "{{ V | default('x', true) }}",
    "length": "{{ V | length }}",
    "count": "{{ V | count }}",
    "wordcount": "{{ V | wordcount }}",
    "replace": "{{ V | replace('u', 'o') }}",
    "replace by it": "{{ 'u' | replace('u', V) }}",
    "upper": "{{ V | upper }}",
    "lower": "{{ V | lower }}",
    "capitalize": "{{ V | capitalize }}",
    "title": "{{ V | title }}",
    "trim": "{{ V | trim }}",
    "truncate": "{{ V | truncate(3) }}",
    "wordwrap": "{{ V | wordwrap(20) }}",
    "center": "{{ V | center(20) }}",
    "indent": "{{ V | indent(4) }}",
    "escape": "{{ V | e }}",
    "urlencode": "{{ V | urlencode }}",
    "format": "{{ V | format(1) }}",
    "format it": "{{ '%9s' | format(V) }}",
    "int": "{{ V | int }}",
    "float": "{{ V | float }}",
    "round": "{{ V | round }}",
    "abs": "{{ V | abs }}",
    "first": "{{ V | first }}",
    "last": "{{ V | last }}",
    "list": "{{ V | list }}",
    "reverse": "{{ V | reverse | list }}",
    "sort": "{{ V | sort }}",
    "sort several": "{{ [V, scenario.name ~ 'y'] | sort }}",
    "sum": "{{ [V] | sum }}",
    "largest": "{{ [V, V] | max }}",
    "smallest": "{{ [V, V] | min }}",
    "unique": "{{ [V] | unique | list }}",
    "group": "{{ [V] | groupby('x') }}",
    "batch": "{{ V | batch(2) | list }}",
    "pretty": "{{ V | pprint }}",
    "attribute by a filter": "{{ V | attr('upper') }}",
    "random": "{{ V | random }}",
    "map": "{{ [V] | map('upper') | list }}",
    "map length": "{{ [V] | map('length') | list }}",
    "select what is so": "{{ [V] | select | list }}",
    "select what is equal": "{{ [V] | select('equalto', 'x') | list }}",
    "reject what is equal": "{{ [V] | reject('==', 'x') | list }}",
    "select what is in": "{{ [V] | select('in', ['x']) | list }}",
    "method": "{{ V.replace('u', 'o') }}",
    "method without arguments": "{{ V.upper() }}",
    "method that asks": "{{ V.startswith('L') }}",
    "method that splits": "{{ V.split() }}",
    "contains": "{{ 'L' in V }}",
    "does not contain": "{{ 'L' not in V }}",
    "is one of": "{{ V in ['x', 'y'] }}",
    "is in a text": "{{ V in 'List users' }}",
    "plus": "{{ V + 'x' }}",
    "plus, the other way round": "{{ 'x' + V }}",
    "minus": "{{ V - 1 }}",
    "minus, the other way round": "{{ 1 - V }}",
    "times": "{{ V * 2 }}",
    "times, the other way round": "{{ 2 * V }}",
    "divided": "{{ V / 2 }}",
    "divided into whole numbers": "{{ V // 2 }}",
    "the rest": "{{ V % 2 }}",
    "power": "{{ V ** 2 }}",
    "negative": "{{ -V }}",
    "positive": "{{ +V }}",
    "index": "{{ V[0] }}",
    "index from the end": "{{ V[-1] }}",
    "slice": "{{ V[1:] }}",
    "key": "{{ V['x'] }}",
    "index by it": "{{ 'abc'[V] }}",
    "key by it": "{{ {'x': 1}[V] }}",
    "key of a mapping": "{{ {V: 1} }}",
    "range": "{{ range(V) | list }}",
    "loop": "{% for x in V %}x{% endfor %}",
    "unpacked": "{% set a, b = V %}{{ a }}",
    "test: even": "{{ V is even }}",
    "test: divisible": "{{ V is divisibleby(2) }}",
    "test: equal": "{{ V is eq('x') }}",
    "test: in": "{{ V is in(['x']) }}",
    "test: less": "{{ V is lt('x') }}",
    "test: iterable": "{{ V is iterable }}",
    "test: text": "{{ V is string }}",
    "test: lower": "{{ V is lower }}",
    "test: upper": "{{ V is upper }}",
    "test: number": "{{ V is number }}",
    "test: whole number": "{{ V is integer }}",
    "test: sequence": "{{ V is sequence }}",
    "test: mapping": "{{ V is mapping }}",
    "test: boolean": "{{ V is boolean }}",
    "test: true": "{{ V is true }}",
    "select by a test": "{{ [V] | select('string') | list }}",
}


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
def test_to_look_at_a_value_is_refused_with_the_line(look: str, catalog: Catalog) -> None:
    for value in VALUES.values():
        text = f"\ntoken = 1\n{look.replace('V', value)}\n"
        with pytest.raises(InputError) as caught:
            pytest.fail(f"{value} was looked at: {token(catalog, text)}")
        message = str(caught.value)
        assert message.startswith(f"templates/{TOKEN}:3: ruby, library: "), value
        assert "\n" not in message


CAPTURED = {
    "length": "{% set x %}{{ V }}{% endset %}{{ x | length }}",
    "equal": "{% set x %}{{ V }}{% endset %}{{ x == 'List users' }}",
    "upper": "{% filter upper %}{{ V }}{% endfilter %}",
    "replace": "{% filter replace('u', 'o') %}{{ V }}{% endfilter %}",
    "macro": "{% macro m(v) %}{{ v }}{% endmacro %}{{ m(V) | length }}",
    "method": "{% set x %}{{ V }}{% endset %}{{ x.upper() }}",
}


@pytest.mark.parametrize("look", CAPTURED.values(), ids=CAPTURED)
def test_to_look_at_a_text_that_holds_a_value_is_refused(look: str, catalog: Catalog) -> None:
    with pytest.raises(InputError) as caught:
        pytest.fail(token(catalog, "token = 1\n" + look.replace("V", "scenario.title") + "\n"))
    assert str(caught.value).startswith(f"templates/{TOKEN}:2: ruby, library: ")


@pytest.mark.parametrize(
    "captured",
    [
        "{% set x %}{{ scenario.title }}{% endset %}{{ x | literal }}",
        "{% filter literal %}{{ scenario.title }}{% endfilter %}",
        "{% macro m(v) %}{{ v }}{% endmacro %}{{ m(scenario.title) | literal }}",
    ],
)
def test_a_text_that_holds_a_value_is_written_as_that_text_or_refused(
    captured: str, catalog: Catalog
) -> None:
    try:
        written = token(catalog, f"{captured}\n")
    except InputError as error:
        assert str(error).startswith(f"templates/{TOKEN}:1: ")  # noqa: PT017 - both are right
    else:
        assert written == "'List users'"


MEMBERS = {
    "loop over names": "{% for name in step.claims %}x{% endfor %}",
    "a name": "{{ step.claims['iss'] }}",
    "an attribute": "{{ step.claims.iss }}",
    "is a name in it": "{{ 'iss' in step.claims }}",
    "a list of names": "{{ step.claims | list }}",
    "by number": "{{ step.claims[0] }}",
}


@pytest.mark.parametrize("look", MEMBERS.values(), ids=MEMBERS)
def test_to_look_for_a_name_is_refused_with_the_line(look: str, catalog: Catalog) -> None:
    with pytest.raises(InputError) as caught:
        pytest.fail(token(catalog, f"token = 1\n{look}\n"))
    assert str(caught.value).startswith(f"templates/{TOKEN}:2: ruby, library: ")


@pytest.mark.parametrize(
    "printed",
    [
        "{{ step.claims }}",
        "{{ [scenario.title] }}",
        "{{ (scenario.title, 1) | string }}",
        "{{ scenario }}",
        "{{ step }}",
    ],
)
def test_what_is_no_text_is_not_printed_with_its_address_in_memory(
    printed: str, catalog: Catalog
) -> None:
    try:
        text = token(catalog, f"{printed}\n")
    except InputError as error:
        assert str(error).startswith(f"templates/{TOKEN}:1: ")  # noqa: PT017 - this is best
    else:
        assert " at 0x" not in text


# What templates may do

WRITES = {
    "{{ scenario.title }}": "List users",
    "{{ scenario.title }}{{ scenario.name }}": "List userslist-users",
    "{{ scenario.title ~ '!' }}": "List users!",
    "{{ 1 ~ scenario.title ~ scenario.name ~ 2 }}": "1List userslist-users2",
    "{{ 'a' ~ 1 }}": "a1",
    "{{ [scenario.title, 1, scenario.name] | join(', ') }}": "List users, 1, list-users",
    "{{ [scenario.title] | join }}": "List users",
    "{{ ['a', 'b'] | join(scenario.title) }}": "aList usersb",
    "{{ [] | join(', ') }}x": "x",
    "{{ ['a', 1] | join('-') }}": "a-1",
    "{{ scenario.credentials | map(attribute='name') | join(', ') }}": "api_key, api_secret",
    "{{ scenario.credentials | map(attribute='name') | map('identifier') | join(' ') }}": (
        "api_key api_secret"
    ),
    "{{ scenario.title | literal }}": "'List users'",
    "{{ (scenario.title ~ '!') | literal }}": "'List users!'",
    "{{ ([scenario.title, 'x'] | join(': ')) | literal }}": "'List users: x'",
    "{{ ('say ' ~ (scenario.title | literal)) | literal }}": "\"say 'List users'\"",
    "{{ scenario.name | key('symbol') }}": '"list-users"',
    "{{ ('a' ~ 1) | key('symbol') }}": "a1",
    "{{ (scenario.credentials[0].name ~ '_x') | key('symbol') }}": "api_key_x",
    "{{ scenario.title | comment }}": "List users",
    "{{ (scenario.title ~ 1) | comment }}": "List users1",
    "{{ (step.claims.items() | list)[0][1] | expression }}": "api_key",
    "{{ (step.claims.items() | list)[1][1] | expression }}": "now",
    "{{ (step.claims.items() | list)[2][1] | expression('default') }}": "now + 3600",
    "{{ step.claims.whole | structure(indent=2) }}": (
        "{\n    iss: api_key,\n    iat: now,\n    exp: now + 3600\n  }"
    ),
    "{{ (scenario.credentials[0].name ~ '_match') | identifier }}": "api_key_match",
    "{{ scenario.name | spell('pascal') }}": "ListUsers",
    "{{ (scenario.name ~ '-x') | spell('environment') }}": "LIST_USERS_X",
    "{{ scenario.title | tojson }}": '"List users"',
    "{{ (',' ~ scenario.title | tojson ~ ':') | literal }}": "',\"List users\":'",
    "{{ scenario.title | string | literal }}": "'List users'",
    "{{ scenario.title | default('x') }}": "List users",
    "{{ nothing_of_this_name | default(scenario.title) }}": "List users",
    "{{ scenario.title is defined }}": "True",
    "{{ step.kid is none }}": "True",
    "{{ scenario.title is not none }}": "True",
    "{% set x = scenario.title %}{{ x }}{{ x | literal }}": "List users'List users'",
    "{% macro m(v) %}<{{ v | literal }}>{% endmacro %}{{ m(scenario.title) }}": "<'List users'>",
    "{% filter indent(2, true) %}{{ scenario.title }}{% endfilter %}": "  List users",
    "{% for name, value in step.claims.items() %}{{ loop.index }}{{ name }}"
    "{{ ',' if not loop.last }}{% endfor %}": "1iss,2iat,3exp",
    "{{ step.claims | length }}{{ step.other_header | length }}": "30",
    "{% if step.claims %}a{% endif %}{% if step.other_header %}b{% endif %}": "a",
    "{{ [scenario.title, scenario.name] | list | last }}": "list-users",
    "{{ [scenario.title, scenario.name] | reverse | first }}": "list-users",
    "{{ [scenario.title, 'x'] | length }}": "2",
}


@pytest.mark.parametrize(("text", "expected"), WRITES.items(), ids=WRITES)
def test_a_template_may_write_values(text: str, expected: str, catalog: Catalog) -> None:
    written = token(catalog, f"token = {text}\n").removeprefix("token = ")
    assert written == expected


MARKS = ("\x010\x02", "\x01", "\x029\x01", "\x0310\x03a\x04b\x05", "\x04", "\x05")
"""What marks holes in a text, and lines that may be too long."""

MARKS_OF_FILTERS = ("\0token\0", "\0-\0", "\0+imports\0")
"""What `section` and `uses` print."""


@pytest.mark.parametrize("mark", [*MARKS, *MARKS_OF_FILTERS], ids=repr)
def test_a_value_may_be_what_marks_a_hole(mark: str, catalog: Catalog) -> None:
    plain = catalog.scenarios["list-users"]
    request = replace(plain.request, authorization=f"a{mark}b")
    text = token(
        with_templates(catalog, {REQUEST: PRINTED}),
        "token = 1\n",
        replace(plain, request=request),
        section="request",
    )
    assert text == f"a{mark}b {json.dumps(f'a{mark}b')} a{mark}bx\nlast = 1"


PRINTED = """\
{{ step.authorization }} {{ step.authorization | tojson }} {{ step.authorization ~ 'x' }}
last = 1
{{ "response" | section }}
puts 1
"""


@pytest.mark.parametrize("mark", MARKS, ids=repr)
def test_a_template_that_prints_what_marks_a_hole_loses_no_text(
    mark: str, catalog: Catalog
) -> None:
    """It is refused, or printed as it is."""
    try:
        text = token(catalog, f"before {{{{ {mark!r} }}}} after\nlast = 1\n")
    except InputError as error:
        assert "\n" not in str(error)  # noqa: PT017 - both are right
    else:
        assert text == f"before {mark} after\nlast = 1"


def test_what_a_value_is_fills_it_alone(catalog: Catalog) -> None:
    """A hole that stands in several places, and in others, is filled in each of them."""
    plain = catalog.scenarios["list-users"]
    key = plain.credentials["api_key"]
    text = (
        "{% for name, value in step.claims.items() %}\n"
        "{{ name }} {{ name | literal }} {{ value | expression }}\n"
        "{% endfor %}\n"
        "{{ scenario.title }} {{ scenario.title ~ scenario.title }}\n"
    )
    for claims, lines in (
        ({"a": 1}, ["a 'a' 1"]),
        ({"b": FromNow(-5)}, ["b 'b' now - 5"]),
        ({"a": FromCredential(key), "c'": None}, ["a 'a' api_key", "c' \"c'\" nil"]),
    ):
        scenario = replace(plain, title="T", token=replace(plain.token, claims=claims))
        assert token(catalog, text, scenario).split("\n") == [*lines, "T TT"]
