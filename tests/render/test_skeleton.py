"""Check that samples of one structure are one text, which the values of each scenario fill."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import jinja2
import pytest
from msgspec.structs import replace
from tests.render.written import REQUEST, SAMPLE, TOKEN, ruby, token, with_templates

from tabproof.errors import InputError
from tabproof.model.catalog import Catalog
from tabproof.model.credential import Credential
from tabproof.model.language import VARIANTS, Imports
from tabproof.model.sample import Sample
from tabproof.model.scenario import Data, FromCredential, FromNow, Scenario, SigningKey
from tabproof.project import catalog_reader
from tabproof.render.renderer import Renderer

Change = Callable[[Scenario], Scenario]


@pytest.fixture(scope="module")
def plain(catalog: Catalog) -> Scenario:
    return catalog.scenarios["list-users"]


@pytest.fixture
def renderings(monkeypatch: pytest.MonkeyPatch) -> Counter[str | None]:
    """How often each template has been rendered, by its name."""
    counted: Counter[str | None] = Counter()
    new_context = jinja2.Template.new_context

    def count(template: jinja2.Template, *values: object, **more: object) -> object:
        counted[template.name] += 1
        return new_context(template, *values, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(jinja2.Template, "new_context", count)
    return counted


def _of_request(**changes: object) -> Change:
    return lambda scenario: replace(scenario, request=replace(scenario.request, **changes))


def _of_token(**changes: object) -> Change:
    return lambda scenario: replace(scenario, token=replace(scenario.token, **changes))


def _of_claims(*more: tuple[str, object]) -> Change:
    def change(scenario: Scenario) -> Scenario:
        claims = scenario.token.claims | dict(more)
        return replace(scenario, token=replace(scenario.token, claims=claims))

    return change


def _with_encoding(scenario: Scenario) -> Scenario:
    key = SigningKey(scenario.token.signing_key.credential, "hex")
    return replace(scenario, token=replace(scenario.token, signing_key=key))


def _with_renamed_credentials(scenario: Scenario) -> Scenario:
    """Return a scenario whose credentials and variables have other names."""
    names = {name: f"other_{name}" for name in scenario.credentials}
    credentials = {
        other: replace(scenario.credentials[name], name=other, environment=other.upper())
        for name, other in names.items()
    }
    key = credentials[names[scenario.token.signing_key.credential.name]]
    claims = {
        name: FromCredential(credentials[names[value.credential.name]])
        if isinstance(value, FromCredential)
        else value
        for name, value in scenario.token.claims.items()
    }
    token = replace(scenario.token, signing_key=replace(scenario.token.signing_key, credential=key))
    return replace(scenario, credentials=credentials, token=replace(token, claims=claims))


def _with_another_credential(scenario: Scenario) -> Scenario:
    more = Credential("tenant", "TENANT", "tenant")
    return replace(scenario, credentials=scenario.credentials | {"tenant": more})


def _with_split_credential(scenario: Scenario) -> Scenario:
    """Return a scenario in which one variable holds both credentials, `key:secret`."""
    key, secret = (
        replace(each, environment="SHOP", separator=":", place=place)
        for place, each in enumerate(scenario.credentials.values())
    )
    whole = Credential("shop", "SHOP", "shop", separator=":", parts=(key, secret))
    token = replace(
        scenario.token,
        signing_key=SigningKey(secret, "utf-8"),
        claims=scenario.token.claims | {"iss": FromCredential(key)},
    )
    return replace(scenario, credentials={"shop": whole}, token=token)


def _body(members: dict[str, Data]) -> Change:
    return _of_request(method="POST", body=members, content_type="application/json")


SAME: dict[str, Change] = {
    "a title": lambda scenario: replace(scenario, title="Another title " * 9),
    "a name": lambda scenario: replace(scenario, name="x"),
    "credentials": _with_renamed_credentials,
    "a URL": _of_request(base_url="https://one.example:8443/" + "x" * 99),
    "a query": _of_request(query={f"k{number}": "v" for number in range(9)}),
    "a scheme": _of_request(authorization="Ghost"),
    "a header": _of_request(headers={"X-A": "it's " * 20}),
    "a timeout": _of_request(timeout_seconds=1),
    "a status": _of_request(success_status=204),
    "a claim's value": _of_claims(("exp", FromNow(-7))),
    "a skew": _of_token(skew_seconds=60),
}
DIFFERENT: dict[str, Change] = {
    "a method": _of_request(method="DELETE"),
    "another method": _of_request(method="POST"),
    "a body": _body({}),
    "an encoding": _with_encoding,
    "an algorithm": _of_token(algorithm="HS512"),
    "no header": _of_request(headers={}),
    "two headers": _of_request(headers={"X-A": "1", "X-B": "2"}),
    "another credential": _with_another_credential,
    "a split credential": _with_split_credential,
    "another claim": _of_claims(("sub", "x")),
    "no time": _of_token(claims={"iss": "x", "a": 1, "b": 2}),
    "a header of the token": _of_token(header={"cty": "x"}),
    "a key ID": _of_token(header={"kid": "x"}),
}


@pytest.mark.parametrize("change", SAME.values(), ids=SAME)
def test_scenarios_of_one_structure_share_one_rendering(
    change: Change, catalog: Catalog, plain: Scenario, renderings: Counter[str | None]
) -> None:
    renderer, changed = Renderer(catalog), change(plain)
    assert changed != plain
    for language in catalog.languages.values():
        for variant in VARIANTS:
            renderings.clear()
            first = renderer.sample(plain, variant, language)
            assert sum(renderings.values()) > 0
            renderings.clear()
            second = renderer.sample(changed, variant, language)
            assert renderer.sample(plain, variant, language) == first
            assert sum(renderings.values()) == 0, (variant, language.name)
            assert second == Renderer(catalog).sample(changed, variant, language)


@pytest.mark.parametrize("change", DIFFERENT.values(), ids=DIFFERENT)
def test_another_structure_is_rendered_anew(
    change: Change, catalog: Catalog, plain: Scenario, renderings: Counter[str | None]
) -> None:
    renderer, changed = Renderer(catalog), change(plain)
    for language in catalog.languages.values():
        for variant in VARIANTS:
            renderer.sample(plain, variant, language)
            renderings.clear()
            second = renderer.sample(changed, variant, language)
            assert sum(renderings.values()) > 0, (variant, language.name)
            assert second == Renderer(catalog).sample(changed, variant, language)


def test_variants_and_languages_share_nothing(
    catalog: Catalog, plain: Scenario, renderings: Counter[str | None]
) -> None:
    renderer = Renderer(catalog)
    for variant in VARIANTS:
        for name in ("ruby", "python"):
            renderer.sample(plain, variant, catalog.languages[name])
    assert renderings[SAMPLE] == renderings["python/sample.py.jinja"] == len(VARIANTS)


# Whatever scenario made a skeleton first, the bytes are the same


def _scenarios(catalog: Catalog) -> Iterator[Scenario]:
    """Yield scenarios of several structures, each with short, long and odd values."""
    changes = [*SAME.values(), *DIFFERENT.values()]
    values: list[dict[str, Data]] = [
        {},
        {"a": 1},
        {"name": "x" * 80, "it's": None, "none": {}, "all": [], "words": ["a", "b-c"]},
        {"deep": {"deeper": [{"deepest": [True, 1.5, "q\"'`$#{x}\n\\"]}]}, "k" * 60: "\10\2"},
    ]
    changes += map(_body, values)
    for number, scenario in enumerate(catalog.scenarios.values()):
        yield scenario
        for change in changes:
            changed = change(scenario)
            yield changed
            request = replace(
                changed.request,
                base_url=f"https://api.example/{'long/' * (7 * number + 2)}",
                headers={name: f"{value} it's" for name, value in changed.request.headers.items()},
            )
            claims = {
                f"{name}_{'x' * number}": f"{value}'" if isinstance(value, str) else value
                for name, value in changed.token.claims.items()
            }
            yield replace(
                changed,
                name=f"{changed.name}-{'very-' * 8}long",
                title='é漢字 it\'s a "title"',
                request=request,
                token=replace(changed.token, claims=claims),
            )


def _all(
    catalog: Catalog, scenarios: list[Scenario], renderer: Renderer | None
) -> list[Sample | str]:
    """Render scenarios in one renderer, or each sample in a renderer of its own."""
    made: list[Sample | str] = []
    for scenario in scenarios:
        for language in catalog.languages.values():
            for variant in VARIANTS:
                one = renderer or Renderer(catalog)
                try:
                    made.append(one.sample(scenario, variant, language))
                except InputError as error:
                    made.append(str(error))
    return made


def test_the_bytes_are_the_same_whatever_scenario_came_first(catalog: Catalog) -> None:
    scenarios = list(_scenarios(catalog))
    together = _all(catalog, scenarios, Renderer(catalog))
    assert not [text for text in together if isinstance(text, str)]
    backwards = _all(catalog, scenarios[::-1], Renderer(catalog))
    width = len(catalog.languages) * len(VARIANTS)
    assert together == [
        sample
        for start in range(len(backwards) - width, -1, -width)
        for sample in backwards[start : start + width]
    ]
    for number in range(0, len(scenarios), 4):
        alone = _all(catalog, scenarios[number : number + 1], None)
        assert alone == together[number * width : (number + 1) * width], scenarios[number]


def test_sections_are_where_the_text_has_them(catalog: Catalog) -> None:
    scenarios = list(_scenarios(catalog))
    for sample in _all(catalog, scenarios, Renderer(catalog)):
        assert isinstance(sample, Sample)
        lines = sample.text.split("\n")
        covered: list[int] = []
        for first, last in sample.steps.values():
            assert lines[first - 1], sample
            assert lines[last - 1], sample
            covered += range(first, last + 1)
        assert covered == sorted(set(covered)), sample
        left = set(range(1, len(lines) + 1)) - set(covered)
        assert not any(lines[number - 1] for number in left), sample


def test_a_section_begins_after_what_the_values_before_it_have_filled(
    catalog: Catalog, plain: Scenario
) -> None:
    for claims in ({"a": 1}, {"a": 1, "b": 2, "c": 3}):
        scenario = _of_token(claims=claims)(plain)
        text = "{{ step.claims.whole | structure }}\n\n"
        changed = with_templates(catalog, {TOKEN: text})
        sample = Renderer(changed).sample(scenario, "library", catalog.languages["ruby"])
        first, last = sample.steps["token"]
        assert last - first == len(claims) + 1
        lines = sample.text.split("\n")
        assert (lines[first - 1], lines[last - 1]) == ("{", "}")
        assert lines[sample.steps["request"][0] - 1].startswith("uri = ")


# A line that may be too long

FITS = """\
{% fits 30 %}
title = {{ scenario.title | literal }}
{% else %}
title =
  {{ scenario.title | literal }}
{% endfits %}
"""


def _titled(plain: Scenario, length: int) -> Scenario:
    return replace(plain, title="x" * length)


@pytest.mark.parametrize("length", [1, 19, 20, 21, 90])
def test_a_line_is_broken_where_its_values_make_it_too_long(
    length: int, catalog: Catalog, plain: Scenario
) -> None:
    value = f"'{'x' * length}'"
    line = f"title = {value}"
    expected = line if len(line) <= 30 else f"title =\n  {value}"
    text = f"begin\n{FITS}end\n"
    assert token(catalog, text, _titled(plain, length)) == f"begin\n{expected}\nend"


def test_the_width_is_that_of_the_scenario_and_not_of_the_one_that_came_first(
    catalog: Catalog, plain: Scenario
) -> None:
    renderer = Renderer(with_templates(catalog, {TOKEN: FITS}))
    found = []
    for length in (90, 1, 90, 1):
        scenario = _titled(plain, length)
        text = renderer.sample(scenario, "library", catalog.languages["ruby"]).text
        found.append("title =\n" in text)
    assert found == [True, False, True, False]


def test_one_line_of_several_may_be_too_long(catalog: Catalog, plain: Scenario) -> None:
    text = "{% fits 9 %}\na\n{{ scenario.title }}\nb\n{% else %}\nc\n{% endfits %}\n"
    assert token(catalog, text, _titled(plain, 9)) == f"a\n{'x' * 9}\nb"
    assert token(catalog, text, _titled(plain, 10)) == "c"


def test_each_line_is_broken_for_itself(catalog: Catalog, plain: Scenario) -> None:
    """A way may be empty, and may hold loops and conditions."""
    text = (
        "{% for name, value in step.claims.items() %}\n"
        "{% fits 6 %}\n{{ name }}: {{ value | expression }}\n{% else %}\n"
        "{% if not loop.last %}\n{{ name }}\n{% endif %}\n{% endfits %}\n{% endfor %}\n"
        "{% fits 2 %}\n{{ scenario.title }}\n{% else %}\n{% endfits %}\nend\n"
    )
    scenario = _of_token(claims={"a": 1, "long_name": 2, "b": 3, "other_name": 4})(plain)
    assert token(catalog, text, _titled(scenario, 3)) == "a: 1\nlong_name\nb: 3\nend"
    assert token(catalog, text, _titled(scenario, 2)) == "a: 1\nlong_name\nb: 3\nxx\nend"


def test_a_way_may_have_ways_itself(catalog: Catalog, plain: Scenario) -> None:
    text = (
        "{% fits 5 %}\n{{ scenario.title }}\n{% else %}\n"
        "{% fits 9 %}\n-\n{{ scenario.title }}\n{% else %}\nlong\n{% endfits %}\n"
        "{% endfits %}\nend\n"
    )
    found = [token(catalog, text, _titled(plain, length)) for length in (5, 6, 9, 10)]
    assert found == ["xxxxx\nend", "-\nxxxxxx\nend", "-\nxxxxxxxxx\nend", "long\nend"]


# A value of several lines

LINES = "{\n  a: 1,\n  b: {\n    c: 2\n  }\n}"


@pytest.fixture(scope="module")
def nested(plain: Scenario) -> Scenario:
    return _body({"a": 1, "b": {"c": 2}})(plain)


def _request(catalog: Catalog, text: str, scenario: Scenario) -> str:
    templates = {REQUEST: f'{text}end\n{{{{ "response" | section }}}}\nputs 1\n'}
    return token(with_templates(catalog, templates), "token = 1\n", scenario, "request")


@pytest.mark.parametrize("indentation", ["", "  ", "\t", "\t  "])
def test_a_value_of_several_lines_takes_the_indentation_of_its_line(
    indentation: str, catalog: Catalog, nested: Scenario
) -> None:
    text = f"begin\n{indentation}x = [{{{{ step.body | structure }}}}]\n"
    shown = LINES.replace("\n", f"\n{indentation}")
    assert _request(catalog, text, nested) == f"begin\n{indentation}x = [{shown}]\nend"


def test_a_value_of_several_lines_is_indented_with_the_lines_around_it(
    catalog: Catalog, nested: Scenario
) -> None:
    inner = "begin\n  x = {{ step.body | structure }}\n"
    text = f"{{% filter indent(4, true) %}}\n{inner}{{% endfilter %}}\n"
    shown = LINES.replace("\n", "\n      ")
    assert _request(catalog, text, nested) == f"    begin\n      x = {shown}\nend"


def test_a_value_of_several_lines_is_indented_in_either_way(
    catalog: Catalog, nested: Scenario
) -> None:
    line = "  x = {{ step.body | structure }}\n"
    shown = f"  x = {LINES}".replace("\n", "\n  ")
    for width in (3, 99):
        text = f"begin\n{{% fits {width} %}}\n{line}{{% else %}}\n{line}{{% endfits %}}\n"
        assert _request(catalog, text, nested) == f"begin\n{shown}\nend"


def test_blank_lines_of_a_value_stay_blank(catalog: Catalog, plain: Scenario) -> None:
    scenario = _of_request(authorization="a\n\nb\n\n\nc")(plain)
    shown = "  x = a\n\n  b\n\n\n  c\nend"
    assert _request(catalog, "  x = {{ step.authorization }}\n", scenario) == shown


# Imports


def _imports(catalog: Catalog, lines: str, groups: tuple[tuple[str, ...], ...]) -> str:
    """Return the head of a sample where the token's template says these lines."""
    language = catalog.languages["ruby"]
    grouped = replace(language, data=replace(language.data, imports=Imports(groups=groups)))
    sample = (
        '{% extends "sample.jinja" %}\n{% block install %}\n# head\n\n{{ imports }}\n\n'
        "# last\n{% endblock %}\n{% block credentials %}\n# credentials\n{% endblock %}\n"
    )
    request = 'request\n{{ "response" | section }}\nresponse\n'
    changed = with_templates(catalog, {SAMPLE: sample, TOKEN: lines, REQUEST: request})
    text = Renderer(changed).sample(catalog.scenarios["list-users"], "library", grouped).text
    assert "\0" not in text
    head, _credentials, _rest = text.partition("# last\n")
    return head


TWO_GROUPS = (("^import (?!jwt)", "^from (?!jwt)"), ("^import", "^from"))


def _uses(*lines: str) -> str:
    return "".join(f"{{{{ {line!r} | uses }}}}\n" for line in lines) + "token\n"


def test_each_import_is_written_once_in_the_order_of_its_groups(catalog: Catalog) -> None:
    lines = (
        *("import jwt", "from b import x", "import b", "from jwt import y", "import a"),
        *("from a import z", "import b", "import jwt"),
    )
    expected = (
        "import a\nimport b\nfrom a import z\nfrom b import x\n\nimport jwt\nfrom jwt import y"
    )
    for order in (lines, lines[::-1]):
        found = _imports(catalog, _uses(*order), TWO_GROUPS)
        assert found == f"# head\n\n{expected}\n\n"


def test_an_import_of_no_group_stands_last(catalog: Catalog) -> None:
    found = _imports(catalog, _uses("use z", "import a", "use b"), TWO_GROUPS)
    assert found == "# head\n\nimport a\n\nuse b\nuse z\n\n"


def test_an_import_whose_code_is_not_written_is_not_written(catalog: Catalog) -> None:
    text = (
        "{% if step.header %}\n{{ 'import unused' | uses }}\n{% endif %}\n"
        "{{ 'import used' | uses }}\ntoken\n"
    )
    assert _imports(catalog, text, TWO_GROUPS) == "# head\n\nimport used\n\n"


def test_without_imports_nothing_stands_in_their_place(catalog: Catalog) -> None:
    assert _imports(catalog, "token\n", TWO_GROUPS) == "# head\n\n"


def test_an_import_takes_its_own_line_with_it_and_no_other(catalog: Catalog) -> None:
    text = "a\n  {{ 'import x' | uses }}\nb{{ 'import y' | uses }}\n\nc\n"
    assert token(catalog, text) == "a\nb\n\nc"


def test_what_one_scenario_imports_another_need_not(catalog: Catalog, plain: Scenario) -> None:
    renderer, ruby_language = Renderer(catalog), catalog.languages["ruby"]
    for scenario, imports in ((plain, 0), (_body({"a": 1})(plain), 1), (plain, 0)):
        text = renderer.sample(scenario, "library", ruby_language).text
        assert text.count("require 'json'\n") == imports
        assert text.count("require 'net/http'\n") == text.count("require 'jwt'\n") == 1


# Helpers


def _helped(catalog: Catalog, *helpers: str, place: str = "{{ helpers }}") -> str:
    sample = (
        '{% extends "sample.jinja" %}\n{% block install %}\n# head\n{% endblock %}\n'
        "{% block credentials %}\n# credentials\n{% endblock %}\n"
        f"{{% block end %}}\n# end\n{place}\n\n# last\n{{% endblock %}}\n"
    )
    lines = "".join(
        f"{{% filter helper %}}\n{helper}\n{{% endfilter %}}\ntoken {number}\n"
        for number, helper in enumerate(helpers)
    )
    text = ruby(with_templates(catalog, {SAMPLE: sample, TOKEN: lines or "token\n"}))
    assert "\0" not in text
    assert "".join(f"token {number}\n" for number in range(len(helpers))) in text
    return text.partition("# end\n")[2]


def test_helpers_stand_where_a_language_has_them_once_and_in_their_order(catalog: Catalog) -> None:
    found = _helped(catalog, "def b\nend", "def a\n\n  1\nend", "def b\nend")
    assert found == "\ndef b\nend\n\ndef a\n\n  1\nend\n\n# last\n"


def test_helpers_have_the_indentation_of_their_place(catalog: Catalog) -> None:
    found = _helped(catalog, "def a\n\n  1\nend", place="    {{ helpers }}")
    assert found == "\n    def a\n\n      1\n    end\n\n# last\n"


def test_without_helpers_nothing_stands_in_their_place(catalog: Catalog) -> None:
    assert _helped(catalog) == "# last\n"


def test_values_in_a_helper_are_filled(catalog: Catalog, plain: Scenario) -> None:
    found = _helped(catalog, "def a = {{ scenario.title | literal }}")
    assert found == f"\ndef a = '{plain.title}'\n\n# last\n"


# A project's own templates


@pytest.fixture
def project(tmp_path: Path, root: Path) -> Path:
    """A project with the scenarios of this repository and no templates of its own."""
    shutil.copytree(root / "templates/scenarios", tmp_path / "templates/scenarios")
    return tmp_path


def _own(project: Path, name: str, text: str) -> None:
    path = project / "templates" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")


ADDED = "# What each status means: https://docs.shop.example/errors\n"
RESPONSE = f"""\
{{% extends "package/{REQUEST}" %}}
{{% block response %}}

{ADDED}{{{{- super() }}}}
{{%- endblock %}}
"""


def test_a_project_overrides_one_block_of_a_step_and_keeps_all_else(
    project: Path, catalog: Catalog
) -> None:
    _own(project, REQUEST, RESPONSE)
    for sample in Renderer(catalog_reader.load(project)).all():
        language = catalog.languages[sample.key.language]
        scenario = catalog.scenarios[sample.key.scenario]
        packaged = Renderer(catalog).sample(scenario, sample.key.variant, language)
        if language.name != "ruby":
            assert sample == packaged
            continue
        assert sample.text.count(ADDED) == 1
        assert sample.text.replace(ADDED, "") == packaged.text
        first, last = sample.steps.pop("response")
        assert sample.text.split("\n")[first - 1] == ADDED.rstrip()
        assert (first, last - 1) == packaged.steps.pop("response")
        assert sample.steps == packaged.steps


def test_a_project_overrides_a_block_for_one_variant(project: Path) -> None:
    _own(project, "ruby/step-request-library.rb.jinja", RESPONSE)
    for sample in Renderer(catalog_reader.load(project)).all():
        assert (ADDED in sample.text) == (sample.key.name.endswith("/library/ruby"))


def test_a_block_of_a_project_has_imports_of_its_own(project: Path) -> None:
    _own(
        project,
        REQUEST,
        f'{{% extends "package/{REQUEST}" %}}\n{{% block response %}}\n\n'
        "{{ \"require 'set'\" | uses }}\nputs Set.new([{{ step.success_status | literal }}])\n"
        "{% endblock %}\n",
    )
    known = catalog_reader.load(project)
    text = ruby(known)
    assert "require 'jwt'\nrequire 'net/http'\nrequire 'set'\n" in text
    assert text.endswith("\nend\n\nputs Set.new([200])\n")


def test_a_project_overrides_what_a_step_includes(project: Path, catalog: Catalog) -> None:
    name = "ruby/sign-hmac-library.rb.jinja"
    _own(project, name, f"# Signed.\n{{% include 'package/{name}' %}}\n")
    text = ruby(catalog_reader.load(project))
    assert text.replace("# Signed.\n", "") == ruby(catalog)
    assert text.count("# Signed.\ntoken = JWT.encode(") == 1


def test_an_override_that_looks_at_a_value_is_refused_with_its_own_line(project: Path) -> None:
    _own(
        project,
        REQUEST,
        f'{{% extends "package/{REQUEST}" %}}\n{{% block response %}}\n'
        "{% if step.url.startswith('https') %}puts 1{% endif %}\n{% endblock %}\n",
    )
    with pytest.raises(InputError, match=rf"^templates/{REQUEST}:3: ruby, library: a template may"):
        ruby(catalog_reader.load(project))
