from __future__ import annotations

import pytest

from tabproof.model.language import Language
from tabproof.project.languages import read_all
from tabproof.project.template_files import packaged_templates


@pytest.fixture(scope="session")
def languages() -> dict[str, Language]:
    """Load the languages alone: a fault in a scenario or a case does not concern literals."""
    templates = packaged_templates()
    return read_all([templates], templates.parent)
