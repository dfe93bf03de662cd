"""What one run was asked for, as frozen values with their defaults. config.py reads them.

Functions are given the few values they need, never flags. Knows neither the environment nor argparse.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from files import Folders

VERSION = "0.1.0"
TOOL = f"Dramatis/{VERSION}"
REHEARSAL = "rehearsal"
REFERENCE_PAINTER = "flux2-klein-4b"  # paints where references are asked for and no painter is named
OPENAI_URL = "https://api.openai.com/v1"
DAYS = 15  # that a new calendar spans
MOST_CONCURRENT = 500  # what "auto" may reach; every call has a connection of its own


@dataclass(frozen=True, kw_only=True, slots=True)
class LLMSettings:
    """What the client of the language model needs to know."""

    base_url: str = ""
    text_model: str = "gpt-5-mini"
    vision_model: str = "gpt-5-mini"
    api_key: str = field(default="", repr=False)  # never printed, never written
    max_concurrent: int | None = 20  # None: as many as the endpoint bears
    timeout: float = 300.0
    price_input: float | None = None  # dollars per million tokens; None: as published, if it is
    price_output: float | None = None
    max_cost: float | None = None
    max_tokens: int | None = None
    fresh: bool = False  # ask again what the journal has

    @property
    def address(self) -> str:
        return self.base_url or OPENAI_URL

    @property
    def at_once(self) -> int:
        """The most calls that can ever be in flight."""
        return self.max_concurrent or MOST_CONCURRENT

    @property
    def is_openai(self) -> bool:
        host = urlsplit(self.address).hostname or ""
        return host == "openai.com" or host.endswith(".openai.com")


@dataclass(frozen=True, kw_only=True, slots=True)
class PictureSettings:
    """What the picture stage needs to know. Width and height 0, aspect 0, steps 0: the painter's own."""

    model: str = "z-image-turbo"
    width: int = 0
    height: int = 0
    aspect: float = 0.0  # width / height
    steps: int = 0
    precision: str = ""  # "": the painter's own
    attention: str = "auto"
    compile: Literal["auto", "on", "off"] = "auto"
    reference: str = ""  # "auto", "off"; "": auto, where the painter takes one anyway
    gpus: int | None = None  # None: all that are found
    ray: str = ""  # the address of a cluster whose GPUs paint; empty: this machine's
    best_of: int = 1  # attempts at each picture
    min_score: float = 0.0  # below it more attempts are made
    batch: int | None = None  # pictures in one call; None: found by itself
    form: str = "png"  # of the files
    tell_prompt: bool = True  # prompt and settings stand in the file
    certificate: str = ""  # who signs every picture: PEM files, none for no signature
    certificate_key: str = ""
    hub: str = ""
    rehearse: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """Everything one run was asked for, read once."""

    llm: LLMSettings = field(default_factory=LLMSettings)
    pictures: PictureSettings = field(default_factory=PictureSettings)
    folders: Folders = field(default_factory=lambda: Folders(Path()))
    rehearse: bool = False
    tweets: int | None = None
    days: int = DAYS
    start_date: date | None = None  # None: the day after the calendar is first planned
    quiet_hours: tuple[int, int] | None = None  # minutes of the day, from and to, when nothing is planned
    language: str = "en"
    brief: str = ""  # a world, a tone, wishes for the whole cast
    location: str = ""  # where the characters live
    seed: int = 0
    eager: bool = False
    allow_photo: bool = False
    export: tuple[str, ...] = ()  # the forms of card and of post that are written besides ours
    media_base_url: str = ""  # where others find what is in output_images/
    verbosity: int = 0
    trace: Path | None = None  # where the run's timeline is written
    origins: Mapping[str, str] = field(default_factory=dict)  # where each setting came from
    shown: Mapping[str, str] = field(default_factory=dict)  # what it is, for people; secrets are not told
