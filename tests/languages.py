"""What tests know of the packaged languages: that each has a folder."""

from __future__ import annotations

from tabproof.catalog import packaged_templates
from tabproof.model.language import VARIANTS

LANGUAGES = sorted(path.parent.name for path in packaged_templates().glob("*/language.yml"))

SAMPLES = len(LANGUAGES) * len(VARIANTS)
"""How many a scenario has."""
