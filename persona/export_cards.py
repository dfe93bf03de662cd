"""Cards for other programs, made from a persona: PNG, V3 JSON, CHARX, elizaOS. And where its portrait has gone.

What somebody has changed since it was exported is never overwritten. Knows no models and no prompts.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import io
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from PIL import Image, PngImagePlugin

from errors import BadInput
from files import Folders, digest, file_digest, write_bytes, write_text
from labels.ai_label import AILabel
from labels.xmp import PARTLY_MADE, XMP_CHUNK, xmp_packet
from persona.cards.card import ReadCard, card_text, to_card
from persona.cards.containers import ICON, charx
from persona.cards.eliza import to_eliza
from persona.cards.foreign_fields import FULL_CARD_NOTE
from persona.cards.repair import V1_TEXTS
from persona.cards.texts import OURS, creator_notes
from persona.crop import card_picture
from persona.portrait import open_picture
from persona.schema.persona import Persona
from settings import TOOL

_ENDINGS: Final = {"card": ".png", "v3": ".v3.json", "charx": ".charx", "eliza": ".eliza.json"}
LONGEST_SIDE = 2048  # of the portrait, before it is cut to the card's size


@dataclass(frozen=True, slots=True)
class CardPicture:
    """The picture of a card, cut to size. `source_type`: the IPTC term that its label carries."""

    image: Image.Image
    source_type: str


def ending(form: str) -> str:
    """How the file of an export ends, after the persona's name."""
    return _ENDINGS[form]


def export(persona: Persona, form: str, folders: Folders, picture: CardPicture | None) -> tuple[Path, bool]:
    """Write one export; its path, and whether just this stood there before.

    BadInput when a picture is needed and there is none, or when the file there is not as we left it.
    """
    path = folders.cards / f"{persona.name}{ending(form)}"
    if form == "card":
        if picture is None:
            raise _no_portrait(persona)
        content = png_card(persona, picture)
    elif form == "charx":
        content = charx_card(persona, picture)
    else:
        content = (card_text(to_v3(to_card(persona), persona)) if form == "v3" else eliza_text(persona)).encode()
    return path, _put(path, content, folders)


def png_card(persona: Persona, picture: CardPicture) -> bytes:
    """The picture with the card in it twice, as V2 and as V3, before the pixels; and the mark of what AI has made."""
    card = to_card(persona)
    data = card["data"]
    notes = f"{data['creator_notes']}\n\n{FULL_CARD_NOTE}"
    v2 = {key: data[key] for key in V1_TEXTS} | card | {"data": data | {"creator_notes": notes}}
    chunks = PngImagePlugin.PngInfo()
    chunks.add_itxt(XMP_CHUNK, _xmp(persona, picture))
    chunks.add_text("chara", _base64(v2))
    chunks.add_text("ccv3", _base64(to_v3(card, persona)))
    return _png(picture.image, chunks)


def charx_card(persona: Persona, picture: CardPicture | None) -> bytes:
    """The V3 card in an archive, with its picture where there is one."""
    card = to_v3(to_card(persona), persona, icon=f"embeded://{ICON}" if picture else "ccdefault:")
    if picture is None:
        return charx(card_text(card).encode(), None)
    chunks = PngImagePlugin.PngInfo()
    chunks.add_itxt(XMP_CHUNK, _xmp(persona, picture))
    return charx(card_text(card).encode(), _png(picture.image, chunks))


def eliza_text(persona: Persona) -> str:
    return card_text(to_eliza(persona))


def to_v3(card: dict[str, Any], persona: Persona, icon: str = "ccdefault:") -> dict[str, Any]:
    """A V2 card of ours as V3, without anything beside `data`."""
    data = {"group_only_greetings": []} | card["data"]
    data["assets"] = [
        {"type": "icon", "uri": icon, "name": "main", "ext": "png"},
        *(asset for asset in data.get("assets", ()) if _stands_alone(asset)),
    ]
    if "character_book" in data:
        entries = [{"use_regex": False} | entry for entry in data["character_book"]["entries"]]
        data["character_book"] = data["character_book"] | {"entries": entries}
    if persona.ai is not None and (made := _seconds(persona.ai.created)):
        data = {"creation_date": made, "modification_date": made} | data
    marks = {key: digest(value, length=12) for key, value in data.items() if key not in card["data"]}
    own = data["extensions"][OURS]
    data["extensions"] = data["extensions"] | {OURS: own | {"written": own["written"] | marks}}
    return {"spec": "chara_card_v3", "spec_version": "3.0", "data": data}


# -- the picture -------------------------------------------------------------------------------------


def remember_portrait(portrait: Path, sha256: str, folders: Folders) -> None:
    """Note where a portrait lies: in our own folder, because cards are given away and say nothing of other folders."""
    place, note = str(portrait.absolute()), _note(sha256, folders)
    if not note.is_file() or note.read_text(encoding="utf-8", errors="replace") != place:
        write_text(note, place)


def picture_of(read: ReadCard, path: Path, folders: Folders) -> CardPicture | None:
    """The picture for the exports of a card that was read from `path`; None when it is no longer to be found."""
    portrait = found_portrait(read.persona, path, folders)
    if portrait is not None:
        return make_picture(portrait)
    return make_picture(path, read.picture) if read.picture is not None else None


def make_picture(path: Path, content: bytes | None = None) -> CardPicture:
    """The picture in `path`, or in these bytes of it, cut to the card's size. A mark that it bears is kept."""
    image = card_picture(open_picture(path, content, longest=LONGEST_SIDE))
    marked = re.search(rb"digitalsourcetype/trainedAlgorithmicMedia", content or path.read_bytes())
    return CardPicture(image, AILabel.model_fields["digital_source_type"].default if marked else PARTLY_MADE)


def found_portrait(persona: Persona, path: Path, folders: Folders) -> Path | None:
    """Where the portrait of the persona in `path` lies now; None when it is nowhere or has been changed."""
    if persona.portrait is None:
        return None
    places = [folder / Path(persona.portrait.file).name for folder in _places(path, folders)]
    with contextlib.suppress(OSError, ValueError):
        places.insert(0, Path(_note(persona.portrait.sha256, folders).read_text(encoding="utf-8")))
    for place in places:
        with contextlib.suppress(OSError, ValueError):
            if place.is_file() and file_digest(place) == persona.portrait.sha256:
                return place
    return None


def _places(path: Path, folders: Folders) -> list[Path]:
    """Where a portrait is looked for: beside the card, a folder up, and where the guide says to put portraits."""
    near = (path.parent, path.parent.parent, folders.root, Path())
    return list(dict.fromkeys([*near, *(folder / "images" for folder in near)]))


def _note(sha256: str, folders: Folders) -> Path:
    return folders.own / "portraits" / digest(sha256, length=32)


def _no_portrait(persona: Persona) -> BadInput:
    if persona.portrait is None:
        return BadInput(f"{persona.name} has no picture.", "Leave card out of --export, or give its card as a PNG.")
    return BadInput(
        f"The portrait {persona.portrait.file} of {persona.name} is not where it was, or has been changed.",
        "Put it beside the persona's file and run the same command again.",
    )


# -- parts -------------------------------------------------------------------------------------------


def _put(path: Path, content: bytes, folders: Folders) -> bool:
    """Write an export, unless just this stands there. What we did not leave there ourselves is not overwritten."""
    mark, fresh = folders.own / "cards" / f"{path.name}.sha256", hashlib.sha256(content).hexdigest()
    if path.exists():
        stands = file_digest(path)
        if stands == fresh:
            return True
        if not mark.is_file() or mark.read_text(encoding="utf-8", errors="replace") != stands:
            raise BadInput(
                f"{path} was changed since it was exported, or is not an export.",
                "Move it away and run the same command again.",
            )
    write_bytes(path, content)
    write_text(mark, fresh)
    return False


def _xmp(persona: Persona, picture: CardPicture) -> str:
    mark = persona.ai or AILabel(model="", provider="", tool=TOOL, created="")
    aigc = mark.aigc(persona.name) | ({} if persona.ai else {"Label": "2"})  # 2: possibly made by AI
    return xmp_packet(mark.tool, picture.source_type, aigc, title=persona.character, description=creator_notes(persona))


def _png(image: Image.Image, chunks: PngImagePlugin.PngInfo) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format="PNG", pnginfo=chunks)
    return buffer.getvalue()


def _base64(card: dict[str, Any]) -> str:
    return base64.b64encode(card_text(card).encode()).decode("ascii")


def _stands_alone(asset: dict[str, Any]) -> bool:
    """An asset that is reachable without the file it came in, and is not the main icon, which is ours."""
    main = asset["type"] == "icon" and asset["name"] == "main"
    return not main and str(asset["uri"]).startswith(("http://", "https://", "data:"))


def _seconds(created: str) -> int:
    try:
        return int(datetime.fromisoformat(created).timestamp())
    except ValueError:
        return 0
