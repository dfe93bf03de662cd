"""What is exported: PNG, V3, CHARX and elizaOS, their marks, their picture, and how a command writes them."""

from __future__ import annotations

import base64
import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw

from errors import BadInput
from files import Folders, file_digest
from persona.cards.card import read_card, read_persona, to_card, write_persona
from persona.crop import SIZE, card_picture
from persona.export_cards import CardPicture, export, make_picture, picture_of, png_card, remember_portrait, to_v3
from persona.schema.persona import Persona, PortraitRef
from tests.answers import persona
from tests.cards import V2, V3, picture, png_with, text_chunk, write
from tests.command import ROOT, command

FORMS = ("card", "v3", "charx", "eliza")
PARTLY = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
PAINTED = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
POSTS = [["--batch-mode"], ["--tweets", "3"], ["--generate-calendar"], ["--days", "3"]]


def plain() -> CardPicture:
    return CardPicture(Image.new("RGB", SIZE, "teal"), PARTLY)


def exported(tmp_path: Path, form: str, who: Persona | None = None) -> Path:
    path, _ = export(who or persona(), form, Folders(tmp_path), plain())
    return path


def texts_in(content: bytes) -> dict[str, str]:
    """The texts that Pillow finds without touching the pixels: those that stand before them."""
    with Image.open(io.BytesIO(content)) as image:
        return {str(name): str(text) for name, text in image.info.items()}


def decoded(text: str) -> dict[str, Any]:
    card: dict[str, Any] = json.loads(base64.b64decode(text))
    return card


def with_portrait(folder: Path, name: str = "marra.png") -> tuple[Persona, Path]:
    portrait = folder / name
    Image.linear_gradient("L").save(portrait)
    ref = PortraitRef(file=name, sha256=file_digest(portrait))
    return persona().model_copy(update={"portrait": ref}), portrait


# -- the forms ---------------------------------------------------------------------------------------


def test_a_png_holds_the_card_twice_before_its_pixels() -> None:
    texts = texts_in(png_card(persona(), plain()))
    v2, v3 = decoded(texts["chara"]), decoded(texts["ccv3"])
    assert (v2["spec"], v3["spec"]) == ("chara_card_v2", "chara_card_v3")
    for field in ("name", "description", "personality", "scenario", "first_mes", "mes_example"):
        assert v2[field] == v2["data"][field] == v3["data"][field]
    assert "V3" in v2["data"]["creator_notes"]
    assert set(v3) == {"spec", "spec_version", "data"}
    assert not {"group_only_greetings", "assets"} & v2["data"].keys()


def test_v3_has_what_is_most_often_forgotten() -> None:
    data = to_v3(to_card(persona()), persona())["data"]
    assert data["group_only_greetings"] == []
    assert all(entry["use_regex"] is False for entry in data["character_book"]["entries"])
    assert data["assets"] == [{"type": "icon", "uri": "ccdefault:", "name": "main", "ext": "png"}]
    assert data["creation_date"] == data["modification_date"] == 1_795_161_600


def test_v3_keeps_what_a_v3_card_brought_but_no_asset_that_stayed_behind(tmp_path: Path) -> None:
    ferro = read_persona(write(tmp_path / "ferro.json", V3))
    data = to_v3(to_card(ferro), ferro)["data"]
    assert data["nickname"] == "Fe"
    assert data["group_only_greetings"] == ["All of you: rain?"]
    assert (data["creation_date"], data["modification_date"]) == (1_700_000_000, 0)
    assert [entry["use_regex"] for entry in data["character_book"]["entries"]] == [False, True]
    assert [asset["name"] for asset in data["assets"]] == ["main", "market"]


def test_a_charx_holds_its_card_and_its_picture(tmp_path: Path) -> None:
    with zipfile.ZipFile(exported(tmp_path, "charx")) as archive:
        assert archive.namelist() == ["card.json", "assets/icon/images/main.png"]
        card = json.loads(archive.read("card.json"))
        with Image.open(io.BytesIO(archive.read("assets/icon/images/main.png"))) as image:
            assert image.size == SIZE
    assert card["data"]["assets"][0]["uri"] == "embeded://assets/icon/images/main.png"


def test_eliza_gets_posts_a_voice_and_nothing_that_it_would_refuse(tmp_path: Path) -> None:
    character = json.loads(exported(tmp_path, "eliza").read_text(encoding="utf-8"))
    assert len(character["postExamples"]) == 8
    assert character["messageExamples"][0][0]["name"] == "{{user1}}"
    assert character["messageExamples"][0][1]["name"] == "Marra Tveit"
    assert all(character["style"].values())
    assert not re.search(r"\{\{(char|user)\}\}", json.dumps(character))
    assert "secrets" not in character


def test_eliza_gets_posts_from_a_foreign_card_too(tmp_path: Path) -> None:
    ferro = read_persona(write(tmp_path / "ferro.json", V2))
    character = json.loads(exported(tmp_path, "eliza", ferro).read_text(encoding="utf-8"))
    assert character["postExamples"] == ["Rain?", "Umbrella or bucket?"]
    assert character["knowledge"] == ["Ferro keeps hail in a bucket."]


@pytest.mark.parametrize("form", ["card", "v3", "charx"])
@pytest.mark.parametrize("card", [None, V3], ids=["ours", "from elsewhere"])
def test_our_own_exports_are_read_back_as_the_same_persona(tmp_path: Path, form: str, card: Any) -> None:
    who = persona() if card is None else read_persona(write(tmp_path / "ferro.json", card))
    read = read_card(exported(tmp_path, form, who))
    assert read.mended == ()
    assert read.persona.model_dump() == who.model_dump()
    if card is None:
        assert read.persona.carried == {}


# -- what is said of AI and fiction ------------------------------------------------------------------


@pytest.mark.parametrize("form", ["card", "v3", "charx"])
def test_every_card_says_that_it_is_fiction_made_with_ai(tmp_path: Path, form: str) -> None:
    card = to_card(read_persona(exported(tmp_path, form)))["data"]
    assert "fictional" in card["creator_notes"]
    assert "AI-generated (test-model)" in card["creator_notes"]
    assert {"AI-generated", "fictional"} <= set(card["tags"])
    assert card["extensions"]["dramatis"]["ai"] == persona().model_dump(mode="json")["ai"]


def test_what_others_wrote_is_called_fiction_and_only_perhaps_ai(tmp_path: Path) -> None:
    ferro = read_persona(write(tmp_path / "ferro.json", V2))
    data = to_card(ferro)["data"]
    assert data["tags"] == ["weather", "market", "fictional"]
    assert data["creator_notes"].endswith("Parts of it may be AI-generated.")
    assert '"Label": "2"' in texts_in(png_card(ferro, plain()))["XML:com.adobe.xmp"]


def test_eliza_says_it_in_its_settings_and_its_biography(tmp_path: Path) -> None:
    character = json.loads(exported(tmp_path, "eliza").read_text(encoding="utf-8"))
    assert "fictional" in character["bio"][-1]
    assert character["settings"]["dramatis"]["fiction"] is True
    assert character["settings"]["dramatis"]["ai"]["generated"] is True


def test_the_picture_carries_the_mark_and_never_claims_that_a_drawing_was_painted_by_a_model(tmp_path: Path) -> None:
    drawn, painted = tmp_path / "drawn.png", tmp_path / "painted.png"
    drawn.write_bytes(picture())
    painted.write_bytes(png_with(text_chunk("iTXt", "XML:com.adobe.xmp", f"<x>{PAINTED}</x>".encode())))
    for path, source_type in ((drawn, PARTLY), (painted, PAINTED)):
        xmp = texts_in(png_card(persona(), make_picture(path)))["XML:com.adobe.xmp"]
        assert f">{source_type}<" in xmp
        assert "TC260:AIGC" in xmp
        assert "fictional character" in xmp


# -- the picture -------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(512, 768), (1024, 1024), (1920, 1080), (600, 2400), (3, 5), (1, 1), (4000, 20)])
def test_any_shape_becomes_two_to_three(size: tuple[int, int]) -> None:
    assert card_picture(Image.new("RGB", size, "teal")).size == SIZE


def test_a_tall_portrait_keeps_its_head() -> None:
    tall = Image.new("RGB", (200, 1000), "white")
    tall.paste("red", (0, 0, 200, 40))
    assert card_picture(tall).getpixel((256, 20)) == (255, 0, 0)


@pytest.mark.parametrize("place", [0.15, 0.5, 0.85])
def test_a_wide_portrait_is_cut_around_what_is_drawn(place: float) -> None:
    wide = Image.new("RGB", (1600, 800), "white")
    draw = ImageDraw.Draw(wide)
    middle = int(1600 * place)
    for x in range(middle - 150, middle + 150, 20):
        draw.rectangle((x, 100, x + 8, 780), fill="black")
    row = card_picture(wide).convert("L").crop((0, 400, 512, 401)).tobytes()
    dark = [x for x, light in enumerate(row) if light < 99]
    assert len(dark) > 60
    assert dark[-1] - dark[0] > 250


def test_a_portrait_is_found_where_it_was_and_beside_the_card_but_only_if_it_is_the_same(tmp_path: Path) -> None:
    folders = Folders(tmp_path / "out")
    (tmp_path / "art").mkdir()
    who, portrait = with_portrait(tmp_path / "art")
    path = tmp_path / "out" / "personas" / "marra.json"
    write_persona(path, who)
    read = read_card(path)
    assert picture_of(read, path, folders) is None
    remember_portrait(portrait, file_digest(portrait), folders)
    assert picture_of(read, path, folders) is not None

    moved = portrait.rename(path.parent / portrait.name)
    assert picture_of(read, path, folders) is not None
    moved.write_bytes(picture())
    assert picture_of(read, path, folders) is None
    assert str(tmp_path) not in path.read_text(encoding="utf-8")


def test_a_foreign_card_lends_its_own_picture(tmp_path: Path) -> None:
    path = tmp_path / "ferro.png"
    path.write_bytes(png_with(text_chunk("tEXt", "chara", base64.b64encode(json.dumps(V2).encode()))))
    found = picture_of(read_card(path), path, Folders(tmp_path))
    assert found is not None
    assert found.image.getpixel((0, 0)) == (0, 0, 128)


# -- files -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMS)
def test_an_export_is_the_same_every_time_and_never_replaces_what_was_changed(tmp_path: Path, form: str) -> None:
    folders = Folders(tmp_path)
    path, before = export(persona(), form, folders, plain())
    assert not before
    content = path.read_bytes()
    assert export(persona(), form, folders, plain()) == (path, True)
    other = persona().model_copy(update={"notes": ("something",), "language": "no"})
    assert export(other, form, folders, plain()) == (path, form == "eliza" and path.read_bytes() == content)
    path.write_bytes(path.read_bytes() + b"\n")
    with pytest.raises(BadInput, match="was changed since it was exported"):
        export(persona(), form, folders, plain())


def test_without_a_portrait_there_is_no_png_and_a_charx_without_a_picture(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"The portrait marra\.png of marra is not where it was"):
        export(persona(), "card", Folders(tmp_path), None)
    path, _ = export(persona(), "charx", Folders(tmp_path), None)
    with zipfile.ZipFile(path) as archive:
        assert archive.namelist() == ["card.json"]


async def test_a_command_exports_as_it_generates_and_later_without_a_model(tmp_path: Path) -> None:
    portrait = ROOT / "examples" / "portraits" / "mira.png"
    everything = ["--export", "card,v3,charx,eliza", "--out", tmp_path, "--json"]
    done = await command("--generate-persona", "--image", portrait, "--rehearse", *everything)
    assert done.code == 0, done.err
    cards = tmp_path / "personas" / "cards"
    first = {path.name: path.read_bytes() for path in cards.iterdir()}
    assert sorted(first) == ["mira.charx", "mira.eliza.json", "mira.png", "mira.v3.json"]

    for path in list(cards.iterdir())[:2]:
        path.unlink()
    again = await command("--personas", f"{tmp_path}/personas/*.json", *everything)
    assert again.code == 0, again.err
    assert again.report["counts"]["cards"] == {"made": 2, "before": 2, "holes": 0, "total": 4}
    assert again.report["usage"] == {}
    assert {path.name: path.read_bytes() for path in cards.iterdir()} == first


async def test_a_card_that_cannot_be_made_is_a_hole_and_the_others_are_made(tmp_path: Path) -> None:
    write_persona(tmp_path / "marra.json", persona())
    done = await command("--persona", tmp_path / "marra.json", "--export", "card,v3", "--out", tmp_path, "--json")
    assert done.code == 3
    assert [hole["item"] for hole in done.report["holes"]] == ["marra.png"]
    assert (tmp_path / "personas" / "cards" / "marra.v3.json").is_file()


@pytest.mark.parametrize("flags", POSTS, ids=lambda flags: flags[0])
async def test_export_with_personas_writes_no_posts(tmp_path: Path, flags: list[str]) -> None:
    done = await command("--personas", tmp_path / "a.json", "--export", "v3", *flags)
    assert done.code == 2
    assert f"leave out {flags[0]}" in done.err


async def test_an_unknown_form_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    done = await command("--persona", tmp_path / "a.json", "--export", "card,v4")
    assert done.code == 2
    assert "card,v3,charx,eliza" in done.err
