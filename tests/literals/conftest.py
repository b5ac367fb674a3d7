from __future__ import annotations

import pytest

from tabproof.catalog import packaged_templates
from tabproof.model.language import Language, LanguageShape
from tabproof.yaml_file import read


@pytest.fixture(scope="session")
def languages() -> dict[str, Language]:
    """The languages alone: a fault in a scenario or a case is no fault of a literal."""
    return {
        path.parent.name: Language(
            path.parent.name, str(path.parent), read(path, LanguageShape, str(path))[0]
        )
        for path in sorted(packaged_templates().glob("*/language.yml"))
    }
