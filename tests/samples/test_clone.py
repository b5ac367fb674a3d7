from __future__ import annotations

import base64
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from mkdocs.__main__ import cli as mkdocs
from tests.languages import SAMPLES

from tabproof.cli import main
from tabproof.project import catalog_reader
from tabproof.render.renderer import Renderer

ROOT = Path(__file__).parent.parent.parent
WINDOWS = ("-c", "core.autocrlf=true", "-c", "core.symlinks=false", "-c", "core.fileMode=false")
Clone = Callable[[], Path]


def _git(folder: Path, *arguments: str) -> None:
    names = {
        f"GIT_{who}_{what}": "tests"
        for who in ("AUTHOR", "COMMITTER")
        for what in ("NAME", "EMAIL")
    }
    mute = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    environment = {key: os.environ[key] for key in ("PATH",)} | names | mute
    command = ["git", *arguments]
    subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)


@pytest.fixture
def clone(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Clone:
    """Commits the project and clones it as Git does on Windows."""

    def make() -> Path:
        _git(project, "init", "--quiet")
        _git(project, "add", ".")
        _git(project, "commit", "--quiet", "--message", "all")
        _git(tmp_path, *WINDOWS, "clone", "--quiet", *WINDOWS, str(project), "clone")
        copy = tmp_path / "clone"
        monkeypatch.setattr(catalog_reader, "packaged_templates", lambda: copy / "templates")
        return copy

    return make


def _run(project: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--root", str(project), *arguments], catch_exceptions=False)


SITE = """\
site_name: A site
theme: {name: null, custom_dir: theme}
plugins: []
markdown_extensions:
  - pymdownx.superfences
  - pymdownx.tabbed: {alternate_style: true}
  - tabproof
"""
DOWNLOAD = re.compile(r'download="(?P<name>[^"]+)" href="data:[^"]*;base64,(?P<bytes>[^"]+)"')


def _site(project: Path) -> None:
    """Build a site of one page that shows all samples of a scenario."""
    for name in ("docs", "theme"):
        (project / name).mkdir()
    page = "# Users\n\n```tabproof\nscenario: list-users\nvariant: [library, stdlib]\n```\n"
    (project / "docs/index.md").write_text(page, encoding="utf-8")
    (project / "theme/main.html").write_text("{{ page.content }}", encoding="utf-8")
    (project / "mkdocs.yml").write_text(SITE, encoding="utf-8")


def _built(project: Path) -> Result:
    return CliRunner().invoke(mkdocs, ["build", "-q", "--strict", "-f", f"{project}/mkdocs.yml"])


def _samples(project: Path) -> dict[str, bytes]:
    folder = project / "samples"
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_a_clone_on_windows_is_current_and_proved_byte_for_byte(
    project: Path, clone: Clone
) -> None:
    shutil.copyfile(ROOT / ".gitattributes", project / ".gitattributes")
    copy = clone()
    result = _run(copy, "check")
    assert (result.exit_code, result.stdout) == (0, "")
    assert _samples(copy) == _samples(project)
    assert _run(copy, "generate").stdout == ""


def test_without_gitattributes_check_says_why_and_generate_mends_it(
    project: Path, clone: Clone
) -> None:
    copy = clone()
    assert b"\r\n" in (copy / "samples/list-users/library/list-users.sh").read_bytes()
    assert b"\r\n" in (copy / "templates/ruby/sample.rb.jinja").read_bytes()
    result = _run(copy, "check")
    assert result.exit_code == 1
    assert result.stderr.splitlines()[0] == (
        f"Only the line endings differ in {2 * SAMPLES + 1} files: Git wrote CRLF; "
        "add these to .gitattributes, each with `text eol=lf`: samples/*/library/**, "
        "samples/*/stdlib/**, samples/manifest.json, samples/proof.json."
    )
    assert _run(copy, "generate").exit_code == 0
    assert _samples(copy).keys() == _samples(project).keys()
    for path, content in _samples(project).items():
        assert path == "proof.json" or _samples(copy)[path] == content


def test_the_line_that_check_names_is_enough(project: Path, clone: Clone) -> None:
    (project / ".gitattributes").write_text("samples/** text eol=lf\n", encoding="utf-8")
    copy = clone()
    assert b"\r\n" in (copy / "templates/ruby/sample.rb.jinja").read_bytes()
    assert _run(copy, "check").exit_code == 0


def test_the_site_of_a_clone_on_windows_is_built_and_offers_the_samples_byte_for_byte(
    project: Path, clone: Clone
) -> None:
    (project / ".gitattributes").write_text("samples/** text eol=lf\n", encoding="utf-8")
    _site(project)
    copy = clone()
    for name in ("mkdocs.yml", "docs/index.md", "templates/scenarios/list-users.yml"):
        assert b"\r\n" in (copy / name).read_bytes()
    result = _built(copy)
    assert (result.exit_code, result.output) == (0, "")
    html = (copy / "site/index.html").read_text(encoding="utf-8")
    offered = sorted(
        (match["name"], base64.b64decode(match["bytes"])) for match in DOWNLOAD.finditer(html)
    )
    catalog = catalog_reader.load(project)
    samples = (s for s in Renderer(catalog).all() if s.key.scenario == "list-users")
    shown = [s for s in samples if not catalog.languages[s.key.language].data.on_request]
    files = [project / "samples" / sample.path for sample in shown]
    assert offered == sorted((path.name, path.read_bytes()) for path in files)


def test_a_site_whose_samples_git_wrote_with_crlf_is_not_built_and_says_what_to_do(
    project: Path, clone: Clone
) -> None:
    _site(project)
    copy = clone()
    result = _built(copy)
    assert result.exit_code == 1
    assert (
        "docs/index.md:3: samples/list-users/library/list-users.mjs: is not what the templates"
        in (result.output)
    )
    assert "run `tabproof generate`" in result.output
    assert _run(copy, "generate").exit_code == 0
    assert _built(copy).exit_code == 0


def test_an_edit_in_a_file_with_crlf_is_still_an_edit(clone: Clone) -> None:
    copy = clone()
    ruby = copy / "samples/list-users/library/list_users.rb"
    ruby.write_bytes(ruby.read_bytes().replace(b"puts response.body", b"puts 'mine'"))
    before = ruby.read_bytes()
    assert _run(copy, "generate").exit_code == 1
    assert ruby.read_bytes() == before


def test_samples_with_crlf_of_older_templates_are_not_taken_for_edited(
    clone: Clone,
) -> None:
    copy = clone()
    scenario = copy / "templates/scenarios/list-users.yml"
    text = scenario.read_bytes().replace(b"title: List users", b"title: List the users")
    scenario.write_bytes(text)
    assert _run(copy, "generate").exit_code == 0
    assert b"List the users" in (copy / "samples/list-users/library/list_users.rb").read_bytes()
