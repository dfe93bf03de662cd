"""Who a rehearsed question is about: the character that stands in its blocks, found again in the word banks.

What the blocks lack is drawn from the character's name, so that a card by hand is answered as sensibly as one of ours.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from llm.rehearsal_bank import Bank, Draw, Filling, Words, bank_for

HANDLE = 15  # letters that a handle may have
_ASCII = str.maketrans({"ł": "l", "đ": "d", "ø": "o", "ð": "d", "þ": "th", "ı": "i", "ß": "ss", "æ": "ae"})


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
        return self.name.split()[0]

    @property
    def draw(self) -> Draw:
        return Draw(self.name)

    @property
    def facts(self) -> Words:
        return part(self.core, "facts")

    def words(self, draw: Draw) -> dict[str, str]:
        """What stands in the slots of a sentence about this character; `draw` picks thing, place and friend."""
        job = self.job
        names = [name.split()[0] for name, _ in self.people]
        friend = draw.one("friend", names or [self.bank.posts["words"]["neighbour"]])
        relation = next((relation for name, relation in self.people if name.split()[0] == friend), "")
        return {
            **{name: job[name] for name in ("title", "work", "want", "setback", "outcome", "skill", "notice")},
            "name": self.name,
            "given": self.given,
            "home": self.home["place"],
            "thing": draw.one("thing", job["things"]),
            "place": draw.one("place", job["places"])[0],
            "friend": friend,
            "relation": relation,
            "a_title": with_article(job["title"]),
            "topic": draw.one("topic", job["topics"]),
            "signature": job["signature"],
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


def full_name(bank: Bank, home: Words, draw: Draw) -> tuple[str, str]:
    """A name and its pronouns. Half of the names have a second given name, half a family name from elsewhere."""
    cultures = bank.names["culture"]
    own = _culture(bank, home)
    kind = draw.one("pronouns", ["she", "he"] * 9 + ["they", "they"])
    given = draw.some("given", own[kind] if kind in own else own["she"] + own["he"], 2)
    if draw.chance("mixed", 50):
        name = [given[0], _family(draw.one("other culture", cultures), draw)]
    else:
        name = [*given, _family(own, draw)]
    return " ".join(name), {"she": "she/her", "he": "he/him", "they": "they/them"}[kind]


def names_for(bank: Bank, home: Words, draw: Draw, taken: Collection[str], roles: Iterable[Words]) -> list[str]:
    """A name from the same place for each role. No given name comes twice, and none is in `taken`."""
    own = _culture(bank, home)
    free = [given for given in draw.mixed("others", own["she"] + own["he"]) if given not in taken]
    names = []
    for role in roles:
        given = next(one for one in free if one in own.get(role.get("kind", ""), free))
        free.remove(given)
        names.append(f"{given} {_family(own, Draw(f'{draw.key} {given}'))}")
    return names


def with_article(words: str) -> str:
    """English words with "a" or "an"."""
    return f"{'an' if words[:1].lower() in 'aeiou' else 'a'} {words}"


def handle(name: str, draw: Draw) -> str:
    """A name in the feed: small letters, digits and one underscore."""
    given, *family = [_plain(word) for word in name.split()]
    digits = f"{draw.number(f'handle {name}', 1_000_000):06}"
    last = family[-1] if family else ""
    if given and last:
        return f"{given[:8]}_{last[:4]}{digits[:2]}"
    return f"{(given or last or 'friend')[: HANDLE - len(digits)]}{digits}"


def spoken(name: str, stress: str) -> str:
    """How a name is said: syllables, the stressed one in capitals."""
    return " ".join(_spoken_word(word, stress) for word in name.split())


def stress_of(bank: Bank, home: Words) -> str:
    return str(_culture(bank, home)["stress"])


def _spoken_word(word: str, stress: str) -> str:
    vowels = "aeiouyáàâãäåąéèêëěíìîïóòôõöøúùûüůýæœıăơưạảấầẩẫậắằẳẵặẹẻẽếềểễệịỉĩọỏốồổỗộớờởỡợụủũứừửữựỳỵỷỹōū"
    syllables = re.findall(f"[^{vowels}]*[{vowels}]+(?:[^{vowels}]+$|[^{vowels}](?=[^{vowels}]))?", word.casefold())
    if "".join(syllables) != word.casefold() or len(syllables) < 2:
        return word
    stressed = 0 if stress == "first" else len(syllables) - 2
    return "-".join(part.upper() if at == stressed else part for at, part in enumerate(syllables))


def _culture(bank: Bank, home: Words) -> Words:
    key = home.get("culture")
    found: Words = next((one for one in bank.names["culture"] if one["key"] == key), bank.names["culture"][0])
    return found


def _family(culture: Words, draw: Draw) -> str:
    return str(draw.one("stem", culture["stems"]) + draw.one("ending", culture["endings"]))


def _plain(word: str) -> str:
    folded = unicodedata.normalize("NFKD", word.casefold().translate(_ASCII))
    return "".join(letter for letter in folded if letter.isascii() and letter.isalnum())
