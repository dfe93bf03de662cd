"""The words that the painter knows, and the tokenizer that reads them.

A prompt is boiled down by the tokenizer's own normaliser, so that a stock pipeline needs no code of ours: synonyms
become one word, a colour is joined to the noun that it belongs to ("long red hair" -> style_long hair_red), and
every word that is left over is dropped. The words stand in words.toml. Knows no pictures and no models.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import PreTrainedTokenizerFast

Words = dict[str, list[str]]
Rule = tuple[str, str]

_GROUPS: dict[str, Words] = tomllib.loads((Path(__file__).parent / "words.toml").read_text(encoding="utf-8"))
COLOURS, SKINS, EYES = _GROUPS["colours"], _GROUPS["skin"], _GROUPS["eyes"]
STYLES, OUTFITS, HATS = _GROUPS["style"], _GROUPS["outfit"], _GROUPS["hat"]
THINGS, PLACES, OTHERS = _GROUPS["thing"], _GROUPS["place"], _GROUPS["other"]
_USUAL = {token: colour for colour, tokens in _GROUPS["usual"].items() for token in tokens}

# Which nouns a colour can belong to.
_SLOTS = {
    "hair": (*_GROUPS["hair"], *STYLES, "beard"),
    "cloth": tuple(OUTFITS),
    "hat": tuple(HATS),
    "scarf": ("scarf",),
    "item": tuple(THINGS),
}
_BODY = (
    "character|person|girl|boy|man|woman|figure|child|kid|lady|build|body|frame|"
    "elf|fox|bear|rabbit|dragon|robot|kind_cat"
)
_OTHER_NOUNS = (
    "sky|sea|water|light|lights|door|wall|walls|window|sun|clouds|table|leaves|snow|sunset|floor|house|sign|boots|shoes|"
    "trousers|hands|skin"
)
_STURDY = "sturdy|broad|stocky|muscular|heavy|burly|big|large|strong|plump|chubby|round|broad shouldered"
_SMALL = "small|petite|tiny|young|little|short|slight"
_HAIR = "hair|style_[a-z]+|hair_[a-z]+"
_IS = r"(?:is|are|was|of|colou?red|dyed)(?: (?:a|the|deep|dark|bright|pale|light|warm)){0,2}"

TOKENS = (
    *(f"{slot}_{colour}" for slot in _SLOTS for colour in COLOURS),
    *(f"eyes_{colour}" for colour in EYES),
    *(f"skin_{colour}" for colour in SKINS),
    *("build_sturdy", "build_small", "style_long", "style_short", "kind_cat"),
    *(token for group in (STYLES, OUTFITS, HATS, THINGS, PLACES) for token in group),
    *(token for token in OTHERS if token not in ("eyes", "skin")),
    ".",
)


def _any(words: Iterable[str], plural: str = "") -> str:
    longest = sorted(words, key=len, reverse=True)
    return rf"\b(?:{'|'.join(longest)}){plural}\b"


def _before(nouns: str, within: int, block: str) -> str:
    """Followed by one of these nouns, with a few words between that are not nouns themselves."""
    return rf"(?= (?:(?!(?:{block})\b)[a-z_]+ ){{0,{within}}}(?:{nouns})\b)"


def _punctuation() -> list[Rule]:
    """Only letters, full stops and commas are left."""
    return [(r"['’`]", ""), (r"[.!?;:]+", " . "), (r"[,()]", " , "), (r"[^a-z.,]+", " ")]


def _skin() -> list[Rule]:
    """What is said of skin, phrases first: "light brown skin" is brown."""
    near = _before("skin|skinned|complexion", 2, "hair|eyes")
    phrases = [(word, f"skin_{name}") for name, words in SKINS.items() for word in words if " " in word]
    single = [([word for word in words if " " not in word], f"skin_{name}") for name, words in SKINS.items()]
    return [(_any([word]) + near, token) for word, token in phrases] + [(_any(w) + near, token) for w, token in single]


def _exceptions() -> list[Rule]:
    """Words that mean something else where they stand."""
    # A hat in the hand is not worn, and the painter knows none in a hand.
    carried = r"\b(?:carrying|holding) (?:an?|the|her|his|their) (?:[a-z]+ ){0,2}(?:hat|cap)\b"
    parts = r"\b(?:long|short|straight|round) (?:face|nose|sleeves?|walk|day|while|time)\b"
    return [
        (rf"\blong (?:limbed|legged|sleeved)\b|{parts}|\bshort sleeved\b|{carried}", ""),
        (r"\bsnow (?:capped|topped|covered)\b", ""),
        (r"\b(?:orange|lemon)s\b", "fruit"),
        (r"\b(?:book|storybook) illustration\b|\bfox(?= puppet\b)|\bon a ribbon\b", ""),
        (r"\bcat(?= (?:[a-z]+ |, ){0,3}(?:fur|character|person|folk|girl|boy|man|woman|wearing)\b)", "kind_cat"),
        (_any(("long", "waist length", "flowing", "longhaired", "straight")), "long"),
        (_any(("short", "cropped", "pixie", "close cropped", "swept back")), "short"),
    ]


def _synonyms() -> list[Rule]:
    """Phrases first, the longer ones before the shorter ones, then single words."""
    names = ("style", "hair", "outfit", "hat", "thing", "place", "other", "always")
    phrases: list[Rule] = []
    single: list[Rule] = []
    for token, words in (pair for name in names for pair in _GROUPS[name].items()):
        phrases += [(rf"\b{word}s?\b", token) for word in words if " " in word]
        if alone := [word for word in words if " " not in word]:
            single.append((_any(alone, "(?:es|s)?"), token))
    return sorted(phrases, key=lambda rule: -len(rule[0])) + single


def _shapes() -> list[Rule]:
    """Build of the body and length of the hair."""
    body, clothes = "hair|style_[a-z]+|with", "wearing|dress|coat|robe"
    return [
        (_any(_STURDY.split("|")) + _before(_BODY, 3, body), "build_sturdy"),
        (_any(_SMALL.split("|")) + _before(_BODY, 3, body), "build_small"),
        (r"(?<=hair , )long\b", "style_long"),
        (r"(?<=hair , )short\b", "style_short"),
        (r"\blong" + _before(_HAIR, 4, clothes), "style_long"),
        (r"\bshort" + _before(_HAIR, 4, clothes), "style_short"),
        (r"\bblonde?" + _before(_BODY, 2, "hair|with"), "yellow hair"),
        (r"\bginger" + _before(_BODY, 2, "hair|with"), "orange hair"),
    ]


def _colours() -> list[Rule]:
    """Colours, joined to their nouns."""
    nouns = "|".join((*(noun for group in _SLOTS.values() for noun in group), "eyes", _OTHER_NOUNS))
    found: list[Rule] = [(_any(words), colour) for colour, words in COLOURS.items()]
    for colour in COLOURS:
        for slot, members in _SLOTS.items():
            found.append((rf"\b{colour}" + _before("|".join(members), 3, nouns), f"{slot}_{colour}"))
        found.append((rf"\bhair {_IS} {colour}\b", f"hair_{colour}"))
    for token, colours in EYES.items():
        found.append((_any(colours) + _before("eyes", 3, nouns), f"eyes_{token}"))
        found.append((rf"\beyes {_IS} (?:{'|'.join(colours)})\b", f"eyes_{token}"))
    return found


def _leftovers() -> list[Rule]:
    """Whatever is no token goes."""
    known = "|".join(token for token in TOKENS[:-1])
    return [
        (rf"(?<![a-z_])(?!(?:{known})(?![a-z_]))[a-z_]+", ""),
        (r",", " "),
        (r"(?:\s*\.)+\s*", " . "),
        (r"^[\s.]+|[\s.]+$", ""),
    ]


def _unsaid() -> list[Rule]:
    """A hat, a scarf or a thing without a colour before it gets its usual one."""
    found: list[Rule] = []
    for slot in ("hat", "scarf", "item"):
        said = "|".join(f"{slot}_{colour} " for colour in COLOURS)
        for token in _SLOTS[slot]:
            found.append((rf"(?<!{said}|[a-z_])(?={token}(?![a-z_]))", f"{slot}_{_USUAL[token]} "))
    return found


def rules() -> list[Rule]:
    """Every rewriting of a prompt, in order: pattern and replacement."""
    found = _punctuation() + _skin() + _exceptions() + _synonyms() + _shapes() + _colours() + _leftovers()
    return found + _unsaid()


def tokenizer(length: int) -> PreTrainedTokenizerFast:
    """The tokenizer of prompts of at most this many tokens."""
    pad, start, end = "<pad>", "<s>", "</s>"
    vocabulary = {token: number for number, token in enumerate((pad, start, end, *TOKENS))}
    core = Tokenizer(models.WordLevel(vocabulary, pad))
    plain = [normalizers.NFD(), normalizers.StripAccents(), normalizers.Lowercase()]
    core.normalizer = normalizers.Sequence([*plain, *(normalizers.Replace(Regex(old), new) for old, new in rules())])
    core.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    marks = [(mark, vocabulary[mark]) for mark in (start, end)]
    core.post_processor = processors.TemplateProcessing(single=f"{start} $A {end}", special_tokens=marks)
    special = {"pad_token": pad, "bos_token": start, "eos_token": end}
    return PreTrainedTokenizerFast(tokenizer_object=core, model_max_length=length, **special)
