"""An API that is nothing like the first one: Ghost's Admin API, in all languages."""

from __future__ import annotations

import itertools
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import jwt
import pytest
from click.testing import Result
from tests.languages import LANGUAGES

from tabproof.cli import doctor
from tabproof.diagnosis.times import AnyMoment
from tabproof.diagnosis.token import judge_token
from tabproof.errors import InputError
from tabproof.model.catalog import Catalog
from tabproof.model.language import STEPS, VARIANTS
from tabproof.model.sample import Sample, SampleKey
from tabproof.model.scenario import FromCredential, Scenario
from tabproof.project import catalog_reader, mutations
from tabproof.project.cases import cases_for_language, cases_of
from tabproof.proof.mutation.apply import NoSuchPlaceholder, fill_placeholders, mutate_sample
from tabproof.proof.mutation.substitutions import substitutions_of
from tabproof.render.renderer import Renderer

Run = Callable[..., Result]
HERE = Path(__file__).parent
SCENARIO = HERE / "create-post.yml"
VARIABLE = "GHOST_ADMIN_API_KEY"
ID, SECRET = "5b7ada404f87d200b5b1f9c8", "00112233445566778899aabbccddeeff" * 2
NOW = 1_800_000_000
ALL_CASES = "TABPROOF_ALL_CASES"
"""Set it to run all cases and all mutations: some minutes."""

FEW_CASES = (
    "success",
    "status-401",
    "connection-refused",
    "unset-admin_key",
    "unsplit-admin_key",
    "not-encoded-key_secret",
    "encoded-and-a-newline-key_secret",
    "tokyo",
    "process-arguments",
)


# The samples


def test_it_renders_in_every_language_and_variant(samples: list[Sample]) -> None:
    wanted = {
        SampleKey("create-post", variant, language)
        for variant, language in itertools.product(VARIANTS, LANGUAGES)
    }
    assert {sample.key for sample in samples} == wanted
    for sample in samples:
        assert tuple(sample.steps) == STEPS
        assert f"{VARIABLE} must be key_id:key_secret, with key_secret in hex." in sample.text


def test_every_sample_passes_its_communitys_linters(tabproof: Run) -> None:
    assert tabproof("generate", "--overwrite").exit_code == 0
    result = tabproof("prove", "--lint")
    assert result.exit_code == 0, result.stdout + result.stderr


def test_every_sample_does_what_the_scenario_says(tabproof: Run) -> None:
    assert tabproof("generate", "--overwrite").exit_code == 0
    chosen = () if os.environ.get(ALL_CASES) else FEW_CASES
    options = [option for name in chosen for option in ("--case", name)]
    result = tabproof("prove", "--fresh", *options)
    assert result.exit_code == 0, result.stdout + result.stderr
    found = re.search(r"(\d+) samples: (\d+) passed, 0 failed", result.stdout + result.stderr)
    assert found
    assert int(found[1]) == len(LANGUAGES) * len(VARIANTS)
    assert int(found[2]) >= len(chosen) * len(VARIANTS)


@pytest.mark.skipif(not os.environ.get(ALL_CASES), reason=f"takes minutes: set {ALL_CASES}")
def test_every_mutation_of_a_sample_is_noticed(tabproof: Run) -> None:
    assert tabproof("generate", "--overwrite").exit_code == 0
    result = tabproof("prove", "--mutate")
    assert result.exit_code == 0, result.stdout + result.stderr


def test_every_mutation_fits_the_text_and_names_a_case(
    ghost: Path, known: Catalog, scenario: Scenario, samples: list[Sample]
) -> None:
    rows = mutations.read_mutations(ghost, known.languages).rows
    kinds: set[tuple[str, str]] = set()
    for sample in samples:
        language = known.languages[sample.key.language]
        roles = substitutions_of(scenario, language)
        cases = {
            case.name for case in cases_for_language(language, cases_of(scenario, known.cases))
        }
        for row in rows[language.name]:
            if sample.key.variant not in row.variants:
                continue
            try:
                text, _line = mutate_sample(row, sample, roles)
                assert fill_placeholders(row.case, row, roles) in cases
            except NoSuchPlaceholder:
                continue
            assert text != sample.text
            kinds.add((language.name, row.kind))
    new = ("key-not-decoded", "body-missing", "content-type-missing", "form-not-named")
    assert set(itertools.product(LANGUAGES, new)) <= kinds


# The cases


def test_what_a_credential_holds_is_in_its_form_unless_the_case_is_about_that(
    known: Catalog, scenario: Scenario
) -> None:
    whole = scenario.credentials["admin_key"]
    cases = cases_of(scenario, known.cases)
    misfits = {c.name for c in cases if not whole.matches(c.credentials[VARIABLE] or "")}
    assert misfits == {
        "unset-admin_key",
        "empty-admin_key",
        "dotenv-admin_key",
        "unsplit-admin_key",
        "first-part-missing-admin_key",
        "last-part-missing-admin_key",
        "not-encoded-key_secret",
        "encoded-and-a-newline-key_secret",
        "half-a-byte-key_secret",
    }
    assert {case.name for case in cases if not case.expect.requests} >= misfits


def test_a_part_is_what_stands_before_or_after_the_first_separator(scenario: Scenario) -> None:
    before, after = scenario.leaves
    values = {VARIABLE: "a:b:c"}
    assert (before.text(values), after.text(values)) == ("a", "b:c")
    assert (before.variable, after.variable) == ("KEY_ID", "KEY_SECRET")
    assert scenario.token.header == {"kid": FromCredential(before)}


def test_the_parts_that_a_scenario_uses_are_known(tmp_path: Path, scenario: Scenario) -> None:
    assert scenario.used == {"key_id", "key_secret"}
    text = SCENARIO.read_text(encoding="utf-8")
    file = tmp_path / "templates/scenarios/create-post.yml"
    file.parent.mkdir(parents=True)
    file.write_text(text.replace("kid: {credential: key_id}", "kid: one"), encoding="utf-8")
    assert catalog_reader.load(tmp_path).scenarios["create-post"].used == {"key_secret"}


# What people get wrong


def _token(secret: bytes, kid: str = ID) -> str:
    claims = {"iat": NOW, "exp": NOW + 300, "aud": "/admin/"}
    return jwt.encode(claims, secret, "HS256", {"kid": kid})


def _kinds(scenario: Scenario, token: str) -> list[str]:
    credentials = {VARIABLE: f"{ID}:{SECRET}"}
    return [f.kind for f in judge_token(token, scenario, credentials, AnyMoment(NOW, 0)).faults]


def test_a_right_token_is_right(scenario: Scenario) -> None:
    assert _kinds(scenario, _token(bytes.fromhex(SECRET))) == []


@pytest.mark.parametrize(
    ("token", "kinds"),
    [
        (_token(SECRET.encode()), ["secret-hex"]),
        (_token(f"{ID}:{SECRET}".encode()), ["signed-with-key"]),
        (_token(bytes.fromhex(SECRET), f"{ID}:{SECRET}"), ["header-other"]),
        (f"{ID}:{SECRET}", ["not-a-jwt"]),
    ],
    ids=["not decoded", "not split", "whole as kid", "no token"],
)
def test_a_wrong_one_is_explained(scenario: Scenario, token: str, kinds: list[str]) -> None:
    assert _kinds(scenario, token) == kinds


def test_no_explanation_holds_the_secret(scenario: Scenario) -> None:
    token = _token(bytes.fromhex(SECRET), f"{ID}:{SECRET}")
    credentials = {VARIABLE: f"{ID}:{SECRET}"}
    faults = judge_token(token, scenario, credentials, AnyMoment(NOW, 0)).faults
    assert faults
    assert SECRET not in repr(faults)


@pytest.mark.parametrize("text", [SECRET, f"{ID}:", f":{SECRET}", f"{ID}:xyz", f"{ID}:{SECRET}\n"])
def test_a_credential_that_is_not_in_its_form_is_named(scenario: Scenario, text: str) -> None:
    with pytest.raises(InputError) as caught:
        judge_token("eyJ.eyJ.x", scenario, {VARIABLE: text}, AnyMoment(NOW, 0))
    form = "key_id:key_secret, with key_secret in hex"
    assert str(caught.value) == f"{VARIABLE} is not {form}, as the scenario says it is."


# What the scenario's file cannot say


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("{credential: key_secret, e", "{credential: admin_key, e", "'admin_key' holds two cred"),
        ("[key_id, key_secret]", "[key_id, path]", "PATH means something to shells or programs"),
        ("[key_id, key_secret]", "[key_id, key_id]", "'key_id' is the name of another credential"),
        ('at: ":"', 'at: "::"', "expected one of the characters"),
        ("kid: {credential: key_id}", "kid: {credential: id}", "unknown credential 'id'; choose"),
        ("kid: {credential: key_id}", "alg: none", "the header has its `alg` by itself"),
        ("status: draft\n", "status: {credential: x}\n", "unknown credential 'x'; choose"),
        ("status: draft\n", "status: {seconds_from_now: x}\n", "expected an integer"),
    ],
)
def test_a_mistake_in_the_new_parts_is_told_with_its_line(
    old: str, new: str, words: str, tmp_path: Path, tabproof: Run
) -> None:
    file = tmp_path / "templates/scenarios/create-post.yml"
    file.parent.mkdir(parents=True)
    text = SCENARIO.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    result = tabproof("--root", str(tmp_path), "check")
    assert result.exit_code == 2
    # The manifest is not there either; the fault comes last, and alone.
    stale, fault = result.stderr.splitlines()
    assert stale.startswith("tabproof: 1 file of samples/ is not current; ")
    assert re.fullmatch(r"tabproof: templates/scenarios/create-post\.yml:\d+: .*", fault)
    assert words in fault


# A house style

PAGE = HERE.parent.parent / "docs/change-a-language.md"
EXAMPLE = re.compile(
    r'```jinja\n(\{% extends "package/ruby/step-request\.rb\.jinja" %\}\n.*?)```', re.DOTALL
)
ADDED = "# What each status means: https://docs.shop.example/errors\n"


def test_a_project_overrides_one_block_of_one_language_as_the_page_shows(
    tmp_path: Path, samples: list[Sample], tabproof: Run
) -> None:
    scenarios = tmp_path / "templates/scenarios"
    scenarios.mkdir(parents=True)
    shutil.copy(SCENARIO, scenarios)
    own = tmp_path / "templates/ruby/step-request.rb.jinja"
    own.parent.mkdir()
    (example,) = EXAMPLE.findall(PAGE.read_text(encoding="utf-8"))
    own.write_text(example, encoding="utf-8")
    for sample in Renderer(catalog_reader.load(tmp_path)).all():
        packaged = next(each.text for each in samples if each.key == sample.key)
        assert sample.text.replace(ADDED, "") == packaged
        assert (ADDED in sample.text) == (sample.key.language == "ruby")
    places = dict(doctor.template_source_lines(catalog_reader.load(tmp_path).languages, tmp_path))
    assert places.keys() == {"all languages", "Ruby", "other languages"}
    name = "step-request.rb.jinja"
    assert places["Ruby"].startswith(f"{name} from templates/ruby/{name}; ")
    assert str(tmp_path) not in places["other languages"]
    there = ("--root", str(tmp_path))
    assert tabproof(*there, "generate").exit_code == 0
    some = ("--case", "success", "--case", "status-401", "--case", "connection-refused")
    result = tabproof(*there, "prove", "--language", "ruby", "--variant", "stdlib", *some)
    assert result.exit_code == 0, result.stdout + result.stderr
