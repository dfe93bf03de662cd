"""Where a setting comes from, and what a bad one says."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

import values
from config import child_environment, read_settings, require_endpoint, without_openai_identity
from errors import BadInput, Misconfigured
from settings import REFERENCE_PAINTER, LLMSettings

NOWHERE = Path("/nonexistent/.env")


def test_flags_win_over_the_environment_and_the_environment_over_dotenv(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text("MAX_CONCURRENT=5\nTEXT_MODEL=from-file\nOPENAI_API_KEY=k\n", encoding="utf-8")
    environment = {"MAX_CONCURRENT": "7", "VISION_MODEL": "eyes"}
    settings = read_settings({"max_concurrent": 9}, environment, dotenv)
    assert settings.llm.max_concurrent == 9
    assert settings.llm.text_model == "from-file"
    assert settings.llm.vision_model == "eyes"
    assert read_settings({}, environment, dotenv).llm.max_concurrent == 7
    assert read_settings({}, {}, dotenv).llm.max_concurrent == 5
    assert settings.origins["MAX_CONCURRENT"] == "--max-concurrent"
    assert settings.origins["TEXT_MODEL"] == str(dotenv)


def test_the_defaults_are_those_of_the_guide() -> None:
    settings = read_settings({}, {}, NOWHERE)
    assert settings.llm.max_concurrent == 20
    assert settings.days == 15
    assert settings.language == "en"
    assert settings.pictures.model == "z-image-turbo"
    assert settings.llm.vision_model == settings.llm.text_model


def test_auto_leaves_the_ceiling_to_the_endpoint() -> None:
    settings = read_settings({"max_concurrent": "auto"}, {}, NOWHERE)
    assert settings.llm.max_concurrent is None
    assert settings.llm.at_once == 500


def test_an_empty_value_means_the_default() -> None:
    assert read_settings({}, {"MAX_CONCURRENT": " ", "OPENAI_BASE_URL": ""}, NOWHERE).llm.max_concurrent == 20


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MAX_CONCURRENT", "0"),
        ("MAX_CONCURRENT", "many"),
        ("OPENAI_BASE_URL", "localhost:11434"),
        ("IMAGE_SIZE", "100x100"),
    ],
)
def test_a_bad_value_in_the_environment_names_itself(name: str, value: str) -> None:
    with pytest.raises(Misconfigured, match=f"{name}={value} in the environment"):
        read_settings({}, {name: value}, NOWHERE)


def test_a_bad_flag_names_itself() -> None:
    with pytest.raises(BadInput, match="--size 10x10: both sides must be multiples of 16"):
        read_settings({"size": "10x10"}, {}, NOWHERE)


def test_a_key_is_neither_shown_nor_handed_to_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = read_settings({}, {"OPENAI_API_KEY": "sk-secret"}, NOWHERE)
    assert "sk-secret" not in repr(settings)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    assert "OPENAI_API_KEY" not in child_environment({})


def test_a_rehearsal_ignores_keys_and_addresses() -> None:
    settings = read_settings(
        {"rehearse": True}, {"OPENAI_API_KEY": "k", "OPENAI_BASE_URL": "http://x.test/v1"}, NOWHERE
    )
    assert settings.llm.api_key == ""
    assert settings.llm.text_model == settings.llm.vision_model == settings.pictures.model == "rehearsal"


def test_no_key_and_no_address_names_three_ways_on() -> None:
    with pytest.raises(Misconfigured) as caught:
        require_endpoint(LLMSettings(), rehearse=False)
    for way in ("OPENAI_API_KEY", "Ollama", "vLLM", "--rehearse"):
        assert way in caught.value.remedy
    assert caught.value.exit_code == 4
    require_endpoint(LLMSettings(base_url="http://localhost:1/v1"), rehearse=False)
    require_endpoint(LLMSettings(), rehearse=True)


def test_openai_identity_stays_home(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    monkeypatch.setenv("OPENAI_ORG_ID", "org")
    with without_openai_identity(LLMSettings(base_url="http://localhost:1/v1")):
        assert "OPENAI_ORG_ID" not in os.environ
    assert os.environ["OPENAI_ORG_ID"] == "org"
    with without_openai_identity(LLMSettings()):
        assert os.environ["OPENAI_ORG_ID"] == "org"


def test_flags_of_a_run_arrive() -> None:
    flags = {"tweets": 3, "start_date": date(2026, 12, 1), "single_gpu": True, "steps": 4, "size": "64x128", "seed": 5}
    settings = read_settings(flags, {}, NOWHERE)
    assert (settings.tweets, settings.start_date, settings.seed) == (3, date(2026, 12, 1), 5)
    pictures = settings.pictures
    assert (pictures.gpus, pictures.steps, pictures.width, pictures.height) == (1, 4, 64, 128)


@pytest.mark.parametrize(
    ("flags", "tweets", "days"),
    [
        ({"posts_per_day": 3.0}, 45, 15),
        ({"posts_per_day": 0.5, "days": 31}, 16, 31),
        ({"posts_per_day": 0.01}, 1, 15),
        ({"posts_per_day": 3.0, "tweets": 10}, 10, 4),
        ({"tweets": 10}, 10, 15),
        ({}, None, 15),
    ],
)
def test_posts_days_and_posts_per_day_follow_from_each_other(
    flags: dict[str, Any], tweets: int | None, days: int
) -> None:
    settings = read_settings(flags, {}, NOWHERE)
    assert (settings.tweets, settings.days) == (tweets, days)


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("23-7", (23 * 60, 7 * 60)),
        ("22:30-06:00", (22 * 60 + 30, 6 * 60)),
        ("0-24:00 ", None),
        ("24-6", (0, 6 * 60)),
        ("20 - 24", (20 * 60, 24 * 60)),
        ("7-7", None),
        ("25-7", None),
        ("7-9:60", None),
        ("24:30-6", None),
        ("night", None),
    ],
)
def test_quiet_hours_are_two_times_that_leave_room(text: str, minutes: tuple[int, int] | None) -> None:
    if minutes is None:
        with pytest.raises(ValueError, match=r"times|no time"):
            values.quiet_hours(text)
    else:
        assert values.quiet_hours(text) == minutes


@pytest.mark.parametrize("text", ["0", "-1", "1001", "nan", "often"])
def test_a_rate_is_a_number_of_posts_that_a_day_can_hold(text: str) -> None:
    with pytest.raises(ValueError, match="number"):
        values.rate(text)
    assert values.rate("0.5") == 0.5


def test_references_bring_their_own_painter_unless_one_is_named() -> None:
    assert read_settings({}, {}, NOWHERE).pictures.model == "z-image-turbo"
    assert read_settings({"reference": "auto"}, {}, NOWHERE).pictures.model == REFERENCE_PAINTER
    assert read_settings({"reference": "off"}, {}, NOWHERE).pictures.model == "z-image-turbo"
    named = {"reference": "auto", "image_model": "sdxl"}
    assert read_settings(named, {}, NOWHERE).pictures.model == "sdxl"
    assert read_settings({"reference": "auto"}, {"IMAGE_MODEL": "sdxl"}, NOWHERE).pictures.model == "sdxl"
