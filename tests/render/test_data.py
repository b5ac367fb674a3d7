"""Check that scenarios are data, whatever they contain; templates are code of their project."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import jinja2
import pytest
from click.testing import Result
from msgspec.structs import replace

from tabproof.errors import InputError
from tabproof.model.catalog import Catalog
from tabproof.model.language import STEPS, VARIANTS, Language
from tabproof.model.scenario import Response, Scenario
from tabproof.project import catalog_reader
from tabproof.render import environment as environments
from tabproof.render import renderer as render
from tabproof.render.literals import literal
from tabproof.render.renderer import Renderer

Run = Callable[..., Result]
SCENARIO = "templates/scenarios/list-users.yml"
FILTERS = ("comment", "expression", "key", "literal", "structure")

ENDS = {
    "quote": "'; stop(); '",
    "double-quote": '"; stop(); "',
    "backquote": "`; stop(); `",
    "triple-quote": '""" + stop() + \'\'\' + stop() + """',
    "backslash": "\\",
    "backslash-quote": "\\'; stop(); \\\"; stop(); //",
    "shell": "$(stop) ${stop} $stop `stop`; stop && stop | stop > stop",
    "ruby": "#{stop} #$stop #@stop %q(stop) \n=begin\nstop\n=end\n__END__\n",
    "php": "?> stop <?php stop(); {$stop} ${stop} */ stop /*",
    "csharp": '{stop} {{stop}} """ stop \\u0022; stop(); //',
    "node": "${stop()} </script> \u2028 stop() \u2029",
    "python": "{stop} %(stop)s \\N{QUOTATION MARK} \\x22 \\\n stop()",
    "newline": "\nstop()\n",
    "carriage-return": "\rstop()\r\nstop()",
    "other-line-ends": "\x0bstop()\x0cstop()\x85stop()\x1c",
    "null": "\0stop\0",
    "step-mark": "\0token\0\n\0response\0",
    "hole-mark": "\x010\x02 \x02 \x01",
    "fits-mark": "\x0380\x03stop()\x04stop()\x05",
    "nothing-mark": "\0-\0\n\0+imports\0\n",
    "jinja": "{{ 7919 * 7907 }}{% raw %}{# x #}{%- endblock %}{% include 'sample.jinja' %}",
    "right-to-left": "\u202e stop \u2066",
    "here-document": "\nEOF\nstop\nEOF\n",
    "jq": '\\(stop) | stop, "; stop',
}
"""What would end a literal or a comment, or begin code, somewhere."""


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return catalog_reader.load(Path(__file__).parents[2])


def _with(scenario: Scenario, text: str) -> Scenario:
    """Put a text wherever a scenario allows any text."""
    return replace(
        scenario,
        token=replace(scenario.token, claims=scenario.token.claims | {"x": text, text: "x"}),
        request=replace(
            scenario.request,
            query=scenario.request.query | {"x": text, text: "x"},
            headers=scenario.request.headers | {"X-Note": text},
        ),
        responses=scenario.responses | {418: Response(headers={"X-Note": text}, body=text)},
    )


@pytest.fixture(scope="module")
def plain_renderer(catalog: Catalog) -> Renderer:
    return Renderer(catalog)


@pytest.fixture(scope="module")
def blind_renderer(catalog: Catalog) -> Renderer:
    """Render with filters that return the same for every text: the rest is the template's own."""
    plain = environments.make_environment

    def make_environment(loader: jinja2.BaseLoader, language: Language) -> jinja2.Environment:
        environment = plain(loader, language)
        for name in FILTERS:
            environment.filters[name] = lambda *_value, word=name, **_options: f"<{word}>"
        return environment

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(render, "make_environment", make_environment)
        renderer = Renderer(catalog)
        for _sample in renderer.all():
            pass  # each language makes its environment now
    return renderer


@pytest.mark.parametrize("text", ENDS.values(), ids=ENDS)
def test_a_text_of_a_scenario_reaches_a_sample_through_the_filters_alone(
    text: str, catalog: Catalog, blind_renderer: Renderer
) -> None:
    plain = catalog.scenarios["list-users"]
    for language in catalog.languages.values():
        for variant in VARIANTS:
            rendered = blind_renderer.sample(_with(plain, text), variant, language).text
            assert rendered == blind_renderer.sample(_with(plain, "plain"), variant, language).text
            assert "<comment>" in rendered
            assert "<literal>" in rendered


@pytest.mark.parametrize("text", ENDS.values(), ids=ENDS)
def test_such_a_text_is_one_literal_or_cannot_be_written(
    text: str, catalog: Catalog, plain_renderer: Renderer
) -> None:
    """Check the source alone; tests/render/literals runs the literals."""
    plain, odd = catalog.scenarios["list-users"], _with(catalog.scenarios["list-users"], text)
    for language in catalog.languages.values():
        for variant in VARIANTS:
            try:
                sample = plain_renderer.sample(odd, variant, language)
            except InputError as error:
                assert str(error).startswith(f"list-users, {language.name}, {variant}: ")  # noqa: PT017 - most can be written
                continue
            assert sample.steps.keys() == dict.fromkeys(STEPS).keys()
            assert any(literal_ in sample.text for literal_ in _literals(text, language))
            assert str(7919 * 7907) not in sample.text
    assert plain != odd


def _literals(text: str, language: Language) -> Iterator[str]:
    for notation in language.data.notations.values():
        with suppress(InputError):
            yield literal(text, notation)


@pytest.mark.parametrize("text", ENDS.values(), ids=ENDS)
def test_a_title_cannot_leave_its_comment(text: str, project: Path, tabproof: Run) -> None:
    before = _texts(project)
    scenario = project / SCENARIO
    plain = scenario.read_text(encoding="utf-8")
    title = f"List users {text}"
    changed = plain.replace("title: List users", f"title: {json.dumps(title)}")
    assert changed != plain
    scenario.write_text(changed, encoding="utf-8")
    result = tabproof("generate")
    summary, *faults = result.stderr.splitlines()
    assert re.fullmatch(r"\d+ samples, \d+ files changed", summary)
    assert all(fault.startswith(f"tabproof: {SCENARIO}:") for fault in faults)
    assert result.exit_code == (2 if faults else 0)
    for path, content in _texts(project).items():
        as_before = bool(faults) and content == before[path]
        titled = content.replace(title, "List users")
        assert path.endswith(".json") or as_before or titled == before[path]
        assert not (path.endswith(".php") and "?>" in content)


def _texts(project: Path) -> dict[str, str]:
    files = [path for path in (project / "samples").rglob("*") if path.is_file()]
    return {path.name: path.read_text(encoding="utf-8") for path in files}


def _files(folder: Path) -> set[Path]:
    """Return all files except caches."""
    paths = (path for path in folder.rglob("*") if ".tabproof" not in path.parts)
    return {path for path in paths if path.is_file()}


@pytest.mark.parametrize(
    "place",
    [
        "templates/{name}",
        "{{% include 'sample.jinja' %}}{name}",
        "../../{name}",
        "{{{{ cycler.__init__.__globals__.os.remove('{name}') }}}}",
    ],
)
def test_no_text_of_a_scenario_makes_or_removes_a_file(
    place: str, project: Path, tabproof: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project)
    (project / "victim").write_bytes(b"mine")
    before = _files(project.parent)
    scenario = project / SCENARIO
    text = json.dumps(place.format(name="victim"))
    plain = scenario.read_text(encoding="utf-8")
    assert "  query:" in plain
    changed = plain.replace("  query:", f"  headers: {{X-Note: {text}}}\n  query:", 1)
    changed = re.sub(r"\n  headers: (?!\{X-Note).*", "", changed)
    scenario.write_text(changed.replace("title: List users", f"title: {text}"), encoding="utf-8")
    result = tabproof("generate")
    assert result.exit_code == 0, result.stderr
    assert _files(project.parent) == before
