from __future__ import annotations

import pytest

from tabproof.errors import InputError
from tabproof.model.language import Language
from tabproof.model.notation import Notation, StringForm
from tabproof.model.scenario import Credential, FromCredential, FromNow, Resolved
from tabproof.render.literals import expression, key, literal

API_KEY = FromCredential(Credential("api_key", "ZOOM_API_KEY", "API key"))
SINGLE = StringForm(quotes=("'", "'"), escapes={"'": "\\'"}, avoid="'")
DOUBLE = StringForm(quotes=('"', '"'), impossible='"')


@pytest.mark.parametrize(
    ("language", "value", "source"),
    [
        ("php", "plain", "'plain'"),
        ("php", "$x {$x} \\", "'$x {$x} \\\\'"),
        ("php", "it's", '"it\'s"'),
        ("php", "it's $x", '"it\'s \\$x"'),
        ("php", "a\nb", '"a\\nb"'),
        ("php", "\x1b", '"\\u{1b}"'),
        ("ruby", "plain", "'plain'"),
        ("ruby", "#{1+1} \\", "'#{1+1} \\\\'"),
        ("ruby", "it's", '"it\'s"'),
        ("ruby", "it's #{1+1}", '"it\'s \\#{1+1}"'),
        ("ruby", "a\nb", '"a\\nb"'),
        ("curl", "$x `id`", "'$x `id`'"),
        ("curl", "it's", "'it'\\''s'"),
        ("curl", "it's\n", "$'it\\'s\\n'"),
        ("curl", "é\u0085", "$'é\\xc2\\x85'"),
    ],
)
def test_single_quotes_are_kept_until_a_quote_or_a_control_reads_better_without(
    languages: dict[str, Language], language: str, value: str, source: str
) -> None:
    assert literal(value, languages[language].data.notations["default"]) == source


def test_printable_text_of_every_script_stays_readable(languages: dict[str, Language]) -> None:
    for language in languages.values():
        for notation in language.data.notations.values():
            assert "Žofia 山田 😀" in literal("Žofia 山田 😀", notation)


def test_what_no_reader_can_see_is_escaped(languages: dict[str, Language]) -> None:
    # A right-to-left override, a no-break space, a zero-width joiner, a tag: none may hide.
    for language in languages.values():
        for notation in language.data.notations.values():
            assert literal("\u202e\xa0\u200d\U000e0001", notation).isprintable()


def test_a_form_that_avoids_a_character_gives_way_to_one_that_can_hold_it() -> None:
    assert literal("it's", Notation(strings=(SINGLE, DOUBLE))) == '"it\'s"'


def test_a_form_serves_a_character_that_it_avoids_when_no_other_can_hold_the_value() -> None:
    assert literal('"it\'s"', Notation(strings=(SINGLE, DOUBLE))) == "'\"it\\'s\"'"


@pytest.mark.parametrize("language", ["node", "python"])
@pytest.mark.parametrize(
    ("value", "source"),
    [
        ("it's", '"it\'s"'),
        ('say "yes"', "'say \"yes\"'"),
        ("it's \"", '"it\'s \\""'),
        ('it\'s "no"', "'it\\'s \"no\"'"),
        ("'it's' \"\"", '"\'it\'s\' \\"\\""'),
        ('a\n"b"', "'a\\n\"b\"'"),
    ],
)
def test_the_quotes_are_those_that_need_fewer_escapes_as_formatters_choose_them(
    languages: dict[str, Language], language: str, value: str, source: str
) -> None:
    assert literal(value, languages[language].data.notations["default"]) == source


@pytest.mark.parametrize("value", ['"', "\n", "a\0"])
def test_a_value_that_no_form_can_hold_is_refused(value: str) -> None:
    with pytest.raises(InputError, match="none of its string forms allows it"):
        literal(value, Notation(strings=(DOUBLE,)))


@pytest.mark.parametrize("value", [2**53 + 1, -(2**53) - 1, float("inf")])
def test_a_number_that_some_language_would_round_is_refused(value: float) -> None:
    with pytest.raises(InputError, match="put it in quotes"):
        literal(value, Notation(strings=(DOUBLE,)))


@pytest.mark.parametrize(
    ("language", "notation", "literals"),
    [
        ("node", "default", ["true", "false", "null", "1"]),
        ("curl", "jq", ["true", "false", "null", "1"]),
        ("php", "default", ["true", "false", "null", "1"]),
        ("python", "default", ["True", "False", "None", "1"]),
        ("ruby", "default", ["true", "false", "nil", "1"]),
        ("csharp", "default", ["true", "false", "null", "1"]),
        ("csharp", "json", ['"true"', '"false"', '"null"', '"1"']),
    ],
)
def test_true_is_a_word_of_the_language_and_no_number(
    languages: dict[str, Language], language: str, notation: str, literals: list[str]
) -> None:
    forms = languages[language].data.notations[notation]
    assert [literal(value, forms) for value in (True, False, None, 1)] == literals


@pytest.mark.parametrize(
    ("language", "notation", "name", "source"),
    [
        ("node", "default", "kid", "kid"),
        ("node", "default", "$ref", "$ref"),
        ("node", "default", "2fa", '"2fa"'),
        ("node", "default", "kid\n", '"kid\\n"'),
        ("node", "default", "é", '"é"'),
        ("curl", "jq", "Kid_1", "Kid_1"),
        ("curl", "jq", "$ref", '"$ref"'),
        ("ruby", "symbol", "kid", "kid"),
        ("ruby", "symbol", "Kid", '"Kid"'),
        ("ruby", "symbol", "https://example.com/#{role}", '"https://example.com/\\#{role}"'),
        ("python", "default", "kid", '"kid"'),
        ("php", "default", "kid", "'kid'"),
    ],
)
def test_a_key_is_bare_only_where_the_language_reads_it_as_a_name(
    languages: dict[str, Language], language: str, notation: str, name: str, source: str
) -> None:
    assert key(name, languages[language].data.notations[notation]) == source


@pytest.mark.parametrize(
    ("language", "notation", "value", "source"),
    [
        ("node", "default", FromNow(0), "now"),
        ("node", "default", FromNow(3600), "now + 3600"),
        ("node", "default", FromNow(-60), "now - 60"),
        ("php", "default", FromNow(-60), "$now - 60"),
        ("csharp", "json", FromNow(-60), "(now - 60)"),
        ("curl", "jq", FromNow(0), "$now"),
        ("node", "default", API_KEY, "apiKey"),
        ("python", "default", API_KEY, "api_key"),
        ("php", "default", API_KEY, "$apiKey"),
        ("curl", "jq", API_KEY, "env.ZOOM_API_KEY"),
        ("csharp", "json", API_KEY, "HttpUtility.JavaScriptStringEncode(apiKey, true)"),
        ("ruby", "default", "HS256", "'HS256'"),
    ],
)
def test_a_value_known_at_run_time_is_an_expression(
    languages: dict[str, Language], language: str, notation: str, value: Resolved, source: str
) -> None:
    assert expression(value, languages[language].data, notation) == source


@pytest.mark.parametrize("value", [FromNow(0), FromNow(60), API_KEY])
def test_a_notation_without_run_time_values_refuses_them(
    languages: dict[str, Language], value: Resolved
) -> None:
    with pytest.raises(InputError, match="known only at run time"):
        expression(value, languages["curl"].data)
