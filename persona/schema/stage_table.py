"""The stages of a persona as one table: what each needs, how long it takes, whether it is shown the portrait.

All that depends on how many stages there are, or on their order, is read from here: the questions, `--redo`, the
flags' help, the dry run's times. The type of an answer is that of the field of Persona with the stage's name. Loads
nothing heavy, so that `--help` may use it. Knows neither prompts nor answers.
"""

from __future__ import annotations

from functools import cache
from typing import Final, NamedTuple


class Stage(NamedTuple):
    """One question. `name`: the field of Persona for its answer, and its prompt `persona/prompts/<number>_<name>.md`.

    `needs`: the earlier stages whose answers its prompt is given. `seconds`: about how long its call takes; of stages
    that as many calls must follow, the longest goes first. `sees`: it is shown the portrait.
    """

    name: str
    needs: tuple[str, ...] = ("core",)
    seconds: int = 15
    sees: bool = False

    @property
    def number(self) -> int:
        return NAMES.index(self.name) + 1

    @property
    def purpose(self) -> str:
        """What its question is called in the journal, in logs and to the endpoint."""
        return f"persona_{self.name}"

    @property
    def dependants(self) -> frozenset[str]:
        """The stages that rest on its answer, directly or through others."""
        direct = [other for other in STAGES if self.name in other.needs]
        return frozenset(other.name for other in direct).union(*(other.dependants for other in direct))


STAGES: Final = (
    Stage("core", needs=(), seconds=20, sees=True),
    Stage("strategy"),
    Stage("examples", needs=("core", "strategy"), seconds=25),
    Stage("network", seconds=20),
    Stage("voice"),
    Stage("visual", sees=True),
    Stage("knowledge", seconds=25),
)
NAMES: Final = tuple(stage.name for stage in STAGES)
PURPOSES: Final = tuple(stage.purpose for stage in STAGES)
LATER: Final = frozenset(NAMES[1:])
# Without --eager the first three are asked for first; the others start together after them.
IN_ORDER: Final = STAGES[:3]
TOGETHER: Final = STAGES[3:]
_AFTER_A_PERSONA: Final = 2  # calls in a row: a calendar and a post


@cache
def following(stage: Stage, *, eager: bool) -> int:
    """How many calls in a row must still follow the one of `stage`: of the persona, and then a calendar and a post."""
    waiting = [other for other in STAGES if stage.name in _awaited(other, eager=eager)]
    return max((1 + following(other, eager=eager) for other in waiting), default=_AFTER_A_PERSONA)


def _awaited(stage: Stage, *, eager: bool) -> tuple[str, ...]:
    if eager or stage in IN_ORDER:
        return stage.needs
    return (*stage.needs, *(first.name for first in IN_ORDER))
