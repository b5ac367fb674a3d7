"""The command, on a project with samples."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from msgspec.structs import replace

from tabproof.pages.fence_keys import Fence
from tabproof.pages.project_samples import Project
from tabproof.pages.tab_set import TabSet
from tabproof.pages.tabs import tab_sets
from tabproof.project.catalog_reader import load
from tabproof.render.renderer import Renderer

Tabproof = Callable[..., Result]
FENCE = "```tabproof\nscenario: list-users\nvariant: library\n```"
SWITCH = "```tabproof\nscenario: list-users\nvariant: [library, stdlib]\nhighlight: token\n```"
PAGE = f"---\ntitle: List users\n---\n\n# List users\n\nText.\n\n{FENCE}\n\n## Both\n\n{SWITCH}\n"


@pytest.fixture
def page(project: Path) -> Path:
    """A page whose site is no Python."""
    path = project / "docs/quickstart.mdx"
    path.parent.mkdir()
    path.write_text(PAGE)
    return path


def samples(project: Path, variant: str) -> list[str]:
    known = load(project)
    shown = [name for name, each in known.languages.items() if not each.data.on_request]
    found = (s for s in Renderer(known).all() if s.key.language in shown)
    keys = [s for s in found if (s.key.scenario, s.key.variant) == ("list-users", variant)]
    assert len(keys) == len(shown) > 0
    return [(project / "samples" / sample.path).read_text() for sample in keys]


@pytest.mark.parametrize(
    ("site", "parser"),
    [("docusaurus", "mdx"), ("starlight", "mdx"), ("gfm", "gfm"), ("material", "material")],
)
def test_the_same_page_shows_the_files_bytes_on_every_kind_of_site(  # noqa: PLR0913, PLR0917 - fixtures
    project: Path,
    tabproof: Tabproof,
    page: Path,
    site: str,
    parser: str,
    request: pytest.FixtureRequest,
) -> None:
    read: Callable[[Sequence[str]], list[Any]] = request.getfixturevalue(parser)
    result = tabproof("expand", "--format", site, str(page))
    assert (result.exit_code, result.stderr) == (0, "")
    [seen] = read([result.stdout])
    library, stdlib = samples(project, "library"), samples(project, "stdlib")
    assert seen.codes == [*library, *library, *stdlib]
    assert len(seen.words) >= len(seen.codes)
    assert page.read_text() == PAGE


def test_everything_outside_of_fences_stays_as_it_is(tabproof: Tabproof, page: Path) -> None:
    text = "---\r\na: b\r\n---\r\n# X {y} <b>\r\n\r\n    code\r\n" + FENCE.replace("\n", "\r\n")
    page.write_bytes(text.encode())
    written = tabproof("expand", "--format", "gfm", str(page)).stdout_bytes.decode()
    assert written.startswith("---\r\na: b\r\n---\r\n# X {y} <b>\r\n\r\n    code\r\n\r\n<details")
    assert written.count("\n") == written.count("\r\n")


def test_the_words_are_in_the_language_of_the_page_or_of_the_option(
    project: Path, tabproof: Tabproof, page: Path
) -> None:
    (project / "tabproof.toml").write_text('[labels.de]\nrun = "Am {date} gelaufen."\n')

    def run_in(front_matter: str, *options: str) -> str:
        page.write_text(front_matter + FENCE)
        return tabproof("expand", "--format", "gfm", *options, str(page)).stdout

    german = "---\nlang: de\n---\n"
    assert "*Run on " in run_in("")
    assert "*Am " in run_in("", "--lang", "de-AT")
    assert "*Am " in run_in(german)
    assert "*Am " in run_in(german, "--lang", "en")
    assert "*Run on " in run_in("---\nlang: en\n---\n", "--lang", "de")


def test_a_language_that_is_none_is_refused(tabproof: Tabproof, page: Path) -> None:
    refused = tabproof("expand", "--lang", "d e", str(page))
    assert refused.exit_code == 2
    assert "'d e' is not a language tag, such as de or pt-BR." in refused.stderr


def test_a_page_is_renewed_in_place_and_checked(
    tabproof: Tabproof, page: Path, project: Path
) -> None:
    command = ["expand", "--format", "docusaurus", "--in-place", str(page.parent)]
    unwritten = tabproof(*command, "--check")
    assert unwritten.exit_code == 1
    assert "+<Tabs" in unwritten.stdout
    assert page.read_text() == PAGE
    assert tabproof(*command).stdout == "wrote docs/quickstart.mdx\n"
    assert tabproof(*command, "--check").exit_code == 0
    again = tabproof(*command)
    assert (again.exit_code, again.stdout) == (0, "")

    template = project / "templates/ruby/sample.rb.jinja"
    template.write_text(template.read_text().replace("def credential", "def variable"))
    assert tabproof("generate").exit_code == 0
    stale = tabproof(*command, "--check")
    assert stale.exit_code == 2, "its sample is not proved"
    line = page.read_text().split("\n").index("{/* tabproof") + 1
    place = f"docs/quickstart.mdx:{line}: samples/list-users/library/list_users.rb"
    assert f"{place}: not proved for its present bytes" in stale.stderr


def test_the_command_that_a_check_names_mends_it(
    tabproof: Tabproof, page: Path, project: Path
) -> None:
    output = project / "out"
    for place in (["--in-place"], ["--output", str(output)]):
        refused = tabproof("expand", "--check", "--format", "starlight", *place, str(page))
        assert refused.exit_code == 1
        program, *words = shlex.split(refused.stderr.partition("run `")[2].rpartition("`")[0])
        assert program == "tabproof"
        assert words[0] == "--root"
        assert tabproof(*words[2:]).exit_code == 0
        fine = tabproof("expand", "--check", "--format", "starlight", *place, str(page))
        assert (fine.exit_code, fine.stdout) == (0, "")


def test_tabs_that_were_changed_by_hand_are_kept_until_one_asks_to_lose_them(
    tabproof: Tabproof, page: Path
) -> None:
    command = ["expand", "--format", "docusaurus", "--in-place", str(page)]
    tabproof(*command)
    written = page.read_text()
    page.write_text(written.replace("puts response.body", "p response.body", 1))
    refused = tabproof(*command)
    assert refused.exit_code == 1
    assert "-p response.body\n+puts response.body\n" in refused.stdout
    assert refused.stderr.startswith(
        "tabproof: docs/quickstart.mdx: edited by hand since `tabproof expand`"
    )
    assert "p response.body" in page.read_text()
    assert tabproof(*command, "--overwrite").exit_code == 0
    assert page.read_text() == written


def test_a_folder_of_pages_is_written_with_its_folders_and_the_sites_suffix(
    tabproof: Tabproof, page: Path, project: Path
) -> None:
    (page.parent / "more/node_modules").mkdir(parents=True)
    for name in ("more/a.md", "more/node_modules/b.md", ".hidden.md"):
        (page.parent / name).write_text(f"# A\n\n{FENCE}\n")
    (page.parent / "plain.md").write_text("# No fence\n")
    command = ["expand", "--format", "docusaurus", "--output", str(project / "out"), "docs"]
    with_folder = [*command[:-1], str(page.parent)]
    assert tabproof(*with_folder).stdout == "wrote out/more/a.mdx\nwrote out/quickstart.mdx\n"
    written = project / "out/quickstart.mdx"
    head = written.read_text().split("\n")[:6]
    assert head[:4] == ["---", "title: List users", "---", ""]
    assert head[4].startswith("{/* Written by `tabproof expand` from docs/quickstart.mdx, ")
    assert tabproof(*with_folder).stdout == ""

    written.write_text(written.read_text().replace("Text.", "Other text."))
    assert tabproof(*with_folder).exit_code == 1
    assert "Other text." in written.read_text()
    written.unlink()
    (project / "out/more/a.mdx").write_text("# Mine\n")
    refused = tabproof(*with_folder)
    assert (refused.exit_code, written.exists()) == (1, False)
    assert "out/more/a.mdx: edited by hand since `tabproof expand` wrote it" in refused.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--check", "PAGE"], "--check compares files: add --in-place or --output FOLDER"),
        (["PAGE", "PAGE"], "several pages need --in-place or --output FOLDER"),
        (["docs"], "several pages need --in-place or --output FOLDER"),
        (["--in-place", "--output", "x", "PAGE"], "--in-place and --output cannot be combined"),
        (["--raw", "--format", "docusaurus", "PAGE"], "--raw is for the formats material and gfm"),
        (["--format", "docusaurus", "--output", "docs", "PAGE"], "would be written onto itself"),
        (["--in-place", "samples/list-users"], "no page has a `tabproof` fence."),
        (["--in-place", "--format", "starlight", "docs/a.md"], "docs/a.md: Starlight reads tabs"),
        (["docs/latin.md"], "docs/latin.md:2: is not UTF-8; save it as UTF-8."),
        (["docs/none.md"], "docs/none.md:4: unknown scenario 'none-such'; choose "),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(  # noqa: PLR0913, PLR0917 - fixtures
    tabproof: Tabproof,
    page: Path,
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    words: str,
) -> None:
    monkeypatch.chdir(project)
    (project / "docs/a.md").write_text(f"{FENCE}\n")
    (project / "docs/latin.md").write_bytes(b"a\n\xe9\n")
    (project / "docs/none.md").write_text(f"---\n---\n\n{FENCE}".replace("list-users", "none-such"))
    named = [str(page.relative_to(project)) if word == "PAGE" else word for word in arguments]
    result = tabproof("expand", *named)
    assert result.exit_code == 2
    assert words in result.stderr.splitlines()[-1]
    assert page.read_text() == PAGE


def test_samples_that_a_site_would_render_are_named_unless_they_are_raw(
    tabproof: Tabproof, page: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page.write_text(FENCE)

    def with_braces(fence: Fence, project: Project, language: str) -> tuple[TabSet, ...]:
        [found] = tab_sets(fence, project, language)
        tabs = tuple(replace(tab, text=tab.text + "{{ 7*7 }}\n") for tab in found.tabs)
        return (replace(found, tabs=tabs),)

    monkeypatch.setattr("tabproof.cli.expand.tab_sets", with_braces)
    assert "use --raw" in tabproof("expand", "--format", "gfm", str(page)).stderr
    raw = tabproof("expand", "--format", "gfm", "--raw", str(page))
    assert raw.stderr == ""
    assert "{% raw %}" in raw.stdout
    assert tabproof("expand", "--format", "docusaurus", str(page)).stderr == ""
