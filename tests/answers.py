"""One invented character with a full, valid set of answers, for every test that needs a persona.

`REPLIES` gives the answer for each purpose, `persona()` the whole, and `Scribe` answers in a model's place.
Change a value with `model_copy(update=...)`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from labels.ai_label import AILabel
from persona.schema.answers import (
    ChangedMind,
    Contact,
    ContentType,
    Core,
    DayRhythm,
    ExamplePost,
    Examples,
    Exchange,
    Facts,
    Hashtags,
    Home,
    Invariants,
    Knowledge,
    Known,
    Looks,
    Lore,
    Mood,
    Network,
    Outfit,
    Place,
    Reading,
    RunningJoke,
    Silence,
    Speech,
    Strategy,
    Visual,
    Voice,
)
from persona.schema.fields import Answer
from persona.schema.persona import Persona, PortraitRef
from persona.schema.stage_table import STAGES
from values import WEEKDAYS

if TYPE_CHECKING:
    from llm.client import LLM, Question

A = TypeVar("A", bound=Answer)


def _rows(row: type[A], *lines: str) -> tuple[A, ...]:
    """Objects of one class from lines: their fields in order, divided by ' | '."""
    return tuple(row.model_validate(dict(zip(row.model_fields, line.split(" | "), strict=True))) for line in lines)


CORE = Core(
    reading=Reading(
        proves="Ink drawing of a woman in a yellow oilskin with a brass bell in one hand.",
        suggests="She works near the sea and has been out since before light.",
        kind="drawing",
    ),
    facts=Facts(
        name="Marra Tveit",
        name_spoken="MAR-ra tvayt",
        age=34,
        pronouns="she/her",
        birthday="03-09",
        home=Home(place="Kvalsund, a ferry village", country_code="NO", time_zone="Europe/Oslo"),
        languages=("English", "Norwegian"),
        work="tunes and mends ships' bells in a shed behind the ferry quay",
        people=(
            Known(name="Old Sverre", relation="ferry captain who owes her for two bells"),
            Known(name="Pia", relation="younger sister who sells her out to customers"),
        ),
        looks=Looks(
            hair="short copper hair, cropped at the neck",
            eyes="grey eyes",
            skin="pale, wind-reddened skin",
            build="broad-shouldered and short",
            marks="a burn scar across the left thumb",
            clothing="a yellow oilskin over a patched blue sweater",
        ),
        likes=("cold coffee", "the hour before the first ferry"),
        dislikes=("wind chimes", "being thanked twice"),
        limits=("never rings a bell that has been on a wreck",),
        never_says=("amazing", "journey"),
    ),
    wants="to cast her first bell from nothing before the harbour feast",
    obstacle="the only furnace belongs to a man whose bell she called flat",
    contradictions=("counts every screw, leaves the shed unlocked", "hates noise, strikes bells for a living"),
    competence="hears a hairline crack by the way the hum dies half a second early",
    sore_point="the bell that split on the day her teacher left",
    notices_first="what in the room would ring if it were hit",
    speech=Speech(
        sentences="short, verb first, the second one shorter",
        constructions=('"Anyway. It hums."', '"Call it a third, flat."'),
        fillers=('"right"',),
        swears_by="salt and brass",
        punctuation="full stops, no exclamation marks",
        emoji="none, except a bell when she is beaten",
        when_tired="drops the subject of every sentence",
        when_proud="names the exact note and stops",
        when_afraid="asks about the weather",
    ),
    description="Marra taps a spoon on everything before she sits down, and tells you the note, asked or not.",
)

STRATEGY = Strategy(
    topics=("bells", "the ferry quay", "debts"),
    tone="dry, close to the work",
    content_types=_rows(
        ContentType,
        "shed report | show the work | 0.3 | two short sentences | a bell came in",
        "quay gossip | keep the village alive | 0.25 | an overheard line | the ferry is late",
        "sister trouble | let Pia win | 0.2 | a small story | Pia sold something",
        "flat notes | complain | 0.15 | one line | something rang badly",
        "night hum | think aloud | 0.1 | one sentence | the wind turns",
    ),
    rhythm=tuple(
        DayRhythm(weekday=day, hours=() if day == "sunday" else (6, 12, 21), why="between two ferries")
        for day in WEEKDAYS
    ),
    picture_share=0.6,
    hashtags=Hashtags(most=1, favourites=("KvalsundBells",)),
)

EXAMPLES = Examples(
    posts=_rows(
        ExamplePost,
        "flat notes | one-liner | The new kettle is an F sharp. We do not get on.",
        "sister trouble | story | Pia sold the small bell to a man who wanted a doorstop. He paid double.",
        "quay gossip | question | Who hung a cowbell on the ferry rail and why is it in tune?",
        "shed report | list | On the bench: one clapper, bent. One bell, sulking. One sandwich, not mine.",
        "flat notes | complaint | Wind chimes are bells that never finished school.",
        'quay gossip | overheard | Old Sverre to a tourist: "She can hear your watch." I can. It is slow.',
        "shed report | callback | The doorstop man is back. It rolls, he says. It is a bell, I say.",
        "night hum | late thought | North wind. Every mast is holding one note and nobody asked it to.",
    )
)

NETWORK = Network(
    people=_rows(
        Contact,
        "Old Sverre | sverre_ferry | ferry captain | the captain | his bells on credit | two unpaid bells | shouts",
        "Pia | pia_sells | younger sister | Pi | a shop in the shed | the key to the till | fast, in threes",
        "Harald Moe | moe_foundry | owns the furnace | Moe | an apology | the bell she called flat | polite, sour",
        "Ingunn Dahl | dahl_choir | leads the choir | the choir | a bell in A | which A she means | only questions",
        "Teo Lind | lind_log | harbour clerk | the clerk | her signature | the noise permit | dates and numbers",
    )
)

VOICE = Voice(
    moods=_rows(
        Mood,
        "beaten | one bell emoji and nothing else",
        "proud | the name of a note, a full stop",
    ),
    running_jokes=_rows(RunningJoke, "the doorstop man | when he buys a second bell and keeps it upright"),
    small_errors=('"alot"',),
    silences=_rows(Silence, "the day of the harbour feast | her teacher left on it"),
    changed_minds=_rows(
        ChangedMind,
        "electric bells are doorbells | one of them has a decent hum | the school's rang true",
    ),
    greeting="Mind the bench. What did you drop, and what did it sound like?",
    exchanges=_rows(
        Exchange,
        "Can you fix my grandmother's bell? | Hit it with a spoon. Tell me what it says.",
        "Are you free on Sunday? | Free, yes. Open, no.",
    ),
)

VISUAL = Visual(
    medium="ink drawing with flat colour",
    invariants=Invariants(
        face="round face with a broad nose",
        hair="short copper hair, cropped at the neck",
        eyes="grey eyes",
        build="broad-shouldered and short",
        marks="burn scar across the left thumb",
        signature="a small brass hand bell",
    ),
    wardrobe=_rows(
        Outfit,
        "work | yellow oilskin over a patched blue sweater",
        "feast | dark wool coat with horn buttons",
    ),
    places=_rows(
        Place,
        "the shed | low wooden shed, bells on hooks, one window to the quay",
        "the quay | wet planks, a white ferry, ropes",
    ),
    palette=("oilskin yellow", "copper", "slate blue"),
    light="low grey morning light from the left",
    framing="half figure, slightly from below",
    appearance="Ink drawing with flat colour of a short broad-shouldered woman with cropped copper hair, grey eyes, "
    "a burn scar across the left thumb, holding a small brass hand bell",
)

KNOWLEDGE = Knowledge(
    entries=tuple(
        Lore(name=name, keys=tuple(keys.split(", ")), content=content, date=day)
        for name, keys, content, day in (
            ("the shed", "shed, bench", "It has no lock; forty bells are the lock.", None),
            ("harbour feast", "feast, harbour feast", "Every ninth of August the boats ring in at dusk.", "08-09"),
            ("the split bell", "split, cracked", "It hangs under a cloth. Nobody lifts the cloth.", None),
            ("the furnace", "furnace, foundry", "It takes nine hours to heat and is lit on Thursdays.", None),
            ("the first ferry", "ferry, first boat", "Leaves at 06:10 and sounds its horn in B flat.", None),
            ("the spoon", "spoon, tap", "A dented soup spoon in her left pocket, older than the shed.", None),
        )
    )
)

AI = AILabel(model="test-model", provider="test", tool="Dramatis/test", created="2026-11-20T08:00:00Z")


def persona(name: str = "marra") -> Persona:
    """The whole character, as if it had been made from `<name>.png`."""
    return Persona(
        name=name,
        portrait=PortraitRef(file=f"{name}.png", sha256="0" * 64),
        made_from="0" * 16,
        core=CORE,
        strategy=STRATEGY,
        examples=EXAMPLES,
        network=NETWORK,
        voice=VOICE,
        visual=VISUAL,
        knowledge=KNOWLEDGE,
        ai=AI,
    )


REPLIES: dict[str, Answer] = {stage.purpose: getattr(persona(), stage.name) for stage in STAGES}


class Scribe:
    """Stands in for the language model: answers by purpose and remembers what it was asked.

    A reply that is an error is raised at once; an answer takes a little longer.
    """

    text_model = vision_model = "test-model"
    provider = "test"

    def __init__(self, replies: Mapping[str, Answer | BaseException] | None = None) -> None:
        self.replies = {**REPLIES, **(replies or {})}
        self.asked: list[Question[Any]] = []
        self.answered: list[str] = []

    @property
    def purposes(self) -> list[str]:
        return [question.purpose for question in self.asked]

    @property
    def llm(self) -> LLM:
        return cast("LLM", self)

    async def ask(self, question: Question[Any]) -> Any:
        self.asked.append(question)
        await asyncio.sleep(0)
        reply = self.replies[question.purpose]
        if isinstance(reply, BaseException):
            raise reply
        await asyncio.sleep(0.01)
        assert not question.check(reply)
        self.answered.append(question.purpose)
        return reply
