from __future__ import annotations

import errno
import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from tests.languages import LANGUAGES, SAMPLES

from tabproof.errors import MachineError
from tabproof.project import catalog_reader
from tabproof.render.renderer import Renderer
from tabproof.samples import tree
from tabproof.system.files import remove, write_if_changed

Run = Callable[..., Result]
Snapshot = dict[str, tuple[int, bytes]]
RUBY = "samples/list-users/library/list_users.rb"
MANIFEST = "samples/manifest.json"
EDITED = (
    "edited by hand since it was generated; make the change in templates/, or run "
    "`tabproof generate --overwrite` to discard it."
)


def _snapshot(root: Path) -> Snapshot:
    """Return every file below a folder with its mtime and bytes, except caches."""
    return {
        path.relative_to(root).as_posix(): (path.stat().st_mtime_ns, path.read_bytes())
        for path in root.rglob("*")
        if path.is_file() and ".tabproof" not in path.parts
    }


def _changed(before: Snapshot, after: Snapshot) -> set[str]:
    return {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}


def _edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def _change_a_template(project: Path) -> None:
    template = project / "templates/ruby/step-request.rb.jinja"
    _edit(template, "puts response.body", "puts(response.body)")


def _manifest(project: Path) -> list[dict[str, object]]:
    entries: list[dict[str, object]] = json.loads((project / MANIFEST).read_bytes())
    return entries


# generate writes what changed, and that alone


def test_generate_touches_nothing_that_is_current(project: Path, tabproof: Run) -> None:
    before = _snapshot(project)
    result = tabproof("generate")
    assert result.exit_code == 0
    assert result.stdout == ""
    assert _snapshot(project) == before


def test_generate_writes_the_samples_of_a_changed_template_and_no_other(
    project: Path, tabproof: Run
) -> None:
    before = _snapshot(project)
    _change_a_template(project)
    result = tabproof("generate")
    assert result.exit_code == 0
    expected = {path for path in before if path.startswith("samples/") and path.endswith(".rb")}
    assert len(expected) == 4
    changed = _changed(before, _snapshot(project))
    assert changed == expected | {MANIFEST, "templates/ruby/step-request.rb.jinja"}
    assert set(result.stdout.splitlines()) == {f"wrote {path}" for path in expected | {MANIFEST}}
    assert b"puts(response.body)" in (project / RUBY).read_bytes()


def test_generate_makes_the_same_tree_from_nothing(project: Path, tabproof: Run) -> None:
    (project / "samples/proof.json").unlink()
    before = {path: content for path, (_time, content) in _snapshot(project).items()}
    shutil.rmtree(project / "samples")
    assert tabproof("generate").exit_code == 0
    assert {path: content for path, (_time, content) in _snapshot(project).items()} == before


def test_a_sample_that_was_deleted_is_written_again(project: Path, tabproof: Run) -> None:
    before = (project / RUBY).read_bytes()
    (project / RUBY).unlink()
    assert tabproof("check").stdout == f"{RUBY}: missing\n"
    assert tabproof("generate").exit_code == 0
    assert (project / RUBY).read_bytes() == before


def test_a_rewritten_file_keeps_its_mode(project: Path, tabproof: Run) -> None:
    (project / RUBY).chmod(0o755)
    _change_a_template(project)
    assert tabproof("generate").exit_code == 0
    assert (project / RUBY).stat().st_mode & 0o777 == 0o755


# generate removes what is gone


def test_the_samples_of_a_scenario_that_is_gone_are_removed(project: Path, tabproof: Run) -> None:
    before = _snapshot(project / "samples/list-users")
    (project / "templates/scenarios/videosdk-sessions.yml").unlink()
    assert tabproof("check").stdout.count(": orphaned\n") == SAMPLES
    result = tabproof("generate")
    assert result.exit_code == 0
    assert result.stdout.count("removed samples/videosdk-sessions/") == SAMPLES
    assert not (project / "samples/videosdk-sessions").exists()
    assert _snapshot(project / "samples/list-users") == before
    assert {entry["scenario"] for entry in _manifest(project)} == {"list-users"}


def test_the_samples_of_a_language_that_is_gone_are_removed(project: Path, tabproof: Run) -> None:
    shutil.rmtree(project / "templates/node")
    assert tabproof("generate").exit_code == 0
    assert not list((project / "samples").rglob("*.mjs"))
    assert len(list((project / "samples/list-users/library").iterdir())) == len(LANGUAGES) - 1


def test_the_samples_of_a_variant_that_is_gone_are_removed(project: Path) -> None:
    samples = Renderer(catalog_reader.load(project)).all()
    library = [sample for sample in samples if sample.key.variant == "library"]
    tree.write(project, tree.compare(project, library))
    assert not (project / "samples/list-users/stdlib").exists()
    assert len(list((project / "samples/list-users/library").iterdir())) == len(LANGUAGES)
    comparison = tree.compare(project, library)
    assert (comparison.differences, comparison.foreign, comparison.leftovers) == ((), (), ())


def test_a_sample_that_is_renamed_leaves_no_old_file(project: Path, tabproof: Run) -> None:
    _edit(project / "templates/ruby/language.yml", '"{snake}.rb"', '"{kebab}.rb"')
    assert tabproof("generate").exit_code == 0
    assert not (project / RUBY).exists()
    assert (project / "samples/list-users/library/list-users.rb").exists()


def test_files_that_were_not_generated_are_left_alone(project: Path, tabproof: Run) -> None:
    notes = [project / f"samples/{folder}/NOTES.txt" for folder in (".", "videosdk-sessions")]
    for note in notes:
        note.write_text("mine", encoding="utf-8")
    named = "".join(
        f"samples/{name}: not generated by Tabproof, left as it is\n"
        for name in ("NOTES.txt", "videosdk-sessions/NOTES.txt")
    )
    result = tabproof("check")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr.startswith(named)
    (project / "templates/scenarios/videosdk-sessions.yml").unlink()
    result = tabproof("generate")
    assert result.exit_code == 0
    assert result.stderr.startswith(named)
    assert [path.name for path in (project / "samples/videosdk-sessions").iterdir()] == [
        "NOTES.txt"
    ]
    assert all(note.read_text(encoding="utf-8") == "mine" for note in notes)


def test_what_an_interrupted_run_left_behind_is_removed(project: Path, tabproof: Run) -> None:
    leftover = project / "samples/list-users/library/.tabproof-x1y2"
    leftover.write_bytes(b"half")
    assert tabproof("generate").exit_code == 0
    assert not leftover.exists()


# What a person changed is not lost silently


def test_a_sample_that_was_edited_by_hand_is_refused_and_shown(
    project: Path, tabproof: Run
) -> None:
    _edit(project / RUBY, "puts response.body", "puts 'mine'")
    _edit(project / "templates/python/step-request.py.jinja", "response = ", "answer = response = ")
    before = _snapshot(project)
    result = tabproof("generate")
    assert result.exit_code == 1
    assert result.stdout.startswith(f"--- {RUBY} (on disk)\n+++ {RUBY} (generated)\n@@ ")
    assert "\n-puts 'mine'\n+puts response.body\n" in result.stdout
    assert result.stderr == f"tabproof: {RUBY}: {EDITED}\n"
    assert _snapshot(project) == before


def test_overwrite_restores_what_was_edited_by_hand(project: Path, tabproof: Run) -> None:
    before = (project / RUBY).read_bytes()
    _edit(project / RUBY, "puts response.body", "puts 'mine'")
    assert tabproof("generate", "--overwrite").exit_code == 0
    assert (project / RUBY).read_bytes() == before
    assert tabproof("check").exit_code == 0


def test_an_edit_is_refused_when_the_template_changed_as_well(project: Path, tabproof: Run) -> None:
    _edit(project / RUBY, "puts response.body", "puts 'mine'")
    _change_a_template(project)
    before = _snapshot(project)
    assert tabproof("generate").exit_code == 1
    assert _snapshot(project) == before


def test_an_edit_that_its_template_makes_as_well_is_taken(project: Path, tabproof: Run) -> None:
    _edit(project / RUBY, "puts response.body", "puts(response.body)")
    _change_a_template(project)
    assert tabproof("generate").exit_code == 0
    assert tabproof("check").stdout.count(": changed\n") == 0


def test_an_edited_sample_of_a_scenario_that_is_gone_is_not_removed(
    project: Path, tabproof: Run
) -> None:
    edited = project / "samples/videosdk-sessions/stdlib/videosdk_sessions.rb"
    _edit(edited, "puts response.body", "puts 'mine'")
    (project / "templates/scenarios/videosdk-sessions.yml").unlink()
    assert tabproof("generate").exit_code == 1
    assert b"puts 'mine'" in edited.read_bytes()
    assert tabproof("generate", "--overwrite").exit_code == 0
    assert not edited.exists()


def test_a_file_of_ones_own_in_the_place_of_a_new_sample_is_not_overwritten(
    project: Path, tabproof: Run
) -> None:
    right = (project / "templates/scenarios/list-users.yml").read_bytes()
    (project / "templates/scenarios/new-users.yml").write_bytes(right)
    mine = project / "samples/new-users/library/new_users.rb"
    mine.parent.mkdir(parents=True)
    mine.write_text("puts 'mine'\n", encoding="utf-8")
    assert tabproof("generate").exit_code == 1
    assert mine.read_text(encoding="utf-8") == "puts 'mine'\n"


def test_without_a_manifest_an_edited_sample_is_not_overwritten(
    project: Path, tabproof: Run
) -> None:
    _edit(project / RUBY, "puts response.body", "puts 'mine'")
    (project / MANIFEST).unlink()
    assert tabproof("generate").exit_code == 1
    assert b"puts 'mine'" in (project / RUBY).read_bytes()


def test_a_manifest_that_was_deleted_is_written_again(project: Path, tabproof: Run) -> None:
    before = _snapshot(project)
    (project / MANIFEST).unlink()
    result = tabproof("generate")
    assert (result.exit_code, result.stdout) == (0, f"wrote {MANIFEST}\n")
    assert (project / MANIFEST).read_bytes() == before[MANIFEST][1]


# check mirrors generate, and writes nothing


def _everything_wrong(project: Path) -> None:
    _edit(project / RUBY, "puts response.body", "puts 'mine'")
    (project / RUBY).with_name("list_users.py").unlink()
    (project / "templates/scenarios/videosdk-sessions.yml").unlink()


@pytest.mark.parametrize("options", [(), ("--diff",)])
def test_check_writes_nothing(options: tuple[str, ...], project: Path, tabproof: Run) -> None:
    _everything_wrong(project)
    before = _snapshot(project)
    assert tabproof("check", *options).exit_code == 1
    assert _snapshot(project) == before


def test_check_names_each_file_and_the_command_that_mends_it(project: Path, tabproof: Run) -> None:
    _everything_wrong(project)
    result = tabproof("check")
    lines = result.stdout.splitlines()
    assert f"{RUBY}: changed, edited by hand" in lines
    assert f"{RUBY.removesuffix('.rb')}.py: missing" in lines
    assert "samples/videosdk-sessions/stdlib/videosdk_sessions.rb: orphaned" in lines
    assert f"{MANIFEST}: changed" in lines
    assert len(lines) == 1 + 1 + SAMPLES + 1
    assert result.stderr == f"tabproof: {RUBY}: {EDITED}\n"


def test_check_names_the_command_that_mends_what_nobody_edited(
    project: Path, tabproof: Run
) -> None:
    _everything_wrong(project)
    assert tabproof("generate", "--overwrite").exit_code == 0
    (project / RUBY).unlink()
    (project / RUBY).with_name("list_users.py").unlink()
    assert tabproof("check").stderr == (
        "tabproof: 2 files of samples/ are not current; run `tabproof generate`, or see them "
        "with `tabproof check --diff`.\n"
    )


@pytest.mark.parametrize("command", ["check", "generate"])
def test_a_merge_conflict_in_a_sample_is_reported_with_its_line(
    command: str, project: Path, tabproof: Run
) -> None:
    lines = (project / RUBY).read_bytes().splitlines(keepends=True)
    conflict = [b"<<<<<<< HEAD\n", lines[4], b"=======\n", lines[4], b">>>>>>> theirs\n"]
    (project / RUBY).write_bytes(b"".join([*lines[:4], *conflict, *lines[5:]]))
    result = tabproof(command)
    assert result.exit_code == 2
    assert result.stderr == (
        f"tabproof: {RUBY}:5: a merge conflict begins here; resolve it in templates/, and run "
        "`tabproof generate --overwrite`.\n"
    )
    assert tabproof("generate", "--overwrite").exit_code == 0
    assert tabproof("check").exit_code == 0


def test_check_shows_a_unified_diff(project: Path, tabproof: Run) -> None:
    _everything_wrong(project)
    shown = tabproof("check", "--diff").stdout
    assert f"--- {RUBY} (on disk)\n+++ {RUBY} (generated)\n@@ " in shown
    assert "\n-puts 'mine'\n+puts response.body\n" in shown
    python = RUBY.removesuffix(".rb") + ".py"
    assert f"--- /dev/null\n+++ {python} (generated)\n@@ -0,0 +1," in shown
    gone = "samples/videosdk-sessions/stdlib/videosdk_sessions.rb"
    assert f"--- {gone} (on disk)\n+++ /dev/null\n@@ -1," in shown


def test_of_the_manifest_check_shows_its_name_alone(project: Path, tabproof: Run) -> None:
    _everything_wrong(project)
    lines = tabproof("check", "--diff").stdout.splitlines()
    assert [line for line in lines if "manifest.json" in line] == [f"{MANIFEST}: changed"]
    assert not [line for line in lines if '"sha256":' in line]


def test_a_diff_of_a_last_line_without_its_newline_says_so(project: Path, tabproof: Run) -> None:
    (project / RUBY).write_bytes((project / RUBY).read_bytes().removesuffix(b"\n"))
    shown = tabproof("check", "--diff").stdout
    assert "-puts response.body\n\\ No newline at end of file\n+puts response.body\n" in shown


def test_a_sample_that_is_no_text_any_more_is_shown_all_the_same(
    project: Path, tabproof: Run
) -> None:
    (project / RUBY).write_bytes(b"\xff\xfe\x00puts\n")
    result = tabproof("check", "--diff")
    assert result.exit_code == 1
    assert f"+++ {RUBY} (generated)\n" in result.stdout


def test_what_generate_wrote_is_what_check_wants(project: Path, tabproof: Run) -> None:
    _everything_wrong(project)
    assert tabproof("generate", "--overwrite").exit_code == 0
    assert tabproof("check").exit_code == 0
    assert tabproof("generate").stdout == ""


# Each file is whole, and faults of the disk are one line


def _fail_after(count: int, monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    """Let the rename of one more file than `count` fail."""
    done: list[str] = []
    plain = Path.replace

    def failing(path: Path, target: Path) -> Path:
        done.append(str(target))
        if len(done) > count:
            raise error
        return plain(path, target)

    monkeypatch.setattr(Path, "replace", failing)


def _texts(project: Path) -> dict[str, bytes]:
    return {path: content for path, (_time, content) in _snapshot(project / "samples").items()}


def test_a_write_that_fails_half_way_leaves_each_file_whole_and_is_reported_in_one_line(
    project: Path, tabproof: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _texts(project)
    _change_a_template(project)
    with monkeypatch.context() as context:
        _fail_after(2, context, OSError(errno.ENOSPC, "No space left on device"))
        result = tabproof("generate")
    assert result.exit_code == 3
    assert result.stderr.count("\n") == 1
    assert result.stderr.endswith(": cannot be written: No space left on device.\n")
    halfway = _texts(project)
    assert halfway.keys() == before.keys()
    assert tabproof("generate").exit_code == 0
    after = _texts(project)
    assert len(_kept(before, halfway)) == len(before) - 2  # the manifest, which knows both, first
    assert all(
        halfway[path] in (before[path], after[path]) for path in before if path != "manifest.json"
    )


def _kept(before: dict[str, bytes], after: dict[str, bytes]) -> list[str]:
    return [path for path in before if before[path] == after[path]]


def test_an_interrupted_run_leaves_each_file_whole(
    project: Path, tabproof: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _texts(project)
    _change_a_template(project)
    with monkeypatch.context() as context:
        _fail_after(1, context, KeyboardInterrupt())
        result = tabproof("generate")
    assert (result.exit_code, result.stderr) == (130, "tabproof: interrupted\n")
    between = _texts(project)
    assert set(before) - set(_kept(before, between)) == {"manifest.json"}


def test_a_file_that_cannot_be_removed_is_reported_as_a_fault_of_the_machine(
    tmp_path: Path,
) -> None:
    with pytest.raises(MachineError, match="cannot be removed: "):
        remove(tmp_path)
    remove(tmp_path / "gone already")


def test_a_file_with_the_same_bytes_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "new/file"
    assert write_if_changed(path, b"x")
    assert not write_if_changed(path, b"x")
    assert write_if_changed(path, b"y")
    assert [entry.name for entry in path.parent.iterdir()] == ["file"]


# The manifest


def test_the_manifest_has_one_line_for_each_sample_with_digest_and_steps(project: Path) -> None:
    lines = (project / MANIFEST).read_text(encoding="utf-8").splitlines()
    assert (lines[0], lines[-1], len(lines)) == ("[", "]", 2 * SAMPLES + 2)
    entries = _manifest(project)
    paths = [str(entry["path"]) for entry in entries]
    assert paths == sorted(paths)
    for entry, path in zip(entries, paths, strict=True):
        content = (project / "samples" / path).read_bytes()
        assert entry["sha256"] == hashlib.sha256(content).hexdigest()
        assert isinstance(entry["steps"], dict)
        assert max(last for _first, last in entry["steps"].values()) == content.count(b"\n")


@pytest.mark.parametrize("command", ["generate", "check"])
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b'[{"path": "list-users/library/list_users.rb"}]',
        b"\xff",
        b"[" * 10_000,
    ],
    ids=["empty", "no-list", "no-digest", "no-utf-8", "deep"],
)
def test_a_manifest_that_is_none_is_reported_in_one_line(
    command: str, content: bytes, project: Path, tabproof: Run
) -> None:
    (project / MANIFEST).write_bytes(content)
    result = tabproof(command)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"tabproof: {MANIFEST}: is not a manifest (")
    assert result.stderr.endswith("; delete it and run `tabproof generate`.\n")
    assert result.stderr.count("\n") == 1
    assert (project / MANIFEST).read_bytes() == content


@pytest.mark.parametrize("command", ["generate", "check"])
def test_a_merge_conflict_in_the_manifest_is_reported_with_its_line(
    command: str, project: Path, tabproof: Run
) -> None:
    lines = (project / MANIFEST).read_bytes().splitlines(keepends=True)
    conflict = [b"<<<<<<< HEAD\n", lines[4], b"=======\n", lines[4], b">>>>>>> theirs\n"]
    (project / MANIFEST).write_bytes(b"".join([*lines[:4], *conflict, *lines[5:]]))
    before = _snapshot(project)
    result = tabproof(command)
    assert result.stderr == (
        f"tabproof: {MANIFEST}:5: a merge conflict begins here; take either side as a whole and "
        "run `tabproof generate`.\n"
    )
    assert result.exit_code == 2
    assert _snapshot(project) == before


def test_a_merge_conflict_in_the_record_is_reported_with_its_line(
    project: Path, tabproof: Run
) -> None:
    record = project / "samples/proof.json"
    lines = record.read_bytes().splitlines(keepends=True)
    record.write_bytes(b"".join([*lines[:9], b"<<<<<<< HEAD\n", *lines[9:]]))
    result = tabproof("check")
    assert result.stderr == (
        "tabproof: samples/proof.json:10: a merge conflict begins here; take either side as a "
        "whole and run `tabproof prove --record`.\n"
    )
    assert result.exit_code == 2


@pytest.mark.parametrize(
    "path", ["../keep.txt", "list-users/library/../../../keep.txt", "{root}/keep.txt", "proof.json"]
)
def test_a_manifest_that_names_other_files_removes_none_of_them(
    path: str, project: Path, tabproof: Run
) -> None:
    (project / "keep.txt").write_bytes(b"keep")
    place = path.format(root=project)
    entry = _manifest(project)[0] | {"path": place, "sha256": hashlib.sha256(b"keep").hexdigest()}
    (project / MANIFEST).write_text(json.dumps([entry]), encoding="utf-8")
    before = _snapshot(project)
    result = tabproof("generate", "--overwrite")
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    assert _snapshot(project) == before
