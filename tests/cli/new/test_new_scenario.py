"""A scenario from answers or options, as far as samples that are proved."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tabproof.model.scenario import FromCredential, FromNow
from tabproof.project import catalog_reader, scenarios
from tabproof.sandbox import isolation_choice

URL = "https://api.shop.example/v1/orders"
PATH = "templates/scenarios/list-orders.yml"
NEW = ("new", "scenario", "list-orders")


def test_from_a_pasted_command_to_proved_samples(tabproof: Any, written: Any, token: Any) -> None:
    if lacking := isolation_choice.missing_sandbox():
        pytest.skip(lacking)
    made = token({"kid": "K9"}, iss="A8xk", iat=1_795_582_400, exp=1_795_582_460, aud="orders")
    command = f"""curl '{URL}' -H 'Authorization: Bearer {made}' --json '{{"items": [7]}}'"""
    result = tabproof(*NEW, "--yes", "--curl", command, "--success-status", "201")
    assert result.exit_code == 0, result.stderr
    assert result.stderr.endswith(
        "Next: tabproof generate\nthen: tabproof prove --scenario list-orders --case success\n"
    )
    assert written() == {PATH, "templates/schemas/scenario.json"}
    assert tabproof("generate").exit_code == 0
    cases = ("--language", "python", "--variant", "stdlib", "--case", "success")
    result = tabproof("prove", "--scenario", "list-orders", *cases)
    assert result.exit_code == 0, result.stdout + result.stderr
    assert "1 sample: 1 passed, 0 failed, 0 skipped" in result.stdout + result.stderr


def test_options_say_what_no_command_is_pasted_for(tabproof: Any, root: Path) -> None:
    result = tabproof(
        *NEW,
        "--yes",
        *("--title", "Place an order", "--url", f"{URL}?state=open", "--method", "post"),
        *("--body", '{"items": [7]}', "--scheme", "Shop", "--key-variable", "MY_ID"),
        *("--secret-variable", "MY_SECRET", "--encoding", "hex", "--lifetime", "90"),
        *("--success-status", "201", "--answer", "[7]", "--timeout", "4"),
        *("--claim", "aud=orders", "--claim", "sub={credential: api_key}"),
        *("--claim", "nbf={seconds_from_now: -5}", "--header-member", "kid={credential: api_key}"),
    )
    assert result.exit_code == 0, result.stderr
    made = scenarios.read_all(root / "templates/scenarios", root)[0]["list-orders"]
    assert made.title == "Place an order"
    assert (made.request.method, made.request.target) == ("POST", "/v1/orders?state=open")
    assert (made.request.authorization, made.request.body) == ("Shop", {"items": [7]})
    assert (made.request.timeout_seconds, made.request.success_status) == (4, 201)
    assert [each.environment for each in made.leaves] == ["MY_ID", "MY_SECRET"]
    assert made.token.signing_key.encoding == "hex"
    key = made.credentials["api_key"]
    assert made.token.claims == {
        "iss": FromCredential(key),
        "iat": FromNow(0),
        "exp": FromNow(90),
        "aud": "orders",
        "sub": FromCredential(key),
        "nbf": FromNow(-5),
    }
    assert made.token.header == {"kid": FromCredential(key)}
    assert made.responses[201].body == [7]


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ("--method", "[GET|POST|PUT|PATCH|DELETE]"),
        ("--algorithm", "HS256|"),
        ("--encoding", "[utf-8|hex]"),
        ("--claim", "'sub={credential: api_key}'"),
    ],
)
def test_the_help_names_the_choices_and_an_example(option: str, words: str, tabproof: Any) -> None:
    lines = tabproof("new", "scenario", "--help").stdout
    told = re.split(r"\n  (?=-)", lines)
    (of_option,) = (each for each in told if each.startswith(option))
    assert words in re.sub(r"\s+", " ", of_option)


@pytest.mark.parametrize("length", [1, 200])
def test_no_line_of_it_ends_in_a_blank(length: int, tabproof: Any, root: Path) -> None:
    data = f'{{"items": ["{"x" * length}", "{"y" * length}"]}}'
    options = ("--method", "POST", "--body", data, "--answer", data)
    assert tabproof(*NEW, "--yes", "--url", URL, *options).exit_code == 0
    lines = (root / PATH).read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line != line.rstrip()] == []
    assert [line.startswith("  body:") for line in lines].count(True) == 1


def test_its_first_line_names_the_schema_beside_it(tabproof: Any, root: Path) -> None:
    assert tabproof(*NEW, "--yes", "--url", URL).exit_code == 0
    first = (root / PATH).read_text(encoding="utf-8").partition("\n")[0]
    reference = first.partition("$schema=")[2]
    assert ((root / PATH).parent / reference).resolve().is_file()


@pytest.mark.usefixtures("terminal")
def test_on_a_terminal_it_asks_and_a_wrong_answer_is_asked_for_again(
    tabproof: Any, root: Path
) -> None:
    typed = [
        *("", "http://x", URL, "brew", "post", "[1]", '{"a": 1}', "", "", "PATH", "SHOP_ID"),
        *("", "", "soon", "60", "", "700", "201", '{"id": 7}', "y"),
    ]
    result = tabproof(*NEW, typed="\n".join(typed) + "\n")
    assert result.exit_code == 0, result.stderr
    wrong = re.findall(r"^Error: (.*)$", result.stderr, re.MULTILINE)
    assert wrong == [
        "write an https URL, with its query but without user and fragment.",
        "write DELETE, GET, PATCH, POST or PUT.",
        "write a JSON object, or - for none.",
        "write a variable that shells and programs do not use.",
        "write a whole number from 1 to 315360000.",
        "write a whole number from 200 to 299.",
    ]
    made = catalog_reader.load(root).scenarios["list-orders"]
    assert made.title == "List orders"
    assert (made.request.method, made.request.url) == ("POST", URL)
    assert [each.environment for each in made.leaves] == ["SHOP_ID", "SHOP_API_SECRET"]
    assert made.token.claims["exp"] == FromNow(60)


@pytest.mark.usefixtures("terminal")
def test_a_no_writes_nothing(tabproof: Any, written: Any) -> None:
    result = tabproof(*NEW, "--curl", f"curl {URL}", typed="n\n")
    assert result.exit_code == 0
    assert f"create {PATH} (" in result.stdout
    assert result.stderr.endswith("Nothing was written.\n")
    assert written() == set()


WRONG = {
    "name-with-a-space": (("my orders", "--url", URL), "'my orders' is no name of a scenario"),
    "name-in-capitals": (("Orders", "--url", URL), "'Orders' is no name of a scenario; write"),
    "name-with-a-folder": (("../x", "--url", URL), "'../x' is no name of a scenario; write"),
    "name-of-a-device": (("aux", "--url", URL), "'aux' is a device on Windows; choose another"),
    "no-url": (("x",), "a scenario needs a URL; use --url or --curl."),
    "url-twice": (
        ("x", "--url", URL, "--curl", f"curl {URL}"),
        "--url and --curl cannot be combined",
    ),
    "url-http": (
        ("x", "--url", "http://x"),
        "--url: write an https URL, with its query but without",
    ),
    "method": (("x", "--url", URL, "--method", "BREW"), "--method: write DELETE, GET, PATCH, POST"),
    "body": (("x", "--url", URL, "--body", "{"), "--body: write a JSON object, or - for none; got"),
    "scheme": (("x", "--url", URL, "--scheme", "a b"), "--scheme: write a scheme, such as Bearer"),
    "variable": (("x", "--url", URL, "--key-variable", "a"), "--key-variable: write a variable's"),
    "lifetime": (("x", "--url", URL, "--lifetime", "1h"), "--lifetime: write a whole number from"),
    "claim": (("x", "--url", URL, "--claim", "aud"), "--claim: write NAME=VALUE, the value as in"),
    "claim-yaml": (("x", "--url", URL, "--claim", "a={"), "--claim: write NAME=VALUE, the value"),
    "claim-unknown": (
        ("x", "--url", URL, "--claim", "a={credential: b}"),
        "templates/scenarios/x.yml (not written):31: unknown credential 'b'; choose",
    ),
    "algorithm": (("x", "--url", URL, "--algorithm", "none"), "--algorithm: write ES256, ES384"),
    "algorithm-without-a-template": (
        ("x", "--url", URL, "--algorithm", "RS256"),
        "node, library: no template for algorithm RS256; write templates/node/sign-rsa-library",
    ),
    "title": (("x", "--url", URL, "--title", " "), "--title: write one line of printable chara"),
    "nobody-to-ask": (("x", "--url", URL), "not a terminal; use --yes to write these"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_a_scenario_cannot_be_is_told_in_one_line(
    case: str, tabproof: Any, written: Any
) -> None:
    arguments, words = WRONG[case]
    yes = () if case == "nobody-to-ask" else ("--yes",)
    result = tabproof("new", "scenario", *yes, *arguments)
    assert result.exit_code == 2
    assert words in result.stderr
    assert result.stderr.count("\n") == 1
    assert written() == set()


@pytest.mark.parametrize("suffix", ["yml", "yaml"])
def test_a_scenario_that_is_there_is_left_alone(suffix: str, tabproof: Any, root: Path) -> None:
    path = root / f"templates/scenarios/list-orders.{suffix}"
    path.parent.mkdir(parents=True)
    path.write_text("mine", encoding="utf-8")
    result = tabproof(*NEW, "--yes", "--url", URL)
    place = path.relative_to(root).as_posix()
    words = f"tabproof: {place}: already exists; choose another name.\n"
    assert (result.exit_code, result.stderr) == (2, words)
    assert path.read_text(encoding="utf-8") == "mine"


def test_where_a_file_cannot_be_written_none_is(tabproof: Any, root: Path, written: Any) -> None:
    (root / "templates").mkdir()
    (root / "templates/schemas").touch()
    result = tabproof(*NEW, "--yes", "--url", URL)
    assert result.exit_code == 3
    assert result.stderr.count("\n") == 1
    assert written() == {"templates/schemas"}
