"""What a person is told of likenesses in the cast, of personas as of posts. Does not know how they are found."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.run import Run
from sentences import counted, sentence

MOST_TOLD = 20  # more only with --verbose


def say_likenesses(run: Run, found: Sequence[tuple[object, str]]) -> None:
    """Say each likeness, with the command that redoes the later one."""
    quiet = int(run.settings.rehearse)  # the word banks of a rehearsal are small: its likenesses mean little
    for number, (likeness, command) in enumerate(found):
        told = sentence("≈ {likeness}\n  To fix it: {command}", likeness=likeness, command=command)
        run.progress.say(told, at=quiet if number < MOST_TOLD else 1)
    if (more := len(found) - MOST_TOLD) > 0:
        one = "≈ and {number} more likeness; --verbose shows it."
        run.progress.say(counted(more, one, "≈ and {number} more likenesses; --verbose shows them."), at=quiet)
