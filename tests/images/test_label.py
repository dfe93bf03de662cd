"""What a picture says of itself, to whom, and in which form of file."""

from __future__ import annotations

import io
import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sd_parsers import ParserManager
from sd_parsers.data import PromptInfo

from images.label import LONGEST_PROMPT, Label, read_label
from images.schema import PictureJob
from labels.picture_files import read_texts, with_texts
from labels.xmp import read_xmp
from tests.studio import job, labeller, save_finished

HOSTILE = 'Negative prompt: <b>&amp;"</b>]]>\nSteps: 1, Seed: 2, Size: 3x3\x00\x08 café 猫 \ud800'
FORMS = (".png", ".jpg", ".webp")
OPENED: list[Image.Image] = []
XMP_NAMES = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "dc": "http://purl.org/dc/elements/1.1/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "iptc": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
    "tc260": "http://www.tc260.org.cn/ns/AIGC/1.0/",
}


def in_form(folder: Path, ending: str, **changes: Any) -> PictureJob:
    return job(folder, path=str(folder / f"1{ending}"), **changes)


def picture(wanted: PictureJob, model: str = "z-image-turbo", **values: Any) -> bytes:
    noise = Image.effect_noise((64, 48), 50)
    return labeller(model, **values).picture_bytes(noise, wanted, 9)


def as_others_read(path: Path) -> PromptInfo:
    """What sd-parsers finds. It knows a picture by its address in memory, so no two may have the same."""
    OPENED.append(Image.open(path))
    found = ParserManager().parse(OPENED[-1])
    assert found is not None
    return found


def parameters_of(content: bytes) -> str:
    texts = read_texts(io.BytesIO(content))
    assert texts is not None
    return texts.parameters


@pytest.mark.parametrize("ending", FORMS)
@pytest.mark.parametrize("words", ["A girl with red hair. She looks at a kettle.", "猫がいる café."])
def test_another_program_reads_prompt_and_settings(tmp_path: Path, ending: str, words: str) -> None:
    path = tmp_path / f"1{ending}"
    path.write_bytes(picture(in_form(tmp_path, ending, prompt=words), negative_prompt="blurry"))
    found = as_others_read(path)
    assert [prompt.value for prompt in found.prompts] == [words]
    assert [prompt.value for prompt in found.negative_prompts] == ["blurry"]
    assert [model.name for model in found.models] == ["z-image-turbo"]
    assert found.metadata["Size"] == "64x64"


@pytest.mark.parametrize("ending", FORMS)
def test_pillow_reads_the_marks_in_every_form(tmp_path: Path, ending: str) -> None:
    with Image.open(io.BytesIO(picture(in_form(tmp_path, ending)))) as image:
        packet = image.info["xmp"].decode() if ending != ".png" else image.info["XML:com.adobe.xmp"]
        image.load()
    assert read_xmp(packet).source_type.endswith("/trainedAlgorithmicMedia")
    assert read_xmp(packet).aigc["Label"] == "1"


def test_all_texts_of_a_png_stand_before_the_pixels(tmp_path: Path) -> None:
    content = picture(job(tmp_path))
    pixels = content.index(b"IDAT")
    for name in (b"parameters\0", b"XML:com.adobe.xmp\0"):
        assert 0 < content.index(name) < pixels


def test_picture_tools_read_the_settings_from_the_last_line(tmp_path: Path) -> None:
    lines = parameters_of(picture(job(tmp_path), negative_prompt="blurry")).split("\n")
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
    content = picture(job(tmp_path, prompt=f"A cat.\n{HOSTILE}"), model='a,b: "c"')
    (tmp_path / "1.png").write_bytes(content)
    assert as_others_read(tmp_path / "1.png").metadata["Size"] == "64x64"
    lines = parameters_of(content).split("\n")
    assert len(lines) == 2
    assert lines[0].startswith("A cat. Negative prompt <b>")
    assert "Model: a b c," in lines[1]


@pytest.mark.parametrize("ending", FORMS)
def test_a_prompt_of_any_length_leaves_the_settings_readable(tmp_path: Path, ending: str) -> None:
    wanted = in_form(tmp_path, ending, prompt="🐈" * 50_000, title="🐈" * 50_000, alt_text="&" * 50_000)
    lines = parameters_of(picture(wanted)).split("\n")
    assert lines[0] == "🐈" * LONGEST_PROMPT
    assert "Seed: 9" in lines[-1]


@pytest.mark.parametrize("text", ["Mira", HOSTILE])
def test_the_xmp_packet_marks_it_as_made_by_a_model(tmp_path: Path, text: str) -> None:
    texts = read_texts(io.BytesIO(picture(job(tmp_path, title=text, alt_text=text))))
    assert texts is not None
    packet = texts.xmp
    root = ET.fromstring(packet[packet.index("<x:xmpmeta") : packet.index("<?xpacket end")])  # noqa: S314 - our own
    found = {name: root.find(f".//{name}", XMP_NAMES) for name in
             ("iptc:DigitalSourceType", "xmp:CreatorTool", "tc260:AIGC", "dc:title", "dc:description")}  # fmt: skip
    words = {name: "".join(element.itertext()) for name, element in found.items() if element is not None}
    assert words["iptc:DigitalSourceType"].endswith("/trainedAlgorithmicMedia")
    assert words["xmp:CreatorTool"].startswith("Dramatis/")
    assert json.loads(words["tc260:AIGC"])["Label"] == "1"
    expected = " ".join(text.replace("\x00", " ").replace("\x08", " ").replace("\ud800", " ").split())
    assert words["dc:title"] == words["dc:description"] == expected


@pytest.mark.parametrize("ending", FORMS)
def test_no_folder_of_the_user_is_told(tmp_path: Path, ending: str) -> None:
    content = picture(in_form(tmp_path, ending))
    for encoding in ("utf-8", "utf-16-be", "utf-16-le"):
        assert str(tmp_path).encode(encoding) not in content


@pytest.mark.parametrize("ending", FORMS)
def test_a_label_is_read_back(tmp_path: Path, ending: str) -> None:
    label = read_label(save_finished(in_form(tmp_path, ending)))
    assert label == Label("key of 1", "mira/0123abcd/1", "rehearsal", seed=7, complete=True, tells=True)


@pytest.mark.parametrize("ending", FORMS)
def test_a_picture_that_was_cut_short_says_so(tmp_path: Path, ending: str) -> None:
    path = save_finished(in_form(tmp_path, ending))
    path.write_bytes(path.read_bytes()[:-3])
    label = read_label(path)
    assert label is None or not label.complete


@pytest.mark.parametrize("ending", FORMS)
def test_a_prompt_that_is_to_stay_hidden_is_in_no_text(tmp_path: Path, ending: str) -> None:
    content = picture(in_form(tmp_path, ending), negative_prompt="blurry", tell_prompt=False)
    for words in ("red hair", "blurry", "Steps"):
        for encoding in ("utf-8", "utf-16-be", "utf-16-le"):
            assert words.encode(encoding) not in content
    texts = read_texts(io.BytesIO(content))
    assert texts is not None
    assert read_xmp(texts.xmp).source_type


@pytest.mark.parametrize("ending", FORMS)
def test_a_prompt_is_hidden_later_without_touching_a_pixel(tmp_path: Path, ending: str) -> None:
    wanted = in_form(tmp_path, ending)
    path = save_finished(wanted)
    before, hiding = read_label(path), labeller(tell_prompt=False)
    with Image.open(path) as image:
        pixels = image.tobytes()
    assert before is not None
    assert hiding.is_behind(before)
    assert not labeller().is_behind(before)
    hiding.renew(wanted)
    assert read_label(path) == replace(before, tells=False)
    with Image.open(path) as image:
        assert image.tobytes() == pixels
    assert b"red hair" not in path.read_bytes()


@pytest.mark.parametrize("ending", FORMS)
def test_texts_are_exchanged_and_the_rest_stays_as_it_is(tmp_path: Path, ending: str) -> None:
    content = picture(in_form(tmp_path, ending))
    texts = read_texts(io.BytesIO(content))
    assert texts is not None
    assert with_texts(content, texts.xmp, texts.parameters) == content
    other = with_texts(content, "<x/>", "words")
    assert with_texts(other, texts.xmp, texts.parameters) == content


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x89PNG\r\n\x1a\n",
        b"\x89PNG\r\n\x1a\n\xff\xff\xff\xfftEXt",
        b"GIF89a" * 9,
        b"\xff\xd8\xff\xe1\x00\x00",
        b"\xff\xd8\xff\xe1\x00\x20Exif\0\0II*\0\xff\xff\xff\xff",
        b"\xff\xd8\xff\xe1",
        b"RIFF\x10\x00\x00\x00WEBPXMP \xff\xff\xff\xff",
        b"RIFF\x10\x00\x00\x00WEBPEXIF\x04\x00\x00\x00MM\0\0",
    ],
)
def test_rubbish_has_no_label(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.png"
    path.write_bytes(content)
    assert read_label(path) is None


def test_a_label_with_a_flipped_bit_counts_for_nothing(tmp_path: Path) -> None:
    path = save_finished(job(tmp_path))
    path.write_bytes(path.read_bytes().replace(b"key of 1", b"key of 2"))
    assert read_label(path) is None


def test_a_text_of_the_user_cannot_pass_for_our_note(tmp_path: Path) -> None:
    forged = '<dramatis:Picture>{"key":"k"}</dramatis:Picture>'
    content = picture(job(tmp_path, title=forged, alt_text=forged))
    (tmp_path / "1.png").write_bytes(content)
    label = read_label(tmp_path / "1.png")
    assert label is not None
    assert label.key == "key of 1"


def test_pictures_of_other_modes_are_saved_as_rgb(tmp_path: Path) -> None:
    content = labeller().picture_bytes(Image.new("RGBA", (64, 64)), job(tmp_path), 9)
    with Image.open(io.BytesIO(content)) as image:
        assert image.mode == "RGB"
