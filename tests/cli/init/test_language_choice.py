from __future__ import annotations

import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from tabproof.cli import main, write_files
from tabproof.cli.init import language_choice
from tabproof.model.language import VARIANTS
from tabproof.project import catalog_reader, languages

Init = Callable[..., Result]
Machine = Callable[..., None]
STDLIB = ("stdlib",)


def _settings(root: Path, file: str = "tabproof.toml") -> dict[str, Any]:
    return tomllib.loads((root / file).read_text(encoding="utf-8"))


def _fence(root: Path) -> str:
    return (root / "docs/list-orders.md").read_text(encoding="utf-8")


def test_a_new_project_has_the_languages_of_the_machine(
    init: Init, machine: Machine, repository: Path
) -> None:
    machine(python=VARIANTS, curl=VARIANTS)
    assert init("--yes").exit_code == 0
    assert _settings(repository) == {"languages": ["python", "curl"]}
    assert "variant: [library, stdlib]\n" in _fence(repository)


def test_it_has_no_sample_that_the_machine_cannot_run(
    init: Init, machine: Machine, repository: Path
) -> None:
    machine(python=STDLIB, curl=VARIANTS)
    result = init("--yes")
    assert _settings(repository) == {"languages": ["python", "curl"], "variants": ["stdlib"]}
    assert "variant: stdlib\n" in _fence(repository)
    assert "note: `variants` is stdlib only: this machine cannot run library" in result.stderr


def test_a_language_that_is_chosen_is_taken_and_what_it_lacks_is_told(
    init: Init, repository: Path
) -> None:
    result = init("--yes", "--language", "go", "--language", "curl", "--variant", "stdlib")
    assert _settings(repository) == {"languages": ["go", "curl"], "variants": ["stdlib"]}
    assert "note: this machine cannot run Go (stdlib); `tabproof doctor` shows" in result.stderr


def test_no_language_is_in_a_new_project_that_its_page_does_not_show(
    init: Init, repository: Path
) -> None:
    init("--yes", "--language", "go", "--language", "curl")
    chosen = catalog_reader.load(repository).languages
    assert [name for name, each in chosen.items() if not each.data.on_request] == ["go", "curl"]


def test_a_language_that_there_is_not_is_refused(init: Init, repository: Path) -> None:
    result = init("--yes", "--language", "cobol")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("tabproof: unknown language 'cobol'; choose csharp, curl")
    assert not (repository / "tabproof.toml").exists()


def test_without_any_language_it_takes_that_of_its_own_interpreter() -> None:
    assert language_choice.choose_languages(["curl", "python"], {}).languages == ("python",)


def test_settings_that_are_there_get_the_languages_and_keep_their_lines(
    init: Init, repository: Path
) -> None:
    shared = repository / "pyproject.toml"
    text = '[project] # ours\nname = "x"\n\n[tool.tabproof.prove]\njobs = 2 # two\n'
    shared.write_text(text, encoding="utf-8")
    assert init("--yes").exit_code == 0
    assert not (repository / "tabproof.toml").exists()
    tool = _settings(repository, "pyproject.toml")["tool"]["tabproof"]
    assert tool == {"languages": ["curl", "python"], "prove": {"jobs": 2}}
    lines = iter(shared.read_text(encoding="utf-8").splitlines())
    assert all(line in lines for line in text.splitlines())


def test_languages_that_are_settled_stay(init: Init, repository: Path) -> None:
    (repository / "tabproof.toml").write_text('languages = ["ruby"]\n', encoding="utf-8")
    assert init("--yes").exit_code == 0
    assert _settings(repository) == {"languages": ["ruby"]}
    result = init("--yes", "--language", "curl")
    assert result.exit_code == 2
    assert result.stderr == (
        "tabproof: --language: already set in tabproof.toml:1; change it there.\n"
    )


def test_on_a_terminal_the_languages_are_a_question(
    repository: Path, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine(curl=VARIANTS, python=VARIANTS)
    monkeypatch.setattr("tabproof.cli.init.is_terminal", lambda: True)
    monkeypatch.setattr(write_files, "is_terminal", lambda: True)
    from click.testing import CliRunner  # noqa: PLC0415 - the fixture has no input

    answers = "cobol\npython\n" + "\n" * 9
    result = CliRunner().invoke(main, ["--root", str(repository), "init"], input=answers)
    assert result.exit_code == 0, result.output
    assert "This machine can run cURL, Python." in result.stderr
    assert "write names separated by spaces; choose csharp" in result.stderr
    assert _settings(repository) == {"languages": ["python"]}


def test_this_machine_has_what_it_can_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, words in (("bash", "5.2.1"), ("curl", "curl 8.1.0"), ("jq", "jq-1.7")):
        _program(programs / name, words)
    monkeypatch.setenv("PATH", str(programs))
    known = languages.read_all(catalog_reader.template_folders(tmp_path), tmp_path)
    only = {name: known[name] for name in ("curl", "go", "ruby")}
    assert language_choice.runnable_languages(only, tmp_path) == {}
    _program(programs / "openssl", "OpenSSL 3.0.1")
    assert language_choice.runnable_languages(only, tmp_path) == {"curl": list(VARIANTS)}


def _program(path: Path, words: str) -> None:
    path.write_text(f"#!{sys.executable}\nprint({words!r})\n", encoding="utf-8")
    path.chmod(0o755)
    assert subprocess.run([path], capture_output=True, check=True).stdout
