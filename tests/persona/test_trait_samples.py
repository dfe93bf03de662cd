"""Lots for a cast: no two alike, the same again, and hardly changed when a picture comes."""

from __future__ import annotations

import hashlib
import json
import statistics
from dataclasses import asdict, fields

import pytest

from persona.trait_samples import TraitSample, draw_again, draw_cast

HASHES = [hashlib.sha256(f"picture {number}".encode()).hexdigest() for number in range(200)]


def test_forty_pictures_have_forty_draws_and_no_trade_or_place_twice() -> None:
    draws = draw_cast(HASHES[:40], 0)
    assert len(set(draws.values())) == 40
    for field in ("region", "walk_of_life", "temperament", "name_comes_from"):
        assert len({getattr(draw, field) for draw in draws.values()}) == 40, field
    assert len({draw.age for draw in draws.values()}) == 8


def test_when_a_list_is_used_up_the_whole_draws_still_differ() -> None:
    assert len(set(draw_cast(HASHES, 0).values())) == len(HASHES)


def test_the_order_on_the_command_line_does_not_count() -> None:
    assert draw_cast(HASHES, 3) == draw_cast(reversed(HASHES), 3)


def test_another_seed_deals_anew() -> None:
    first, second = draw_cast(HASHES[:40], 0), draw_cast(HASHES[:40], 1)
    assert sum(first[one] != second[one] for one in HASHES[:40]) == 40


@pytest.mark.parametrize(("number", "most"), [(1, 0.3), (8, 3), (40, 6)])
def test_a_new_picture_changes_the_draws_of_those_alone_that_collide_with_it(number: int, most: float) -> None:
    changed = []
    for seed in range(30):
        before, after = draw_cast(HASHES[:number], seed), draw_cast(HASHES[: number + 1], seed)
        changed.append(sum(before[one] != after[one] for one in HASHES[:number]))
    assert statistics.mean(changed) < most


def test_a_new_picture_changes_nobody_with_a_lower_lot() -> None:
    for seed in range(10):
        after = draw_cast(HASHES[:41], seed)
        lower = list(after)[: list(after).index(HASHES[40])]
        before = draw_cast(HASHES[:40], seed)
        assert {one: before[one] for one in lower} == {one: after[one] for one in lower}


def test_a_persona_made_again_has_another_draw_each_time_and_the_same_for_the_same_attempt() -> None:
    others = frozenset(HASHES[:20])
    first = draw_cast(others, 0)[HASHES[0]]
    again = [draw_again(HASHES[0], attempt, others, 0) for attempt in (1, 2, 3)]
    assert len({first, *again}) == 4
    assert again[0] == draw_again(HASHES[0], 1, others, 0)


def test_a_draw_travels_as_compact_json_that_a_model_can_read() -> None:
    draw = draw_cast(HASHES[:1], 0)[HASHES[0]]
    assert json.loads(str(draw)) == asdict(draw)
    assert all(getattr(draw, field.name) for field in fields(TraitSample))
    assert "\n" not in str(draw)
