"""Check the layout of nested values over lines."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from msgspec.structs import replace

from tabproof.model.language import Language, LanguageFile
from tabproof.model.notation import Layout, Notation, StringForm
from tabproof.model.scenario import Data
from tabproof.render.literals import structure

ALIGNED = Layout(
    mapping=("map[string]any{", "}"),
    list=("[]any{", "}"),
    last=",",
    empty_mapping="map[string]any{}",
    empty_list="[]any{}",
    aligned=True,
    indent=1,
    indent_with="\t",
)
"""The layout of a language whose formatter aligns values, and indents with tabs."""

WIDE: list[dict[str, Data]] = [
    {name * first: 1, "middle": 2, name * second: 3, "z": {"b": [[1]]}, "yy": 4}
    for name in ("x", "é")
    for first, second in ((38, 39), (16, 120), (41, 100), (100, 41), (45, 45))
]
MAPPINGS: list[dict[str, Data]] = [
    {"one": 1},
    {"iat": 1, "role_type": 2, "x": 3},
    {"a": 1, "posts": [{"title": "x", "id": 2}, {}], "long_one": 2, "b": [1, 2], "山田": {}},
    {"posts": [{"title": "x", "id": 2}], "a": 1, "other": {"k": {"key": 1, "v": 2}, "longer": 3}},
    *WIDE,
    {"x" * 50: 1, "y" * 90: 2, "z": 3},
    {"x" * 30: 1, "y" * 60: 2, "z" * 100: 3, "w" * 41: 4},
]


@pytest.fixture
def aligning(languages: dict[str, Language]) -> LanguageFile:
    notation = Notation(strings=(StringForm(quotes=('"', '"')),), layout=ALIGNED)
    return replace(languages["python"].data, notations={"default": notation})


def test_the_values_of_pairs_that_take_one_line_each_stand_below_each_other(
    aligning: LanguageFile,
) -> None:
    value: Data = {"a": 1, "posts": [{"title": "x", "id": 2}], "tags": [], "long_one": "y"}
    assert structure(value, language=aligning, indent=1).split("\n") == [
        "map[string]any{",
        '\t\t"a": 1,',
        '\t\t"posts": []any{',
        "\t\t\tmap[string]any{",
        '\t\t\t\t"title": "x",',
        '\t\t\t\t"id":    2,',
        "\t\t\t},",
        "\t\t},",
        '\t\t"tags":     []any{},',
        '\t\t"long_one": "y",',
        "\t}",
    ]


@pytest.mark.parametrize("value", MAPPINGS, ids=range(len(MAPPINGS)))
def test_gofmt_leaves_an_aligned_mapping_as_it_is(
    value: dict[str, Data], aligning: LanguageFile
) -> None:
    gofmt = shutil.which("gofmt")
    if gofmt is None:
        pytest.skip("gofmt is not installed")
    written = structure(value, language=aligning, indent=1)
    source = f"package main\n\nfunc main() {{\n\tx := {written}\n}}\n"
    done = subprocess.run([gofmt], input=source, capture_output=True, text=True, check=True)
    assert done.stdout == source
