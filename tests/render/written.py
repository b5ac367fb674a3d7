"""Render a sample from templates that a test writes."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from tabproof.model.catalog import Catalog
from tabproof.model.scenario import Scenario
from tabproof.render.renderer import Renderer

SAMPLE = "ruby/sample.rb.jinja"
TOKEN = "ruby/step-jwt-library.rb.jinja"
REQUEST = "ruby/step-request.rb.jinja"


def with_templates(catalog: Catalog, templates: Mapping[str, str]) -> Catalog:
    """Return a catalog with other texts for some templates, or with more templates."""
    places = {name: f"templates/{name}" for name in templates}
    return replace(
        catalog, sources=catalog.sources | dict(templates), places=places | catalog.places
    )


def ruby(catalog: Catalog, scenario: Scenario | None = None) -> str:
    """Return the text of a sample in Ruby, of the variant `library`."""
    chosen = scenario or catalog.scenarios["list-users"]
    return Renderer(catalog).sample(chosen, "library", catalog.languages["ruby"]).text


def token(
    catalog: Catalog, text: str, scenario: Scenario | None = None, section: str = "token"
) -> str:
    """Return a section of a sample whose token a template of this text writes."""
    chosen = scenario or catalog.scenarios["list-users"]
    renderer = Renderer(with_templates(catalog, {TOKEN: text}))
    sample = renderer.sample(chosen, "library", catalog.languages["ruby"])
    first, last = sample.steps[section]
    return "\n".join(sample.text.split("\n")[first - 1 : last])
