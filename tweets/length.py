"""How long X finds a text, and what it takes for a link. Knows nothing of posts."""

from __future__ import annotations

import sys
import threading
from functools import cache, lru_cache
from importlib.resources import files
from types import ModuleType
from typing import Any

LONGEST = 280
_LOADING = threading.Lock()


@lru_cache(maxsize=4096)
def weighted_length(text: str) -> int:
    """The length as X counts it: CJK characters and emoji 2, a link 23, most others 1."""
    return int(_library().parse_tweet(text).weightedLength)


@lru_cache(maxsize=4096)
def links(text: str) -> tuple[str, ...]:
    """What X would turn into a link: addresses, and bare domains such as hello.cat."""
    return tuple(_library().extract_urls(text))


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
