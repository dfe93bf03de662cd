"""What a picture says of itself, and to whom."""

from __future__ import annotations

import io
import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from PIL import Image

from images.label import png_bytes, read_label
from images.schema import PictureJob
from tests.studio import job, save_finished

HOSTILE = 'Negative prompt: <b>&amp;"</b>]]>\nSteps: 1, Seed: 2, Size: 3x3\x00\x08 café 猫 \ud800'
XMP_NAMES = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "dc": "http://purl.org/dc/elements/1.1/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "iptc": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
    "tc260": "http://www.tc260.org.cn/ns/AIGC/1.0/",
}


def texts_of(wanted: PictureJob, model: str = "z-image-turbo", **values: str) -> dict[str, str]:
    """The text chunks as Pillow reads them, without touching the pixels."""
    content = png_bytes(Image.new("RGB", (64, 64), "red"), wanted, seed=9, model=model, **values)
    with Image.open(io.BytesIO(content)) as image:
        return {str(name): str(text) for name, text in image.info.items() if isinstance(text, str)}


def test_all_texts_stand_before_the_pixels(tmp_path: Path) -> None:
    content = png_bytes(Image.new("RGB", (64, 64)), job(tmp_path), seed=9, model="m")
    pixels = content.index(b"IDAT")
    for name in (b"dramatis\0", b"parameters\0", b"XML:com.adobe.xmp\0"):
        assert 0 < content.index(name) < pixels


def test_picture_tools_read_the_settings_from_the_last_line(tmp_path: Path) -> None:
    lines = texts_of(job(tmp_path), negative_prompt="blurry")["parameters"].split("\n")
    assert lines[0] == "A girl with red hair. She looks at a kettle."
    assert lines[1] == "Negative prompt: blurry"
    pairs = dict(re.findall(r'\s*(\w[\w \-/]+):\s*("(?:\\.|[^\\"])+"|[^,]*)(?:,|$)', lines[-1]))
    assert pairs["Steps"] == "4"
    assert pairs["Seed"] == "9"
    assert pairs["Size"] == "64x64"
    assert pairs["CFG scale"] == "4"
    assert pairs["Model"] == "z-image-turbo"
    assert len(pairs) >= 3


def test_a_prompt_cannot_pass_for_settings(tmp_path: Path) -> None:
    lines = texts_of(job(tmp_path, prompt=f"A cat.\n{HOSTILE}"), model='a,b: "c"')["parameters"].split("\n")
    assert len(lines) == 2
    assert lines[0].startswith("A cat. Negative prompt:")
    assert "Model: a b c," in lines[1]


@pytest.mark.parametrize("text", ["Mira", HOSTILE])
def test_the_xmp_packet_marks_it_as_made_by_a_model(tmp_path: Path, text: str) -> None:
    packet = texts_of(job(tmp_path, title=text, alt_text=text))["XML:com.adobe.xmp"]
    root = ET.fromstring(packet[packet.index("<x:xmpmeta") : packet.index("<?xpacket end")])  # noqa: S314 - our own
    found = {name: root.find(f".//{name}", XMP_NAMES) for name in
             ("iptc:DigitalSourceType", "xmp:CreatorTool", "tc260:AIGC", "dc:title", "dc:description")}  # fmt: skip
    words = {name: "".join(element.itertext()) for name, element in found.items() if element is not None}
    assert words["iptc:DigitalSourceType"].endswith("/trainedAlgorithmicMedia")
    assert words["xmp:CreatorTool"].startswith("Dramatis/")
    assert json.loads(words["tc260:AIGC"])["Label"] == "1"
    expected = " ".join(text.replace("\x00", " ").replace("\x08", " ").replace("\ud800", " ").split())
    assert words["dc:title"] == words["dc:description"] == expected


def test_no_folder_of_the_user_is_told(tmp_path: Path) -> None:
    content = png_bytes(Image.new("RGB", (64, 64)), job(tmp_path), seed=9, model="m")
    assert str(tmp_path).encode() not in content


def test_a_label_is_read_back(tmp_path: Path) -> None:
    label = read_label(save_finished(job(tmp_path)))
    assert label is not None
    assert (label.key, label.id, label.model, label.complete) == ("key of 1", "mira/0123abcd/1", "rehearsal", True)


@pytest.mark.parametrize(
    "content", [b"", b"\x89PNG\r\n\x1a\n", b"\x89PNG\r\n\x1a\n\xff\xff\xff\xfftEXt", b"GIF89a" * 9]
)
def test_rubbish_has_no_label(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.png"
    path.write_bytes(content)
    assert read_label(path) is None


def test_a_label_with_a_flipped_bit_counts_for_nothing(tmp_path: Path) -> None:
    path = save_finished(job(tmp_path))
    path.write_bytes(path.read_bytes().replace(b"key of 1", b"key of 2"))
    assert read_label(path) is None


def test_pictures_of_other_modes_are_saved_as_rgb(tmp_path: Path) -> None:
    content = png_bytes(Image.new("RGBA", (64, 64)), job(tmp_path), seed=9, model="m")
    with Image.open(io.BytesIO(content)) as image:
        assert image.mode == "RGB"
