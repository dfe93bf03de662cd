"""What a post must be. Each objection is a sentence that the model can act on. Pure: no files, no model."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import takewhile

from tweets.length import LONGEST, links, weighted_length
from tweets.schema import TweetAnswer

SCENE_WORDS = 60
ALT_CHARACTERS = 1000

_REFUSED = re.compile("[\ufeff\ufffe\uffff]")  # X takes no post that holds one of these
_ADDRESS = re.compile(r"\w+://\S+|\bwww\.\S+", re.IGNORECASE)  # also of domains that do not exist
_HASHTAG = re.compile(r"(?<![\w&/])[#＃](\S+)")
_LABEL = re.compile(
    r"\s*(?:\*{1,2})?(?:(?:here(?:'s| is) (?:the|my|a|your) )?(?:tweet|post|caption|text|draft)"
    r"|推文|帖子|正文|投稿|ツイート)"
    r"(?:\*{1,2})?\s*[:：]",
    re.IGNORECASE,
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


def chosen_hashtags(answer: TweetAnswer, most: int) -> tuple[str, ...]:
    """The hashtags of the finished post: those in its text, then the answer's own as far as `most` leaves room.

    Surplus ones are dropped: asking again would be paid for, and the first ones are as good.
    """
    inside = normal_hashtags(hashtags_in(answer.text))
    return inside + normal_hashtags((*inside, *answer.hashtags))[len(inside) : max(most, len(inside))]


def _in_hashtag(character: str) -> bool:
    return character.isalnum() or character == "_" or unicodedata.category(character).startswith("M")


def objections(answer: TweetAnswer, *, most_hashtags: int, picture: bool) -> list[str]:
    """All that is wrong with an answer for one planned post. `picture`: its scene will be painted."""
    found = [*_text(answer, most_hashtags)]
    if picture:
        found += _scene(answer.scene)
        found += _alt_text(answer.alt_text)
    return found


def _text(answer: TweetAnswer, most_hashtags: int) -> Iterator[str]:
    text = answer.text
    visible = "".join(c for c in text if not c.isspace() and unicodedata.category(c) not in {"Cf", "Cc"})
    if not visible:
        yield "text is blank: write the post"
        return
    if _REFUSED.search(text):
        yield "text holds a character that X refuses (U+FEFF, U+FFFE or U+FFFF): leave it out"
    yield from _wrapper(text)
    if placeholder := _PLACEHOLDER.search(text):
        yield f"text holds the placeholder {placeholder[0]!r}: write what is meant"
    for link in dict.fromkeys((*_ADDRESS.findall(text), *links(text))):
        yield f"text holds {link!r}, which reads as a link: posts have no links; leave it out or add a space"
    inside = len(set(map(str.casefold, hashtags_in(text))))
    if inside > most_hashtags:
        yield f"text holds {inside} hashtags: the character uses at most {most_hashtags}; make the others plain words"
    length = weighted_length(compose(text, chosen_hashtags(answer, most_hashtags)))
    if length > LONGEST:
        yield (
            f"the post with its hashtags counts {length} characters where {LONGEST} are allowed (a CJK character or "
            f"an emoji counts 2): shorten it by {length - LONGEST} or more"
        )


def _wrapper(text: str) -> Iterator[str]:
    """Objections to something around the post that is not part of it."""
    bare = text.strip()
    if label := _LABEL.match(bare):
        yield f"text begins with {label[0].strip()!r}: begin with the post itself"
    if bare.startswith("```") or bare.endswith("```"):
        yield "text stands in a Markdown fence: write the post without it"
    elif (bare[0], bare[-1]) in {("{", "}"), ("[", "]")} and re.search(r'"\s*[:,\]]', bare):
        yield "text is JSON itself: write only the words of the post into it"
    elif len(bare) > 1 and _QUOTES.get(bare[0]) == bare[-1] and not _quoted_inside(bare):
        yield "the whole text stands in quotation marks: write it without them"


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


def _alt_text(alt_text: str) -> Iterator[str]:
    if len(alt_text) > ALT_CHARACTERS:
        yield f"alt_text has {len(alt_text)} characters: at most {ALT_CHARACTERS} are allowed"
    if placeholder := _PLACEHOLDER.search(alt_text):
        yield f"alt_text holds the placeholder {placeholder[0]!r}: write what is meant"
