"""Where a setting comes from, and what a bad one says."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from config import child_environment, identity_kept_home, read_settings, require_endpoint
from errors import BadInput, Misconfigured
from settings import LLMSettings

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
    with identity_kept_home(LLMSettings(base_url="http://localhost:1/v1")):
        assert "OPENAI_ORG_ID" not in os.environ
    assert os.environ["OPENAI_ORG_ID"] == "org"
    with identity_kept_home(LLMSettings()):
        assert os.environ["OPENAI_ORG_ID"] == "org"


def test_flags_of_a_run_arrive() -> None:
    flags = {"tweets": 3, "start_date": date(2026, 12, 1), "single_gpu": True, "steps": 4, "size": "64x128", "seed": 5}
    settings = read_settings(flags, {}, NOWHERE)
    assert (settings.tweets, settings.start_date, settings.seed) == (3, date(2026, 12, 1), 5)
    pictures = settings.pictures
    assert (pictures.gpus, pictures.steps, pictures.width, pictures.height) == (1, 4, 64, 128)
