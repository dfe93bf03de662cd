"""The cast as a whole: who comes in, and work on personas that stand: redo, complete, know each other, likenesses.

Each mode goes through the personas it is given. How a stage is made again stands in persona/.
"""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from errors import BadInput
from persona.acquaintance import Acquaintance, acquaint, introduce, knows, member, pairs
from persona.cards.card import read_persona, write_persona
from persona.likeness import Likeness, likenesses
from persona.portrait import Portrait, name_portraits
from persona.redo import ReworkTerms, check_is_ours, complete, redo
from persona.schema.persona import Persona
from persona.stages import Wishes
from persona.trait_samples import draw_cast
from pipeline.likenesses import say_likenesses
from pipeline.run import Run


@dataclass(frozen=True, slots=True)
class NewMember:
    """One picture of a run, or why it is none; its place in the run, and what lots gave it."""

    index: int
    portrait: Portrait | BadInput
    draw: str = ""

    @property
    def item(self) -> str:
        return "a picture" if isinstance(self.portrait, BadInput) else self.portrait.name


async def new_members(run: Run, pictures: Sequence[Path]) -> list[NewMember]:
    """The pictures of a run. All are looked at before anything is asked: the draws are dealt among all of them."""
    folder = run.settings.folders.personas
    portraits = await asyncio.to_thread(lambda: list(name_portraits(pictures, folder)))
    draws = draw_cast((one.sha256 for one in portraits if isinstance(one, Portrait)), run.settings.seed)
    return [
        NewMember(index, one, str(draws[one.sha256]) if isinstance(one, Portrait) else "")
        for index, one in enumerate(portraits)
    ]


def check_several(paths: Sequence[Path]) -> None:
    if len(paths) < 2:
        raise BadInput("--know-each-other needs a cast of two or more.", "Give several with --personas or --images.")


async def rework(run: Run, personas: Sequence[Path], wanted: frozenset[str], image: Path | None = None) -> None:
    """The `wanted` stages of each persona made again; with none named, the stages that it lacks."""
    run.progress.expect("personas", len(personas))
    terms = await _terms(run, wanted)
    named: dict[str, Path] = {}
    among: set[Path] = set()

    async def one(numbered: tuple[int, Path]) -> None:
        index, path = numbered
        with run.item("personas", path.name):
            before, written = False, path
            if wanted:
                await redo(path, wanted, terms, image=image, index=index)
            else:
                _check_alone(read_persona(path), path, named)
                _, written, before = await complete(path, terms, image=image, index=index)
            run.progress.made("personas", before=before)
            run.progress.wrote(written)
            among.add(written)

    await run.for_each(enumerate(personas), one, at_once=run.window)
    await tell_likenesses(run, among)


async def introduce_members(run: Run, personas: Sequence[Path]) -> None:
    """Members of the cast come into each other's network, both ways; who is there already is not asked about."""
    members: dict[str, tuple[Path, Persona]] = {}
    named: dict[str, Path] = {}
    for path in personas:
        with run.item("acquaintances", path.name):
            persona = await asyncio.to_thread(read_persona, path)
            _check_alone(persona, path, named)
            check_is_ours(persona, path)
            member(persona)
            members[persona.name] = (path, persona)
    couples = pairs(members, run.settings.seed)
    run.progress.expect("acquaintances", len(couples))
    met: dict[tuple[str, str], Acquaintance] = {}

    async def meet(numbered: tuple[int, tuple[str, str]]) -> None:
        index, couple = numbered
        first, second = (members[name][1] for name in couple)
        with run.item("acquaintances", " and ".join(couple)):
            before = knows(first, second) and knows(second, first)
            if not before:
                met[couple] = await acquaint(run.llm, first, second, index)
            run.progress.made("acquaintances", before=before)

    await run.for_each(enumerate(couples), meet, at_once=run.window)
    in_order = {couple: met[couple] for couple in couples if couple in met}  # whichever was answered first
    await asyncio.to_thread(_write_introduced, members, in_order)


async def tell_likenesses(run: Run, among: Collection[Path] = ()) -> None:
    """Say which personas of the folder a reader would mix up, and the command that mends it. Changes nothing.

    `among`: only what concerns one of these.
    """
    folders = run.settings.folders
    found = await asyncio.to_thread(lambda: likenesses(_standing(folders.personas)))
    if among:
        found = [likeness for likeness in found if likeness.later in among or likeness.earlier in among]
    say_likenesses(run, [(likeness, _command(likeness, folders.root)) for likeness in found])


async def _terms(run: Run, wanted: frozenset[str]) -> ReworkTerms:
    """What the work of this run shares. Draws hang on the pictures of all personas that stand, when one is needed."""
    settings = run.settings

    def pictures() -> frozenset[str]:
        return frozenset(one.portrait.sha256 for _, one in _standing(settings.folders.personas) if one.portrait)

    return ReworkTerms(
        llm=run.llm,
        folders=settings.folders,
        clock=_now,
        language=settings.language,
        wishes=Wishes(brief=settings.brief, location=settings.location),
        seed=settings.seed,
        allow_photo=settings.allow_photo,
        others=await asyncio.to_thread(pictures) if "core" in wanted else frozenset(),
        say=run.progress.say,
    )


def _standing(folder: Path) -> Iterator[tuple[Path, Persona]]:
    """The personas in the folder. What cannot be read there is told when it is used."""
    for path in sorted(folder.glob("*.json")):
        try:
            yield path, read_persona(path)
        except BadInput:
            continue


def _check_alone(persona: Persona, path: Path, named: dict[str, Path]) -> None:
    other = named.setdefault(persona.name, path)
    if other != path:
        raise BadInput(f"{path} and {other} are both named {persona.name!r}.", "Give one of them another name.")


def _write_introduced(members: dict[str, tuple[Path, Persona]], met: dict[tuple[str, str], Acquaintance]) -> None:
    changed: dict[str, Persona] = {}
    for (first, second), acquaintance in met.items():
        sides = ((first, second, acquaintance.first), (second, first, acquaintance.second))
        for name, other, bond in sides:
            changed[name] = introduce(changed.get(name, members[name][1]), members[other][1], bond)
    for name, persona in changed.items():
        write_persona(members[name][0], persona)


def _command(likeness: Likeness, root: Path) -> str:
    out = "" if root == Path() else f" --out {shlex.quote(str(root))}"
    return f"python main.py --redo {likeness.stage} --persona {shlex.quote(str(likeness.later))}{out}"


def _now() -> datetime:
    return datetime.now(UTC)
