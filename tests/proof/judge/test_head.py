"""The head of a sample says what its proof ran, and nothing else."""

from __future__ import annotations

import msgspec
import pytest
from tests.languages import LANGUAGES

from tabproof.model.catalog import Catalog
from tabproof.model.language import VARIANTS, Head
from tabproof.model.sample import Sample, SampleKey
from tabproof.proof.judge.head import find_head_faults
from tabproof.render.renderer import Renderer

PYTHON = SampleKey("list-users", "library", "python")
CSHARP = SampleKey("list-users", "library", "csharp")
SET = "Set:     ZOOM_API_KEY and ZOOM_API_SECRET\n"
RUN = "Run:     python3 list_users.py\n"
PACKAGE = "#:package Microsoft.IdentityModel.JsonWebTokens@8.23.0\n"


@pytest.fixture(scope="module")
def samples(catalog: Catalog) -> dict[SampleKey, Sample]:
    return {sample.key: sample for sample in Renderer(catalog).all()}


def faults(catalog: Catalog, sample: Sample, text: str) -> list[str]:
    language = catalog.languages[sample.key.language].data
    scenario = catalog.scenarios[sample.key.scenario]
    return [f.message() for f in find_head_faults(text, sample, scenario, language)]


def test_every_sample_has_the_head_of_its_language(
    catalog: Catalog, samples: dict[SampleKey, Sample]
) -> None:
    for sample in samples.values():
        assert faults(catalog, sample, sample.text) == []
    for name in LANGUAGES:
        heads = catalog.languages[name].data.heads
        assert {variant for head in heads for variant in head.variants} == set(VARIANTS)


@pytest.mark.parametrize(
    ("key", "edit"),
    [
        (PYTHON, (SET, "", "`Set: ZOOM_API_KEY and ZOOM_API_SECRET` in the head; seen none")),
        (
            PYTHON,
            (SET, SET * 2, "`Set: ZOOM_API_KEY and ZOOM_API_SECRET` in the head; seen 'ZOOM_"),
        ),
        (PYTHON, (" and ZOOM_API_SECRET", "", "in the head; seen 'ZOOM_API_KEY'")),
        (PYTHON, ("3.9", "3.10", "`Install: Python 3.9 or later; pip install PyJWT` in the head;")),
        (PYTHON, ("python3 list", "python3 ./list", "`Run: python3 list_users.py` in the head;")),
        (PYTHON, (SET, f"{SET}PyJWT 1.7 works too\n", "three lines in the head; seen 'PyJWT 1.7")),
        (PYTHON, (RUN, f"{RUN}with KEY=x\n", "three lines in the head; seen 'with KEY=x'")),
        (CSHARP, ("8.23.0", "8.*", "JsonWebTokens@8.23.0`; seen '#:package Microsoft")),
        (CSHARP, (PACKAGE, f"{PACKAGE}#:package Other@1.0.0\n", "`; seen '#:package Micr")),
        (CSHARP, ("// Run:", "// Or mcs ListUsers.cs\n// Run:", "seen '// Or mcs ListUsers.cs'")),
    ],
)
def test_another_head_is_found(
    catalog: Catalog, samples: dict[SampleKey, Sample], key: SampleKey, edit: tuple[str, str, str]
) -> None:
    old, new, words = edit
    text = samples[key].text
    assert text.count(old) == 1
    (message,) = faults(catalog, samples[key], text.replace(old, new))
    assert words in message


def test_a_package_without_an_exact_version_is_no_head() -> None:
    for package in ("#:package X@8.*", "#:package X", "#:package X@8"):
        with pytest.raises(msgspec.ValidationError, match="does not end in an exact version"):
            msgspec.convert({"install": "x", "run": "y", "packages": [package]}, Head)
    with pytest.raises(msgspec.ValidationError, match="unknown placeholder"):
        msgspec.convert({"install": "x {version}", "run": "y"}, Head)
