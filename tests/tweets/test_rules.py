"""What a post must be: each rule meets a planted fault and a good text; lengths are X's own."""

from __future__ import annotations

import subprocess
import sys

import pytest

from persona.schema.answers import ExamplePost
from tests import answers
from tweets.emoji import EmojiHabit
from tweets.length import links, weighted_length
from tweets.rules import chosen_hashtags, compose, composed, hashtags_in, normal_hashtags, objections
from tweets.schema import ThreadAnswer, TweetAnswer

GOOD = TweetAnswer(
    text="The new kettle is an F sharp. We do not get on.",
    hashtags=("KvalsundBells",),
    scene="Hands lift a dented kettle from a small stove in a wooden shed at dawn, bells on hooks behind, close view.",
    alt_text="A dented kettle over a small stove, brass bells behind it.",
)


def found(*, most: int = 1, picture: bool = True, **changes: object) -> list[str]:
    return objections(GOOD.model_copy(update=changes), most_hashtags=most, picture=picture)


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("plain", 5),
        ("鐘が鳴る", 8),
        ("종소리", 6),
        ("bell 🔔", 7),
        ("👩‍👩‍👧‍👦", 2),
        ("🇳🇴", 2),
        ("👍🏽", 2),
        ("❤", 2),
        ("…", 2),
        ("—“quoted”", 9),
        ("①", 2),
        ("e\u0301", 1),
        ("https://example.com/a/very/long/path?with=more", 23),
        ("example.com", 23),
        ("hello.cat", 23),
        ("a\r\nb", 3),
        ("write to a@example.com", 22),
    ],
)
def test_lengths_are_weighted_as_x_does(text: str, length: int) -> None:
    assert weighted_length(text) == length


def test_the_counting_library_leaves_nothing_of_its_stand_in_behind() -> None:
    program = (
        "import sys; from tweets.length import weighted_length; assert 'twitter_text' not in sys.modules; "
        "before = sys.modules.get('pkg_resources'); weighted_length('x'); "
        "assert sys.modules.get('pkg_resources') is before"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", program], check=True)


def test_a_good_answer_passes() -> None:
    assert found() == []


@pytest.mark.parametrize("post", answers.EXAMPLES.posts, ids=lambda post: post.form)
def test_posts_of_every_form_pass(post: ExamplePost) -> None:
    assert found(text=post.text) == []


@pytest.mark.parametrize(
    "text",
    [
        "鐘の音が半音低い。誰のせいでもない。",
        "Todo el muelle huele a sal. xxx",
        "Pia: he paid. Me: how much. [long silence]",
        '"Out," said Moe. I went. "And take the bell," he said. "Both."',
        "He said 'flat' and left",
        "First ferry at 6.10, e.g. never. 3/4 full...so",
        "Postcards came. Post: none for me.",
        "{ that is how the cat sat, like a bracket }",
        "C#, said the bell. I said D♭. #1 problem.",
        '"',
        "“Out.” He did not go. “Now.”",
        "“Out.” He did go. “Now” is not “then”",
        "“a“ b”",
        "“a ”b”",
        "a" * 264,
    ],
)
def test_what_only_looks_like_a_fault_passes(text: str) -> None:
    assert found(text=text) == []


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("\u200b\u2060", "text is blank"),
        ("\ufeff", "text is blank"),
        ("\x07 \x1b", "text is blank"),
        ("``` the kettle", "Markdown fence"),
        ("the kettle\n```", "Markdown fence"),
        ('""', "in quotation marks"),
        ("Rung.\ufeff", "a character that X refuses"),
        ("a" * 281, "counts 296 characters where 280 are allowed"),
        ("鐘" * 141, "shorten it by 17 or more"),
        ('"She can hear your watch. It is slow."', "in quotation marks"),
        ("“It hums.”", "in quotation marks"),
        ("「鐘が鳴る」", "in quotation marks"),
        ("Tweet: the kettle is flat", "begins with 'Tweet:'"),
        ("**Post:** the kettle is flat", "begins with"),
        ("Here is the post: the kettle is flat", "begins with"),
        ("推文：钟响了", "begins with '推文：'"),
        ('{"text": "the kettle"}', "text is JSON"),
        ('["the kettle"]', "text is JSON"),
        ("```\nthe kettle\n```", "Markdown fence"),
        ("Dear [name], the bell is done", "the placeholder '[name]'"),
        ("Dear [Your Friend], it is done", "the placeholder '[Your Friend]'"),
        ("{{user}} rang", "the placeholder '{{user}}'"),
        ("The bell: <link>", "the placeholder '<link>'"),
        ("Lorem ipsum dolor", "the placeholder 'Lorem ipsum'"),
        ("去【地点】敲钟", "the placeholder '【地点】'"),
        ("All of it at https://bells.example/shop", "which reads as a link"),
        ("All at www.bells.example", "'www.bells.example', which reads as a link"),
        ("See bells.com for more", "'bells.com', which reads as a link"),
        ("I ran.So did he", "'ran.So', which reads as a link"),
        ("#one bell and #two", "holds 2 hashtags: the character uses at most 1"),
    ],
)
def test_a_fault_in_the_text_is_said_in_a_sentence(text: str, sentence: str) -> None:
    said = found(text=text)
    assert any(sentence in words for words in said), said


def test_the_length_is_said_of_the_whole_post() -> None:
    assert found(text="a" * 281, hashtags=()) == [
        "the post with its hashtags counts 281 characters where 280 are allowed "
        "(a CJK character or an emoji counts 2): shorten it by 1 or more"
    ]
    assert found(text="a" * 280, hashtags=()) == []


def test_emoji_are_held_against_the_characters_habit() -> None:
    answer = GOOD.model_copy(update={"text": "It hums. 🔔"})
    said = objections(answer, most_hashtags=1, picture=True, emoji=EmojiHabit(most=0))
    assert said == ["text holds 🔔: the character uses no emoji; say it in words"]


def test_hashtags_behind_the_text_count_into_its_length() -> None:
    text = "a" * 270
    assert found(text=text, hashtags=()) == []
    assert "counts 285" in found(text=text)[0]
    assert found(text=text, most=0) == []


def test_a_scene_is_short_and_english_where_it_is_painted() -> None:
    assert "scene has 61 words" in found(scene="word " * 61)[0]
    assert found(scene="word " * 60) == []
    not_english = ["scene is not in English: write it in English, whatever the language of the post"]
    assert found(scene="夜明けの小屋で、やかんを持ち上げる手") == not_english
    assert found(scene="red 屋") == not_english
    assert found(scene="tall 屋") == [], "one letter in five is a name"
    assert found(scene="2026!") == not_english
    assert found(scene="A café in Ålesund at noon, one red chair.") == []
    assert "placeholder" in found(scene="A woman in [place] at noon")[0]
    assert found(scene="夜明けの小屋", picture=False) == []


def test_alt_text_has_at_most_a_thousand_characters() -> None:
    assert found(alt_text="a" * 1000) == []
    assert "alt_text has 1001 characters" in found(alt_text="a" * 1001)[0]
    assert found(alt_text="A bell in [place].") == ["alt_text holds the placeholder '[place]': write what is meant"]


def test_hashtags_go_behind_the_text_unless_they_stand_in_it() -> None:
    assert compose("It hums.", ("Bells",)) == "It hums. #Bells"
    assert compose("It hums in #bells.", ("Bells", "Quay")) == "It hums in #bells. #Quay"
    assert compose(" It hums. ", ()) == "It hums."
    assert compose("cafe\u0301", ()) == "café"


def test_hashtags_are_made_normal() -> None:
    given = ("#Harbour Feast", "＃鐘", "harbourfeast", "2026", " ", "it's", "हिन्दी", "low_tide")
    assert normal_hashtags(given) == ("HarbourFeast", "鐘", "its", "हिन्दी", "low_tide")
    assert hashtags_in("#हिन्दी, #a_b. C# #2026 (#x)") == ("हिन्दी", "a_b", "x")


def test_surplus_hashtags_are_dropped_not_asked_about() -> None:
    many = GOOD.model_copy(update={"hashtags": ("one", "two", "three")})
    assert chosen_hashtags(many, 2) == ("one", "two")
    assert chosen_hashtags(many, 0) == ()
    inside = many.model_copy(update={"text": "a #Two b"})
    assert chosen_hashtags(inside, 2) == ("Two", "one")
    assert objections(many, most_hashtags=1, picture=True) == []


def test_links_are_what_x_would_underline() -> None:
    assert links("see https://a.com/b and hello.cat but not e.g. this") == ("https://a.com/b", "hello.cat")


def test_an_alt_text_is_not_the_post_again() -> None:
    said = found(alt_text="The new kettle is an F sharp; we do not get on.")
    assert said == ["alt_text repeats the post: say what is in the picture instead"]


THREAD = ThreadAnswer(
    parts=("Somebody hung a cowbell on the ferry.", "It is in tune.", "I have a suspect."),
    hashtags=("KvalsundBells",),
    scene=GOOD.scene,
    alt_text=GOOD.alt_text,
)


def in_thread(*parts: str, most: int = 1, **changes: object) -> list[str]:
    answer = THREAD.model_copy(update={"parts": parts or THREAD.parts, **changes})
    return objections(answer, most_hashtags=most, picture=True, parts=(2, 4))


def test_every_part_of_a_thread_keeps_the_rules() -> None:
    assert in_thread() == []
    assert in_thread("One.") == ["the thread has 1 parts: write 2 to 4"]
    assert in_thread("1.", "2.", "3.", "4.") == []
    assert in_thread("1.", "2.", "3.", "4.", "5.") == ["the thread has 5 parts: write 2 to 4"]
    assert objections(THREAD, most_hashtags=1, picture=True, parts=(4, 4)) == ["the thread has 3 parts: write 4"]
    assert "part 2 counts 281" in in_thread("One.", "a" * 281)[0]
    assert "part 2 begins with 'Tweet:'" in in_thread("One.", "Tweet: two.")[0]
    assert "part 3 holds the placeholder" in in_thread("One.", "Two.", "Three, [name].")[0]
    assert "part 1 holds 'hello.cat'" in in_thread("hello.cat it is.", "Two.")[0]
    assert "2 hashtags" in in_thread("One #a.", "Two #b.")[0]
    assert in_thread("One #a.", "Two #A.") == []
    for numbered in ("1/3 One.", "One. (1/3)", "(1／3) One.", "One. 1/n"):
        assert "part 1 is numbered" in in_thread(numbered, "Two.")[0], numbered
    assert in_thread("Half past 9, 3/4 full, said the captain.", "Two.") == []


def test_hashtags_of_a_thread_go_behind_its_first_part() -> None:
    assert composed(THREAD, ("Bells",)) == ("Somebody hung a cowbell on the ferry. #Bells", *THREAD.parts[1:])
    inside = THREAD.model_copy(update={"parts": ("One.", "Two #bells.")})
    assert chosen_hashtags(inside, 1) == ("bells",)
    assert composed(inside, ("bells",)) == ("One.", "Two #bells.")
