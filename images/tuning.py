"""Ways of diffusers to paint the same picture faster: which way of attention, and compiling.

Works on any diffusers pipeline object; imports no torch.
"""

from __future__ import annotations

from typing import Any

from errors import Misconfigured

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
