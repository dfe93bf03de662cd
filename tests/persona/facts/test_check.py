"""Planted contradictions are found, true statements pass: in posts, in English, Chinese and Japanese."""

from __future__ import annotations

from datetime import date

import pytest

from persona.facts.check import post_contradictions
from persona.schema.answers import Home, Known, Looks
from persona.schema.persona import Persona
from tests.answers import CORE, persona

DAY = date(2026, 12, 1)  # a Tuesday

MARRA = persona()
LIN = Persona(
    name="lin",
    language="zh",
    core=CORE.model_copy(
        update={
            "description": "林晓雨在成都的一条小巷里修伞，修好的先自己撑着走一圈。",
            "facts": CORE.facts.model_copy(
                update={
                    "name": "林晓雨",
                    "age": 28,
                    "pronouns": "她",
                    "birthday": "05-20",
                    "home": Home(place="成都", country_code="CN", time_zone="Asia/Shanghai"),
                    "languages": ("中文",),
                    "people": (
                        Known(name="王秀英", relation="教她修伞的老师"),
                        Known(name="周涛", relation="欠她一把伞的邻居"),
                    ),
                    "looks": Looks(
                        hair="long black hair in a loose braid",
                        eyes="dark brown eyes",
                        skin="light skin",
                        build="slight",
                        marks="",
                        clothing="a grey work apron",
                    ),
                    "never_says": ("绝绝子",),
                }
            ),
        }
    ),
)
HANA = Persona(
    name="hana",
    language="ja",
    core=CORE.model_copy(
        update={
            "description": "渡辺花は金沢の路地で時計を直している。直った時計は一晩だけ枕元に置く。",
            "facts": CORE.facts.model_copy(
                update={
                    "name": "渡辺 花子",
                    "age": 24,
                    "pronouns": "彼女",
                    "birthday": "11-03",
                    "home": Home(place="金沢", country_code="JP", time_zone="Asia/Tokyo"),
                    "languages": ("日本語",),
                    "people": (
                        Known(name="佐藤 健", relation="時計店の先輩"),
                        Known(name="エマニュエル", relation="向かいのパン屋"),
                    ),
                    "looks": Looks(
                        hair="short silver hair",
                        eyes="blue eyes",
                        skin="pale skin",
                        build="tall",
                        marks="a mole under the right eye",
                        clothing="a navy coat",
                    ),
                    "never_says": ("ヤバい",),
                }
            ),
        }
    ),
)


def naming(value: object) -> str:
    return value.name if isinstance(value, Persona) else str(value)[:40]


# Who, in which part of the post, the words, and what the objection must quote.
PLANTED = [
    # names and spellings
    (MARRA, "text", "A tourist wrote on the slip: for Mara Tveit, bells. I kept the slip.", "Marra Tveit"),
    (MARRA, "text", "Left the invoice with Harold Moe. He read it twice, both times aloud.", "Harald Moe"),
    (MARRA, "text", "The choir wants an A. I told Ingun Dahl which one she would get.", "Ingunn Dahl"),
    (LIN, "text", "伞柄上刻着一个名字：林小雨。不是我刻的。", "林晓雨"),
    (HANA, "text", "札には「渡邊花子様」とあった。時計は三分進んでいた。", "渡辺 花子"),
    (HANA, "text", "エマニエルさんがまた焦げたパンを置いていった。", "エマニュエル"),
    # ages
    (MARRA, "text", "I'm 28 years old and I have already outlived four kettles.", "34"),
    (MARRA, "text", "I am forty-one now. The left knee is an F sharp.", "34"),
    (MARRA, "alt_text", "Marra (52) leans over a bench with a small hammer.", "34"),
    (LIN, "text", "我今年三十五岁，修过的伞比走过的桥多。", "28"),
    (HANA, "text", "私は31歳です。でも時計の前では年を忘れる。", "24"),
    # birthdays and days
    (MARRA, "text", "It's my birthday. Pia hid a spoon in the cake. I found it by ear.", "03-09"),
    (MARRA, "text", "My birthday is on 14 August, so the furnace was never lit for it.", "03-09"),
    (MARRA, "text", "Today is Friday, so the ferry is late by law.", "Tuesday"),
    (LIN, "text", "今天是我的生日，没有人来取伞。", "05-20"),
    (LIN, "text", "今天是星期六，巷子里全是没带伞的人。", "Tuesday"),
    (HANA, "text", "今日は私の誕生日。止まった時計がひとつ届いた。", "11-03"),
    # people nobody has told of
    (MARRA, "text", "My cousin Bjarne dropped a bell on the quay. It forgave him first.", "Bjarne"),
    (MARRA, "text", "Mrs Solberg wants her doorbell to sound richer. So do I.", "Solberg"),
    (MARRA, "text", "Had coffee with Ingrid before the first boat. Cold, as it should be.", "Ingrid"),
    (LIN, "text", "下雨前，和李老师换了一把竹骨伞。", "李老师"),
    (LIN, "text", "我朋友陈立说这把伞像他的前半生。", "陈立"),
    (HANA, "text", "昼に、鈴木さんが柱時計を抱えて来た。", "鈴木さん"),
    # looks
    (MARRA, "scene", "The figure at the bench, her long blonde hair tied back, a bell in both hands, dusk.", "copper"),
    (MARRA, "scene", "Close view by the window, his brown eyes fixed on a cracked bell, grey light.", "grey eyes"),
    (MARRA, "scene", "At the furnace, gloves off, a burn scar across the right thumb, warm glow.", "left thumb"),
    (MARRA, "text", "Salt has got into my black hair and into the till.", "copper"),
    (LIN, "alt_text", "巷口，她的金色长发被雨打湿，手里撑着一把旧伞。", "black"),
    (HANA, "alt_text", "工房の窓辺で、彼女の黒い髪が時計の針にかかっている。", "silver"),
    (HANA, "alt_text", "作業台の前、彼女の茶色の目が小さな歯車を見つめている。", "blue"),
    # homes
    (MARRA, "text", "I live in Lisbon, where even the trams are flat.", "Kvalsund"),
    (LIN, "text", "我住在东京，雨比家乡礼貌。", "成都"),
    (HANA, "text", "私はパリに住んでいます。時計はみんな遅れている。", "金沢"),
    # pronouns
    (MARRA, "scene", "The figure kneels on the quay and holds up his lamp, dusk, low view.", "she/her"),
    # what it never says
    (MARRA, "text", "The new clapper is amazing. There, it hums.", "amazing"),
    (HANA, "text", "この歯車、ヤバい。", "ヤバい"),
    # the language
    (MARRA, "text", "Die Fähre ist wieder nicht da, und ich sitze mit der Glocke auf dem Kai und es ist kalt.", '"en"'),
    (LIN, "text", "The umbrella came back with a letter inside it, unsigned.", '"zh"'),
    (HANA, "text", "今天的钟表都走得很慢，我坐在窗边等一位没有来的客人，茶已经凉了。", '"ja"'),
]  # fmt: skip

TRUE = [
    (MARRA, "text", "Pia's doorstop man is back. Old Sverre says he paid. Harald Moe says he did not."),
    (MARRA, "text", "Marra's rule: hit it before you sit on it. The Tveits have always done so."),
    (MARRA, "text", "When I was twelve I was 12 centimetres from losing that thumb."),
    (MARRA, "text", "I'm 34 and I still salute the first ferry."),
    (MARRA, "text", "My mother is 61, and I'm 15 minutes late for her."),
    (MARRA, "text", '"I\'m 70 years old," says Old Sverre, "and I can hear your watch."'),
    (MARRA, "text", "It's my birthday in spring, so the furnace owes me nothing yet."),
    (MARRA, "text", "Feels like it's my birthday: somebody brought back a hammer."),
    (MARRA, "text", "It's Tuesday. Today is Tuesday. The ferry has been told."),
    (MARRA, "text", "The Ring of St Olav is a bell in A, says the choir. The Oslo ferry is a B."),
    (MARRA, "text", "I used to live in Paris for a week. Wish I lived in Tokyo, for the crossings."),
    (MARRA, "text", "I named the kettle Gustav. Had a word with Gustav today."),
    (MARRA, "text", "Told Parliament, by letter, that wind chimes are a public matter."),
    (MARRA, "text", "Drove to Ikea with Pia, and I'd rather not say why. Thanks to Vipps I own a Billy."),
    (MARRA, "text", "Wore Pia's blonde wig: my hair is blonde until midnight. The ribbon was red before."),
    (MARRA, "text", "Old Sverre rubbed his brown eyes. I counted the boats for him."),
    (MARRA, "scene", "The figure at a bench, her short copper hair lit from behind, a bell in her hands, dusk."),
    (MARRA, "scene", "On the quay a red-haired doll with blue eyes hangs from the rail, the figure pointing at it."),
    (MARRA, "scene", "A black hair ribbon and a brass spoon on the bench, her ginger hair out of focus behind them."),
    (MARRA, "scene", "The figure lifts a cat, its green eyes wide, ferry lights behind, low three-quarter view."),
    (MARRA, "scene", "By the furnace, a burn scar across the left thumb in close view, right hand holding a spoon."),
    (LIN, "text", "王老师来拿伞，说比她教得好。周涛还是没来。"),
    (LIN, "text", "我二十岁那年第一次拆开一把伞，今年二十八岁，还没装回去。"),
    (LIN, "text", "如果今天是我的生日，我就关门。"),
    (LIN, "text", "今天是星期二，雨先到，人后到。"),
    (LIN, "text", "店主说他住在东京的姐姐也丢过伞。我同事高兴得把杯子碰翻了。"),
    (LIN, "text", "树林小雨，山路很白。马上老师傅就要收摊了。"),
    (LIN, "text", "我的红色发带丢了，他的金发女朋友捡到了。我妈妈今年五十岁了，也爱红色。"),
    (LIN, "alt_text", "巷口，她的黑色长发编成辫子，棕色的眼睛看着伞骨。"),
    (HANA, "text", "佐藤さんは今日も三分早い。花子さん、と呼ばれて振り向いた。"),
    (HANA, "text", "私は24歳だけど、時計は80歳です。"),
    (HANA, "text", "二十歳の時に買った時計が、もう止まらない。お客さんとパン屋さんが笑った。"),
    (HANA, "text", "もし今日は私の誕生日だったら、ケーキを焼く。妹の誕生日は3月4日。"),
    (HANA, "text", "京都の時計は遅い。パリに住んでいる妹がそう言っていた。"),
    (HANA, "alt_text", "窓辺で、彼女の銀色の髪に朝の光。青い目は歯車を見ている。"),
    (HANA, "text", "エマニュエルさんのパンと、目を覚ます時計。今日は火曜日。"),
]  # fmt: skip


def certain(who: Persona, part: str, words: str) -> list[str]:
    parts = {"text": "", "scene": "", "alt_text": ""} | {part: words}
    return [one.sentence for one in post_contradictions(who, DAY, **parts) if one.certain]


@pytest.mark.parametrize(("who", "part", "words", "quoted"), PLANTED, ids=naming)
def test_a_planted_contradiction_is_found_and_quoted(who: Persona, part: str, words: str, quoted: str) -> None:
    found = certain(who, part, words)
    assert any(quoted in sentence and sentence.startswith(part) for sentence in found), found


@pytest.mark.parametrize(("who", "part", "words"), TRUE, ids=naming)
def test_a_true_statement_passes(who: Persona, part: str, words: str) -> None:
    assert certain(who, part, words) == []
