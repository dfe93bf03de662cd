"""What people are told in their own language."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from config import spoken_language
from persona.schema.stage_table import STAGES
from progress.translate import Catalog, padded, read_language, speak, translated
from sentences import counted, sentence
from tests.command import ROOT, command
from tests.house import modules

GUIDE = f"""⚡ Stage 4-{len(STAGES)}: Parallel generation...
🚀 开始并发生成 2 个人设...
✅ 批量人设生成完成
   平均速度: """
FIELD = re.compile(r"\{[^{}]*\}")


def sentences() -> Iterator[str]:
    """Every text of the program, with {} for each value in it."""

    for path in (module.path for module in modules()):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield FIELD.sub("{}", node.value)
            elif isinstance(node, ast.JoinedStr):
                yield "".join(
                    part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else "{}"
                    for part in node.values
                )


def entries() -> list[tuple[str, str]]:
    return list(read_language("zh").items())


def test_every_entry_of_the_catalog_is_a_sentence_of_the_program() -> None:
    # A field may stand for several values of the source, or for a value and the words about it.
    spoken = set(sentences())
    texts = "\n".join(spoken)
    strange = []
    for english, _ in entries():
        form = FIELD.sub("{}", english)
        if form not in spoken and not re.search(
            "^" + re.escape(form).replace(r"\{\}", ".+") + "$", texts, re.MULTILINE
        ):
            strange.append(english)
    assert strange == []


def test_no_translation_loses_a_value_or_invents_one() -> None:
    for english, chinese in entries():
        known, used = set(FIELD.findall(english)), set(FIELD.findall(chinese))
        assert used <= known, chinese
        lost = known - used
        assert not lost or english.startswith(("🚀", "{name}: ⚡")), (english, lost)  # as they stand in the guide


def test_a_sentence_is_recognised_with_its_values_and_the_values_that_are_sentences_too() -> None:
    catalog = Catalog({"No answer: {why}.": "没有回答：{why}。", "it was empty": "为空", "{a} of {b}": "{b} 中的 {a}"})
    assert catalog.gettext("No answer: it was empty.") == "没有回答：为空。"
    assert catalog.gettext("3 of 20") == "20 中的 3"
    assert catalog.gettext("Something else.") == "Something else."


def test_a_sentence_is_told_from_its_template_and_its_values_are_left_alone() -> None:
    catalog = Catalog({"personas": "人设", "{name}: {why}": "{name}：{why}", "the answer was empty": "回答为空"})
    told = sentence("{name}: {why}", name="personas", why=sentence("the answer was empty"))
    assert told == "personas: the answer was empty"
    assert catalog.gettext(told) == "personas：回答为空"
    assert catalog.gettext(sentence("{seconds:.1f} s for {why}", seconds=2, why=told)) == "2.0 s for personas：回答为空"


def test_a_counted_sentence_agrees_with_its_number() -> None:
    both = ("{number} persona is missing", "{number} personas are missing")
    assert [counted(number, *both) for number in (1, 2)] == ["1 persona is missing", "2 personas are missing"]
    catalog = Catalog(dict.fromkeys(both, "缺 {number} 项人设"))
    assert catalog.gettext(counted(1, *both)) == "缺 1 项人设"


def test_what_is_not_translated_is_told_in_english() -> None:
    speak("zh")
    try:
        assert translated("personas") == "人设"
        assert translated("a sentence that nobody wrote") == "a sentence that nobody wrote"
    finally:
        speak("en")
    assert translated("personas") == "personas"


@pytest.mark.parametrize(
    ("environment", "dotenv", "language"),
    [
        ({}, "", "en"),
        ({"LANG": "zh_CN.UTF-8"}, "", "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C.UTF-8"}, "", "en"),
        ({"LANG": "en_US.UTF-8", "UI_LANGUAGE": "zh"}, "", "zh"),
        ({"LANG": "zh_TW.UTF-8", "UI_LANGUAGE": "en"}, "", "en"),
        ({"LANG": "en_US.UTF-8"}, "UI_LANGUAGE=zh\n", "zh"),
    ],
)
def test_the_language_is_that_of_the_setting_then_of_the_locale(
    tmp_path: Path, environment: dict[str, str], dotenv: str, language: str
) -> None:
    path = tmp_path / ".env"
    path.write_text(dotenv, encoding="utf-8")
    assert spoken_language(environment, path) == language


def test_columns_count_wide_characters_twice() -> None:
    assert padded("人设", 6) == "人设  "
    assert padded("posts", 6) == "posts "


async def test_in_chinese_the_log_reads_as_in_the_guide(tmp_path: Path) -> None:
    portraits = [ROOT / "examples" / "portraits" / f"{name}.png" for name in ("mira", "fenn")]
    arguments = ["--generate-persona", "--images", *portraits, "--rehearse", "--out", tmp_path]
    done = await command(*arguments, environment={"UI_LANGUAGE": "zh"})
    assert done.code == 0
    lines = done.err.splitlines()
    for line in GUIDE.splitlines():
        assert any(said == line or (line.endswith(": ") and said.startswith(line)) for said in lines), line
    assert re.fullmatch(r"   平均速度: \d+\.\d秒/人设", next(line for line in lines if "平均" in line))
    assert "人设          新生成 2" in lines
    wrong = await command(
        "--generate-persona",
        "--image",
        tmp_path / "no.png",
        "--rehearse",
        "--out",
        tmp_path,
        environment={"UI_LANGUAGE": "zh"},
    )
    assert wrong.code == 2
    assert "没有图片" in wrong.err
