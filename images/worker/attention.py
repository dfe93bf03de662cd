"""Ways of diffusers to paint the same picture faster: which way of attention, and compiling.

Works on any diffusers pipeline object; imports no torch. Whether compiling pays is decided in compiling.py.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar

from errors import Misconfigured
from images.worker.compiling import Compiling, Experience

T = TypeVar("T")

_NAMES = {"cudnn": "_native_cudnn", "torch": "native"}  # ours, for those that diffusers calls otherwise


def denoiser(pipe: Any) -> Any:
    """The part that does nearly all of the work."""
    return getattr(pipe, "transformer", None) or getattr(pipe, "unet", None)


def set_attention(pipe: Any, wanted: str, device: str) -> str:
    """Use the wanted way of attention and return its name; auto: cuDNN's where there is a GPU, else torch's own.

    cuDNN's was 1.18 times as fast as torch's own for Z-Image on a B200 (unsloth, PR 6701). Misconfigured when the
    wanted one cannot be used here.
    """
    part = denoiser(pipe)
    if not hasattr(part, "set_attention_backend"):
        return "the painter's own"
    name = _NAMES.get(wanted, wanted)
    if wanted == "auto":
        name = "_native_cudnn" if device == "cuda" else "native"
    try:
        part.set_attention_backend(name)
    except (ValueError, RuntimeError, ImportError, NotImplementedError) as error:
        if wanted == "auto":
            part.set_attention_backend("native")
            return "native"
        raise Misconfigured(
            f"--attention {wanted} cannot be used here: {' '.join(str(error).split())[:200]}",
            "Leave it out, or install what it needs.",
        ) from error
    return name


class Compiled:
    """The compiling of one pipeline's denoiser: when it is due, what it cost and saved, and back again if it failed."""

    LONGEST = 900.0  # seconds that compiling may take

    def __init__(
        self,
        pipe: Any,
        decision: Compiling,
        expect_silence: Callable[[float], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._part = denoiser(pipe)
        self._decision = decision
        self._expect_silence = expect_silence
        self._clock = clock
        self._eager: dict[str, float] = {}  # seconds a picture, of the last call of its kind but never of the first
        self._met: set[str] = set()
        self._group = ""
        self._first = 0.0  # seconds of the first call after compiling, in which it happens
        self._compiles = False
        self._is_open = bool(getattr(self._part, "_repeated_blocks", None))

    @property
    def is_on(self) -> bool:
        return self._compiles

    def consider(self, left: int, group: str) -> None:
        """Compile if it pays: `left` pictures are still to be painted here, the next of this group."""
        eager = self._eager.get(group, 0.0)
        if self._is_open and not self._compiles and self._decision.is_due(left, eager):
            self._expect_silence(self.LONGEST)
            self._part.compile_repeated_blocks(fullgraph=True, dynamic=True)
            self._compiles, self._group, self._first = True, group, 0.0

    def call(self, group: str, number: int, paint: Callable[[], T]) -> T:
        """What `paint` returns, its time taken. A compiled painter that fails is used as it was before."""
        started = self._clock()
        try:
            result = paint()
        except RuntimeError as error:
            if not self._compiles or isinstance(error, MemoryError) or "out of memory" in str(error).lower():
                raise
            was_first = not self._first
            self.undo()
            spent = self._clock() - started
            result = paint()
            if was_first:  # and without compiling it works, so compiling is to blame
                self._decision.done(Experience(spent, self._eager.get(group, 0.0), 0.0))
            return result
        self._measured(group, (self._clock() - started) / number)
        return result

    def undo(self) -> None:
        """Paint as before compiling, and do not try again."""
        for module in self._part.modules() if self._compiles else ():
            module._compiled_call_impl = None
        self._compiles = self._is_open = False

    def _measured(self, group: str, seconds: float) -> None:
        if group not in self._met:
            self._met.add(group)  # the first call also warms up
        elif not self._compiles:
            self._eager[group] = seconds
        if not self._compiles:
            return
        if group == self._group and not self._first:
            self._first = seconds
        elif group == self._group:
            self._group = ""
            if group not in self._eager:
                return  # it was compiled from the first picture on, so there is nothing to compare with
            known = Experience(max(0.0, self._first - seconds), self._eager[group], seconds)
            self._decision.done(known)
            if known.gain < 0 and self._decision.may_undo:
                self.undo()
