"""What each mode of the command line runs, with what, and which of model and workers it needs.

A table of contents: a mode is found here by its name. Knows the flags; what a stage does stands in its own room.
"""

from __future__ import annotations

import argparse
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from cli import verify
from cli.dry_run.shadow import shadow_of
from cli.printed_commands import signpost
from errors import BadInput
from files import expand
from persona.redo import stages_named
from pipeline import cast, exports, gallery, posts, run
from pipeline import stages as chain
from settings import Settings

Mode = Callable[[argparse.Namespace, Settings], int]


def start(mode: str, flags: argparse.Namespace, settings: Settings) -> int:
    """Run one mode of the command line and return its exit code."""
    exports.check(settings)
    flags.mode = mode
    if not flags.dry_run:
        return MODES[mode](flags, settings)
    with shadow_of(settings.folders) as flags.shadow:
        flags.persona, flags.personas = None, list(map(str, flags.shadow.copies(_personas(flags))))
        if flags.persona_output:
            flags.persona_output = str(flags.shadow.copy(Path(flags.persona_output)))
        return MODES[mode](flags, replace(settings, folders=flags.shadow.folders, export=()))


def _start(
    flags: argparse.Namespace,
    settings: Settings,
    stages: Callable[[run.Run], Awaitable[None]],
    *,
    asks: bool = True,
    paints: bool = False,
) -> int:
    if flags.dry_run:
        from cli.dry_run import estimate

        return estimate.start(settings, stages, flags.shadow, asks=asks, paints=paints, as_json=flags.json)
    then = signpost(flags.mode)
    return run.start(settings, stages, asks=asks, paints=paints, as_json=flags.json, then=then)


def _generate_persona(flags: argparse.Namespace, settings: Settings) -> int:
    portraits = _portraits(flags)
    output = Path(flags.persona_output) if flags.persona_output else None
    if flags.know_each_other:
        cast.check_several(portraits)
    stages = partial(chain.generate_personas, pictures=portraits, output=output, acquaint=flags.know_each_other)
    return _start(flags, settings, stages)


def _posts(flags: argparse.Namespace, settings: Settings) -> int:
    calendars = expand([*filter(None, [flags.calendar]), *(flags.calendars or [])], "--calendars")
    stages = partial(
        chain.write_posts, personas=_personas(flags), calendars=calendars, generate=flags.generate_calendar
    )
    return _start(flags, settings, partial(exports.afterwards, stages=stages))


def _generate_images(flags: argparse.Namespace, settings: Settings) -> int:
    batches = _batches(flags)
    stages = partial(chain.paint_pictures, batches=batches, personas=_personas(flags))
    exported = partial(exports.afterwards, stages=stages, batches=batches)
    asks = settings.pictures.best_of > 1  # a judge
    return _start(flags, settings, exported, asks=asks, paints=True)


def _run_all(flags: argparse.Namespace, settings: Settings) -> int:
    stages = partial(exports.afterwards, stages=partial(chain.run_all, pictures=_portraits(flags)))
    shown = stages if flags.dry_run else partial(gallery.afterwards, stages=stages)
    return _start(flags, settings, shown, paints=True)


def _redo(flags: argparse.Namespace, settings: Settings) -> int:
    return _rework(flags, settings, stages_named(flags.redo))


def _redo_post(flags: argparse.Namespace, settings: Settings) -> int:
    stages = partial(
        posts.redo, batches=_batches(flags), ids=posts.ids_named(flags.redo_post), personas=_personas(flags)
    )
    return _start(flags, settings, stages)


def _complete(flags: argparse.Namespace, settings: Settings) -> int:
    return _rework(flags, settings, frozenset())


def _rework(flags: argparse.Namespace, settings: Settings, wanted: frozenset[str]) -> int:
    personas = _personas(flags)
    images = [Path(image) for image in flags.image or ()]
    if images and len(images) + len(personas) > 2:
        raise BadInput("--image is the picture of one persona.", "Give one --image with one --persona.")
    image = images[0] if images else None
    stages = partial(cast.rework, personas=personas, wanted=wanted, image=image)
    return _start(flags, settings, stages)


def _know_each_other(flags: argparse.Namespace, settings: Settings) -> int:
    personas = _personas(flags)
    cast.check_several(personas)
    return _start(flags, settings, partial(cast.introduce_members, personas=personas))


def _export(flags: argparse.Namespace, settings: Settings) -> int:
    stages = partial(chain.export_cards, personas=_personas(flags))
    return _start(flags, settings, stages, asks=False)


def _export_posts(flags: argparse.Namespace, settings: Settings) -> int:
    stages = partial(exports.export_batches, batches=_batches(flags))
    return _start(flags, settings, stages, asks=False)


def _check(flags: argparse.Namespace, settings: Settings) -> int:
    from cli.check import setup

    return setup.check(settings, as_json=flags.json)


def _verify(flags: argparse.Namespace, _settings: Settings) -> int:
    return verify.verify(expand(flags.verify, "--verify"), as_json=flags.json)


def _gallery(flags: argparse.Namespace, settings: Settings) -> int:
    return _start(flags, settings, gallery.show, asks=False)


def _review(flags: argparse.Namespace, settings: Settings) -> int:
    from pipeline.review import review

    return _start(flags, settings, partial(review, port=flags.port), asks=False)


def _portraits(flags: argparse.Namespace) -> list[Path]:
    return expand([*(flags.image or []), *(flags.images or [])], "--images")


def _personas(flags: argparse.Namespace) -> list[Path]:
    return expand([*filter(None, [flags.persona]), *(flags.personas or [])], "--personas")


def _batches(flags: argparse.Namespace) -> list[Path]:
    return expand(flags.tweets_batch, "--tweets-batch")


MODES: dict[str, Mode] = {
    "generate-persona": _generate_persona,
    "posts": _posts,
    "generate-images": _generate_images,
    "run-all": _run_all,
    "redo": _redo,
    "redo-post": _redo_post,
    "complete": _complete,
    "know-each-other": _know_each_other,
    "export": _export,
    "export-posts": _export_posts,
    "check": _check,
    "verify": _verify,
    "gallery": _gallery,
    "review": _review,
}
