"""What the tests of the picture stage share: a batch, a job, and a pool with sleeping engines."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from PIL import Image

from images.label import Labeller
from images.models import find_model
from images.pool.devices import Device
from images.pool.pool import Pool
from images.schema import Labelling, PictureJob
from tests.sleeper import NO_FAULTS, Faults, sleeping, starting
from tweets.schema import Painting, Tweet, TweetBatch


def batch(pictures: int = 2, **changes: Any) -> TweetBatch:
    """A batch of `pictures` posts with a picture, and one without."""
    posts = [
        Tweet(
            id=f"2026-12-01-{number}",
            at="2026-12-01T08:00:00+01:00",
            content_type="thought",
            text="The kettle sings.",
            weighted_length=17,
            alt_text="A kettle on a stove.",
            painting=Painting(appearance="A girl with red hair.", scene="She looks at a kettle.", seed=number),
        )
        for number in range(1, pictures + 1)
    ]
    plain = posts[0].model_copy(update={"id": "2026-12-02-1", "painting": None})
    values = {"persona": "mira", "character": "Mira", "key": "0123abcd", "posts": (*posts, plain)} | changes
    return TweetBatch(**values)


def job(folder: Path, name: str = "1", **changes: Any) -> PictureJob:
    values: dict[str, Any] = {
        "id": f"mira/0123abcd/{name}",
        "key": f"key of {name}",
        "prompt": "A girl with red hair. She looks at a kettle.",
        "seed": 7,
        "width": 64,
        "height": 64,
        "steps": 4,
        "guidance": 4.0,
        "path": str(folder / f"{name}.png"),
        "title": "Mira",
        "alt_text": "A kettle on a stove.",
    }
    return PictureJob(**(values | changes))


def cpus(number: int) -> list[Device]:
    return [Device("cpu", index, "CPU") for index in range(number)]


def sleeping_pool(
    folder: Path, workers: int = 1, seconds: float = 0.05, faults: Faults = NO_FAULTS, **changes: Any
) -> Pool:
    """A pool whose workers take `seconds` for each picture and need no torch."""
    start = starting(sleeping(seconds, faults))
    given: dict[str, Any] = {"start": start, "threads": 1, "back_off": 0.01} | changes
    return Pool(cpus(workers), find_model("rehearsal"), lambda: None, folder / "logs", **given)


def labeller(model: str = "rehearsal", negative_prompt: str = "", **labelling: Any) -> Labeller:
    painter = replace(find_model("rehearsal"), name=model, negative_prompt=negative_prompt)
    return Labeller(painter, Labelling(**labelling))


def save_finished(wanted: PictureJob) -> Path:
    """Put a finished picture of `wanted` in its place."""
    noise = Image.effect_noise((64, 64), 50)
    path = Path(wanted.path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(labeller().picture_bytes(noise, wanted, wanted.seed))
    return path
