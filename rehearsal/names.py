"""Names for rehearsed people: made, taken apart, spoken, and turned into handles.

How names are written is the bank's to say. Without `[order]` a name is words with the given name first. With it the
family stands first, and `between` stands after it; a name with a middle dot came from elsewhere and begins with
the given name. Parts of names are written as `written/said` where the two differ.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from functools import cache
from itertools import product

from rehearsal.bank import Bank, Draw, Words, bank_for, capital

HANDLE = 15  # letters that a handle may have
DOT = re.compile("[·・]")
_LETTERS = str.maketrans({"ł": "l", "đ": "d", "ø": "o", "ð": "d", "þ": "th", "ı": "i", "ß": "ss", "æ": "ae"})
_VOWELS = "aeiouyáàâãäåąéèêëěíìîïóòôõöøúùûüůýæœıăơưạảấầẩẫậắằẳẵặẹẻẽếềểễệịỉĩọỏốồổỗộớờởỡợụủũứừửữựỳỵỷỹōū"


def full_name(bank: Bank, home: Words, draw: Draw) -> tuple[str, str]:
    """A name and its pronouns. Half of the names have a family name from another place of the same bank; where given
    names stand first, the other half has two of them.
    """
    own = _culture(bank, home)
    kind = draw.one("pronouns", ["she", "he"] * 9 + ["they", "they"])
    given = draw.some("given", _given(own, kind) or _all_given(own), 2)
    mixed = draw.chance("mixed", 50) and not own.get("elsewhere")
    if mixed:
        native = [culture for culture in bank.names["culture"] if not culture.get("elsewhere")]
        name = _joined(bank, own, given[0], _family(draw.one("other culture", native), draw))
    elif _order(bank):
        name = _joined(bank, own, given[0], _family(own, draw))
    else:
        name = " ".join([*given, _family(own, draw)])
    return name, str(bank.names["pronouns"][kind])


def names_for(
    bank: Bank, home: Words, draw: Draw, name: str, taken: Collection[str], roles: Iterable[Words]
) -> list[str]:
    """A name from the same place for each role around the person called `name`.

    No given name comes twice, and none is in `taken`. Kin has the family name of `name`.
    """
    own = _culture(bank, home)
    free = [given for given in draw.mixed("others", _all_given(own)) if given not in taken]
    names = []
    for role in roles:
        fitting = _given(own, role.get("kind", "")) or free
        given = next(one for one in free if one in fitting)
        free.remove(given)
        family = parts(bank, name)[1] if role.get("kin") else ""
        names.append(_joined(bank, own, given, family or _family(own, Draw(f"{draw.key} {given}"))))
    return names


def parts(bank: Bank, name: str) -> tuple[str, str]:
    """The given name by which friends call somebody, and the family name, "" where there is none."""
    order = _order(bank)
    if not order or re.search("[A-Za-z]", name):
        words = name.split()
        return words[0], words[-1] if len(words) > 1 else ""
    if DOT.search(name):
        given, family = DOT.split(name, maxsplit=1)
    elif order["between"]:
        family, parted, given = name.partition(order["between"])
        if not parted:
            return name, ""
    else:
        family, given = name[:1], name[1:] if len(name) > 2 else name
    return given, family


def address(bank: Bank, name: str, role: Words) -> str:
    """How somebody in this role is spoken of by those who know them."""
    given, family = parts(bank, name)
    if DOT.search(name):
        family = given
    pattern = str(role.get("address") or bank.names.get("address") or "{given}")
    return pattern.format(given=given, family=family or given, last=given[-1:])


def spoken(bank: Bank, home: Words, name: str) -> str:
    """How a name is said: as the bank knows it, else in syllables, the stressed one in capitals."""
    if not _order(bank):
        return " ".join(_syllables(word, _culture(bank, home)["stress"]) for word in name.split())
    given, family = parts(bank, name)
    order = (given, family) if DOT.search(name) else (family, name.removeprefix(family).strip() or given)
    return " ".join(capital(_said(bank, part)) for part in order)


def handle(bank: Bank, name: str, draw: Draw) -> str:
    """A name in the feed: small letters, digits and one underscore."""
    given, last = (_latin(bank, _said(bank, part)) for part in parts(bank, name))
    digits = f"{draw.number(f'handle {name}', 1_000_000):06}"
    if given and last:
        return f"{given[:8]}_{last[:4]}{digits[:2]}"
    return f"{(given or last or 'friend')[: HANDLE - len(digits)]}{digits}"


def _order(bank: Bank) -> Words:
    order: Words = bank.names.get("order") or {}
    return order


def _joined(bank: Bank, culture: Words, given: str, family: str) -> str:
    order = _order(bank)
    if not order:
        return f"{given} {family}"
    return (
        f"{given}{order['from_elsewhere']}{family}"
        if culture.get("elsewhere")
        else f"{family}{order['between']}{given}"
    )


def _culture(bank: Bank, home: Words) -> Words:
    key = home.get("culture")
    found: Words = next((one for one in bank.names["culture"] if one["key"] == key), bank.names["culture"][0])
    return found


def _given(culture: Words, kind: str) -> list[str]:
    """Given names of a kind, she or he; none of another kind."""
    return [_written(name) for name in _pieces(culture, kind, f"{kind}_ends")]


def _all_given(culture: Words) -> list[str]:
    return _given(culture, "she") + _given(culture, "he")


def _family(culture: Words, draw: Draw) -> str:
    return _written(_join(draw.one("stem", culture["stems"]), draw.one("ending", culture["endings"])))


def _pieces(culture: Words, beginnings: str, ends: str) -> list[str]:
    """Every name that can be put together; the beginnings themselves where there are no ends."""
    return [_join(one, end) for one, end in product(culture.get(beginnings, []), culture.get(ends, [""]))]


def _join(one: str, end: str) -> str:
    """Two pieces in one, each of which may be `written/said`."""
    if "/" not in one + end:
        return one + end
    (written, said), (written_end, said_end) = ((piece.split("/") * 2)[:2] for piece in (one, end))
    return f"{written}{written_end}/{said}{said_end}"


def _written(piece: str) -> str:
    return piece.partition("/")[0]


def _said(bank: Bank, part: str) -> str:
    """How a part of a name is said, as far as the bank knows."""
    book = _readings(bank.language)
    return book.get(part) or "".join(book.get(letter, letter) for letter in part)


@cache
def _readings(language: str) -> dict[str, str]:
    """Part of a name -> how it is said; single characters too where the bank lists them."""
    names = bank_for(language).names
    book = {letter: said for said, letters in names.get("readings", {}).items() for letter in letters}
    for culture in names["culture"]:
        for beginnings, ends in (("she", "she_ends"), ("he", "he_ends"), ("stems", "endings")):
            book |= dict(piece.split("/") for piece in _pieces(culture, beginnings, ends) if "/" in piece)
    return book


def _latin(bank: Bank, word: str) -> str:
    """A word in plain small letters of the Latin alphabet; what the bank cannot spell is left out."""
    letters: dict[str, str] = bank.names.get("letters", {})
    if letters:
        longest_first = sorted(letters, key=len, reverse=True)
        word = re.sub("|".join(map(re.escape, longest_first)), lambda found: letters[found[0]], word)
    folded = unicodedata.normalize("NFKD", word.casefold().translate(_LETTERS))
    return "".join(letter for letter in folded if letter.isascii() and letter.isalnum())


def _syllables(word: str, stress: str) -> str:
    syllables = re.findall(
        f"[^{_VOWELS}]*[{_VOWELS}]+(?:[^{_VOWELS}]+$|[^{_VOWELS}](?=[^{_VOWELS}]))?", word.casefold()
    )
    if "".join(syllables) != word.casefold() or len(syllables) < 2:
        return word
    stressed = 0 if stress == "first" else len(syllables) - 2
    return "-".join(part.upper() if at == stressed else part for at, part in enumerate(syllables))
