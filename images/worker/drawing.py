"""Bring one batch to its end, whatever the engine meets on the way.

Out of memory halves the batch; one bad job costs no other; a black or blank picture is painted again from the next
attempt's seed. Pure but for the engine: knows no files, no processes and no torch.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Sequence
from typing import Any, NamedTuple

from PIL import Image, ImageStat

from errors import BadPicture
from files import digest
from images.models import Model
from images.schema import Fits, PictureJob
from images.worker.engine import Engine

ATTEMPTS = 2
FLATTEST = 2.0  # standard deviation of a colour below which a picture shows nothing
_SAMPLE = (256, 256)


class Drawn(NamedTuple):
    """A picture, and the seed that it came from in the end."""

    job: PictureJob
    image: Image.Image
    seed: int


class Undrawn(NamedTuple):
    """A job that became no picture, and why."""

    job: PictureJob
    reason: BadPicture


class _Part(NamedTuple):
    jobs: tuple[PictureJob, ...]
    attempt: int = 0


def draw(engine: Engine, jobs: Sequence[PictureJob], beat: Callable[[int], None]) -> Iterator[Drawn | Undrawn | Fits]:
    """What becomes of each of `jobs`, all of one group, as soon as it is known; and how many fit into memory,
    where fewer do than there are.
    """
    parts = [_Part(tuple(jobs))]
    while parts:
        jobs, attempt = parts.pop()
        seeds = [attempt_seed(job.seed, attempt) for job in jobs]
        images = _paint(engine, jobs, seeds, beat)
        if images is None and len(jobs) > 1:
            half = len(jobs) // 2
            parts += [_Part(jobs[half:], attempt), _Part(jobs[:half], attempt)]
            yield Fits(group=jobs[0].group, most=half)
        elif images is None:
            yield Undrawn(jobs[0], _too_large(jobs[0], engine))
        elif isinstance(images, BadPicture) and len(jobs) > 1:
            parts += [_Part((job,), attempt) for job in reversed(jobs)]
        elif isinstance(images, BadPicture):
            yield Undrawn(jobs[0], images)
        else:
            for job, seed, image in zip(jobs, seeds, images, strict=True):
                if not is_blank(image):
                    yield Drawn(job, image, seed)
                elif attempt + 1 < ATTEMPTS:
                    parts.append(_Part((job,), attempt + 1))
                else:
                    yield Undrawn(job, _blank())


def attempt_seed(seed: int, attempt: int) -> int:
    """The seed of an attempt: the job's own, then one that depends on nothing but it and the number."""
    return int(digest(seed, attempt, length=8), 16) if attempt else seed


def is_blank(image: Image.Image) -> bool:
    """Whether all of it is nearly one colour: black after wrong numbers, grey after none.

    A sample of the pixels tells it of nearly every picture in a fraction of the time.
    """
    if image.width * image.height > 4 * _SAMPLE[0] * _SAMPLE[1]:
        sample = image.resize(_SAMPLE, Image.Resampling.NEAREST)
        return _is_flat(sample) and _is_flat(image)
    return _is_flat(image)


def _is_flat(image: Image.Image) -> bool:
    return all(deviation < FLATTEST for deviation in ImageStat.Stat(image.convert("RGB")).stddev)


def _paint(
    engine: Engine, jobs: Sequence[PictureJob], seeds: Sequence[int], beat: Callable[[int], None]
) -> list[Image.Image] | BadPicture | None:
    """The pictures; or why these jobs cannot be painted; or None when they do not fit into memory.

    What a failed call holds of the memory hangs on its error, so that is let go before anything else is tried.
    """
    while True:
        try:
            return engine.paint(jobs, seeds, beat)
        except BadPicture as error:
            return error
        except MemoryError:
            pass
        engine.free()
        if len(jobs) > 1 or not engine.use_less_memory():
            return None


def _too_large(job: PictureJob, engine: Engine) -> BadPicture:
    return BadPicture(
        f"{job.width}x{job.height} does not fit into the memory of {engine.device}.",
        "Use a smaller --size or a smaller --image-model.",
    )


def _blank() -> BadPicture:
    return BadPicture(
        f"The painter returned a blank picture {ATTEMPTS} times, from different seeds.",
        "It is a sign of wrong numbers (a data type the model cannot bear) or of the model's own filter: "
        "change the scene, --size or --image-model.",
    )


def call_arguments(model: Model, jobs: Sequence[PictureJob], accepted: Container[str]) -> dict[str, Any]:
    """How a pipeline whose `__call__` has the parameters `accepted` is asked to paint `jobs`, all of one group.

    The words are not among it: see images/worker/encoding.py.
    """
    job = jobs[0]
    guidance = model.guidance_name if model.guidance_name in accepted else "true_cfg_scale"
    arguments: dict[str, Any] = {
        "width": job.width,
        "height": job.height,
        "num_inference_steps": job.steps,
        guidance: job.guidance,
    }
    if model.prompt_tokens:
        arguments["max_sequence_length"] = model.prompt_tokens
    return {name: value for name, value in arguments.items() if name in accepted}
