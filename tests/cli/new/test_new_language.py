"""The way from `new language` to a language that renders, is linted and is proved."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from tabproof.project import catalog_reader
from tabproof.project.json_schema import FILES
from tabproof.project.template_files import packaged_templates
from tabproof.sandbox import isolation_choice

INPUTS = Path(__file__).parents[2] / "inputs"
PYTHON = packaged_templates() / "python"
NEXT = re.compile(
    r"tabproof: (?P<path>templates/\S+):(?P<line>\d+): list-users, snake, "
    r"(?P<variant>library|stdlib): the step '(?P<step>\w+)' is still to be written: "
    r"(?P<task>.+)\.\n"
)
HEAD = """\
# {{ scenario.title | comment }}.
#
# Install: {{ head.install }}
# Set:     {{ head.variables }}
# Run:     {{ head.run }}

{{ imports }}
"""
COMMENTED = re.compile(r"(?m)^# (heads:|  - variants: |    install: |    run: )")
"""The heads that a new `language.yml` proposes."""

PROGRAM = str(Path(sys.executable).resolve())
"""Not what `python3` is on PATH: that may be a shim, which needs a home."""

NEW = ("new", "language", "snake", "--yes", "--extension", "pyw", "--program", PROGRAM)
LINTERS = f"""\
linters:
  - name: ast
    parses: true
    programs: {{python: {PROGRAM}}}
    version: {{run: ["{{python}}", --version]}}
    run: ["{{python}}", -c, "import ast, sys; ast.parse(open(sys.argv[1]).read())", "{{sample}}"]
"""


def _packaged(name: str, beginning: str = "", end: str = "") -> str:
    """Return a part of a packaged Python template; they are proved."""
    text = (PYTHON / f"{name}.py.jinja").read_text(encoding="utf-8")
    assert beginning in text
    assert end in text
    text = text.partition(beginning)[2] if beginning else text
    return text.partition(end)[0] if end else text


def _scenario(root: Path) -> None:
    folder = root / "templates/scenarios"
    folder.mkdir(parents=True)
    shutil.copy(INPUTS / "right.yml", folder / "list-users.yml")


CLAIMS = _packaged("step-jwt-stdlib", end="{% include sign_template %}\n")
TOKEN = _packaged("step-jwt-stdlib", "{% include sign_template %}\n")
BODY = "{% if step.body is not none %}\n{% include body_template %}\n{% endif %}\n"
URL = _packaged("step-request", "{% block request %}\n", BODY)
SENDING = _packaged("step-request", BODY, "{% endblock %}\n")
CODE = [
    ("sample", "install", HEAD),
    ("sample", "credentials", _packaged("sample", "{% block credentials %}\n", "{% endblock %}\n")),
    ("step-jwt", "token", CLAIMS),
    ("sign-hmac", "token", _packaged("sign-hmac-stdlib")),
    ("step-jwt", "token", TOKEN),
    ("step-request", "request", f'{{{{ "import http.client" | uses }}}}\n{URL}'),
    ("step-request", "request", SENDING),
    (
        "step-request",
        "response",
        _packaged("step-request", "{% block response %}\n", "{% endblock %}"),
    ),
]
"""What a reader of the guide writes: in which template, for which step, and the code."""


def test_the_guide_leads_to_a_language_that_renders_is_linted_and_is_proved(
    tabproof: Any, root: Path
) -> None:
    if lacking := isolation_choice.missing_sandbox():
        pytest.skip(lacking)
    _scenario(root)
    assert tabproof(*NEW).exit_code == 0
    language = root / "templates/snake/language.yml"
    text = language.read_text(encoding="utf-8")
    assert "linters: []\n" in text
    text = COMMENTED.sub(r"\1", text.replace("linters: []\n", LINTERS))
    # Readers do not have the program at its path here.
    text = text.replace(f"{PROGRAM} {{file_name}}", "python3 {file_name}")
    language.write_text(text, encoding="utf-8")
    # Both variants are the same, as the guide in `step-jwt-library` says.
    for name in ("step-jwt", "sign-hmac"):
        (language.parent / f"{name}-library.pyw.jinja").unlink()
        stdlib = language.parent / f"{name}-stdlib.pyw.jinja"
        stdlib.rename(language.parent / f"{name}.pyw.jinja")
    # The other languages would be rendered at each step.
    (root / "tabproof.toml").write_text('languages = ["snake"]\n', encoding="utf-8")
    code = iter(CODE)
    while match := NEXT.search((result := tabproof("check")).stderr):
        assert result.exit_code == 2
        template, step, lines_of_step = next(code)
        expected = (f"templates/snake/{template}.pyw.jinja", step)
        assert (match["path"], match["step"]) == expected
        path = root / match["path"]
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        lines[int(match["line"]) - 1] = lines_of_step
        path.write_text("".join(lines), encoding="utf-8")
    assert not [*code]
    generated = tabproof("generate")
    assert generated.exit_code == 0, generated.stderr
    linted = tabproof("prove", "--lint", "--language", "snake")
    assert linted.exit_code == 0, linted.stdout + linted.stderr
    cases = ("--case", "success", "--case", "status-401")
    proved = tabproof("prove", "--language", "snake", *cases)
    assert proved.exit_code == 0, proved.stdout + proved.stderr
    assert "2 samples: 4 passed, 0 failed, 0 skipped" in proved.stdout + proved.stderr


def test_a_step_to_write_is_told_before_what_the_scenario_asks_of_it(
    tabproof: Any, root: Path
) -> None:
    _scenario(root)
    path = root / "templates/scenarios/list-users.yml"
    text = path.read_text(encoding="utf-8").replace("api_secret}", "api_secret, encoding: hex}")
    path.write_text(text.replace("  timeout", "  method: POST\n  body: {a: 1}\n  timeout"), "utf-8")
    assert tabproof(*NEW).exit_code == 0
    for template, step in (
        ("sample", "install"),
        ("sample", "credentials"),
        ("step-jwt-library", "token"),
    ):
        told = NEXT.search((result := tabproof("check")).stderr)
        assert told, result.stderr
        expected = (f"templates/snake/{template}.pyw.jinja", "library", step)
        assert (told["path"], told["variant"], told["step"]) == expected
        path = root / told["path"]
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        lines[int(told["line"]) - 1] = "# Written.\n"
        path.write_text("".join(lines), encoding="utf-8")


def test_a_head_that_the_language_does_not_have_is_told(tabproof: Any, root: Path) -> None:
    _scenario(root)
    assert tabproof(*NEW).exit_code == 0
    sample = root / "templates/snake/sample.pyw.jinja"
    text = re.sub(r"\{\{ unwritten\(.install.*\}\}", "# {{ head.run }}", sample.read_text("utf-8"))
    sample.write_text(text, encoding="utf-8")
    words = "library: `heads` in language.yml has none for this variant.\n"
    assert words in tabproof("check").stderr


@pytest.mark.parametrize(
    ("replaced", "need"),
    [
        (
            ("api_secret}", "api_secret, encoding: hex}"),
            "hex signing keys; write templates/snake/decode-hex-library",
        ),
        (
            ("  timeout", "  method: POST\n  body: {a: 1}\n  timeout"),
            "a JSON body; write templates/snake/body-json-library",
        ),
        (("HS256", "RS256"), "algorithm RS256; write templates/snake/sign-rsa-library"),
    ],
    ids=["hex", "body", "algorithm"],
)
def test_a_language_without_a_step_to_write_is_told_what_the_scenario_asks_of_it(
    replaced: tuple[str, str], need: str, tabproof: Any, root: Path
) -> None:
    _scenario(root)
    path = root / "templates/scenarios/list-users.yml"
    path.write_text(path.read_text(encoding="utf-8").replace(*replaced), encoding="utf-8")
    assert tabproof(*NEW).exit_code == 0
    for each in (root / "templates/snake").glob("*.jinja"):
        written = re.sub(r"\{\{ unwritten\(.*\) \}\}", "# Written.", each.read_text("utf-8"))
        each.write_text(written, encoding="utf-8")
    result = tabproof("check")
    assert f": snake, library: no template for {need}.pyw.jinja." in result.stderr


def test_each_file_names_its_schema_and_is_read_as_it_is(
    tabproof: Any, root: Path, written: Any
) -> None:
    _scenario(root)
    result = tabproof(*NEW)
    assert result.exit_code == 0, result.stderr
    created = set(re.findall(r"^create (\S+) \(", result.stdout, re.MULTILINE))
    assert created == written() - {"templates/scenarios/list-users.yml"}
    for path in (root / "templates/snake").glob("*.yml"):
        reference = path.read_text(encoding="utf-8").partition("\n")[0].partition("$schema=")[2]
        assert (path.parent / reference).resolve().is_file()
        assert Path(reference).stem in FILES
    assert catalog_reader.load(root).languages["snake"].data.toolchains[0].runtime == "snake"


def test_a_known_language_gets_its_title_its_lexer_and_its_extension(
    tabproof: Any, root: Path
) -> None:
    assert tabproof("new", "language", "perl", "--yes").exit_code == 0
    data = catalog_reader.load_without_scenarios(root).languages["perl"].data
    assert (data.title, data.lexer, data.file_name) == ("Perl", "perl", "{snake}.pl")
    assert data.toolchains[0].programs == {"program": "perl"}


def test_the_mutations_are_still_to_be_written_and_each_kind_is_named(
    tabproof: Any, root: Path
) -> None:
    assert tabproof(*NEW).exit_code == 0
    text = (root / "templates/snake/mutations.yml").read_text(encoding="utf-8")
    for kind in ("milliseconds", "padding-kept", "secret-printed"):
        assert f"#   {kind}: " in text


@pytest.mark.usefixtures("terminal")
def test_on_a_terminal_it_asks_and_a_wrong_answer_is_asked_for_again(
    tabproof: Any, root: Path
) -> None:
    result = tabproof("new", "language", "snake", typed="Snake 3\na/b\npy\npython3\ny\n")
    assert result.exit_code == 0, result.stderr
    assert "Error: write letters and digits, such as py.\n" in result.stderr
    data = catalog_reader.load_without_scenarios(root).languages["snake"].data
    assert (data.title, data.file_name) == ("Snake 3", "{snake}.py")


WRONG = {
    "name-with-a-space": (("my lang",), "'my lang' is no name of a language; write lower-case"),
    "name-in-capitals": (("Perl",), "'Perl' is no name of a language; write lower-case words"),
    "name-with-a-folder": (("../perl",), "'../perl' is no name of a language; write lower-case"),
    "name-of-a-folder-of-ours": (("schemas",), "'schemas' is reserved; choose another name"),
    "name-of-a-packaged-one": (("ruby",), "the language 'ruby' is included in Tabproof; override"),
    "extension": (("perl", "--extension", "a/b"), "--extension: write letters and digits, such as"),
    "title": (("perl", "--title", ""), "--title: write one line of printable characters; got ''."),
}


@pytest.mark.parametrize(("arguments", "words"), WRONG.values(), ids=WRONG)
def test_what_a_language_cannot_be_is_told_in_one_line(
    arguments: tuple[str, ...], words: str, tabproof: Any, written: Any
) -> None:
    result = tabproof("new", "language", "--yes", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"tabproof: {words}")
    assert result.stderr.count("\n") == 1
    assert written() == set()


def test_a_folder_that_is_there_is_left_alone(tabproof: Any, root: Path, written: Any) -> None:
    (root / "templates/perl").mkdir(parents=True)
    result = tabproof("new", "language", "perl", "--yes")
    words = "tabproof: templates/perl: already exists; choose another name.\n"
    assert (result.exit_code, result.stderr) == (2, words)
    assert written() == set()


def test_without_a_terminal_and_a_yes_it_shows_and_writes_nothing(
    tabproof: Any, written: Any
) -> None:
    result = tabproof("new", "language", "perl")
    assert result.exit_code == 2
    assert "create templates/perl/sample.pl.jinja (" in result.stdout
    words = "not a terminal; use --yes to write these files."
    assert result.stderr == f"tabproof: {words}\n"
    assert written() == set()


def test_where_a_file_cannot_be_written_none_is(tabproof: Any, root: Path, written: Any) -> None:
    (root / "templates").mkdir()
    (root / "templates/schemas").touch()
    result = tabproof("new", "language", "perl", "--yes")
    assert result.exit_code == 3
    assert result.stderr.count("\n") == 1
    assert written() == {"templates/schemas"}
