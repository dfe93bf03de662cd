"""Have a vision model judge a painted picture: the same character, the scene that was wanted, defects.

A question like every other: through the gate, its answer in the journal. Knows no pool.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field

from files import digest
from images.schema import PictureJob
from llm.client import LLM, Picture, Question
from llm.prompts import read_prompt
from persona.schema.fields import Answer, Line

PROMPT = Path(__file__).parent / "prompts" / "judge.md"
# How much each number counts. Their geometric mean: a picture of somebody else is worthless, however clean.
WEIGHTS = {"same_character": 0.5, "fits_scene": 0.3, "clean": 0.2}

Grade = Annotated[int, Field(ge=0, le=10)]


class JudgeVerdict(Answer):
    """What a judge says of one picture, in the order in which it should think."""

    seen: Line = Field(description="One sentence on what the candidate shows.")
    same_character: Grade = Field(description="0 to 10: is it the same character?")
    fits_scene: Grade = Field(description="0 to 10: does it show the scene?")
    defects: tuple[Line, ...] = Field(description="What a viewer would call a mistake; often none.")
    clean: Grade = Field(description="0 to 10: how free of defects it is.")

    @property
    def score(self) -> float:
        """0 to 10, with one decimal."""
        product = 1.0
        for name, weight in WEIGHTS.items():
            product *= getattr(self, name) ** weight
        return round(product, 1)


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges the pictures of one character. `look` reads one; `portrait`: what the character should look like, None
    where that is not to be found."""

    llm: LLM
    look: Callable[[Path], Picture]
    portrait: Picture | None = None

    @property
    def key(self) -> str:
        """What the key of a picture holds of its judge."""
        return digest(
            self.llm.vision_model, read_prompt(PROMPT).digest, self.portrait.digest if self.portrait else "", length=16
        )

    async def __call__(self, job: PictureJob) -> JudgeVerdict:
        """The verdict on the finished picture of `job`. ItemFailed when it stays unjudged, StopRun when all will."""
        if self.portrait is None:
            attached = "The attached picture is the candidate."
        else:
            attached = "The first attached picture is the character's portrait, the second is the candidate."
        scene = job.prompt.removeprefix(job.opening).removesuffix(job.closing).strip(" .,")
        prompt = read_prompt(PROMPT).fill(appearance=job.opening, scene=scene, attached=attached)
        picture = await asyncio.to_thread(self.look, Path(job.path))
        pictures = (self.portrait, picture) if self.portrait else (picture,)
        question = Question(
            purpose="images_judge", item=f"the picture {job.id}", prompt=prompt, answer=JudgeVerdict, pictures=pictures
        )
        return await self.llm.ask(question)
