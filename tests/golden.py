"""Every prompt as it is sent for one character: `python -m tests.golden` writes tests/golden/*.txt anew.

The files show a change of a prompt, or of what fills it, as a reader of the change sees it.
"""

from __future__ import annotations

import asyncio
import tempfile
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from calendars.generate import add_themes
from calendars.plan import plan_calendar
from calendars.schema import Theme, Themes
from files import Folders
from images.judge import Judge, JudgeVerdict
from llm.client import Picture
from persona import stages
from persona.acquaintance import Acquaintance, Bond, acquaint
from persona.schema.fields import Answer
from persona.schema.stage_table import STAGES
from tests import answers, studio
from tweets.schema import TweetAnswer
from tweets.write import write_batch

FOLDER = Path(__file__).parent / "golden"
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
VERDICT = JudgeVerdict(seen="A girl.", same_character=9, fits_scene=9, defects=(), clean=10)
BOND = Bond(relation="r", called="c", wants="w", open_matter="o", writes="w")
POST = TweetAnswer(text="A bell.", hashtags=(), scene="A brass bell on a bench at dawn.", alt_text="A brass bell.")


class Reader(answers.Scribe):
    """Answers whatever is asked, so that the next question is reached."""

    async def ask(self, question: Any) -> Any:
        self.asked.append(question)
        if question.purpose == "calendar_plan":
            return Themes(story_lines=("The bell is cast.",), themes=tuple(self.themes))
        if question.purpose == "tweets_post":
            return POST
        if question.purpose == "images_judge":
            return VERDICT
        if question.purpose == "persona_acquaintance":
            return Acquaintance(first=BOND, second=BOND)
        return self.replies[question.purpose]

    themes: list[Theme] = []  # noqa: RUF012 - set once, below


async def ask_everything() -> dict[str, str]:
    """Prompt by purpose: the system message, a rule, the question."""
    reader = Reader()
    persona = answers.persona()
    picture = Picture(b"", "image/jpeg", "0" * 64)
    subject = stages.Subject(name="marra", language="en", index=0, picture=picture, eager=False)
    told: dict[str, Answer] = {"core": await stages.ask_core(reader.llm, subject)}
    for stage in STAGES[1:]:
        told[stage.name] = await stages.ask(reader.llm, subject, stage, told)
    calendar = plan_calendar(persona, posts=3, days=7, start=date(2026, 12, 21), seed=0)
    reader.themes = [Theme(id=post.id, theme=f"On {post.id} the bell rang.") for post in calendar.posts()]
    calendar = await add_themes(calendar, persona, reader.llm, index=0, clock=lambda: NOW)
    with tempfile.TemporaryDirectory() as folder:
        await write_batch(
            persona,
            calendar,
            reader.llm,
            posts=1,
            seed=0,
            slots=asyncio.Semaphore(1),
            index=0,
            folders=Folders(Path(folder)),
            clock=lambda: NOW,
        )
    await acquaint(reader.llm, persona, answers.persona("other"))
    await Judge(reader.llm, lambda _: picture, picture)(studio.job(Path(), opening="A girl with red hair."))
    return {one.purpose: f"{one.prompt.system}\n\n---\n\n{one.prompt.user}\n" for one in reader.asked}


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for purpose, text in asyncio.run(ask_everything()).items():
        (FOLDER / f"{purpose}.txt").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
