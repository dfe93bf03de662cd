"""Work on a persona that stands: stages made again, and stages that are missing made.

What is in the file counts as given, whoever wrote it. Nothing is written before all that was asked for is there, so a
run that was interrupted asks the same questions again and finds their answers in the journal.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Set
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from errors import BadInput
from files import Folders, file_digest
from labels.ai_label import AILabel
from llm.client import LLM
from persona import stages
from persona.cards.card import read_persona, write_persona
from persona.cards.containers import PNG
from persona.cards.repair import LONGEST_TEXT, MOST_LORE
from persona.export_cards import found_portrait, remember_portrait
from persona.facts.check import persona_notes
from persona.generate import check_fiction, later_stages, portrait_ref
from persona.portrait import Portrait, read_picture
from persona.schema.answers import Core, Network
from persona.schema.fields import Answer
from persona.schema.persona import Given, Persona
from persona.schema.stage_table import LATER, NAMES, STAGES
from persona.stages import Subject, Wishes
from persona.trait_samples import draw_again
from sentences import sentence


@dataclass(frozen=True, kw_only=True, slots=True)
class ReworkTerms:
    """What all work of one run shares. `others`: the pictures of the cast, whose draws are taken."""

    llm: LLM
    folders: Folders
    clock: Callable[[], datetime]
    language: str = "en"
    wishes: Wishes = stages.NO_WISHES
    seed: int = 0
    allow_photo: bool = False
    others: frozenset[str] = frozenset()
    say: Callable[[str], None] = lambda line: None


def stages_named(words: str) -> frozenset[str]:
    """The stages in a list such as `4,voice`, and what rests on them. BadInput for one that there is not."""
    named: set[str] = set()
    known = {"last": len(NAMES), "stages": ", ".join(NAMES)}
    for word in filter(None, (part.strip().casefold() for part in words.split(","))):
        number = int(word) if word.isdecimal() and len(word) < 9 else 0
        stage = next((stage for stage in STAGES if number == stage.number or word == stage.name), None)
        if stage is None:
            raise BadInput(
                sentence("--redo {words}: {word} is no stage.", words=words, word=word),
                sentence("Name one of 1 to {last} or {stages}; several with commas.", **known),
            )
        named |= {stage.name, *stage.dependants}
    if not named:
        raise BadInput(sentence("--redo names no stage."), sentence("Name one of 1 to {last} or {stages}.", **known))
    return frozenset(named)


async def redo(
    path: Path, wanted: Set[str], terms: ReworkTerms, *, image: Path | None = None, index: int = 0
) -> Persona:
    """The persona in `path` with the `wanted` stages made again, written where it stands.

    How often a stage was made again stands in the file: the next attempt asks the model and not the journal.
    """
    persona = await asyncio.to_thread(read_persona, path, terms.say)
    check_is_ours(persona, path)
    again = {name: persona.redone.get(name, 0) + 1 for name in NAMES if name in wanted}
    persona = persona.model_copy(update={"redone": persona.redone | again})
    made = await _make(persona, path, wanted, terms, image, index)
    if "core" in wanted and made.acquaintances:
        terms.say(
            f"{made.name}: {', '.join(made.acquaintances)} still know who this was before. "
            "Run --know-each-other over them again."
        )
        made = made.model_copy(update={"acquaintances": {}})
    await asyncio.to_thread(write_persona, path, made)
    return made


def check_is_ours(persona: Persona, path: Path) -> None:
    """Raise BadInput unless the file in `path` may be written anew: a card from elsewhere or in a picture may not."""
    with path.open("rb") as file:
        begin = file.read(len(PNG))
    if persona.core is None or begin == PNG or begin.startswith(b"PK"):
        raise BadInput(
            f"{path} is not a persona's own JSON file with a stage 1.", "Take it into personas/ with --complete."
        )


async def complete(
    path: Path, terms: ReworkTerms, *, image: Path | None = None, index: int = 0
) -> tuple[Persona, Path, bool]:
    """The persona with every stage it lacked, where it is written, and whether nothing was lacking.

    It is written to the personas folder. The file in `path` stays as it is unless it lies there.
    """
    source = await asyncio.to_thread(read_persona, path, terms.say)
    target = terms.folders.personas / f"{source.name}.json"
    persona = await asyncio.to_thread(_standing, source, path, target)
    wanted = frozenset(name for name in NAMES if getattr(persona, name) is None)
    if not wanted and target.exists():
        return persona, target, True
    if persona.core is None:
        persona = persona.model_copy(update={"language": terms.language})
    made = await _make(persona, path, wanted, terms, image, index) if wanted else persona
    await asyncio.to_thread(write_persona, target, made)
    return made, target, False


def _standing(source: Persona, path: Path, target: Path) -> Persona:
    """What an earlier run made of the same card, or the card itself. BadInput when another persona stands there."""
    if not target.exists() or target.samefile(path):
        return source
    there = read_persona(target)
    if any(_said(source, name) not in (None, _said(there, name)) for name in ("given", "portrait", *NAMES)):
        raise BadInput(
            f"{target} is there already and says something else than {path}.",
            "Move one of them away or give it another name.",
        )
    return there


def _said(persona: Persona, field: str) -> object:
    if field == "portrait":
        return persona.portrait.sha256 if persona.portrait else None
    said: object = getattr(persona, field)
    return said


async def _make(
    persona: Persona, path: Path, wanted: Set[str], terms: ReworkTerms, image: Path | None, index: int
) -> Persona:
    """`persona` with each stage in `wanted` asked for. What it says besides counts as given."""
    portrait = picture = None
    if any(stage.sees for stage in STAGES if stage.name in wanted):
        portrait = await asyncio.to_thread(find_portrait, persona, path, terms.folders, image)
        picture = await asyncio.to_thread(read_picture, portrait.path) if portrait else None
    subject = Subject(
        name=persona.name,
        language=persona.language,
        index=index,
        picture=picture,
        wishes=terms.wishes,
        draw=_draw(persona, portrait, path, terms) if "core" in wanted and not persona.given else "",
        card=_card(persona.given) if persona.given else "",
        attempts=persona.redone,
    )
    core = persona.core
    if core is None or "core" in wanted:
        core = _under_its_name(await stages.ask_core(terms.llm, subject), persona.given)
        check_fiction(core, portrait.path if portrait else path, allow_photo=terms.allow_photo)
    there = _answers(persona)
    answers = await later_stages(terms.llm, subject, core, wanted & LATER, there=there, say=terms.say)
    if "core" not in wanted and isinstance(network := answers.get("network"), Network):
        answers["network"] = _with_acquaintances(network, persona)
    made = persona.model_copy(
        update={
            **answers,
            "core": core,
            "portrait": portrait_ref(portrait) if portrait else persona.portrait,
            "ai": AILabel.by(terms.llm, terms.clock()),
            "kept": True,
        }
    )
    return made.model_copy(update={"notes": persona_notes(made)})


def _answers(persona: Persona) -> dict[str, Answer]:
    """The answers that the persona has, by stage."""
    found = {name: getattr(persona, name) for name in NAMES}
    return {name: answer for name, answer in found.items() if answer is not None}


def find_portrait(persona: Persona, path: Path, folders: Folders, image: Path | None = None) -> Portrait | None:
    """The picture of the persona in `path`: `image`, or the one it had, or the card itself; None if it never had one.

    BadInput when it had one and it is not to be found.
    """
    if image is not None:
        read_picture(image)
        portrait = Portrait(image, persona.name, file_digest(image))
        remember_portrait(image, portrait.sha256, folders)
        return portrait
    if persona.portrait is None:
        return Portrait(path, persona.name, file_digest(path)) if _is_picture(path) else None
    place = found_portrait(persona, path, folders)
    if place is None:
        raise BadInput(
            f"{persona.portrait.file}, the picture of {path}, is not where it was, or has been changed.",
            "Give it with --image.",
        )
    return Portrait(place, persona.name, persona.portrait.sha256)


def _is_picture(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(PNG)) == PNG


def _draw(persona: Persona, portrait: Portrait | None, path: Path, terms: ReworkTerms) -> str:
    if portrait is None:
        raise BadInput(f"{path} has neither a picture nor a card to make stage 1 from.", "Give a picture with --image.")
    return str(draw_again(portrait.sha256, persona.redone.get("core", 0), terms.others, terms.seed))


def _card(given: Given) -> str:
    """What a card says, as the prompt carries it: without what no character needs."""
    texts = {name: text[:LONGEST_TEXT] for name, text in given if isinstance(text, str)}
    return given.model_copy(update={**texts, "lore": given.lore[:MOST_LORE]}).model_dump_json(exclude_defaults=True)


def _under_its_name(core: Core, given: Given | None) -> Core:
    """A card's character keeps the card's name, whatever the model made of it."""
    if given is None:
        return core
    return core.model_copy(update={"facts": core.facts.model_copy(update={"name": given.name})})


def _with_acquaintances(network: Network, persona: Persona) -> Network:
    """Members of the cast stay in a network that is made again."""
    handles = set(persona.acquaintances.values())
    there = persona.network.people if persona.network else ()
    return network.model_copy(
        update={"people": (*network.people, *(contact for contact in there if contact.handle in handles))}
    )
