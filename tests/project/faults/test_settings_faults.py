"""The message for each fault in the settings."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.project.faults.fault import Fault

from tabproof.cli import main

KEYS = "choose expand, explain, labels, languages, prove, serve, variants or watch."
EMPTY = "is empty; write a setting here, or remove it."
JOBS = "`prove.jobs`: expected an integer above 0; got"
LANGUAGES = "`languages`: expected a list that is not empty; got"
PORT = "`serve.port`: expected an integer from 0 to 65535; got"
CONFLICT = "a merge conflict begins here; resolve it."
NO_VALUE = "is not TOML: there is no such value; a text is in quotes."

# One row per fault: the edit and its line, then the message; the formatter would make it seven.
# fmt: off
FAULTS = [
    Fault("command-is-a-line", '[watch]\ncommand = "zensical serve"\n', 2,
          "`watch.command`: expected a list that is not empty; got the string 'zensical serve'."),
    Fault("empty-file", "# Nothing yet.\n", 1, EMPTY),
    Fault("empty-table", 'languages = ["node"]\n\n[prove]\n', 3, EMPTY),
    Fault("format-unknown", '[expand]\nformat = "jekyll"\n', 2,
          "`expand.format`: unknown value 'jekyll'; choose docusaurus, gfm, material or "
          "starlight."),
    Fault("in-place-and-output", '[expand]\nin_place = true\noutput = "wiki"\n', 1,
          "`expand`: `in_place` and `output` exclude each other."),
    Fault("in-place-in-quotes", '[expand]\nin_place = "yes"\n', 2,
          "`expand.in_place`: expected true or false; got the string 'yes'."),
    Fault("isolation-unknown", '[prove]\nisolation = "docker"\n', 2,
          "`prove.isolation`: unknown value 'docker'; choose auto, bubblewrap or rebased."),
    Fault("jobs-in-quotes", '[prove]\njobs = "2"\n', 2, f"{JOBS} the string '2'."),
    Fault("jobs-is-a-fraction", "[prove]\njobs = 1.5\n", 2, f"{JOBS} 1.5."),
    Fault("jobs-is-true", "[prove]\njobs = true\n", 2, f"{JOBS} true."),
    Fault("jobs-zero", "prove.jobs = 0\n", 1, f"{JOBS} 0."),
    Fault("key-of-many-levels", "a." * 60 + "b = 1\n", 1,
          "is nested too deep; write fewer levels."),
    Fault("key-twice", 'languages = ["node"]\nlanguages = ["ruby"]\n', 2,
          "is not TOML: the key is given twice; remove one."),
    Fault("key-unknown-in-a-table", '[prove]\nisolation = "rebased"\njob = 2\n', 3,
          "unknown key 'job'; choose isolation or jobs."),
    Fault("key-unknown", 'langauges = ["node"]\n', 1, f"unknown key 'langauges'; {KEYS}"),
    Fault("key-with-a-hyphen", "[expand]\nin-place = true\n", 2,
          "unknown key 'in-place'; choose format, in_place, lang, output, pages or raw."),
    Fault("language-is-a-number", 'languages = [\n  "node",\n  3,\n]\n', 1,
          "`languages[1]`: expected a string; got 3."),
    Fault("language-twice", 'languages = ["node", "ruby", "node"]\n', 1,
          "'node' is given twice; remove one."),
    Fault("languages-is-a-word", 'languages = "node"\n', 1, f"{LANGUAGES} the string 'node'."),
    Fault("languages-none", "languages = []\n", 1, f"{LANGUAGES} an empty list."),
    Fault("list-without-an-end", 'languages = ["node",\n  "ruby"\n', 2,
          "is not TOML: unclosed array."),
    Fault("merge-conflict",
          '<<<<<<< HEAD\nlanguages = ["node"]\n=======\nlanguages = ["ruby"]\n>>>>>>> theirs\n', 1,
          CONFLICT),
    Fault("number-too-long", "[prove]\njobs = " + "9" * 5000 + "\n", 2, "the number is too long."),
    Fault("pages-is-a-word", '[expand]\npages = "docs"\n', 2,
          "`expand.pages`: expected a list that is not empty; got the string 'docs'."),
    Fault("port-is-a-date", "[serve]\nport = 2026-11-25\n", 2, f"{PORT} 2026-11-25."),
    Fault("port-too-large", "[serve]\nport = 65536\n", 2, f"{PORT} 65536."),
    Fault("string-without-an-end", 'variants = ["library]\n', 1,
          "is not TOML: the quotes of this text do not end in its line."),
    Fault("table-is-a-list-of-tables", "[[prove]]\njobs = 2\n", 1,
          "`prove`: expected a mapping; got a list of 1."),
    Fault("table-is-a-value", 'prove = "rebased"\n', 1,
          "`prove`: expected a mapping; got the string 'rebased'."),
    Fault("table-of-the-shared-file", '[tool.tabproof]\nlanguages = ["node"]\n', 1,
          f"unknown key 'tool'; {KEYS}"),
    Fault("table-twice", '[prove]\njobs = 1\n[prove]\nisolation = "auto"\n', 3,
          "is not TOML: the table is given twice; remove one."),
    Fault("table-unknown", "[generate]\noverwrite = true\n", 1, f"unknown key 'generate'; {KEYS}"),
    Fault("value-without-quotes", "[prove]\nisolation = rebased\n", 2, NO_VALUE),
    Fault("variant-unknown", 'variants = ["native"]\n', 1,
          "`variants[0]`: unknown value 'native'; choose library or stdlib."),
    Fault("variants-is-a-table", "[variants]\nlibrary = true\n", 1,
          "`variants`: expected a list that is not empty; got a mapping."),
    Fault("yaml", "languages: [node, ruby]\n", 1,
          "is not TOML: a key is followed by `=` and its value."),
]

PYPROJECT_FAULTS = [
    Fault("key-unknown",
          '[tool.ruff]\nlint.select = [\n  "ALL",\n]\n[tool.tabproof]\nlang = ["node"]\n', 6,
          f"unknown key 'lang'; {KEYS}"),
    Fault("merge-conflict",
          "<<<<<<< HEAD\n[tool.tabproof]\n=======\n[tool.ruff]\n>>>>>>> theirs\n", 1,
          CONFLICT),
    Fault("not-toml", '[project]\nname = "orders"\n[tool.tabproof]\nlanguages = node\n', 4,
          NO_VALUE),
    Fault("table-empty", '[project]\nname = "orders"\n\n[tool.tabproof]\n', 4, EMPTY),
    Fault("table-inside-empty",
          '[tool.tabproof]\nlanguages = ["node"]\n\n[tool.tabproof.prove]\n\n[tool.ruff]\n'
          "line-length = 100\n", 4,
          EMPTY),
    Fault("table-is-a-value", '[tool]\ntabproof = "node"\n', 2,
          "the file: expected a mapping; got the string 'node'."),
]
# fmt: on


@pytest.mark.parametrize(
    ("file", "fault"),
    [
        pytest.param(file, fault, id=f"{file}-{fault.name}")
        for file, faults in (
            ("tabproof.toml", FAULTS),
            ("pyproject.toml", PYPROJECT_FAULTS),
        )
        for fault in faults
    ],
)
def test_a_fault_in_the_settings_is_reported_in_one_line_with_its_place(
    file: str, fault: Fault, tmp_path: Path
) -> None:
    (tmp_path / file).write_text(fault.apply_to(""), encoding="utf-8")
    arguments = ["--root", str(tmp_path), "config"]
    result = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert result.stderr == f"tabproof: {fault.located(file)}\n"
    assert (result.exit_code, result.stdout) == (2, "")
