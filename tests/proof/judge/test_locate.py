from __future__ import annotations

import pytest
from msgspec.structs import replace

from tabproof.model.result import Finding
from tabproof.model.sample import Sample, SampleKey
from tabproof.proof.judge.judge_runs import line_of

TEXT = """\
# Install: nothing
key = credential("KEY")
secret = credential("SECRET")

now = clock()
claims = {
  exp: now + 3600
}
token = sign(claims, secret)

response = get("https://api.example.com/users",
  redirect: "manual",
  timeout: 10)

print(response.body)
exit 0
"""
SAMPLE = Sample(
    SampleKey("tale", "stdlib", "tale"),
    "tale/stdlib/tale.tale",
    TEXT,
    {
        "install": (1, 1),
        "credentials": (2, 3),
        "token": (5, 9),
        "request": (11, 13),
        "response": (15, 16),
    },
)


def line(step: str, *hint: str, text: str = TEXT) -> int:
    return line_of(Finding(step, hint, "", ""), SAMPLE, text)


def number(words: str, text: str = TEXT) -> int:
    """The line that holds these words."""
    (found,) = [n for n, line in enumerate(text.splitlines(), 1) if words in line]
    return found


@pytest.mark.parametrize(
    ("step", "first"),
    [("install", 1), ("credentials", 2), ("token", 5), ("request", 11), ("response", 15)],
)
def test_without_a_hint_it_is_the_steps_first_line(step: str, first: int) -> None:
    assert line(step) == first
    assert line(step, "no such word") == first


def test_an_unknown_step_is_the_first_line() -> None:
    assert line("elsewhere", "exp") == 1


def test_a_hint_is_looked_for_in_its_step_alone() -> None:
    # `secret` stands in the credentials as well, `response` in the request.
    assert line("token", "secret") == number("sign(")
    assert line("response", "response") == number("print(")
    assert line("credentials", "exp") == 2


def test_the_first_line_that_holds_the_hint_is_taken() -> None:
    assert line("token", "claims") == number("claims = {")


def test_the_best_hint_goes_first() -> None:
    assert line("request", "timeout", "http") == number("timeout")
    assert line("request", "http", "timeout") == number("https")


def test_languages_write_a_word_in_their_own_case() -> None:
    assert line("request", "Redirect") == number("redirect")
    text = TEXT.replace('redirect: "manual"', "AllowAutoRedirect = true")
    assert line("request", "redirect", text=text) == number("AllowAutoRedirect", text)


def test_an_edit_above_moves_the_line() -> None:
    text = TEXT.replace("# Install", "# One more line\n# And another\n# Install")
    assert line("token", "exp", text=text) == number("exp:", text) == 9
    assert line("response", text=text) == number("print(", text)


def test_lines_that_are_gone_above_move_the_line() -> None:
    text = TEXT.replace('key = credential("KEY")\nsecret = credential("SECRET")\n\n', "")
    assert line("token", "exp", text=text) == number("exp:", text) == 4
    assert line("token", "now", text=text) == number("clock()", text) == 2
    assert line("response", "exit", text=text) == number("exit", text)


def test_an_edit_far_below_does_not_move_the_line() -> None:
    text = TEXT.replace("exit 0\n", "exit 0\n" + "# the end\n" * 20)
    assert line("token", "exp", text=text) == number("exp:")


def test_what_was_written_into_a_step_is_found() -> None:
    text = TEXT.replace("  exp: now + 3600\n", "  exp: now + 3600,\n  nbf: now\n")
    assert line("token", "nbf", "claims", text=text) == number("nbf:", text)


def test_what_was_written_behind_a_steps_last_line_belongs_to_it() -> None:
    text = TEXT.replace("token = sign(claims, secret)\n", "token = sign(claims, secret)\nlog(it)\n")
    assert line("token", "log", text=text) == number("log(", text)
    assert line("request", "log", text=text) == number("get(", text)


def test_where_a_hint_was_taken_away_is_the_line() -> None:
    text = TEXT.replace("  timeout: 10)\n", "  retries: 0)\n")
    assert line("request", "timeout", "http", text=text) == number("retries", text)
    text = TEXT.replace(", secret)\n", ")\n")
    assert line("token", "secret", text=text) == number("sign(", text)


def test_where_a_whole_line_was_taken_away_the_next_one_is_the_line() -> None:
    text = TEXT.replace('  redirect: "manual",\n', "")
    assert line("request", "redirect", "http", text=text) == number("timeout", text)


def test_an_edited_line_is_suspected_before_one_that_is_as_it_was() -> None:
    text = TEXT.replace('  redirect: "manual"', '  # no redirect\n  redirect: "manual"')
    sample = replace(SAMPLE, text=text, steps=SAMPLE.steps | {"request": (11, 14)})
    finding = Finding("request", ("redirect",), "", "")
    assert line_of(finding, sample, text) == number("# no redirect", text)
    for edit in ('  redirect: "follow"', "  follow: true"):
        edited = text.replace('  redirect: "manual"', edit)
        assert line_of(finding, sample, edited) == number(edit, edited) == 13


def test_a_changed_line_is_still_found_by_its_hint() -> None:
    text = TEXT.replace("exp: now + 3600", "exp: (now + 3600) * 1000")
    assert line("token", "exp", text=text) == number("exp:")


@pytest.mark.parametrize("text", ["", "\n", "x", "x\ny\n", "exit 0\n", "exp\n" * 3])
@pytest.mark.parametrize("step", ["install", "token", "response"])
@pytest.mark.parametrize("hint", [(), ("exp",), ("exit",)])
def test_it_is_a_line_of_the_file_however_little_is_left_of_it(
    text: str, step: str, hint: tuple[str, ...]
) -> None:
    assert 1 <= line(step, *hint, text=text) <= max(1, len(text.splitlines()))
