"""Names that a credential may not have, because a language or a shell has them already."""

from __future__ import annotations

import builtins
import keyword
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import msgspec
import pytest
from click.testing import Result

from tabproof.errors import InputError
from tabproof.model.catalog import Catalog
from tabproof.model.notation import Identifiers
from tabproof.model.reserved_variables import TAKEN
from tabproof.model.scenario import Scenario
from tabproof.project import catalog_reader
from tabproof.project.names import identifier
from tabproof.render.renderer import Renderer

replace = msgspec.structs.replace
SCENARIO = "templates/scenarios/list-users.yml"

BUILT_IN = dir(builtins) if sys.version_info < (3, 15) else []
"""A later Python may have more of them than the releases that samples are for."""

KEYWORDS = {
    # ECMA-262, section 12.7.2; those of strict mode and modules, and its 13.1.1.
    "node": """
        await break case catch class const continue debugger default delete do else enum export
        extends false finally for function if import in instanceof new null return super switch
        this throw true try typeof var void while with yield
        let static implements interface package private protected public arguments eval
        """,
    # The C# reference, "C# keywords": the reserved ones.
    "csharp": """
        abstract as base bool break byte case catch char checked class const continue decimal
        default delegate do double else enum event explicit extern false finally fixed float for
        foreach goto if implicit in int interface internal is lock long namespace new null object
        operator out override params private protected public readonly ref return sbyte sealed
        short sizeof stackalloc static string struct switch this throw true try typeof uint ulong
        unchecked unsafe ushort using virtual void volatile while await
        """,
    # Ruby's doc/syntax/keywords.rdoc, without those that no credential can be called.
    "ruby": """
        alias and begin break case class def do else elsif end ensure false for if in module next
        nil not or redo rescue retry return self super then true undef unless until when while
        yield
        """,
    "python": " ".join(
        name for name in [*keyword.kwlist, *BUILT_IN] if re.fullmatch("[a-z]+", name)
    ),
    # Everything else may follow a dollar sign.
    "php": "this",
}
ALL = sorted({word for words in KEYWORDS.values() for word in words.split()})
PARSERS = {
    "node": ["node", "--check"],
    "ruby": ["ruby", "-c"],
    "php": ["php", "-n", "-l"],
    "python": [sys.executable, "-m", "py_compile"],
}


@pytest.fixture(scope="module")
def known(pristine: Path) -> Catalog:
    return catalog_reader.load(pristine)


@pytest.fixture(scope="module")
def renderer(known: Catalog) -> Renderer:
    return Renderer(known)


def called(scenario: Scenario, name: str) -> Scenario:
    """The scenario with another name for its key."""
    key = replace(scenario.credentials["api_key"], name=name)
    rest = {n: each for n, each in scenario.credentials.items() if n != "api_key"}
    return replace(scenario, credentials={name: key, **rest})


def is_refused(renderer: Renderer, known: Catalog, name: str, language: str) -> bool:
    scenario = called(known.scenarios["list-users"], name)
    refusal = f"{scenario.name}, {language}: the credential '{name}' has a name that"
    try:
        renderer.sample(scenario, "stdlib", known.languages[language])
    except InputError as error:
        if not str(error).startswith(refusal):
            raise
        return True
    return False


@pytest.mark.parametrize("language", KEYWORDS)
def test_a_credential_may_not_be_called_as_a_keyword_or_a_built_in_name(
    language: str, known: Catalog, renderer: Renderer
) -> None:
    words = KEYWORDS[language].split()
    assert words
    assert [word for word in words if not is_refused(renderer, known, word, language)] == []


@pytest.mark.parametrize("name", ["class", "def", "end", "return", "string", "this", "id"])
def test_such_a_name_is_reported_in_one_line_for_each_language_that_reserves_it(
    name: str, project: Path, known: Catalog, renderer: Renderer, tabproof: Callable[..., Result]
) -> None:
    text = (project / SCENARIO).read_text(encoding="utf-8")
    (project / SCENARIO).write_text(re.sub(r"\bapi_key\b", name, text), encoding="utf-8")
    line = next(n for n, row in enumerate(text.splitlines(), 1) if row.startswith("  api_key:"))
    languages = [each for each in known.languages if is_refused(renderer, known, name, each)]
    assert languages
    messages = [
        f"tabproof: {SCENARIO}:{line}: list-users, {language}: the credential '{name}' has a name "
        "that the templates or the language reserve; rename it in the scenario."
        for language in languages
    ]
    for command in ("check", "generate"):
        result = tabproof(command)
        assert result.exit_code == 2
        assert result.stderr.splitlines()[-len(messages) :] == messages
        assert result.stderr.count("the credential") == len(messages)


@pytest.mark.parametrize("language", PARSERS)
def test_a_sample_with_any_name_that_is_not_refused_is_well_formed(
    language: str, known: Catalog, renderer: Renderer, tmp_path: Path
) -> None:
    """All such names are declared in one file; one that is a keyword in disguise breaks it."""
    program = shutil.which(PARSERS[language][0])
    if program is None:
        pytest.skip(f"{language}: not installed")
    data = known.languages[language].data
    names = [name for name in ALL if not is_refused(renderer, known, name, language)]
    forms = {"node": "const {} = 1;", "php": "${} = 1;", "ruby": "{} = 1", "python": "{} = 1"}
    lines = [forms[language].replace("{}", identifier(name, data.identifiers)) for name in names]
    assert lines
    head = ["<?php"] if language == "php" else []
    suffix = data.file_name.rpartition(".")[2]
    file = tmp_path / f"names.{suffix}"
    file.write_text("\n".join([*head, *lines]) + "\n", encoding="utf-8")
    command = [program, *PARSERS[language][1:], str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


ASSIGNED = {
    "node": r"\b(?:const|let|function)\s+(\w+)|\bimport\s+\{?\s*(\w+)|\bcatch\s+\((\w+)",
    "csharp": r"\b(?:var|int|string|byte\[\]|Exception)\s+(\w+)\s*(?:=|;|\))",
    "php": r"\$(\w+)",
    "python": r"(?m)^\s*(\w+) = |\bdef (\w+)|^import (\w+)|\bas (\w+):|\bfor (\w+) in",
    "ruby": r"(?m)^\s*(\w+) = |\bdef (\w+)|\|(\w+)\||=> (\w+)$",
}


@pytest.mark.parametrize("language", ASSIGNED)
def test_every_name_that_a_template_assigns_is_kept_from_credentials(
    language: str, known: Catalog
) -> None:
    identifiers = known.languages[language].data.identifiers
    assigned: set[str] = set()
    for sample in Renderer(known).all():
        if sample.key.language == language:
            own = known.scenarios[sample.key.scenario].credentials
            code = re.sub(r"(?m)^\s*(?://|#(?!\{)).*$", "", sample.text)
            found = re.findall(ASSIGNED[language], code)
            names = {n for each in found for n in ([each] if isinstance(each, str) else each) if n}
            assigned |= names - {identifier(name, identifiers) for name in own}
    assert assigned
    # A credential's variable never begins with a capital or an underscore.
    assert {n for n in assigned if n[0].islower()} - set(identifiers.reserved) == set()


@pytest.mark.parametrize(
    "name", ["PATH", "HOME", "IFS", "LANG", "TZ", "UID", "BASH_ENV", "LD_PRELOAD", "HTTPS_PROXY"]
)
def test_a_variable_that_shells_and_programs_read_is_no_credential(
    name: str, project: Path, tabproof: Callable[..., Result]
) -> None:
    assert name in TAKEN
    text = (project / SCENARIO).read_text(encoding="utf-8")
    line = next(n for n, each in enumerate(text.splitlines(), 1) if "ZOOM_API_KEY" in each)
    (project / SCENARIO).write_text(text.replace("ZOOM_API_KEY", name, 1), encoding="utf-8")
    result = tabproof("check")
    assert (result.exit_code, result.stdout) == (2, "")
    words = f"{name} means something to shells or programs; name another."
    assert result.stderr == f"tabproof: {SCENARIO}:{line}: {words}\n"


def test_every_variable_that_is_taken_could_be_written_in_a_scenario() -> None:
    assert [name for name in TAKEN if not re.fullmatch("[A-Z][A-Z0-9_]*", name)] == []


@pytest.mark.parametrize(
    ("name", "case", "spelt"),
    [
        ("key_id", "camel", "keyID"),
        ("id_of_key", "camel", "idOfKey"),
        ("base_url_id", "camel", "baseURLID"),
        ("identity", "camel", "identity"),
        ("api_idea", "camel", "apiIdea"),
        ("key_id", "snake", "key_id"),
    ],
)
def test_an_initialism_is_in_capitals_where_it_does_not_come_first(
    name: str, case: Literal["camel", "snake"], spelt: str
) -> None:
    assert identifier(name, Identifiers(case=case, initialisms=("id", "url", "api"))) == spelt
