from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tabproof.project import catalog_reader


@pytest.fixture
def project(small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the small project that a test may change; it has no templates but its own."""
    root = tmp_path / "project"
    shutil.copytree(small, root)
    monkeypatch.setattr(catalog_reader, "packaged_templates", lambda: root / "templates")
    return root
