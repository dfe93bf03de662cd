"""Have a painter's files on this machine: the parent fetches them once, the workers only read.

Knows the hub's client, and which files of a repository a pipeline needs. Knows no torch and no processes.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from errors import Misconfigured
from images.models import Model

_TEXTS = ("*.json", "*.txt", "*.jinja", "*.model")
_PASSED_OVER = ("*onnx*", "*openvino*", "*flax*", "*non_ema*", "*.bin", "*.msgpack", "vae_encoder/*", "vae_decoder/*")


def fetch_model(model: Model, hub: str, say: Callable[[str], None]) -> Path:
    """The folder of `model`, downloaded if it is not here yet.

    `hub` is the address of a mirror, "" for the hub itself. Misconfigured names the ways on.
    """
    if model.is_folder:
        _check_whole(Path(model.source), f"--image-model {model.source}")
        return Path(model.source)
    cached = _cached(model)
    if cached is not None:
        return cached
    size = f", about {model.weight_bytes / 1e9:.1f} GB" if model.weight_bytes else ""
    say(f"Downloading the painter {model.source}{size}; this happens once.")
    folder = _download(model, hub)
    _check_whole(folder, f"The download of {model.source}")
    return folder


def is_here(model: Model) -> bool:
    """Whether nothing has to be downloaded before this painter can paint."""
    return not model.source or model.is_folder or _cached(model) is not None


def missing_parts(folder: Path) -> list[str]:
    """What `model_index.json` promises and the folder does not hold; empty when the painter is whole."""
    try:
        index = json.loads((folder / "model_index.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ["model_index.json"]
    missing = []
    for name, what in index.items():
        if not isinstance(what, list) or not what or what[0] is None:
            continue
        part = folder / name
        if not part.is_dir():
            missing.append(name)
        elif (part / "config.json").is_file() and not _has_weights(part):
            missing.append(f"{name}/*.safetensors")
    return missing


def _has_weights(part: Path) -> bool:
    shards: set[str] = set()
    for listing in part.glob("*.safetensors.index*.json"):
        try:
            shards |= set(json.loads(listing.read_text(encoding="utf-8"))["weight_map"].values())
        except (OSError, ValueError, KeyError, AttributeError):
            return False
    return all((part / shard).is_file() for shard in shards) if shards else any(part.glob("*.safetensors"))


def _check_whole(folder: Path, what: str) -> None:
    missing = missing_parts(folder)
    if missing:
        raise Misconfigured(
            f"{what} is not whole; {folder} lacks {', '.join(missing)}.",
            "Download it again. Weights are read from .safetensors files only.",
        )


def _wanted(model: Model) -> list[str]:
    weights = f"*/*.{model.variant}*.safetensors" if model.variant else "*/*.safetensors"
    return [*_TEXTS, weights]


def _passed_over(model: Model) -> list[str]:
    return [*_PASSED_OVER] if model.variant else [*_PASSED_OVER, "*.fp16*"]


def _cached(model: Model) -> Path | None:
    from huggingface_hub import snapshot_download

    try:
        folder = Path(snapshot_download(model.source, local_files_only=True))
    except (OSError, ValueError):
        return None
    return None if missing_parts(folder) else folder


def _download(model: Model, hub: str) -> Path:
    import httpx2
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError

    ways = (
        "set HF_ENDPOINT to a mirror that can be reached, or download it elsewhere and give its folder: "
        "--image-model FOLDER."
    )
    where = hub or "the model hub"
    try:
        return Path(
            snapshot_download(
                model.source,
                endpoint=hub or None,
                allow_patterns=_wanted(model),
                ignore_patterns=_passed_over(model),
            )
        )
    except GatedRepoError as error:
        raise Misconfigured(
            f"The painter {model.source} must be unlocked on its page at {where} before it can be downloaded.",
            f"Accept its terms there and log in with `hf auth login`; or {ways}",
        ) from error
    except RepositoryNotFoundError as error:
        raise Misconfigured(
            f"{where} has no painter {model.source}, or it is private.", f"Check --image-model; or {ways}"
        ) from error
    except (OSError, ValueError, httpx2.HTTPError) as error:
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise Misconfigured(
            f"The painter {model.source} could not be downloaded from {where}: {reason}.", f"Try again; or {ways}"
        ) from error
