from __future__ import annotations

import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests import records

from tabproof.cli import main
from tabproof.model.catalog import Catalog
from tabproof.model.language import Language, LanguageFile, Toolchain
from tabproof.model.notation import Identifiers, Notation, StringForm
from tabproof.project import catalog_reader
from tabproof.project.template_files import packaged_templates
from tabproof.render.renderer import Renderer
from tabproof.samples import tree
from tabproof.samples.record import Record
from tabproof.sandbox import isolation_choice

# What nohup starts ignores SIGHUP, and what a shell starts in the background SIGINT, with all that
# it starts in turn: none of the programs under test could be interrupted.
for _number, _handler in (
    (signal.SIGHUP, signal.SIG_DFL),
    (signal.SIGINT, signal.default_int_handler),
):
    if signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, _handler)

INPUTS = Path(__file__).parent / "inputs"


@pytest.fixture(scope="session")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with this repository's templates, generated, and a record that proves it all.

    The results are invented: the tests that use this one run no sample.
    """
    root = tmp_path_factory.mktemp("pristine")
    hidden = shutil.ignore_patterns("__pycache__", ".*")
    shutil.copytree(packaged_templates(), root / "templates", ignore=hidden)
    known = catalog_reader.load(root)
    samples = list(Renderer(known).all())
    tree.write(root, tree.compare(root, samples))
    records.write_record(root, records.all_passed(known, samples))
    # With the compiled templates, which take most of the time of a short command.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(catalog_reader, "packaged_templates", lambda: root / "templates")
        assert CliRunner().invoke(main, ["--root", str(root), "generate"]).exit_code == 0
    return root


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with one scenario, one language and two cases: quick to copy and to read."""
    root = tmp_path_factory.mktemp("small")
    packaged = packaged_templates()
    shutil.copytree(packaged / "ruby", root / "templates/ruby")
    shutil.copyfile(packaged / "sample.jinja", root / "templates/sample.jinja")
    (root / "templates/scenarios").mkdir()
    for place, right in (
        ("scenarios/list-users.yml", "right.yml"),
        ("cases.yml", "right-cases.yml"),
        ("mutations.yml", "right-kinds.yml"),
        ("ruby/mutations.yml", "right-mutations.yml"),
    ):
        shutil.copyfile(INPUTS / right, root / "templates" / place)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(catalog_reader, "packaged_templates", lambda: root / "templates")
        tree.write(root, tree.compare(root, Renderer(catalog_reader.load(root)).all()))
    records.write_record(root, Record())
    return root


@pytest.fixture
def project(pristine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the project that a test may change; its templates are the only ones there are."""
    root = tmp_path / "project"
    shutil.copytree(pristine, root)
    monkeypatch.setattr(catalog_reader, "packaged_templates", lambda: root / "templates")
    return root


@pytest.fixture
def tabproof(project: Path) -> Callable[..., Result]:
    """Runs the command line in the project; an error that it does not report fails the test."""

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(
            main, ["--root", str(project), *arguments], catch_exceptions=False
        )

    return run


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return Path(__file__).parents[1]


@pytest.fixture(scope="session")
def catalog(root: Path) -> Catalog:
    """This repository's catalog, with a cache: what one test compiles serves the others."""
    return catalog_reader.load(root, catalog_reader.TemplateCaches(root))


@pytest.fixture(scope="session")
def _lacking() -> str:
    return isolation_choice.missing_sandbox()


@pytest.fixture
def sandbox(_lacking: str) -> None:
    """For tests that run something in the sandbox."""
    if _lacking:
        pytest.skip(_lacking)


@pytest.fixture
def language_with() -> Callable[..., Language]:
    """A language of the tests' own, with these toolchains."""

    def make(*toolchains: Toolchain) -> Language:
        shape = LanguageFile(
            title="Tale",
            position=1,
            lexer="text",
            file_name="{kebab}.tale",
            identifiers=Identifiers(case="snake"),
            notations={"default": Notation(strings=(StringForm(quotes=('"', '"')),))},
            toolchains=toolchains,
        )
        return Language("tale", {}, shape)

    return make
