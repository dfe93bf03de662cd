"""The pictures that come in: how they are named, read and refused."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image

from errors import BadInput
from persona.cards.card import write_persona
from persona.portrait import LONGEST_SIDE, Portrait, name_portraits, read_picture
from persona.schema.persona import PortraitRef
from tests.answers import persona

RED, WHITE = (200, 30, 30), (255, 255, 255)


def draw(path: Path, colour: tuple[int, ...] = RED, size: tuple[int, int] = (40, 30)) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, colour).save(path)
    return path


def seen(path: Path) -> Image.Image:
    return Image.open(io.BytesIO(read_picture(path).data))


def near(pixel: object, colour: tuple[int, int, int], by: int = 12) -> bool:
    assert isinstance(pixel, tuple)
    return all(abs(a - b) <= by for a, b in zip(pixel, colour, strict=True))


def names(paths: list[Path], folder: Path) -> list[str]:
    return [found.name for found in name_portraits(paths, folder) if isinstance(found, Portrait)]


# -- names -------------------------------------------------------------------------------------------


def test_a_portrait_is_named_after_its_file_in_any_script(tmp_path: Path) -> None:
    paths = [
        draw(tmp_path / "Old Captain (final).png", (1, 1, 1)),
        draw(tmp_path / "海の娘.png", (2, 2, 2)),
        draw(tmp_path / "Ørjan.PNG", (3, 3, 3)),
        draw(tmp_path / "!!!.png", (4, 4, 4)),
        draw(tmp_path / "con.png", (5, 5, 5)),
    ]
    assert names(paths, tmp_path) == ["old-captain-final", "海の娘", "ørjan", "unnamed", "con-0"]


def test_two_pictures_of_one_name_are_told_apart_by_six_digits(tmp_path: Path) -> None:
    first, second = draw(tmp_path / "a" / "mira.png", (1, 1, 1)), draw(tmp_path / "b" / "Mira.png", (2, 2, 2))
    found = list(name_portraits([first, second], tmp_path))
    assert isinstance(found[1], Portrait)
    assert names([first, second], tmp_path) == ["mira", f"mira-{found[1].sha256[:6]}"]


def test_the_same_picture_twice_counts_once(tmp_path: Path) -> None:
    first, copy = draw(tmp_path / "mira.png"), draw(tmp_path / "copy.png")
    assert names([first, first, copy], tmp_path) == ["mira"]


def test_a_name_that_another_picture_s_persona_has_is_taken(tmp_path: Path) -> None:
    write_persona(tmp_path / "mira.json", persona("mira"))
    [name] = names([draw(tmp_path / "mira.png")], tmp_path)
    assert name.startswith("mira-")


def test_a_picture_keeps_the_name_its_persona_has(tmp_path: Path) -> None:
    path = draw(tmp_path / "mira.png")
    [found] = name_portraits([path], tmp_path)
    assert isinstance(found, Portrait)
    name = f"mira-{found.sha256[:6]}"
    made = persona(name).model_copy(update={"portrait": PortraitRef(file="mira.png", sha256=found.sha256)})
    write_persona(tmp_path / f"{name}.json", made)
    assert names([path], tmp_path) == [name]


def test_a_card_from_elsewhere_does_not_push_the_name_aside(tmp_path: Path) -> None:
    (tmp_path / "mira.json").write_text('{"name": "Mira", "description": "a card"}')
    assert names([draw(tmp_path / "mira.png")], tmp_path) == ["mira"]


def test_a_missing_picture_costs_only_itself(tmp_path: Path) -> None:
    found = list(name_portraits([tmp_path / "gone.png", draw(tmp_path / "mira.png")], tmp_path))
    assert isinstance(found[0], BadInput)
    assert "gone.png" in str(found[0])
    assert isinstance(found[1], Portrait)


# -- pictures that are read right --------------------------------------------------------------------


def test_exif_rotation_is_applied_and_no_metadata_travels(tmp_path: Path) -> None:
    image = Image.new("RGB", (60, 20), WHITE)
    image.paste(RED, (0, 0, 20, 20))
    exif = Image.Exif()
    exif[0x0112] = 6  # turn a quarter to the right
    exif[0x010F] = "a camera"
    image.save(tmp_path / "turned.jpg", exif=exif, comment=b"a secret", quality=95)
    shown = seen(tmp_path / "turned.jpg")
    assert shown.size == (20, 60)
    assert near(shown.getpixel((10, 5)), RED)
    assert b"a camera" not in read_picture(tmp_path / "turned.jpg").data
    assert b"a secret" not in read_picture(tmp_path / "turned.jpg").data


def test_broken_exif_does_not_cost_the_picture(tmp_path: Path) -> None:
    Image.new("RGB", (10, 10), RED).save(tmp_path / "odd.jpg", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff" + b"\xff" * 20)
    assert near(seen(tmp_path / "odd.jpg").getpixel((5, 5)), RED)


def test_cmyk_becomes_the_colour_it_shows(tmp_path: Path) -> None:
    Image.new("CMYK", (20, 20), (0, 255, 255, 0)).save(tmp_path / "print.jpg", quality=95)
    assert near(seen(tmp_path / "print.jpg").getpixel((5, 5)), (255, 0, 0), by=40)


def test_sixteen_bits_are_scaled_and_not_clipped(tmp_path: Path) -> None:
    grey = Image.new("I;16", (20, 20), 32768)
    grey.save(tmp_path / "deep.png")
    grey.save(tmp_path / "deep.tiff")
    Image.new("F", (20, 20), 0.5).save(tmp_path / "float.tiff")
    for name in ("deep.png", "deep.tiff", "float.tiff"):
        assert near(seen(tmp_path / name).getpixel((5, 5)), (128, 128, 128), by=3), name


@pytest.mark.parametrize("mode", ["P", "LA", "RGBA"])
@pytest.mark.parametrize("ending", ["png", "webp"])
def test_what_is_transparent_is_shown_on_white(tmp_path: Path, mode: str, ending: str) -> None:
    image = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    image.paste((0, 0, 0, 255), (0, 0, 20, 40))
    image.convert(mode).save(tmp_path / f"sticker.{ending}", lossless=True)
    shown = seen(tmp_path / f"sticker.{ending}")
    assert near(shown.getpixel((5, 20)), (0, 0, 0))
    assert near(shown.getpixel((34, 20)), WHITE)


@pytest.mark.parametrize("ending", ["gif", "webp", "png"])
def test_of_an_animation_the_first_frame_is_shown(tmp_path: Path, ending: str) -> None:
    frames = [Image.new("RGB", (20, 20), colour) for colour in (RED, (0, 0, 200), (0, 200, 0))]
    frames[0].save(tmp_path / f"moving.{ending}", save_all=True, append_images=frames[1:], duration=100)
    assert near(seen(tmp_path / f"moving.{ending}").getpixel((10, 10)), RED)


@pytest.mark.parametrize("mode", ["1", "L", "YCbCr", "LAB"])
def test_less_usual_kinds_of_colour_are_read(tmp_path: Path, mode: str) -> None:
    image = Image.new("RGB", (20, 20), WHITE)
    image = image.convert("RGB") if mode == "LAB" else image.convert(mode)
    image.save(tmp_path / "odd.tiff")
    assert near(seen(tmp_path / "odd.tiff").getpixel((5, 5)), WHITE)


@pytest.mark.parametrize(
    ("size", "shown"),
    [((1, 1), (1, 1)), ((30000, 3), (1024, 1)), ((3, 30000), (1, 1024)), ((2048, 1024), (1024, 512))],
)
def test_any_shape_is_scaled_to_the_longest_side(tmp_path: Path, size: tuple[int, int], shown: tuple[int, int]) -> None:
    assert seen(draw(tmp_path / "shape.png", size=size)).size == shown
    assert max(shown) <= LONGEST_SIDE


def test_a_small_picture_is_not_blown_up_and_reads_the_same_every_time(tmp_path: Path) -> None:
    path = draw(tmp_path / "small.bmp")
    assert seen(path).size == (40, 30)
    assert read_picture(path) == read_picture(path)
    assert read_picture(path).media_type == "image/jpeg"


# -- pictures that are refused -----------------------------------------------------------------------


def bomb(path: Path, side: int) -> Path:
    """A small file that claims to be a very large picture."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b""))
    return path


@pytest.mark.parametrize("side", [9_000, 10_000, 50_000])
def test_a_decompression_bomb_is_refused_before_it_is_read(tmp_path: Path, side: int) -> None:
    with pytest.raises(BadInput, match=r"bomb\.png has more pixels than can be read"):
        read_picture(bomb(tmp_path / "bomb.png", side))


def test_what_is_no_whole_picture_is_refused_by_name(tmp_path: Path) -> None:
    whole = draw(tmp_path / "whole.png", size=(300, 300)).read_bytes()
    noise = Image.effect_noise((300, 300), 80).convert("RGB")
    (tmp_path / "empty.png").write_bytes(b"")
    (tmp_path / "text.png").write_text("not a picture")
    (tmp_path / "head.png").write_bytes(whole[:20])
    (tmp_path / "folder.png").mkdir()
    refused = ["gone.png", "empty.png", "text.png", "head.png", "folder.png"]
    for ending in ("png", "jpg", "webp", "gif", "bmp", "tiff"):
        noise.save(tmp_path / f"full.{ending}")
        content = (tmp_path / f"full.{ending}").read_bytes()
        (tmp_path / f"cut.{ending}").write_bytes(content[: len(content) // 2])
        refused.append(f"cut.{ending}")
    for name in refused:
        with pytest.raises(BadInput) as caught:
            read_picture(tmp_path / name)
        assert name in caught.value.what
        assert caught.value.remedy
        assert "\n" not in str(caught.value)


def test_only_the_formats_that_are_named_are_opened(tmp_path: Path) -> None:
    Image.new("RGB", (9, 9), RED).save(tmp_path / "script.eps")
    with pytest.raises(BadInput, match="Give one of PNG, JPEG"):
        read_picture(tmp_path / "script.eps")
