from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from tabproof.samples import record_files
from tabproof.samples.record import Current, Record
from tabproof.samples.record_files import RECORD

Run = Callable[..., Result]
RUBY = "samples/list-users/library/list_users.rb"
COMMANDS = pytest.mark.parametrize("command", ["generate", "check"])


def _snapshot(root: Path) -> dict[str, bytes | str]:
    """Return every file and link below a folder, with its bytes or its target."""
    return {
        str(path.relative_to(root)): str(path.readlink())
        if path.is_symlink()
        else path.read_bytes()
        for path in root.rglob("*")
        if path.is_symlink() or path.is_file()
    }


def _change_all(project: Path) -> None:
    """Change every sample of the first scenario."""
    path = project / "templates/scenarios/list-users.yml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("title: List users", "title: List the users"), encoding="utf-8")


def _refused(result: Result, place: str, words: str) -> None:
    assert result.stderr == f"tabproof: {place}: {words}\n"
    assert result.stdout == ""
    assert result.exit_code == 1


def _in_the_way(kind: str, right: str) -> str:
    return f"is a {kind} where a {right} belongs; move it away and run `tabproof generate`."


@COMMANDS
def test_a_folder_in_the_place_of_a_sample_is_reported_in_one_line(
    command: str, project: Path, tabproof: Run
) -> None:
    (project / RUBY).unlink()
    (project / RUBY).mkdir()
    (project / RUBY / "mine").write_bytes(b"mine")
    _change_all(project)
    before = _snapshot(project)
    _refused(tabproof(command), RUBY, _in_the_way("folder", "file"))
    assert _snapshot(project) == before


@COMMANDS
def test_a_file_in_the_place_of_a_folder_is_reported_in_one_line(
    command: str, project: Path, tabproof: Run
) -> None:
    shutil.rmtree(project / "samples/list-users")
    (project / "samples/list-users").write_bytes(b"mine")
    before = _snapshot(project)
    _refused(tabproof(command), "samples/list-users", _in_the_way("file", "folder"))
    assert _snapshot(project) == before


@COMMANDS
def test_a_file_in_the_place_of_samples_is_reported_in_one_line(
    command: str, project: Path, tabproof: Run
) -> None:
    shutil.rmtree(project / "samples")
    (project / "samples").write_bytes(b"mine")
    _refused(tabproof(command), "samples", "is no folder; move it away.")
    assert (project / "samples").read_bytes() == b"mine"


@COMMANDS
def test_a_pipe_in_the_place_of_a_sample_is_not_waited_for(
    command: str, project: Path, tabproof: Run
) -> None:
    (project / RUBY).unlink()
    os.mkfifo(project / RUBY)
    _refused(tabproof(command), RUBY, _in_the_way("pipe or a device", "file"))


@pytest.mark.parametrize(
    "place",
    ["scenarios/list-users.yml", "cases.yml", "ruby/language.yml", "ruby/sample.rb.jinja"],
)
def test_a_pipe_in_the_place_of_a_template_is_not_waited_for(
    place: str, project: Path, tabproof: Run
) -> None:
    (project / "templates" / place).unlink()
    os.mkfifo(project / "templates" / place)
    result = tabproof("check")
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1


# Links: what they point to is never written


@COMMANDS
@pytest.mark.parametrize("content", [None, b"mine"], ids=["same-bytes", "other-bytes"])
def test_a_sample_that_is_a_link_is_reported_and_not_written_through(
    command: str, content: bytes | None, project: Path, tabproof: Run, tmp_path: Path
) -> None:
    outside = tmp_path / "outside.rb"
    shutil.copyfile(project / RUBY, outside)
    if content:
        outside.write_bytes(content)
    (project / RUBY).unlink()
    (project / RUBY).symlink_to(outside)
    _change_all(project)
    before = _snapshot(tmp_path)
    _refused(tabproof(command), RUBY, _in_the_way("link", "file"))
    assert _snapshot(tmp_path) == before


@COMMANDS
def test_a_folder_of_samples_that_is_a_link_is_reported_and_not_written_through(
    command: str, project: Path, tabproof: Run, tmp_path: Path
) -> None:
    (project / "samples/list-users").rename(tmp_path / "outside")
    (project / "samples/list-users").symlink_to(tmp_path / "outside")
    _change_all(project)
    before = _snapshot(tmp_path)
    _refused(tabproof(command), "samples/list-users", _in_the_way("link", "folder"))
    assert _snapshot(tmp_path) == before


@COMMANDS
@pytest.mark.parametrize("target", ["outside", "elsewhere"], ids=["there", "nowhere"])
def test_samples_that_are_a_link_out_of_the_project_are_reported_and_not_written_through(
    command: str, target: str, project: Path, tabproof: Run, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    (project / "samples").rename(tmp_path / target)
    (project / "samples").symlink_to(outside)
    _change_all(project)
    before = _snapshot(tmp_path)
    words = f"is a link to {outside}, outside the project; put a folder in its place."
    _refused(tabproof(command), "samples", words)
    assert _snapshot(tmp_path) == before


def test_samples_that_are_a_link_within_the_project_are_written_there(
    project: Path, tabproof: Run
) -> None:
    (project / "docs").mkdir()
    (project / "samples").rename(project / "docs/samples")
    (project / "samples").symlink_to("docs/samples")
    assert tabproof("check").exit_code == 0
    _change_all(project)
    assert tabproof("generate").exit_code == 0
    assert b"List the users" in (project / "docs" / RUBY).read_bytes()
    assert (project / "samples").is_symlink()


def test_the_orphans_behind_a_link_are_not_removed(
    project: Path, tabproof: Run, tmp_path: Path
) -> None:
    gone = project / "samples/videosdk-sessions"
    gone.rename(tmp_path / "outside")
    gone.symlink_to(tmp_path / "outside")
    before = _snapshot(tmp_path / "outside")
    (project / "templates/scenarios/videosdk-sessions.yml").unlink()
    result = tabproof("generate", "--overwrite")
    assert result.exit_code == 0
    assert "samples/videosdk-sessions: not generated by Tabproof, left as it is\n" in result.stderr
    assert before
    assert _snapshot(tmp_path / "outside") == before


def test_a_link_that_leads_round_in_a_circle_is_not_followed(project: Path, tabproof: Run) -> None:
    (project / "samples/list-users/round").symlink_to("..")
    result = tabproof("check")
    assert result.exit_code == 0
    assert "samples/list-users/round: not generated by Tabproof, left as it is\n" in result.stderr


def test_a_record_that_is_a_link_is_replaced_and_not_written_through(
    project: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "outside.json"
    (project / RECORD).rename(outside)
    (project / RECORD).symlink_to(outside)
    before = outside.read_bytes()
    record_files.update(project, Current({}, lambda _sample: ()), lambda _old: Record())
    assert outside.read_bytes() == before
    assert not (project / RECORD).is_symlink()


# Modes


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o755])
def test_a_rewritten_sample_keeps_its_mode(mode: int, project: Path, tabproof: Run) -> None:
    (project / RUBY).chmod(mode)
    _change_all(project)
    assert tabproof("generate").exit_code == 0
    assert (project / RUBY).stat().st_mode & 0o777 == mode


def test_a_new_sample_has_the_mode_that_the_user_gives_new_files(
    project: Path, tabproof: Run
) -> None:
    (project / RUBY).unlink()
    mask = os.umask(0o027)
    try:
        assert tabproof("generate").exit_code == 0
    finally:
        os.umask(mask)
    assert (project / RUBY).stat().st_mode & 0o777 == 0o640


def test_a_sample_that_is_read_only_is_rewritten_and_stays_so(project: Path, tabproof: Run) -> None:
    (project / RUBY).chmod(0o444)
    _change_all(project)
    assert tabproof("generate").exit_code == 0
    assert (project / RUBY).stat().st_mode & 0o777 == 0o444
    assert b"List the users" in (project / RUBY).read_bytes()
