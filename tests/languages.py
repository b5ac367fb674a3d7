"""The packaged languages: that each has a folder, and which of them are on every page."""

from __future__ import annotations

from tabproof.model.language import VARIANTS
from tabproof.project.languages import read_all
from tabproof.project.template_files import packaged_templates

TEMPLATES = packaged_templates()
LANGUAGES = sorted(path.parent.name for path in TEMPLATES.glob("*/language.yml"))

USUAL = [
    name
    for name, language in read_all([TEMPLATES], TEMPLATES.parent).items()
    if not language.data.on_request
]
"""Those with a tab on a page that names no languages, in the order of the tabs."""

SAMPLES = len(LANGUAGES) * len(VARIANTS)
"""How many a scenario has."""
