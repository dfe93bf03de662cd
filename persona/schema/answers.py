"""The answers of the stages, field by field in the order in which a person would think.

They say exactly what the model is asked for; limits are checked here, not by the endpoint. Knows no files
and no prompts.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from persona.schema.fields import Answer, Appearance, Country, Line, MonthDay, TimeZone, at_most
from values import Weekday

MOST_CONTACTS = 12  # eight that the model invents, and members of the cast

# -- stage 1 -----------------------------------------------------------------------------------------


class Reading(Answer):
    """What the portrait shows, before anything is invented."""

    proves: Line = Field(description="What the picture proves: what anybody can see in it.")
    suggests: Line = Field(description="What it suggests, but does not prove.")
    kind: Literal["drawing", "render", "photograph_of_person", "unclear"] = Field(
        description="drawing: drawn or painted; render: made in 3D; photograph_of_person: a photo of a real "
        "human being; unclear: anything else."
    )


class Known(Answer):
    """Somebody whom the character mentions."""

    name: Line
    relation: Line = Field(description="Who this is to the character.")


class Looks(Answer):
    """The character feature by feature, in English."""

    hair: Line
    eyes: Line
    skin: Line
    build: Line
    marks: str = Field(description="Scars, freckles, jewellery that is always worn; empty if there are none.")
    clothing: Line


class Home(Answer):
    place: Line = Field(description="Town or place, real or of the character's world.")
    country_code: Country = Field(description="ISO 3166 code of the real country whose holidays are kept there.")
    time_zone: TimeZone = Field(description="IANA name of the time zone, such as Europe/Paris.")


class Facts(Answer):
    """What every later stage must agree with."""

    name: Line = Field(description="The full name, as the character writes it.")
    name_spoken: Line = Field(description="How the name is said, for somebody who reads it first.")
    age: int = Field(ge=0, le=100_000, description="Age in years.")
    pronouns: Line
    birthday: MonthDay = Field(description="MM-DD")
    home: Home
    languages: tuple[Line, ...] = Field(min_length=1, description="Languages spoken, best first.")
    work: Line = Field(description="What the character does all day, paid or not.")
    people: Annotated[tuple[Known, ...], at_most(4)] = Field(
        description="Two to four people whom the character talks about. No one else is named later."
    )
    looks: Looks
    likes: tuple[Line, ...]
    dislikes: tuple[Line, ...]
    limits: tuple[Line, ...] = Field(description="What the character does not do.")
    never_says: tuple[Line, ...] = Field(description="Words and phrases it would never use.")


class Speech(Answer):
    """How the character writes, as habits that can be seen on the page."""

    sentences: Line = Field(description="Length and build of its sentences.")
    constructions: tuple[Line, ...] = Field(description="Favourite turns of phrase, quoted.")
    fillers: tuple[Line, ...] = Field(description="Filler words, quoted.")
    swears_by: str = Field(description="What it swears by; empty if it does not.")
    punctuation: Line
    emoji: Line = Field(description="Which emoji it uses and how often, or that it uses none.")
    when_tired: Line
    when_proud: Line
    when_afraid: Line


class Core(Answer):
    """Stage 1, from the portrait: who this is."""

    reading: Reading
    facts: Facts
    wants: Line = Field(description="What it wants this month.")
    obstacle: Line = Field(description="What stands in the way.")
    contradictions: Annotated[tuple[Line, ...], at_most(2)] = Field(
        min_length=2, description="Two contradictions that drive what it does."
    )
    competence: Line = Field(description="Something it does well, shown in one detail.")
    sore_point: Line = Field(description="What it talks around.")
    notices_first: Line = Field(description="What it notices first in a room.")
    speech: Speech
    description: Line = Field(description="The character in one paragraph of behaviour, not labels.")


# -- stage 2 -----------------------------------------------------------------------------------------


class ContentType(Answer):
    name: Line = Field(description="Two or three words.")
    purpose: Line
    share: float = Field(ge=0, le=1, description="Share of all posts, between 0 and 1. All shares add up to 1.")
    form: Line = Field(description="What such a post looks like on the page.")
    trigger: Line = Field(description="What happens in its life that makes this post come.")


class DayRhythm(Answer):
    weekday: Weekday
    hours: tuple[Annotated[int, Field(ge=0, le=23)], ...] = Field(
        description="Hours of the day, 0 to 23, at which it may post. Empty: a quiet day."
    )
    why: Line = Field(description="The reason in its life.")


class Hashtags(Answer):
    most: int = Field(ge=0, le=10, description="The most hashtags on one post; usually 0 to 2.")
    favourites: tuple[Line, ...] = Field(description="Its own hashtags, without '#'.")


class Strategy(Answer):
    """Stage 2: what it posts, when, and how."""

    topics: tuple[Line, ...] = Field(min_length=1)
    tone: Line
    content_types: Annotated[tuple[ContentType, ...], at_most(9)] = Field(min_length=1)
    rhythm: tuple[DayRhythm, ...] = Field(description="One entry per weekday.")
    picture_share: float = Field(ge=0, le=1, description="Share of posts with a picture.")
    hashtags: Hashtags

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        total = sum(kind.share for kind in self.content_types)
        if abs(total - 1) > 0.02:
            raise ValueError(f"the shares of content_types add up to {total:.2f}; make them add up to 1")
        names = [kind.name.casefold() for kind in self.content_types]
        if len(set(names)) < len(names):
            raise ValueError("two content_types have the same name; give each its own")
        if len({day.weekday for day in self.rhythm}) != 7:
            raise ValueError("rhythm needs each weekday, monday to sunday, once")
        if not any(day.hours for day in self.rhythm):
            raise ValueError("rhythm has no hour on any day; name at least one")
        return self

    def shares(self) -> dict[str, float]:
        """Content type -> share, scaled to add up to exactly 1."""
        total = sum(kind.share for kind in self.content_types)
        return {kind.name: kind.share / total for kind in self.content_types}


# -- stages 3 to 7 -----------------------------------------------------------------------------------


class ExamplePost(Answer):
    content_type: Line = Field(description="One of the content types of the strategy.")
    form: Line = Field(description="one-liner, story, question, list, complaint, overheard, callback, late thought")
    text: Line


class Examples(Answer):
    """Stage 3: posts that show the voice, different in form before they differ in topic."""

    posts: Annotated[tuple[ExamplePost, ...], at_most(8)] = Field(min_length=8)


class Contact(Answer):
    name: Line
    handle: Line = Field(description="Its name in the feed, without '@'.")
    relation: Line
    called: Line = Field(description="What the character calls this person.")
    wants: Line = Field(description="What this person wants from the character.")
    open_matter: Line = Field(description="What is unsettled between them.")
    writes: Line = Field(description="How this person writes.")


class Network(Answer):
    """Stage 4: people who want different things from the character."""

    people: Annotated[tuple[Contact, ...], at_most(MOST_CONTACTS)] = Field(min_length=5)


class Mood(Answer):
    name: Line
    shows: Line = Field(description="How it shows in the form of a post.")


class RunningJoke(Answer):
    joke: Line
    worn_out: Line = Field(description="When it stops being funny.")


class Silence(Answer):
    when: Line
    why: Line


class ChangedMind(Answer):
    at_first: Line
    later: Line
    because: Line


class Exchange(Answer):
    user: Line = Field(description="Somebody writes to the character.")
    character: Line = Field(description="What it answers.")


class Voice(Answer):
    """Stage 5, authenticity: the voice as texture. A labelled fictional character, never passing for a person."""

    moods: tuple[Mood, ...] = Field(min_length=2)
    running_jokes: tuple[RunningJoke, ...]
    small_errors: tuple[Line, ...] = Field(description="Small fixed errors of its writing, quoted.")
    silences: tuple[Silence, ...]
    changed_minds: tuple[ChangedMind, ...]
    greeting: Line = Field(description="Its first words to somebody who has just met it.")
    exchanges: Annotated[tuple[Exchange, ...], at_most(4)] = Field(min_length=2)


class Invariants(Answer):
    """What must look the same in every picture."""

    face: Line
    hair: Line
    eyes: Line
    build: Line
    marks: str
    signature: Line = Field(description="One object that is always there.")


class Outfit(Answer):
    occasion: Line
    clothes: Line


class Place(Answer):
    name: Line
    looks: Line


class Visual(Answer):
    """Stage 6, from the portrait again: what pictures of the character keep and what they may change. English."""

    medium: Line = Field(description="What the portrait is made in: ink, oil, cel animation, 3D, ...")
    invariants: Invariants
    wardrobe: tuple[Outfit, ...] = Field(min_length=1)
    places: tuple[Place, ...] = Field(min_length=1)
    palette: tuple[Line, ...] = Field(min_length=2, description="Colours, as words.")
    light: Line
    framing: Line
    appearance: Appearance = Field(
        description="One sentence of at most 50 words: medium, build, hair, eyes, marks, signature object. "
        "Concrete nouns and colours; no name, no mood, no negation."
    )


class Lore(Answer):
    name: Line
    keys: tuple[Line, ...] = Field(min_length=1, description="Words a reader would really type.")
    content: Line
    date: MonthDay | None = Field(description="MM-DD if it returns every year, else null.")


class Knowledge(Answer):
    """Stage 7: places, habits, objects and past events that pay off in posts."""

    entries: tuple[Lore, ...] = Field(min_length=6)
