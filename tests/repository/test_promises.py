"""Each sentence of the page about the proof has a row in `tests/promises.yml`: what holds it."""

from __future__ import annotations

import ast
import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
PAGE = "docs/how-the-proof-works.md"
TABLE = "tests/promises.yml"
HOLDS = {"held_by", "cases", "mutations"}
"""The keys that name what fails when a promise is broken."""

FENCE = "```"
ADMONITION = re.compile(r"^\?\?\? .*\n(?:(?: {4}.*)?\n)*", re.MULTILINE)
ITEM = re.compile(r"(?:\d+\.|[-*]) ")
END_OF_SENTENCE = re.compile(r"(?<=[.?!]) ")
"""What stands in bold before a sentence belongs to it: `**Head.** Comments say...`."""


def _blocks(text: str) -> Iterator[str]:
    """Yield paragraphs, list items and table rows, each in one line, without its mark.

    Left out are headings, fences, and the measurements, which stand in an admonition.
    """
    plain = "".join(text.split(f"\n{FENCE}")[::2])
    for paragraph in re.split(r"\n{2,}", ADMONITION.sub("", plain)):
        lines = [line for line in paragraph.splitlines() if not line.startswith("#")]
        if lines[:1] and lines[0].startswith("|"):
            yield from lines[2:]
            continue
        block = ""
        for line in lines:
            if ITEM.match(line):
                if block:
                    yield block
                block = ITEM.sub("", line, count=1)
            else:
                block = f"{block} {line.strip()}".strip()
        if block:
            yield block


def sentences(text: str) -> list[str]:
    """Return the sentences of a page; that of a table is told with its row's first cell."""
    found = []
    for block in _blocks(text):
        cells = block.strip("|").split("|") if block.startswith("|") else [block]
        *subject, words = [cell.strip() for cell in cells]
        found += [" | ".join([*subject, told]) for told in END_OF_SENTENCE.split(words)]
    return found


@cache
def _rows() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = yaml.safe_load((ROOT / TABLE).read_text(encoding="utf-8"))
    return rows


@cache
def _page() -> list[str]:
    return sentences((ROOT / PAGE).read_text(encoding="utf-8"))


def _named(key: str) -> list[str]:
    return sorted({name for row in _rows() for name in row.get(key, ())})


def faults(page: list[str], rows: list[dict[str, Any]]) -> Iterator[str]:
    """Yield in a line each what is to do so that page and table say the same."""
    told = Counter(row["says"] for row in rows)
    for sentence in page:
        if sentence not in told:
            yield f"{PAGE}: '{sentence}' is in no row of {TABLE}: name the test that holds it."
    for sentence, count in told.items():
        if sentence not in page:
            yield f"{TABLE}: '{sentence}' is no longer in {PAGE}: correct or remove the row."
        elif count != page.count(sentence):
            yield f"{TABLE}: '{sentence}' has {count} rows: leave one for each time it is said."


def test_each_sentence_of_the_page_is_in_a_row() -> None:
    assert "\n".join(faults(_page(), _rows())) == ""


def test_the_rows_are_in_the_order_of_the_page() -> None:
    assert [row["says"] for row in _rows()] == _page()


def test_a_row_names_what_holds_its_sentence_or_says_why_nothing_does() -> None:
    for row in _rows():
        keys = row.keys() - {"says"}
        assert keys == {"explains"} or (keys and keys <= HOLDS), row
        assert all(row[key] for key in keys), row


@pytest.mark.parametrize("identity", _named("held_by"))
def test_each_test_that_is_named_exists(identity: str) -> None:
    file, _colons, name = identity.partition("::")
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    assert name in names, f"{TABLE}: there is no {identity}: name the test that holds the sentence."


@pytest.mark.parametrize(
    ("key", "file"),
    [("cases", "templates/cases.yml"), ("mutations", "templates/mutations.yml")],
)
def test_each_case_and_each_mutation_that_is_named_exists(key: str, file: str) -> None:
    read = yaml.safe_load((ROOT / file).read_text(encoding="utf-8"))
    known = {row["name"] for row in read["cases"]} if key == "cases" else set(read["kinds"])
    missing = [f"{TABLE}: {file} has no '{name}'." for name in _named(key) if name not in known]
    assert "\n".join(missing) == ""


def test_the_gate_runs_each_sample_each_mutation_and_each_linter() -> None:
    assert (ROOT / ".ci/run").read_text(encoding="utf-8").rstrip().endswith("\nmake test")
    command = ["make", "--dry-run", "test"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    ran = [line.strip() for line in done.stdout.splitlines()]
    for words in ("tabproof prove --fresh", "tabproof prove --mutate", "tabproof prove --lint"):
        assert any(re.fullmatch(rf"\S*/{words}(?: --require \S+)?", line) for line in ran), words
    assert any(line.startswith(".venv/bin/pytest --numprocesses ") for line in ran)


# What this module itself holds


EXAMPLE = """\
# A heading. Not told.

First. "Second". Does `a.b`
go on? Yes.

1. **Head.** A rule.
2. Another
   rule.

| Head. | Told. |
| --- | --- |
| Files | One. Two. |

```text
A fence. Not told.
```

??? note "Not told."
    Nor this.

    | Nor | this |
"""


def test_a_page_is_read_by_its_sentences() -> None:
    assert sentences(EXAMPLE) == [
        *("First.", '"Second".', "Does `a.b` go on?", "Yes."),
        *("**Head.** A rule.", "Another rule."),
        *("Files | One.", "Files | Two."),
    ]


def test_a_sentence_that_is_new_changed_or_gone_is_told_in_a_line() -> None:
    rows = [{"says": "One."}, {"says": "Two."}, {"says": "Two."}, {"says": "Gone."}]
    assert list(faults(["One.", "New.", "Two."], rows)) == [
        f"{PAGE}: 'New.' is in no row of {TABLE}: name the test that holds it.",
        f"{TABLE}: 'Two.' has 2 rows: leave one for each time it is said.",
        f"{TABLE}: 'Gone.' is no longer in {PAGE}: correct or remove the row.",
    ]
