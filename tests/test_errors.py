from __future__ import annotations

import pytest

from tabproof.errors import duration, is_or_are, pluralize


@pytest.mark.parametrize(
    ("count", "words"), [(0, "0 files are"), (1, "1 file is"), (2, "2 files are")]
)
def test_one_of_something_is_told_in_the_singular(count: int, words: str) -> None:
    assert f"{pluralize(count, 'file')} {is_or_are(count)}" == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0.0 s"),
        (0.44, "0.4 s"),
        (1.2, "1 s"),
        (59.4, "59 s"),
        (59.6, "1 min 0 s"),
        (84.2, "1 min 24 s"),
        (7500, "2 h 5 min"),
    ],
)
def test_a_time_is_told_in_the_units_that_people_use(seconds: float, words: str) -> None:
    assert duration(seconds) == words
