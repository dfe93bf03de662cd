"""A hundred characters and ten posts each, in rehearsal: nothing invalid, hardly anything twice, shares as planned.

Likeness across the cast is told, not mended, and the word banks have fewer trades than the cast has members.
"""

from __future__ import annotations

import pytest

from benchmarks.posts import rehearsed


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "zh", "ja"])
def test_a_thousand_posts_are_valid_and_varied(language: str) -> None:
    made = rehearsed(language, 100)
    assert made.invalid == ()
    assert made.variety["posts"] == 1000
    assert made.variety["near_duplicates"]["within"] == 0
    assert made.variety["near_duplicates"]["across"] <= 0.01 * 1000
    assert made.variety["types_within_rounding"] == made.variety["characters"] == 100
