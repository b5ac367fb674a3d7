"""A path that is not on every operating system is a fault of a sample."""

from __future__ import annotations

import msgspec
import pytest

from tabproof.model.catalog import Catalog
from tabproof.proof.judge.judge_runs import text_faults
from tabproof.proof.judge.system_paths import find_system_paths
from tabproof.proof.prepare.runnable_sample import RunnableSample
from tabproof.render.renderer import Renderer


@pytest.mark.parametrize(
    "path",
    [
        "/tmp/answer",  # noqa: S108 - what is looked for
        "/etc/ssl/cert.pem",
        "/Library/x",
        r"C:\temp\x",
        r"D:\\x",
    ],
)
def test_a_path_of_one_operating_system_is_found_with_its_line(path: str) -> None:
    (finding,) = find_system_paths(f"#!/usr/bin/env tale\nread()\nopen('{path}')\n")
    assert finding.expected == "no path of one operating system"
    assert (finding.observed, finding.line) == (path, 3)


@pytest.mark.parametrize(
    "text",
    ["#!/usr/bin/env tale\n", "url = 'https://api.example.com/usr/bin'\n", "path = '/v2/users'\n"],
)
def test_what_is_on_every_operating_system_is_none(text: str) -> None:
    assert list(find_system_paths(text)) == []


def test_no_sample_has_such_a_path(catalog: Catalog) -> None:
    samples = list(Renderer(catalog).all())
    assert samples
    assert {s.path: list(find_system_paths(s.text)) for s in samples} == {
        s.path: [] for s in samples
    }


def test_a_path_in_a_sample_fails_its_runs(catalog: Catalog) -> None:
    sample = next(s for s in Renderer(catalog).all() if s.key.language == "ruby")
    subject = RunnableSample(
        sample,
        catalog.scenarios[sample.key.scenario],
        catalog.languages["ruby"],
        sample.path,
        sample.text,
        sample.digest,
        (),
        "not asked",
    )
    assert text_faults(subject) == []
    edited = f"{sample.text}File.write('C:\\\\answer', body)\n"
    (finding,) = text_faults(msgspec.structs.replace(subject, text=edited))
    assert (finding.observed, finding.line) == (r"C:\\answer", edited.count("\n"))
