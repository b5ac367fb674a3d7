from __future__ import annotations

import itertools
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import get_args

import jinja2
import msgspec
import pytest
from click.testing import Result
from tests.languages import LANGUAGES

from tabproof.errors import InputError, ScenarioError
from tabproof.model.catalog import Catalog
from tabproof.model.fields import Algorithm
from tabproof.model.language import STEPS, VARIANTS, Language, Variant
from tabproof.model.sample import Sample, SampleKey
from tabproof.model.scenario import FromNow, Scenario, SigningKey
from tabproof.project import catalog_reader
from tabproof.project import template_blocks as blocks
from tabproof.project.compiled_templates import bytecode
from tabproof.render.renderer import Renderer
from tabproof.system.kept import Kept

RIGHT = Path(__file__).parents[1] / "inputs/right.yml"
SCENARIO = "templates/scenarios/list-users.yml"
TOKEN = "ruby/step-jwt-library.rb.jinja"
REQUEST = "ruby/step-request.rb.jinja"
LIBRARY_REQUEST = "ruby/step-request-library.rb.jinja"
BASE = "ruby/sample.rb.jinja"
EACH_TAB = list(itertools.product(VARIANTS, LANGUAGES))
replace = msgspec.structs.replace


@pytest.fixture(scope="module")
def catalog(pristine: Path) -> Catalog:
    return catalog_reader.load(pristine)


@pytest.fixture(scope="module")
def samples(catalog: Catalog) -> list[Sample]:
    return list(Renderer(catalog).all())


def _with_source(catalog: Catalog, name: str, text: str) -> Catalog:
    return replace(catalog, sources=catalog.sources | {name: text})


def _ruby(catalog: Catalog) -> Sample:
    return _render(catalog, catalog.scenarios["list-users"], "library", catalog.languages["ruby"])


def _render(catalog: Catalog, scenario: Scenario, variant: Variant, language: Language) -> Sample:
    return Renderer(catalog).sample(scenario, variant, language)


def _with_sections(catalog: Catalog, texts: dict[str, str]) -> Catalog:
    """Return a catalog whose templates for Ruby write these sections and nothing else."""
    blocks = (
        f"{{% block {name} %}}\n{texts[name]}{{% endblock %}}\n"
        for name in ("install", "credentials")
        if name in texts
    )
    response = '{{ "response" | section }}\n' + texts["response"] if "response" in texts else ""
    return replace(
        catalog,
        sources=catalog.sources
        | {
            BASE: '{% extends "sample.jinja" %}\n' + "".join(blocks),
            TOKEN: texts.get("token", ""),
            REQUEST: texts.get("request", "") + response,
        },
    )


def _texts(root: Path, edited: str) -> dict[SampleKey, str]:
    (root / SCENARIO).write_text(edited, encoding="utf-8")
    (root / "templates/scenarios/videosdk-sessions.yml").unlink(missing_ok=True)
    return {sample.key: sample.text for sample in Renderer(catalog_reader.load(root)).all()}


# Sections


@pytest.mark.parametrize("section", STEPS)
@pytest.mark.parametrize("text", [None, "", "\n  \n", "{# later #}"])
def test_a_template_without_a_section_does_not_render(
    section: str, text: str | None, catalog: Catalog
) -> None:
    texts: dict[str, str] = {name: f"{name}\n" for name in STEPS if name != section}
    if text is not None:
        texts[section] = text
    with pytest.raises(InputError) as caught:
        _ruby(_with_sections(catalog, texts))
    message = f"ruby, library: the section '{section}' is empty; fill its block in templates/ruby/."
    assert str(caught.value) == message


def test_templates_that_fill_all_sections_render_them_where_they_are(catalog: Catalog) -> None:
    texts = {
        "install": "one\ntwo\n",
        "credentials": "\nthree\n",
        "token": "four\n\nfive\n",
        "request": "\n\nsix\n\n",
        "response": "seven\n",
    }
    sample = _ruby(_with_sections(catalog, texts))
    assert sample.text == "one\ntwo\n\nthree\nfour\n\nfive\n\n\nsix\n\nseven\n"
    assert sample.steps == {
        "install": (1, 2),
        "credentials": (4, 4),
        "token": (5, 7),
        "request": (10, 10),
        "response": (12, 12),
    }


def test_a_template_that_ignores_the_sections_does_not_render(catalog: Catalog) -> None:
    with pytest.raises(InputError, match="ruby, library: the section 'install' is empty"):
        _ruby(_with_source(catalog, BASE, "puts 'all in one'\n"))


def test_sections_are_in_order_and_leave_only_blank_lines_out(samples: list[Sample]) -> None:
    for sample in samples:
        assert tuple(sample.steps) == STEPS
        lines = sample.text.splitlines()
        numbers = [n for first, last in sample.steps.values() for n in range(first, last + 1)]
        assert numbers == sorted(set(numbers)), sample.path
        outside = set(range(1, len(lines) + 1)) - set(numbers)
        assert not any(lines[number - 1] for number in outside), sample.path


# Parity


def test_every_scenario_has_every_variant_in_every_language(samples: list[Sample]) -> None:
    scenarios = ("list-users", "videosdk-sessions")
    expected = {SampleKey(s, v, n) for s in scenarios for v in VARIANTS for n in LANGUAGES}
    assert {sample.key for sample in samples} == expected
    assert len({sample.path for sample in samples}) == len(expected)


@pytest.mark.parametrize(("variant", "language"), EACH_TAB)
def test_a_language_that_lacks_an_algorithm_is_reported_once_and_leaves_the_others_alone(
    variant: Variant, language: str, project: Path, tabproof: Callable[..., Result]
) -> None:
    _test_lacking(project, tabproof, "sign-hmac", (variant, language), "algorithm HS256")


@pytest.mark.parametrize("kind", ["jwt", "request"])
def test_a_language_that_lacks_a_step_is_reported_once_and_leaves_the_others_alone(
    kind: str, project: Path, tabproof: Callable[..., Result]
) -> None:
    need = f"a step of the kind {kind}"
    _test_lacking(project, tabproof, f"step-{kind}", ("library", "ruby"), need)


def _test_lacking(
    project: Path, tabproof: Callable[..., Result], part: str, tab: tuple[Variant, str], need: str
) -> None:
    """Remove the template of a part, and look at what `generate` says and still does."""
    variant, language = tab
    folder = project / "templates" / language
    own = [*folder.glob(f"{part}-{variant}.*.jinja")]
    (template,) = own or folder.glob(f"{part}.*.jinja")
    template.unlink()
    suffix = template.name.partition(".")[2]
    lacking = [variant] if own else VARIANTS  # one file may be for all variants
    messages = []
    for each in lacking:
        name = f"{part}-{each}" if part == "sign-hmac" else part
        file = f"templates/{language}/{name}.{suffix}"
        messages.append(f"{language}, {each}: no template for {need}; write {file}.")
    left = 2 * (len(EACH_TAB) - len(messages))
    lines = "".join(f"tabproof: {message}\n" for message in messages)
    result = tabproof("generate")
    assert result.stderr == f"{left} samples, 0 files changed\n{lines}"
    assert (result.exit_code, result.stdout) == (2, "")


# Faults in templates


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{{ scenaro.title }}", "'scenaro' is undefined."),
        ("{{ scenario.titel }}", "a scenario has no 'titel'."),
        ("{{ scenario.titel | literal }}", "a scenario has no 'titel'."),
        ("{{ scenaro | expression }}", "'scenaro' is undefined."),
        ("{{ scenaro | structure }}", "'scenaro' is undefined."),
        ("{{ scenaro | key }}", "'scenaro' is undefined."),
        ("{{ scenaro | comment }}", "'scenaro' is undefined."),
        ("{{ scenaro | identifier }}", "'scenaro' is undefined."),
        ("{{ scenario.title | literl }}", "No filter named 'literl'."),
        ("{{ scenario.title + 1 }}", "a template may not look at a value, only at whether it is"),
        ("{{ scenario.name ~ scenaro }}", "'scenaro' is undefined."),
        ("{{ [scenario.name, 1] | join(scenaro) }}", "'scenaro' is undefined."),
        ("{{ 'import x' | uses(1) }}", "TypeError: "),
        ("{% fits %}a{% else %}b{% endfits %}", "expected token 'integer', got 'end of stat"),
        ("{% fits wide %}a{% else %}b{% endfits %}", "expected token 'integer', got 'wide'."),
        ("{% fits 80 %}a{% endfits %}", "Encountered unknown tag 'endfits'. Jinja was looking"),
        ("{{ scenario.title | spell('snail') }}", "KeyError: 'snail'."),
        ("{{ 1 // 0 }}", "ZeroDivisionError: "),
        ("{{ scenario.title | literal('jason') }}", "KeyError: 'jason'."),
        ("{% if %}", "Expected an expression, got 'end of statement block'."),
        ("{% include 'ruby/nowhere.jinja' %}", "there is no template 'ruby/nowhere.jinja'."),
    ],
)
def test_a_fault_in_a_template_is_reported_with_its_file_and_line(
    line: str, reason: str, catalog: Catalog
) -> None:
    above = "{#- Ruby. -#}\n\ntoken = 1\n"
    with pytest.raises(InputError) as caught:
        _ruby(_with_source(catalog, TOKEN, f"{above}{line}\n"))
    message = str(caught.value)
    assert message.startswith(f"templates/{TOKEN}:4: ruby, library: {reason}")
    assert "\n" not in message


def test_a_fault_in_a_base_template_is_reported_with_the_file_that_holds_it(
    catalog: Catalog,
) -> None:
    lines = catalog.sources[BASE].splitlines()
    lines.insert(11, "{{ nothing_of_this_name }}")
    with pytest.raises(InputError) as caught:
        _ruby(_with_source(catalog, BASE, "\n".join(lines)))
    reason = "ruby, library: 'nothing_of_this_name' is undefined."
    assert str(caught.value) == f"templates/{BASE}:12: {reason}"


def test_a_fault_in_what_a_step_includes_is_reported_with_the_file_that_holds_it(
    catalog: Catalog,
) -> None:
    part = "ruby/sign-hmac-library.rb.jinja"
    text = catalog.sources[part] + "{{ nothing_of_this_name }}\n"
    with pytest.raises(InputError) as caught:
        _ruby(_with_source(catalog, part, text))
    reason = "ruby, library: 'nothing_of_this_name' is undefined."
    assert str(caught.value) == f"templates/{part}:{text.count(chr(10))}: {reason}"


EXTENDS = f'{{% extends "{REQUEST}" %}}\n'


def _with_own_request(catalog: Catalog, more: str) -> Catalog:
    """Return a catalog in which Ruby's variant `library` has a request of its own."""
    places = catalog.places | {LIBRARY_REQUEST: f"templates/{LIBRARY_REQUEST}"}
    return replace(_with_source(catalog, LIBRARY_REQUEST, EXTENDS + more), places=places)


@pytest.mark.parametrize(
    "more",
    [
        pytest.param(
            "{% block response %}{% block last %}# 1{% endblock %}{% endblock %}", id="inner"
        ),
        pytest.param(
            "{% block response %}{{ self.last() }}{% endblock %}{% block last %}# 1{% endblock %}",
            id="called",
        ),
    ],
)
def test_a_block_that_another_one_shows_may_have_any_name(more: str, catalog: Catalog) -> None:
    assert _ruby(_with_own_request(catalog, more)).text.endswith("# 1\n")


def _compiling(catalog: Catalog, kept: Kept) -> Catalog:
    return replace(catalog, compiled=partial(bytecode, kept))


def test_a_block_that_its_base_had_before_is_reported_though_the_template_was_compiled_with_it(
    catalog: Catalog, tmp_path: Path
) -> None:
    kept = Kept(tmp_path / "templates")
    own = _with_own_request(catalog, "{% block last %}\n# 1\n{% endblock %}\n")
    with_last = catalog.sources[REQUEST].replace("puts ", "{% block last %}{% endblock %}\nputs ")
    earlier = _with_source(own, REQUEST, with_last)
    assert "# 1\n" in _ruby(_compiling(earlier, kept)).text
    kept.save()
    later = _compiling(own, Kept(tmp_path / "templates"))
    words = rf"{LIBRARY_REQUEST}:\d+: .* no template before has a block 'last'"
    with pytest.raises(InputError, match=words):
        _ruby(later)


def test_blocks_are_looked_at_where_a_template_is_compiled_and_never_again(
    catalog: Catalog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = Kept(tmp_path / "templates")
    checked: list[str] = []
    plain = blocks.check_blocks

    def check(environment: jinja2.Environment, template: jinja2.nodes.Template, name: str) -> None:
        checked.append(name)
        plain(environment, template, name)

    monkeypatch.setattr(blocks, "check_blocks", check)
    first = _ruby(_compiling(catalog, kept))
    parts = [BASE, "ruby/sign-hmac-library.rb.jinja", TOKEN, REQUEST, "sample.jinja"]
    assert sorted(checked) == parts
    kept.save()
    assert _ruby(_compiling(catalog, Kept(tmp_path / "templates"))) == first
    assert len(checked) == len(parts)


def test_a_file_name_that_cannot_be_filled_in_names_the_placeholders(catalog: Catalog) -> None:
    ruby = catalog.languages["ruby"]
    for file_name in ("{snail}.rb", "{}.rb", "{snake.rb"):
        odd = replace(ruby, data=replace(ruby.data, file_name=file_name))
        with pytest.raises(InputError) as caught:
            _render(catalog, catalog.scenarios["list-users"], "library", odd)
        assert "`file_name` in templates/ruby/language.yml" in str(caught.value)
        assert "choose {camel}, {environment}, {kebab}, {pascal} or {snake}" in str(caught.value)


# What a language cannot render yet


ALGORITHMS = [name for name in get_args(Algorithm) if not name.startswith("HS")]


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize(("variant", "language"), EACH_TAB)
def test_an_algorithm_without_a_template_names_language_and_variant(
    variant: Variant, language: str, algorithm: str, catalog: Catalog
) -> None:
    scenario = catalog.scenarios["list-users"]
    signed = replace(scenario, token=replace(scenario.token, algorithm=algorithm))
    with pytest.raises(ScenarioError) as caught:
        _render(catalog, signed, variant, catalog.languages[language])
    start = f"{language}, {variant}: no template for algorithm {algorithm}; write templates/"
    assert str(caught.value).startswith(f"{start}{language}/")
    family = signed.token.family
    assert re.search(rf"/(sign|key)-{family}-{variant}\.\w+\.jinja\.$", str(caught.value))
    assert caught.value.place == "$.token.algorithm"


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
@pytest.mark.parametrize(("variant", "language"), EACH_TAB)
def test_another_hash_of_a_family_needs_no_further_template(
    variant: Variant, language: str, algorithm: str, project: Path
) -> None:
    plain = RIGHT.read_text(encoding="utf-8")
    path = project / SCENARIO
    before = _one(project, plain, variant, language)
    after = _one(project, plain.replace("HS256", algorithm), variant, language)
    assert path.is_file()
    bits = algorithm.removeprefix("HS")
    assert re.search(rf"(?i)sha[-_]?{bits}|hs{bits}|sha512\.New{bits}", after)
    assert "256" in before
    assert not re.search(r"(?i)(sha|hs)[-_]?256", after)
    # No more than names and lengths of the hash differ, and the import that Go has for it.
    assert _unhashed(before) == _unhashed(after)


def _one(root: Path, text: str, variant: Variant, language: str) -> str:
    (root / SCENARIO).write_text(text, encoding="utf-8")
    catalog = catalog_reader.load(root)
    scenario = catalog.scenarios["list-users"]
    return _render(catalog, scenario, variant, catalog.languages[language]).text


def _unhashed(text: str) -> str:
    text = re.sub(r"sha512\.New384|sha(256|512)\.New", "sha.New", text)
    text = re.sub(r"(?i)(sha|hs)[-_]?(256|384|512)", r"\1", text)
    return re.sub(r"\b(32|48|64)( bytes\b|\))", r"\2", text)


def _with_a_body(scenario: Scenario) -> Scenario:
    request = replace(
        scenario.request, method="POST", body={"name": "x"}, content_type="application/json"
    )
    return replace(scenario, request=request)


def _with_a_key(scenario: Scenario, encoding: str) -> Scenario:
    key = SigningKey(scenario.token.signing_key.credential, encoding)
    return replace(scenario, token=replace(scenario.token, signing_key=key))


NEEDS: dict[str, tuple[Callable[[Scenario], Scenario], str, str]] = {
    "body-json": (_with_a_body, "a JSON body", "$.request.body"),
    "decode-hex": (
        partial(_with_a_key, encoding="hex"),
        "hex signing keys",
        "$.token.signing_key.encoding",
    ),
}


@pytest.mark.parametrize("part", NEEDS)
@pytest.mark.parametrize(("variant", "language"), EACH_TAB)
def test_what_a_language_has_no_template_for_is_refused_where_a_scenario_asks_for_it(
    variant: Variant, language: str, part: str, catalog: Catalog
) -> None:
    change, need, place = NEEDS[part]
    lacking = replace(
        catalog,
        sources={
            name: text
            for name, text in catalog.sources.items()
            if not name.startswith(f"{language}/{part}")
        },
    )
    assert len(lacking.sources) < len(catalog.sources)
    plain = catalog.scenarios["list-users"]
    able = catalog.languages[language]
    assert _render(lacking, plain, variant, able) == _render(catalog, plain, variant, able)
    assert _render(catalog, change(plain), variant, able).text
    with pytest.raises(ScenarioError) as caught:
        _render(lacking, change(plain), variant, able)
    message = f"{language}, {variant}: no template for {need}; write templates/{language}/{part}-"
    assert str(caught.value).startswith(f"{message}{variant}.")
    assert caught.value.place == place


@pytest.mark.parametrize(("variant", "language"), EACH_TAB)
def test_an_encoding_without_a_template_is_refused(
    variant: Variant, language: str, catalog: Catalog
) -> None:
    encoded = _with_a_key(catalog.scenarios["list-users"], "base64")
    with pytest.raises(ScenarioError) as caught:
        _render(catalog, encoded, variant, catalog.languages[language])
    message = f"{language}, {variant}: no template for base64 signing keys; write templates/"
    assert str(caught.value).startswith(f"{message}{language}/decode-base64-{variant}.")
    assert caught.value.place == "$.token.signing_key.encoding"


# Names


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_credential_may_not_take_a_name_that_the_templates_use(
    language: str, catalog: Catalog
) -> None:
    scenario = catalog.scenarios["list-users"]
    for reserved in catalog.languages[language].data.identifiers.reserved:
        name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", reserved).lower()
        credential = replace(scenario.credentials["api_key"], name=name)
        taken = replace(scenario, credentials={name: credential})
        with pytest.raises(InputError, match=f"list-users, {language}: the credential '{name}'"):
            _render(catalog, taken, "library", catalog.languages[language])


def test_two_credentials_may_not_become_one_variable(catalog: Catalog) -> None:
    scenario = catalog.scenarios["list-users"]
    plain = scenario.credentials["api_key"]
    both = {name: replace(plain, name=name) for name in ("key_1", "key1")}
    with pytest.raises(InputError, match="'key_1' and 'key1' are both spelt key1; rename one"):
        _render(catalog, replace(scenario, credentials=both), "library", catalog.languages["node"])


def test_a_title_that_would_end_a_comment_is_refused(catalog: Catalog) -> None:
    titled = replace(catalog.scenarios["list-users"], title="Is it on ?> or off")
    with pytest.raises(InputError, match=r"list-users, php, library: .* cannot stand in a comment"):
        _render(catalog, titled, "library", catalog.languages["php"])


# Scenarios are data


@pytest.mark.parametrize(("variant", "language"), EACH_TAB)
def test_a_value_of_a_scenario_never_reaches_jinja(
    variant: Variant, language: str, catalog: Catalog
) -> None:
    odd = "{{ 7919 * 7907 }}{% raw %}{# x #}"
    plain = catalog.scenarios["list-users"]
    scenario = replace(
        plain,
        title=odd,
        token=replace(plain.token, claims=plain.token.claims | {odd: odd}),
        request=replace(plain.request, headers={"Accept": odd}),
    )
    text = _render(catalog, scenario, variant, catalog.languages[language]).text
    assert str(7919 * 7907) not in text
    for value in ("{{ 7919 * 7907 }}", "{% raw %}", "{# x #}"):
        written = text.replace("\\#", "#")  # Ruby escapes it in double quotes
        assert written.count(value) >= 4


def test_nothing_of_one_scenario_is_in_the_samples_of_another(samples: list[Sample]) -> None:
    for sample in samples:
        matches = re.findall(r"(?i)list.?users|api.?key|api.?secret|3600", sample.text)
        assert bool(matches) == (sample.key.scenario == "list-users"), sample.path


@pytest.mark.parametrize(
    ("old", "new", "spellings"),
    [
        pytest.param("API_KEY", "ACE_KEY", {"API_KEY": "ACE_KEY"}, id="environment"),
        pytest.param(
            "api_key",
            "ace_key",
            {"api_key": "ace_key", "apiKey": "aceKey"},
            id="credential",
        ),
        pytest.param("List users", "Sell goods", {"List users": "Sell goods"}, id="title"),
        pytest.param("3600", "7201", {"3600": "7201"}, id="lifetime"),
        pytest.param("iss:", "sub:", {"iss": "sub"}, id="claim"),
        pytest.param(
            "api.example.com", "one.example.org", {"api.example.com": "one.example.org"}, id="host"
        ),
        pytest.param("/v2/users", "/v3/goods", {"/v2/users": "/v3/goods"}, id="path"),
        pytest.param("active", "closed", {"active": "closed"}, id="query"),
        pytest.param("Bearer", "Zebras", {"Bearer": "Zebras"}, id="scheme"),
        pytest.param("Accept", "Prefer", {"Accept": "Prefer"}, id="header"),
        pytest.param("timeout_seconds: 10", "timeout_seconds: 27", {"10": "27"}, id="timeout"),
    ],
)
def test_a_change_of_a_scenario_changes_just_the_same_words_of_its_samples(
    old: str, new: str, spellings: dict[str, str], project: Path
) -> None:
    right = RIGHT.read_text(encoding="utf-8")
    before = _texts(project, right)
    after = _texts(project, right.replace(old, new))
    assert len(before) == len(after) == len(EACH_TAB)
    for key, text in before.items():
        expected = text
        for word, other in spellings.items():
            begin = r"(?<![A-Za-z0-9])" if word[0].isalnum() else ""
            expected = re.sub(rf"{begin}{re.escape(word)}(?![A-Za-z0-9])", other, expected)
        expected = expected.replace(".NET SDK 27", ".NET SDK 10")  # no word of the scenario
        assert after[key] == expected, key
    assert after != before


def test_a_lifetime_is_stated_once(project: Path) -> None:
    for key, text in _texts(project, RIGHT.read_text(encoding="utf-8")).items():
        assert text.count("3600") == 1, key


def test_a_whole_number_has_no_point_since_languages_disagree_on_it_in_json(project: Path) -> None:
    request = "  method: POST\n  body: {kept: 12.5, all: [{price: 12.0}]}\n  timeout_seconds"
    claim = "    level: 777.0\n    exp:"
    text = RIGHT.read_text(encoding="utf-8")
    text = text.replace("  timeout_seconds", request).replace("    exp:", claim)
    for key, made in _texts(project, text).items():
        assert "12.5" in made, key
        assert "12.0" not in made, key
        assert "777.0" not in made, key


@pytest.mark.parametrize(
    "media_type", ["application/vnd.api+json", "application/json; charset=utf-8", 'a/b; c="d e"']
)
def test_a_body_has_the_media_type_that_its_scenario_gives_it(
    media_type: str, project: Path
) -> None:
    text = RIGHT.read_text(encoding="utf-8")
    headers = f"  headers:\n    content-type: {media_type}\n"
    text = text.replace("  headers: {Accept: application/json}\n", headers)
    text = text.replace("  timeout_seconds", "  method: POST\n  body: {a: 1}\n  timeout_seconds")
    for key, made in _texts(project, text).items():
        assert media_type in made.replace('\\"', '"').replace('""', '"'), key
        if key.language == "csharp":  # the constructor would take no parameters
            assert "MediaTypeHeaderValue.Parse(" in made


def test_a_time_in_the_past_is_subtracted(catalog: Catalog) -> None:
    plain = catalog.scenarios["list-users"]
    claims = plain.token.claims | {"nbf": FromNow(-30)}
    early = replace(plain, token=replace(plain.token, claims=claims))
    for variant, language in EACH_TAB:
        text = _render(catalog, early, variant, catalog.languages[language]).text
        assert "now - 30" in text, (variant, language)


LATER = {"at": FromNow(60)}
TIMES: dict[str, Callable[[Scenario], Scenario]] = {
    "a body": lambda scenario: replace(
        scenario,
        request=replace(
            scenario.request, method="POST", body=LATER, content_type="application/json"
        ),
    ),
    "a body alone": lambda scenario: replace(
        TIMES["a body"](scenario), token=replace(scenario.token, claims={"iss": "x"})
    ),
    "a header of the token": lambda scenario: replace(
        scenario, token=replace(scenario.token, header=LATER)
    ),
    "a header of the token alone": lambda scenario: replace(
        scenario, token=replace(scenario.token, header=LATER, claims={"iss": "x"})
    ),
}


@pytest.mark.parametrize("change", TIMES.values(), ids=TIMES)
@pytest.mark.parametrize(("variant", "language"), EACH_TAB)
def test_a_time_outside_of_the_claims_is_refused_or_the_clock_is_read_before_it(
    variant: Variant, language: str, change: Callable[[Scenario], Scenario], catalog: Catalog
) -> None:
    scenario = change(catalog.scenarios["list-users"])
    try:
        text = _render(catalog, scenario, variant, catalog.languages[language]).text
    except ScenarioError as error:
        assert error.place  # noqa: PT017 - both are right
        return
    used = re.search(r"now \+ 60", text)
    assert used
    # A program of jq has no variables of another one.
    start = text.rindex("$(jq", 0, used.start()) if language == "curl" else 0
    read = r"as \$now\b|\bnow\s*:?=|\bnow = "
    assert re.search(read, text[start : used.start()])


# Reproducible


def test_rendering_twice_gives_the_same_bytes(catalog: Catalog, samples: list[Sample]) -> None:
    assert list(Renderer(catalog).all()) == samples


def test_the_order_of_hashes_has_no_part_in_it(pristine: Path) -> None:
    program = (
        "import sys, pathlib; from tabproof.project import catalog_reader;"
        "from tabproof.render import renderer as render; from tabproof.samples import manifest;"
        "catalog = catalog_reader.load(pathlib.Path(sys.argv[1]));"
        "sys.stdout.buffer.write(manifest.encode_manifest(render.Renderer(catalog).all()))"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program, str(pristine)],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert outputs == {(pristine / "samples/manifest.json").read_bytes()}


# Where templates come from


def test_a_projects_own_file_is_taken_before_the_packaged_one(
    catalog: Catalog, tmp_path: Path, pristine: Path
) -> None:
    shutil.copytree(pristine / "templates/scenarios", tmp_path / "templates/scenarios")
    assert catalog_reader.load(tmp_path).sources == catalog.sources
    own = tmp_path / "templates/ruby/sample.rb.jinja"
    own.parent.mkdir()
    own.write_text(catalog.sources["ruby/sample.rb.jinja"] + "# of our own\n", encoding="utf-8")
    loaded = catalog_reader.load(tmp_path)
    assert list(loaded.languages) == list(catalog.languages)
    assert loaded.sources["ruby/sample.rb.jinja"].endswith("# of our own\n")
    assert loaded.places["ruby/sample.rb.jinja"] == "templates/ruby/sample.rb.jinja"
    assert loaded.sources["node/sample.mjs.jinja"] == catalog.sources["node/sample.mjs.jinja"]


def test_a_sample_is_short(samples: list[Sample]) -> None:
    for sample in samples:
        most = 85 if sample.key.language in ("csharp", "go") else 70
        assert 40 <= sample.text.count("\n") <= most, sample.path
