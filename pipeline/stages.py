"""The order of the stages, for one character and for many: picture, persona, calendar, posts, pictures.

Each function is one mode of the command line. How a stage works stands in its own package; how a run is opened,
stopped and told, in pipeline/run.py.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from calendars.calendar_file import left_over, pair_calendars, read_calendar
from calendars.generate import calendar_for
from calendars.schema import Calendar
from errors import BadInput
from persona.cards.card import ReadCard, read_card, read_persona
from persona.export_cards import CardPicture, ending, export, make_picture, picture_of, remember_portrait
from persona.facts import check as facts
from persona.generate import finished_persona, generate_persona, made_from
from persona.schema.persona import Persona
from persona.stages import Wishes
from pipeline import cast
from pipeline.pictures import paint_batch
from pipeline.posts import Feed, settled
from pipeline.run import Run
from tweets.batch_file import batch_path, read_batch
from tweets.schema import TweetBatch
from tweets.write import write_batch
from tweets.writer import prepare
from values import CARD_FORMS

POSTS = 10  # per persona, where neither --tweets nor a calendar says how many


async def generate_personas(
    run: Run, pictures: Sequence[Path], output: Path | None = None, *, acquaint: bool = False
) -> None:
    """A persona from each picture. `acquaint`: at the end they come to know each other."""
    run.llm.preload.add(facts.prepare)
    _announce(run, len(pictures))
    paths: list[Path] = []

    async def make(one: cast.NewMember) -> None:
        with run.item("personas", one.item):
            persona = await _persona(run, one, output)
            paths.append(run.settings.folders.personas / f"{persona.name}.json")

    await run.for_each(await cast.new_members(run, pictures), make, at_once=run.window)
    if acquaint:
        await cast.introduce_members(run, sorted(paths))
    await cast.tell_likenesses(run)
    if made := run.progress.counts["personas"].made:
        run.progress.say("✅ All personas generated")
        run.progress.say(f"   Mean speed: {run.progress.seconds() / made:.1f} s/persona")


async def export_cards(run: Run, personas: Sequence[Path]) -> None:
    """The cards of personas that are there, for other programs."""
    named: dict[str, Path] = {}

    async def make(path: Path) -> None:
        with run.item("cards", path.name):
            read = await asyncio.to_thread(_read_card, run, path, named)
            await _export(run, read.persona, partial(picture_of, read, path, run.settings.folders))

    run.progress.expect("cards", 0)
    await run.for_each(personas, make, at_once=run.window)


async def write_posts(run: Run, personas: Sequence[Path], calendars: Sequence[Path], generate: bool) -> None:
    """A batch of posts for each persona, from its calendar."""
    _load_rules_later(run)
    given: dict[Path, Calendar] = {}
    if calendars:
        read = [(path, read_calendar(path)) for path in calendars]
        given = pair_calendars([(path, read_persona(path)) for path in personas], read)
        for sentence in left_over(given, read):
            run.progress.say(sentence)
    run.progress.expect("posts", 0)
    named: dict[str, Path] = {}
    feed = Feed(run)

    async def write(numbered: tuple[int, Path]) -> None:
        index, path = numbered
        with run.item("posts", path.name):
            persona = _read_card(run, path, named).persona
            feed.take(await _posts(run, persona, index, given.get(path), generate=generate), persona)

    await run.for_each(enumerate(personas), write, at_once=run.window)
    await feed.tell()


async def paint_pictures(run: Run, batches: Sequence[Path], personas: Sequence[Path] = ()) -> None:
    """The picture of every post of these batches. `personas`: their cards, where they are not in their folder."""
    cards = {read_persona(path).name: path for path in personas}

    async def paint(path: Path) -> None:
        with run.item("pictures", path.name):
            await paint_batch(run, await asyncio.to_thread(read_batch, path), cards)

    run.progress.expect("pictures", 0)
    await run.for_each(batches, paint, at_once=run.window)


async def run_all(run: Run, pictures: Sequence[Path]) -> None:
    """The whole chain: a character's posts start when its persona is ready, its pictures when its posts are."""
    _load_rules_later(run)
    _announce(run, len(pictures))
    feed = Feed(run)

    async def make(one: cast.NewMember) -> None:
        with run.item("personas", one.item):
            persona = await _persona(run, one)
            batch = await _posts(run, persona, one.index, None, generate=True)
            feed.take(batch, persona)
            run.later(paint_batch(run, batch))

    await run.for_each(await cast.new_members(run, pictures), make, at_once=run.window)
    await cast.tell_likenesses(run)
    await feed.tell()


async def _persona(run: Run, one: cast.NewMember, output: Path | None = None) -> Persona:
    """The persona of one portrait: the one that is there, or a new one."""
    portrait = one.portrait
    if isinstance(portrait, BadInput):
        raise portrait
    settings, llm, say = run.settings, run.llm, run.progress.say
    path = output or settings.folders.personas / f"{portrait.name}.json"
    wishes = Wishes(brief=settings.brief, location=settings.location)
    source = "" if settings.llm.fresh else made_from(portrait, llm, settings.language, wishes)
    persona = await asyncio.to_thread(finished_persona, portrait, path, source, say)
    before = persona is not None
    if persona is None:
        persona = await generate_persona(
            portrait,
            llm,
            path,
            language=settings.language,
            wishes=wishes,
            draw=one.draw,
            index=one.index,
            eager=settings.eager,
            allow_photo=settings.allow_photo,
            say=say,
        )
    run.progress.made("personas", before=before)
    run.progress.noted("personas", persona.name, persona.notes)
    run.progress.wrote(path)
    await asyncio.to_thread(remember_portrait, portrait.path, portrait.sha256, settings.folders)
    await _export(run, persona, partial(make_picture, portrait.path))
    return persona


async def _export(run: Run, persona: Persona, picture: Callable[[], CardPicture | None]) -> None:
    """The cards of one persona in every form that was asked for. One that cannot be made is a hole of its own."""
    forms = [form for form in run.settings.export if form in CARD_FORMS]
    run.progress.expect("cards", len(forms))
    image = await asyncio.to_thread(picture) if {"card", "charx"} & set(forms) else None
    for form in forms:
        with run.item("cards", f"{persona.name}{ending(form)}"):
            path, before = await asyncio.to_thread(export, persona, form, run.settings.folders, image)
            run.progress.made("cards", before=before)
            run.progress.wrote(path)


def _read_card(run: Run, path: Path, named: dict[str, Path]) -> ReadCard:
    """The persona in `path`. A card from elsewhere speaks the run's language. Two of one name would share files."""
    read = read_card(path)
    for sentence in read.mended:
        run.progress.say(f"{path}: {sentence}")
    persona = read.persona
    other = named.setdefault(persona.name, path)
    if other != path:
        raise BadInput(
            f"{path} and {other} are both named {persona.name!r}.",
            "Rename one of the files, or its data.extensions.dramatis.name if it has one, or use another --out.",
        )
    if persona.core is None:
        persona = persona.model_copy(update={"language": run.settings.language})
    return dataclasses.replace(read, persona=persona)


async def _posts(run: Run, persona: Persona, index: int, calendar: Calendar | None, *, generate: bool) -> TweetBatch:
    """The posts of one persona, by the calendar given or by its own."""
    settings, progress = run.settings, run.progress
    if calendar is None:
        calendar = await calendar_for(
            persona,
            run.llm,
            settings.folders,
            generate=generate,
            brief=settings.brief,
            posts=settings.tweets or POSTS,
            days=settings.days,
            start=settings.start_date,
            quiet=settings.quiet_hours,
            seed=settings.seed,
            index=index,
            clock=_now,
            say=progress.say,
        )
    number = sum(1 for _ in calendar.posts())
    progress.expect("posts", min(settings.tweets or number, number))

    batch = await write_batch(
        persona,
        calendar,
        run.llm,
        posts=settings.tweets,
        seed=settings.seed,
        slots=run.slots.of(index),
        index=index,
        folders=settings.folders,
        clock=_now,
        on_post=settled(run, persona.name, "Run the same command again to ask anew."),
        fresh=settings.llm.fresh,
    )
    progress.wrote(batch_path(settings.folders, batch.persona, batch.key))
    return batch


def _load_rules_later(run: Run) -> None:
    """What posts are checked with is slow to load, and not needed before the first answer."""
    run.llm.preload.add(partial(prepare, run.settings.language))
    run.llm.preload.add(facts.prepare)


def _announce(run: Run, number: int) -> None:
    run.progress.expect("personas", number)
    run.progress.say(f"🚀 Generating {number} personas, at most {run.settings.llm.at_once} calls at once...")


def _now() -> datetime:
    return datetime.now(UTC)
