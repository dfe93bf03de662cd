"""The table of stages: that its rows fit together, and what follows from them."""

from __future__ import annotations

import pytest

from cli.dry_run.forecast import GUIDE
from cli.flags import command_line
from persona.schema.fields import Answer
from persona.schema.persona import answer_of
from persona.schema.stage_table import IN_ORDER, NAMES, PURPOSES, STAGES, TOGETHER, Stage, following


@pytest.mark.parametrize("stage", STAGES, ids=NAMES)
def test_a_row_names_a_field_of_persona_and_needs_stages_before_it(stage: Stage) -> None:
    assert issubclass(answer_of(stage.name), Answer)
    earlier = NAMES[: stage.number - 1]
    assert set(stage.needs) <= set(earlier)
    assert "core" in stage.needs or stage is STAGES[0], "each later answer is checked against stage 1"
    assert stage not in IN_ORDER or set(stage.needs) <= {first.name for first in IN_ORDER}


def test_dependants_are_those_that_rest_on_an_answer() -> None:
    by_name = {stage.name: stage.dependants for stage in STAGES}
    assert by_name["core"] == set(NAMES[1:])
    assert "examples" in by_name["strategy"]
    for stage in STAGES:
        for needed in stage.needs:
            assert {stage.name} | stage.dependants <= by_name[needed]


@pytest.mark.parametrize("stage", STAGES, ids=NAMES)
def test_calls_that_must_follow_are_counted_along_the_longest_way(stage: Stage) -> None:
    needing = [following(other, eager=True) for other in STAGES if stage.name in other.needs]
    assert following(stage, eager=True) == max(needing, default=1) + 1, "after the last stage a calendar and a post"
    together = [following(other, eager=False) for other in TOGETHER]
    if stage in TOGETHER:
        assert following(stage, eager=False) == following(stage, eager=True)
    elif stage is IN_ORDER[-1]:
        assert following(stage, eager=False) == max(together) + 1
    else:
        assert following(stage, eager=False) == following(IN_ORDER[stage.number], eager=False) + 1


def test_the_guide_and_the_help_text_know_every_stage() -> None:
    assert [GUIDE[stage.purpose] for stage in STAGES][:7] == [20, 15, 25, 20, 15, 15, 25]
    assert set(GUIDE) == {*PURPOSES, "tweets_post"}
    said = " ".join(command_line().format_help().split())
    assert f"({', '.join(NAMES)})" in said
    assert "1 all, 2 also 3" in said
    assert f"start stages {TOGETHER[0].number}-{STAGES[-1].number} right after stage 1" in said
