"""Who a rehearsed question is about: the character that stands in its blocks, found again in the word banks.

What the blocks lack is drawn from the character's name, so that a card by hand is answered as sensibly as one of ours.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from rehearsal.bank import Bank, Draw, Filling, Words, bank_for
from rehearsal.names import address, parts


@dataclass(frozen=True, slots=True)
class Asked:
    """One question as it came in. `again`: how often the same question was sent back with objections."""

    language: str = ""
    blocks: Mapping[str, Any] = field(default_factory=dict)
    picture: bytes = b""
    again: int = 0
    text: str = ""

    @property
    def bank(self) -> Bank:
        return bank_for(self.language)

    def block(self, name: str) -> Words:
        """A block that holds an object; empty where it is missing or something else."""
        value = self.blocks.get(name)
        return value if isinstance(value, dict) else {}


@dataclass(frozen=True, slots=True)
class Character:
    """Somebody with a name, and the words that belong to this name."""

    bank: Bank
    name: str
    core: Words
    job: Words
    temper: Words
    home: Words
    people: tuple[tuple[str, str], ...]  # name and relation

    @property
    def given(self) -> str:
        return parts(self.bank, self.name)[0]

    @property
    def draw(self) -> Draw:
        return Draw(self.name)

    @property
    def facts(self) -> Words:
        return part(self.core, "facts")

    def _called(self, name: str, relation: str) -> str:
        roles = self.bank.persona["person"]
        role: Words = next((role for role in roles if role["relation"] == relation), {})
        return address(self.bank, name, role)

    def words(self, draw: Draw) -> dict[str, str]:
        """What stands in the slots of a sentence about this character; `draw` picks thing, place and friend."""
        job = self.job
        friends = {self._called(name, relation): relation for name, relation in self.people}
        friend = draw.one("friend", list(friends) or [self.bank.posts["words"]["neighbour"]])
        return {
            **{name: job[name] for name in ("title", "work", "want", "setback", "skill", "notice")},
            "outcome": self.draw.one("outcome", job["outcomes"]),
            "name": self.name,
            "given": self.given,
            "home": self.home["place"],
            "thing": draw.one("thing", job["things"]),
            "place": draw.one("place", job["places"])[0],
            "friend": friend,
            "relation": friends.get(friend, ""),
            "a_title": with_article(job["title"]),
            "topic": draw.one("topic", job["topics"]),
            "signature": job["signature"],
            "keepsake": job.get("keepsake") or job["signature"],
        }

    def filling(self, draw: Draw, **more: str) -> Filling:
        """What `draw` puts into sentences about this character."""
        job, temper = self.job, self.temper
        pieces = {
            "folk": draw.mixed("folk", job["folk"]),
            "truth": draw.mixed("truth", job["truths"]),
            "did": draw.mixed("did", job["did"]),
            "said": draw.mixed("said", job["said"]),
            "aside": draw.mixed("aside", temper["asides"]),
            "contradiction": draw.mixed("contradiction", temper["contradictions"]),
        }
        return Filling(self.words(draw) | more, pieces)


def character(asked: Asked) -> Character:
    """The character that the question's blocks speak of."""
    bank = asked.bank
    whole = asked.block("persona")
    core = asked.block("core") or part(whole, "core") or whole
    facts = part(core, "facts")
    name = str(facts.get("name") or core.get("name") or "").strip() or "N. N."
    draw = Draw(name)
    sentences = str(part(core, "speech").get("sentences") or "")
    place = str(part(facts, "home").get("place") or "")
    homes, tempers = bank.names["home"], bank.persona["temper"]
    return Character(
        bank=bank,
        name=name,
        core=core,
        job=_job(bank, f"{facts.get('work') or ''}\n{core.get('description') or ''}", draw),
        temper=next((one for one in tempers if one["sentences"] == sentences), draw.one("temper", tempers)),
        home=next(
            (one for one in homes if one["place"] == place),
            {**draw.one("home", homes), **({"place": place, "snow": []} if place else {})},
        ),
        people=tuple(_people(facts)),
    )


def part(words: Words, name: str) -> Words:
    value = words.get(name)
    return value if isinstance(value, dict) else {}


def _job(bank: Bank, text: str, draw: Draw) -> Words:
    for sign in ("work", "title"):
        for job in bank.jobs:
            if job[sign] in text:
                return job
    return draw.one("job", bank.jobs)


def _people(facts: Words) -> Iterator[tuple[str, str]]:
    for one in facts.get("people") or ():
        if isinstance(one, dict) and str(one.get("name") or "").strip():
            yield str(one["name"]).strip(), str(one.get("relation") or "")


def with_article(words: str) -> str:
    """English words with "a" or "an"."""
    return f"{'an' if words[:1].lower() in 'aeiou' else 'a'} {words}"
