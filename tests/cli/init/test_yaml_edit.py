from __future__ import annotations

import pytest

from tabproof.cli.init.yaml_edit import load, section, with_entries
from tabproof.errors import InputError

KEY = "markdown_extensions"
ENTRIES = {"pymdownx.tabbed": {"alternate_style": True}, "tabproof": {}}
BLOCK = ["- pymdownx.tabbed:", "    alternate_style: true", "- tabproof"]

MAPPED = "  pymdownx.tabbed:\n    alternate_style: true\n  tabproof:\n"


def _indented(columns: int) -> str:
    return "".join(f"{' ' * columns}{line}\n" for line in BLOCK)


@pytest.mark.parametrize(
    ("before", "columns", "after"),
    [
        ("markdown_extensions:\n- toc\n", 0, "\n# more\nsite_name: x\n"),
        ("markdown_extensions:\n  - toc: {permalink: true} # a link\n", 2, "plugins: []\n"),
        ("a:   1 \nmarkdown_extensions:\n    - toc:\n          x: 'y'\n", 4, "    # end\nb: 2\n"),
        ("markdown_extensions:\n  - toc:\n      a:\n        - b\n        - c\n", 2, ""),
        ("markdown_extensions:\n  - x: !!python/name:a.b\n  - y: !ENV [A, B]\n", 2, "c: !d e\n"),
        ("markdown_extensions:\n  - x: !relative $config_dir/a\n", 2, "\n\n# end"),
        ("markdown_extensions:\n  - 'x'\n  - \"y\"\n  - z:  true\n", 2, "a: null\n"),
    ],
)
def test_entries_stand_at_the_end_of_a_list_and_all_else_stays(
    before: str, columns: int, after: str
) -> None:
    for newline in ("\n", "\r\n"):
        old = (before + after).replace("\n", newline)
        new = (before + _indented(columns) + after).replace("\n", newline)
        assert with_entries(old, KEY, ENTRIES) == new


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("", f"{KEY}:\n{_indented(2)}"),
        ("site_name: x", f"site_name: x\n\n{KEY}:\n{_indented(2)}"),
        ("site_name: x\n\n", f"site_name: x\n\n{KEY}:\n{_indented(2)}"),
        (f"{KEY}:\n  - toc", f"{KEY}:\n  - toc\n{_indented(2)}"),
        (f"{KEY}:\n# none\nb: 1\n", f"{KEY}:\n{_indented(2)}# none\nb: 1\n"),
        (
            f"{KEY}: [toc] # short\nb: 1\n",
            f"{KEY}: [toc, pymdownx.tabbed: {{alternate_style: true}}, tabproof] # short\nb: 1\n",
        ),
        (
            f"{KEY}:\n  toc:\n    a: True\n  abbr: null\nb: 1\n",
            f"{KEY}:\n  toc:\n    a: True\n  abbr: null\n{MAPPED}b: 1\n",
        ),
    ],
)
def test_a_list_or_mapping_is_begun_or_extended_as_it_is_written(old: str, new: str) -> None:
    assert with_entries(old, KEY, ENTRIES) == new


@pytest.mark.parametrize(
    "text",
    [
        f"{KEY}: [toc,\n  x]\n",
        f"a: &a {{}}\n{KEY}:\n  - toc: *a\n",
        "{site_name: x}\n",
        "site_name: x\n...\n",
        f" site_name: x\n {KEY}: [toc]\n",
        f"{KEY}: toc\n",
        f"{KEY}: !ENV [EXTENSIONS, []]\n",
    ],
)
def test_what_cannot_be_edited_without_touching_the_rest_is_not_edited(text: str) -> None:
    assert with_entries(text, KEY, ENTRIES) is None


def test_a_section_is_ready_to_paste() -> None:
    assert section(KEY, ENTRIES) == f"{KEY}:\n{_indented(2)}"
    assert section("watch", {"samples": {}}, as_mapping=True) == "watch:\n  samples:\n"


def test_it_is_read_as_mkdocs_reads_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECOND", "no")
    text = "a: !ENV FIRST\nb: !ENV [FIRST, SECOND, x]\nc: !ENV [FIRST, x]\nd: !!python/name:e.f\n"
    assert load(text, "mkdocs.yml") == {
        "a": None,
        "b": False,
        "c": "x",
        "d": ("tag:yaml.org,2002:python/name:e.f", ""),
    }


@pytest.mark.parametrize(
    ("text", "words"),
    [("- a\n", "mkdocs.yml: is not a mapping"), ("a: 1\nb: [\n", "mkdocs.yml:3: is not YAML: ")],
)
def test_what_is_no_configuration_is_refused(text: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        load(text, "mkdocs.yml")
