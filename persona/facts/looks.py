"""Hair, eyes, skin and marks that a scene, a picture's words or a post changes.

Colours are compared as families: ginger, copper and orange are one; what light, dye or dirt may do proves nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache

from persona.facts.sheet import Contradiction, Sheet, Text, cited, words
from persona.schema.answers import Visual

_PARTS = {
    "hair": re.compile(
        r"(?<![\w-])(?P<joined>\w+)?-?\b(?:hair|haired|curls|locks|braids?|ponytail|bangs|bun)\b"
        r"(?! (?:ribbon|tie|clip|pin|band|brush|dryer|net|slide|stick|ornament|bow|salon|dye|elastic|comb|spray|on)\b)"
    ),
    "eyes": re.compile(r"(?<![\w-])(?P<joined>\w+)?-?\b(?:eyes|eyed|irises|gaze)\b(?! ?shadow)"),
    "skin": re.compile(r"(?<![\w-])(?P<joined>\w+)?-?\b(?:skin|skinned|complexion)\b"),
}
_MENTIONED = {
    "hair": re.compile("hair|curls|locks|braid|ponytail|bangs|bun"),
    "eyes": re.compile("eyes|eyed|irises|gaze"),
    "skin": re.compile("skin|complexion"),
}
_SKIPPED = {
    "hair": frozenset[str](),
    "eyes": frozenset({"red", "black", "white", "green-eyed monster"}),
    "skin": frozenset[str](),
}
_OWNERS = frozenset({"her", "his", "their", "my", "its"})
_OTHERS = {"she": frozenset({"he", "his", "他", "彼"}), "he": frozenset({"her", "她", "彼女"})}
_LENGTHS = {
    "short": frozenset({"short", "cropped", "buzzed", "pixie", "close-cropped", "shaved", "bobbed", "bob"}),
    "long": frozenset({"long", "waist-length", "hip-length", "floor-length", "knee-length"}),
}
_BALD = re.compile(r"\b(?:bald|hairless|no hair|shaved head|shaven)\b|^none\b", re.IGNORECASE)
_MARK = r"scars?|tattoos?|birthmarks?|mole|eyepatch|eye patch|prosthetic|missing finger|burn"
_SPOT = r"cheek|eyebrow|brow|eye|temple|ear|hand|thumb|arm|forearm|wrist|shoulder|knee|leg|palm|finger|jaw|forehead"
_SIDED = re.compile(rf"\b(?:{_MARK})\b[^.;,]{{0,40}}?\b(?P<side>left|right) (?P<spot>{_SPOT})\b", re.IGNORECASE)
_SIDED_FIRST = re.compile(
    rf"\b(?P<side>left|right) (?P<spot>{_SPOT})\b[^.;,]{{0,20}}?\b(?:{_MARK}|scarred|tattooed)\b", re.IGNORECASE
)
_MARKED = re.compile(
    r"\b(?:[Mm]y|[Tt]he figure's) (?:\w+ ){0,2}"
    r"(?P<mark>scar|tattoo|birthmark|eyepatch|beard|moustache|mustache|goatee)\b"
)


def looks(sheet: Sheet, text: Text) -> Iterator[Contradiction]:
    """Colours, lengths and marks in one text that the sheet's looks exclude."""
    if text.painted or sheet.tongue not in words("colours")["sentences"] or text.words.isascii():
        for part in _PARTS:
            if _MENTIONED[part].search(text.own):
                yield from _coloured(sheet, text, part)
        yield from _marks(sheet, text)
    else:
        yield from _cjk(sheet, text)


def invariants(sheet: Sheet, visual: Visual) -> Iterator[Contradiction]:
    """What pictures keep: the colours of a whole field are those of the sheet."""
    for part in ("hair", "eyes"):
        told, field = str(getattr(sheet.facts.looks, part)), str(getattr(visual.invariants, part))
        if _excludes(part, told, _tokens(field)):
            yield _changed(f"invariants.{part}", f'"{field}"', part, told)


def _coloured(sheet: Sheet, text: Text, part: str) -> Iterator[Contradiction]:
    bank, plain = words("colours"), text.own
    there = {token.removesuffix("'s") for token in _tokens(plain)}
    clear = there.isdisjoint(bank["passing"]) and there.isdisjoint(bank["beings"])
    told = str(getattr(sheet.facts.looks, part))
    for match in _PARTS[part].finditer(plain):
        described, owner = _described(plain, match)
        if described.isdisjoint(_families(part)) or described & _SKIPPED[part]:
            described = described & (_LENGTHS["short"] | _LENGTHS["long"])
        own = owner in _OWNERS - {"its"} or owner.endswith("figure's") or owner in _own_names(sheet)
        own = own and (text.painted or owner not in _OTHERS.get(_gender(sheet), ()))
        if owner == "its" or (owner.endswith("'s") and not own):
            continue
        if _excludes(part, told, described) or (part == "hair" and own and _other_length(told, described)):
            where = cited(plain, match.start(), match.end())
            yield _changed(text.field, where, part, told, text.field == "appearance" or (own and clear))


def _described(text: str, match: re.Match[str]) -> tuple[set[str], str]:
    """The colours and lengths just before a part of the body or stated of it, and the word before them."""
    between = set(words("colours")["modifiers"]) | _colour_words()
    found = {piece for piece in re.split(r"-", match["joined"] or "") if piece in between}
    owner = "" if found or match["joined"] is None else match["joined"]
    if not owner:
        for token in reversed(_tokens(text[max(0, match.start() - 80) : match.start()])[-8:]):
            pieces = token.split("-")
            if token in between or all(piece in between for piece in pieces):
                found |= {token, *pieces}
            elif token not in {"and", "with", "of"} or not found:
                owner = token
                break
    after = re.match(
        r" (?:is|are|was|has gone|turned) (?:now |still |all )?((?:[\w-]+,? ){0,1}[\w-]+)", text[match.end() :]
    )
    if after:
        found |= {piece for token in _tokens(after[1]) for piece in (token, *token.split("-")) if piece in between}
    return found, owner


def _excludes(part: str, told: str, described: set[str] | list[str]) -> bool:
    """Whether the words name colours, and all of them are none of the sheet's nor near them."""
    families, tokens = _families(part), [piece for token in _tokens(told) for piece in (token, *token.split("-"))]
    given = {family for word in tokens for family in families.get(word, ())}
    here = {family for word in described for family in families.get(word, ())}
    if part == "hair" and _BALD.search(told) and not given:
        return bool(here)
    if not given or not here or given & here:
        return False
    return not any(_near(part, one, other) for one in given for other in here)


def _other_length(told: str, described: set[str]) -> bool:
    tokens = set(_tokens(told))
    given = {name for name, lengths in _LENGTHS.items() if tokens & lengths}
    here = {name for name, lengths in _LENGTHS.items() if described & lengths}
    return len(given) == 1 and len(here) == 1 and given != here


def _marks(sheet: Sheet, text: Text) -> Iterator[Contradiction]:
    marks = sheet.facts.looks.marks
    sided = re.search("left|right", text.own, re.IGNORECASE) and re.search("left|right", marks, re.IGNORECASE)
    given = (
        set()
        if not sided
        else {(m["spot"].casefold(), m["side"].casefold()) for p in (_SIDED, _SIDED_FIRST) for m in p.finditer(marks)}
    )
    for pattern in (_SIDED, _SIDED_FIRST) if given else ():
        for match in pattern.finditer(text.own):
            spot, side = match["spot"].casefold(), match["side"].casefold()
            other = "right" if side == "left" else "left"
            if (spot, other) in given and (spot, side) not in given:
                where = cited(text.own, match.start(), match.end())
                yield _changed(text.field, where, "marks", marks)
    told = " ".join(sheet.facts.looks.model_dump().values()).casefold()
    for match in _MARKED.finditer(text.own):
        if match["mark"].replace("mustache", "moustache") not in told and match["mark"] not in sheet.told.casefold():
            where = cited(text.own, match.start(), match.end())
            yield _changed(text.field, where, "marks", marks or "none", certain=False)


def _cjk(sheet: Sheet, text: Text) -> Iterator[Contradiction]:
    colours = words("colours")[sheet.tongue]
    for part, pattern in zip(("hair", "eyes"), _cjk_patterns(sheet.tongue, sheet.facts.name), strict=True):
        told = str(getattr(sheet.facts.looks, part))
        for match in pattern.finditer(text.own):
            colour = colours[match["colour"]]
            if match["owner"] in _OTHERS.get(_gender(sheet), ()):
                continue
            if colour in _SKIPPED[part] or colour == "white" or not _excludes(part, told, {colour}):
                continue
            yield _changed(text.field, cited(text.own, match.start(), match.end()), part, told)


@lru_cache(maxsize=256)
def _cjk_patterns(tongue: str, name: str) -> tuple[re.Pattern[str], ...]:
    colours = "|".join(sorted(words("colours")[tongue], key=len, reverse=True))
    names = "|".join(re.escape(part) for part in dict.fromkeys((name, name.split()[0])))
    sentences = words("colours")["sentences"][tongue]
    return tuple(
        re.compile(sentences[part].replace("{colours}", colours).replace("{name}", names)) for part in ("hair", "eyes")
    )


def _changed(field: str, where: str, part: str, told: str, certain: bool = True) -> Contradiction:
    return Contradiction(
        f'{field} says {where}, but facts.looks.{part} is "{told}": agree with it or leave the {part} out', certain
    )


def _gender(sheet: Sheet) -> str:
    """ "she" or "he", or "" for others: by whose pronouns somebody else is told from the character."""
    said = sheet.facts.pronouns.casefold()
    if re.search(r"\bshe\b|她|彼女", said):
        return "" if re.search(r"\bhe\b|他", said) else "she"
    return "he" if re.search(r"\bhe\b|他|彼", said) else ""


def _own_names(sheet: Sheet) -> set[str]:
    return {f"{part.casefold()}'s" for part in sheet.facts.name.split()}


def _tokens(text: str) -> list[str]:
    return re.findall(r"[a-z]+(?:[-'][a-z]+)*", text.casefold())


@cache
def _families(part: str) -> dict[str, frozenset[str]]:
    """Colour word -> its families, for one part of the body."""
    found: dict[str, frozenset[str]] = {}
    for family, colours in words("colours")[part].items():
        for colour in colours:
            found[colour] = found.get(colour, frozenset()) | {family}
    return found


@cache
def _colour_words() -> frozenset[str]:
    return frozenset(word for part in _PARTS for word in _families(part)) | frozenset().union(*_LENGTHS.values())


@cache
def _near(part: str, one: str, other: str) -> bool:
    return any({one, other} == set(pair.split()) for pair in words("colours")["neighbours"][part])
