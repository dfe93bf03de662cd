"""What a post must be. Each objection is a sentence that the model can act on. Pure: no files, no model."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import takewhile

from rapidfuzz import fuzz

from tweets.emoji import ANY, EmojiHabit, emoji_objections
from tweets.length import LONGEST, links, weighted_length
from tweets.schema import ThreadAnswer, TweetAnswer

AnyAnswer = TweetAnswer | ThreadAnswer

SCENE_WORDS = 60
ALT_CHARACTERS = 1000
SAME_WORDS = 85.0  # of 100: an alt text so near the post says nothing of the picture

_REFUSED = re.compile("[\ufeff\ufffe\uffff]")  # X takes no post that holds one of these
_ADDRESS = re.compile(r"\w+://\S+|\bwww\.\S+", re.IGNORECASE)  # also of domains that do not exist
_HASHTAG = re.compile(r"(?<![\w&/])[#＃](\S+)")
_LABEL = re.compile(
    r"\s*(?:\*{1,2})?(?:(?:here(?:'s| is) (?:the|my|a|your) )?(?:tweet|post|caption|text|draft)"
    r"|推文|帖子|正文|文案|投稿|ツイート|本文|트윗|게시물|Beitrag|Publicaci[oó]n|Publication)"
    r"(?:\*{1,2})?\s*[:：]",
    re.IGNORECASE,
)
_NUMBERED = re.compile(
    r"^\s*[(（\[]?\d{1,2}\s*[/／]\s*(?:\d{1,2}|n)\b|[(（\[]?\b\d{1,2}\s*[/／]\s*(?:\d{1,2}|n)[)）\]]?\s*$"
)
_QUOTES = {'"': '"', "'": "'", "“": "”", "‘": "’", "„": "“", "«": "»", "「": "」", "『": "』", "`": "`"}
_PLACEHOLDER = re.compile(
    r"\{\{.*?\}\}|\{(?:name|user|char|link|url|date|city|place)\}"
    r"|<(?:link|url|name|user|char|date|time|city|place|image|picture|bot)>"
    r"|[\[【](?:(?:your|insert)\b[^\]】]*"
    r"|name|link|url|user|username|handle|date|time|city|place|location|emoji|hashtags?|placeholder|image|picture"
    r"|名字|姓名|链接|日期|地点|名前|リンク|日付|場所)[\]】]"
    r"|\blorem ipsum\b",
    re.IGNORECASE,
)


def compose(text: str, hashtags: Iterable[str]) -> str:
    """The whole post: the text, and behind it those hashtags that it does not hold already."""
    text = unicodedata.normalize("NFC", text).strip()
    there = {tag.casefold() for tag in hashtags_in(text)}
    behind = [f"#{tag}" for tag in normal_hashtags(hashtags) if tag.casefold() not in there]
    return " ".join([text, *behind])


def normal_hashtags(hashtags: Iterable[str]) -> tuple[str, ...]:
    """Hashtags as X takes them: without '#', spaces and punctuation, each once; what is no word is left out."""
    once: dict[str, str] = {}
    for given in hashtags:
        tag = "".join(filter(_in_hashtag, unicodedata.normalize("NFC", given)))
        if tag and not tag.isdigit():
            once.setdefault(tag.casefold(), tag)
    return tuple(once.values())


def hashtags_in(text: str) -> tuple[str, ...]:
    """The hashtags that stand in `text`, without '#'."""
    tags = ("".join(takewhile(_in_hashtag, rest)) for rest in _HASHTAG.findall(text))
    return tuple(tag for tag in tags if tag and not tag.isdigit())


def chosen_hashtags(answer: AnyAnswer, most: int) -> tuple[str, ...]:
    """The hashtags of the finished post: those in its text, then the answer's own as far as `most` leaves room.

    Surplus ones are dropped: asking again would be paid for, and the first ones are as good.
    """
    inside = normal_hashtags(tag for part in answer.parts for tag in hashtags_in(part))
    return inside + normal_hashtags((*inside, *answer.hashtags))[len(inside) : max(most, len(inside))]


def composed(answer: AnyAnswer, hashtags: Iterable[str]) -> tuple[str, ...]:
    """The finished texts of a post, one for each part. The hashtags go behind the first."""
    first, *others = answer.parts
    inside = {tag.casefold() for part in others for tag in hashtags_in(part)}
    tags = [tag for tag in hashtags if tag.casefold() not in inside]
    return (compose(first, tags), *(compose(part, ()) for part in others))


def _in_hashtag(character: str) -> bool:
    return character.isalnum() or character == "_" or unicodedata.category(character).startswith("M")


def objections(
    answer: AnyAnswer,
    *,
    most_hashtags: int,
    picture: bool,
    emoji: EmojiHabit = ANY,
    parts: tuple[int, int] | None = None,
) -> list[str]:
    """All that is wrong with an answer for one planned post.

    `picture`: its scene will be painted. `parts`: how many a thread may have, None for a single post.
    """
    found = [] if parts is None else [*_thread(answer, *parts)]
    for field, text in _fields(answer):
        found += _text(field, text)
        found += emoji_objections(field, text, emoji)
    found += _hashtags(answer, most_hashtags)
    found += _lengths(answer, most_hashtags)
    if picture:
        found += _scene(answer.scene)
        found += _alt_text(answer)
    return found


def _fields(answer: AnyAnswer) -> list[tuple[str, str]]:
    """Each text with what it is called in an objection."""
    if isinstance(answer, ThreadAnswer):
        return [(f"part {number}", part) for number, part in enumerate(answer.parts, start=1)]
    return [("text", answer.text)]


def _thread(answer: AnyAnswer, fewest: int, most: int) -> Iterator[str]:
    if not fewest <= len(answer.parts) <= most:
        wanted = str(fewest) if fewest == most else f"{fewest} to {most}"
        yield f"the thread has {len(answer.parts)} parts: write {wanted}"
    for number, part in enumerate(answer.parts, start=1):
        if _NUMBERED.search(part):
            yield f"part {number} is numbered: leave the number out, readers see the order"


def _text(field: str, text: str) -> Iterator[str]:
    visible = "".join(c for c in text if not c.isspace() and unicodedata.category(c) not in {"Cf", "Cc"})
    if not visible:
        yield f"{field} is blank: write the post"
        return
    if _REFUSED.search(text):
        yield f"{field} holds a character that X refuses (U+FEFF, U+FFFE or U+FFFF): leave it out"
    yield from _wrapper(field, text)
    if placeholder := _PLACEHOLDER.search(text):
        yield f"{field} holds the placeholder {placeholder[0]!r}: write what is meant"
    for link in dict.fromkeys((*_ADDRESS.findall(text), *links(text))):
        yield f"{field} holds {link!r}, which reads as a link: posts have no links; leave it out or add a space"


def _hashtags(answer: AnyAnswer, most: int) -> Iterator[str]:
    inside = len({tag.casefold() for part in answer.parts for tag in hashtags_in(part)})
    if inside > most:
        yield f"text holds {inside} hashtags: the character uses at most {most}; make the others plain words"


def _lengths(answer: AnyAnswer, most_hashtags: int) -> Iterator[str]:
    whole = composed(answer, chosen_hashtags(answer, most_hashtags))
    for (field, _), text in zip(_fields(answer), whole, strict=True):
        length = weighted_length(text)
        if length > LONGEST:
            what = "the post with its hashtags" if field == "text" else field
            yield (
                f"{what} counts {length} characters where {LONGEST} are allowed (a CJK character or "
                f"an emoji counts 2): shorten it by {length - LONGEST} or more"
            )


def _wrapper(field: str, text: str) -> Iterator[str]:
    """Objections to something around the post that is not part of it."""
    bare = text.strip()
    if label := _LABEL.match(bare):
        yield f"{field} begins with {label[0].strip()!r}: begin with the post itself"
    if bare.startswith("```") or bare.endswith("```"):
        yield f"{field} stands in a Markdown fence: write the post without it"
    elif (bare[0], bare[-1]) in {("{", "}"), ("[", "]")} and re.search(r'"\s*[:,\]]', bare):
        yield f"{field} is JSON itself: write only the words of the post into it"
    elif len(bare) > 1 and _QUOTES.get(bare[0]) == bare[-1] and not _quoted_inside(bare):
        yield f"the whole {field} stands in quotation marks: write it without them"


def _quoted_inside(text: str) -> bool:
    """Whether the marks around `text` belong to more than one quotation: "Out." He did not go. "Now." """
    return text[0] in text[1:-1] or text[-1] in text[1:-1]


def _scene(scene: str) -> Iterator[str]:
    words = len(scene.split())
    if words > SCENE_WORDS:
        yield f"scene has {words} words: at most {SCENE_WORDS} are allowed"
    letters = [c for c in scene if c.isalpha()]
    if sum(c.isascii() for c in letters) < 0.8 * len(letters) or not letters:
        yield "scene is not in English: write it in English, whatever the language of the post"
    if placeholder := _PLACEHOLDER.search(scene):
        yield f"scene holds the placeholder {placeholder[0]!r}: write what is meant"


def _alt_text(answer: AnyAnswer) -> Iterator[str]:
    alt_text = answer.alt_text
    if len(alt_text) > ALT_CHARACTERS:
        yield f"alt_text has {len(alt_text)} characters: at most {ALT_CHARACTERS} are allowed"
    if placeholder := _PLACEHOLDER.search(alt_text):
        yield f"alt_text holds the placeholder {placeholder[0]!r}: write what is meant"
    if fuzz.ratio(alt_text.casefold(), answer.parts[0].casefold(), score_cutoff=SAME_WORDS):
        yield "alt_text repeats the post: say what is in the picture instead"
