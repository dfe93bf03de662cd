"""The pictures that come in: a name for each, and each made ready to be shown to a model.

Knows files and pixels; knows nothing of prompts and of what the picture is turned into.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import threading
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

from errors import BadInput
from files import file_digest, slug
from labels.picture_files import DAMAGE
from llm.client import Picture
from persona.cards.card import origin_of

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
LONGEST_SIDE = 1024
MOST_PIXELS = 80_000_000
JPEG_QUALITY = 90

# One picture is read at a time: a large one takes up to a gigabyte, and the filters of `warnings` are everybody's.
_READING = threading.Lock()


@dataclass(frozen=True, slots=True)
class Portrait:
    """A picture that came in. `name` is what all files made from it are named after."""

    path: Path
    name: str
    sha256: str


def name_portraits(paths: Iterable[Path], folder: Path) -> Iterator[Portrait | BadInput]:
    """Each different picture with its name, in the order given; for one that cannot be read, why.

    The name is the slug of the file's stem. Where another picture has it, in this run or in a persona that
    stands in `folder`, digits of the picture's hash follow. A picture whose persona stands there keeps its name.
    """
    taken: dict[str, str] = {}
    seen: set[str] = set()
    for path in paths:
        try:
            _check_file(path)
            sha256 = file_digest(path)
        except (OSError, BadInput) as error:
            yield error if isinstance(error, BadInput) else _unreadable(path, error)
            continue
        if sha256 not in seen:
            seen.add(sha256)
            name = _free_name(slug(path.stem), sha256, taken, folder)
            taken[name] = sha256
            yield Portrait(path, name, sha256)


def read_picture(path: Path, content: bytes | None = None) -> Picture:
    """The picture as a model is shown it: upright, its first frame, on white, at most 1,024 px long, a JPEG.

    The bytes depend on the pixels alone; nothing of the file's metadata travels. BadInput says what is wrong.
    """
    data = io.BytesIO()
    open_picture(path, content).save(data, "JPEG", quality=JPEG_QUALITY)
    return Picture(data.getvalue(), "image/jpeg", hashlib.sha256(data.getvalue()).hexdigest())


def open_picture(path: Path, content: bytes | None = None, *, longest: int = LONGEST_SIDE) -> Image.Image:
    """The first frame of the picture in `path`, upright, on white, scaled down to `longest` pixels.

    `content`: its bytes, where they do not stand in a file of their own. BadInput says what is wrong.
    """
    try:
        if content is None:
            _check_file(path)
        source = path if content is None else io.BytesIO(content)
        with _reading(), Image.open(source, formats=FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                raise _too_large(path)
            image.draft(None, (2 * longest, 2 * longest))  # a huge JPEG is decoded at a fraction of its size
            return _on_white(_upright(image), longest)
    except UnidentifiedImageError as error:
        raise BadInput(
            f"{path} is not a picture that can be read.", f"Give one of {', '.join(FORMATS[:-1])} or {FORMATS[-1]}."
        ) from error
    except (Image.DecompressionBombWarning, Image.DecompressionBombError, MemoryError) as error:
        raise _too_large(path) from error
    except PermissionError as error:
        raise _unreadable(path, error) from error
    except DAMAGE as error:
        raise BadInput(f"{path} is damaged or cut short: {error}.", "Save it again from where it came from.") from error


def _free_name(stem: str, sha256: str, taken: dict[str, str], folder: Path) -> str:
    names = [stem, *(slug(stem, f"-{sha256[:digits]}") for digits in (6, 12, 64))]
    owners = []
    for name in names[:2]:
        origin = origin_of(folder / f"{name}.json")
        owners.append(origin.sha256 if origin else "")
    if sha256 in owners:
        return names[owners.index(sha256)]
    if not owners[0] and stem not in taken:
        return stem
    return next(name for name in names[1:] if name not in taken)


def _check_file(path: Path) -> None:
    if path.is_dir():
        raise BadInput(f"{path} is a folder, not a picture.", f"Name the pictures in it, such as {path / '*.png'}.")
    if not path.exists():
        raise BadInput(f"There is no picture {path}.", "Check the folder and the spelling.")
    if not path.is_file():
        raise BadInput(f"{path} is not a file.", "Give the path of a picture.")
    if path.stat().st_size == 0:
        raise BadInput(f"{path} is empty.", "Save the picture again, or leave it out.")


@contextlib.contextmanager
def _reading() -> Iterator[None]:
    """Alone, with a decompression bomb as an error and Pillow's other worries, such as broken EXIF data, unsaid."""
    with _READING, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        yield


def _upright(image: Image.Image) -> Image.Image:
    """Turned as its EXIF data say. Broken EXIF data turn nothing: the picture itself is whole."""
    image.load()
    try:
        return ImageOps.exif_transpose(image)
    except DAMAGE:
        return image


def _on_white(image: Image.Image, longest: int) -> Image.Image:
    """Eight bits of red, green and blue, scaled down, with what is transparent shown on white."""
    if image.mode.startswith(("I", "F")):
        image = _eight_bits(image)
    mode = "RGBA" if image.has_transparency_data else "RGB"
    if image.mode != mode:
        image = image.convert(mode)
    image.thumbnail((longest, longest), Image.Resampling.LANCZOS)
    flat = Image.new("RGB", image.size, "white")
    flat.paste(image, mask=image.getchannel("A") if mode == "RGBA" else None)
    return flat


def _eight_bits(image: Image.Image) -> Image.Image:
    """Grey of 16 or 32 bits or of fractions, scaled so that white stays white and nothing is clipped."""
    wide = image.convert("F")
    low, high = (float(edge) for edge in wide.getextrema())  # type: ignore[arg-type]
    scales = (65535.0,) if image.mode.startswith("I;16") else (1.0, 255.0, 65535.0)
    low = min(low, 0.0)
    top = next((scale for scale in scales if high <= scale), high)
    if image.mode == "I" and top == 1.0:
        top = 255.0
    return wide.point(lambda value: value * (255.0 / (top - low)) - low * 255.0 / (top - low)).convert("L")


def _too_large(path: Path) -> BadInput:
    return BadInput(
        f"{path} has more pixels than can be read ({MOST_PIXELS // 1_000_000} megapixels).", "Save it smaller."
    )


def _unreadable(path: Path, error: OSError) -> BadInput:
    return BadInput(f"{path} cannot be read: {(error.strerror or str(error)).lower()}.", "Check its permissions.")
