"""How long X finds a text, and what it takes for a link. Knows nothing of posts.

Most texts are counted here; one that may hold a link, an emoji or a letter put together from several characters is
left to the library. A test holds both against each other, and against X's own program.
"""

from __future__ import annotations

import re
import sys
import threading
import unicodedata
from functools import cache, lru_cache
from importlib.resources import files
from types import ModuleType
from typing import Any

LONGEST = 280
_LOADING = threading.Lock()
_DOT = re.compile(r"\.\w")  # without one there is no link
# The characters that count 1 and 2 by themselves and are part of no emoji. The ranges of 1 are X's own (its
# configuration, version 3); those of 2 are the scripts and marks of Chinese, Japanese and Korean.
_ONE = "\0-\x0c\x0e-\u10ff\u2010-\u201f"  # without \r: \r\n counts once
_TWO = (
    "\u2020-\u2031\u2038\u2039-\u203b\u3000-\u302f\u3031-\u303c\u3041-\u3096\u3099-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uac00-\ud7a3\uff01-\uffee"
)
_SIMPLE = re.compile(f"[{_ONE}{_TWO}]*")
_HEAVY = re.compile(f"[{_TWO}]")
# Emoji after which the library counts the selector of the emoji form once more; X does not.
_SELECTED = re.compile(
    "([⌚⌛◽◾☔☕♈-♓♿⚓⚡⚪⚫⚽⚾⛄⛅⛔⛪⛲⛳⛵⛺⛽❗⬛⬜⭐⭕\U0001f004\U0001f21a\U0001f22f])\ufe0f"
)
_SIGNS = re.compile("[\xa9\xae](?!\ufe0f)")  # © and ®, which the library takes for emoji and X does not


@lru_cache(maxsize=4096)
def weighted_length(text: str) -> int:
    """The length as X counts it: CJK characters and emoji 2, a link 23, most others 1.

    A few newer emoji (♾️, and nine with a skin tone) count 2, where X's program of 2020 does not know them and has 4; a
    domain without http that is glued to Hebrew or Arabic letters is taken for no link.
    """
    if _DOT.search(text) is None and _SIMPLE.fullmatch(text) and unicodedata.is_normalized("NFC", text):
        return len(text) if text.isascii() else len(text) + len(_HEAVY.findall(text))
    counted = int(_library().parse_tweet(_SELECTED.sub(r"\1", text)).weightedLength)
    return counted - len(_SIGNS.findall(text))


def load() -> None:
    """Get the library, which is slow to import, before the first text needs it."""
    _library()


@lru_cache(maxsize=4096)
def links(text: str) -> tuple[str, ...]:
    """What X would turn into a link: addresses, and bare domains such as hello.cat."""
    return tuple(_library().extract_urls(text)) if _DOT.search(text) else ()


@cache
def _library() -> Any:
    """The counting library, slow to import.

    It reads its emoji table through pkg_resources, which newer setuptools lack; while it is imported, a
    stand-in with that one function answers.
    """
    with _LOADING:
        name = "pkg_resources"
        real = sys.modules.get(name)
        stand_in = ModuleType(name)
        stand_in.__dict__["resource_string"] = lambda module, file: (
            files(module.rpartition(".")[0]) / file
        ).read_bytes()
        sys.modules[name] = stand_in
        try:
            import twitter_text
        finally:
            if real is None:
                del sys.modules[name]
            else:
                sys.modules[name] = real
    return twitter_text
