"""What is slow to load and only an answer needs: it happens in a thread while the first calls are on their way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

MOMENT = 0.2  # seconds in which the first questions are sent


class Preload:
    """Things to load, the latest first. Knows nothing of what they are."""

    def __init__(self, load: Callable[[], object]) -> None:
        self._loads = [load]
        self._begun = False

    def add(self, load: Callable[[], object]) -> None:
        self._loads.append(load)

    def begin(self) -> None:
        """The first question is about to be sent. Every further time nothing happens."""
        if not self._begun:
            self._begun, loop = True, asyncio.get_running_loop()
            loop.call_later(MOMENT, loop.run_in_executor, None, self._load)

    def _load(self) -> None:
        while self._loads:
            self._loads.pop()()
