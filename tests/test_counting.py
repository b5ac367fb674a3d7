from __future__ import annotations

import pytest

from tabproof.counting import be, counted


@pytest.mark.parametrize(
    ("count", "words"), [(0, "0 files are"), (1, "1 file is"), (2, "2 files are")]
)
def test_one_of_something_is_told_in_the_singular(count: int, words: str) -> None:
    assert f"{counted(count, 'file')} {be(count)}" == words
