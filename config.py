"""Every setting: its name, its default, its meaning. The only reader of the environment and of `.env`.

A flag wins over the environment, the environment over `.env`, `.env` over the default. What is read here
is frozen; functions are given the few values they need. Knows nothing of stages.
"""

from __future__ import annotations

import contextlib
import math
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import values
from errors import BadInput, Misconfigured
from files import Folders, read_text
from settings import DAYS, REFERENCE_PAINTER, REHEARSAL, LLMSettings, PictureSettings, Settings

LONGEST_BRIEF = 10_000  # characters; every first question and every calendar carries all of it

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Setting(Generic[T]):
    """One setting that the environment or `.env` may give; `flag` is the command-line flag that wins over it."""

    name: str
    flag: str
    default: T
    parse: Callable[[str], T]
    meaning: str
    secret: bool = False


_LLM, _PICTURES = LLMSettings(), PictureSettings()  # one default each: there

# fmt: off
SETTINGS: tuple[Setting[Any], ...] = (
    Setting("OPENAI_API_KEY", "", "", values.text, "The key of the endpoint. A local server needs none.", secret=True),
    Setting("OPENAI_BASE_URL", "--api-base", "", values.url, "An OpenAI-compatible endpoint. Empty: OpenAI."),
    Setting("TEXT_MODEL", "--model", _LLM.text_model, values.text, "The language model for every stage."),
    Setting("VISION_MODEL", "--vision-model", "", values.text, "The model that looks at portraits. Empty: TEXT_MODEL."),
    Setting("MAX_CONCURRENT", "--max-concurrent", _LLM.max_concurrent, values.ceiling, "Most calls at once; or auto."),
    Setting("REQUEST_TIMEOUT", "", _LLM.timeout, values.seconds, "Seconds after which a call is asked again."),
    Setting("PRICE_INPUT", "", None, values.price, "Dollars per million tokens sent, if not published."),
    Setting("PRICE_OUTPUT", "", None, values.price, "Dollars per million tokens received."),
    Setting("IMAGE_MODEL", "--image-model", _PICTURES.model, values.text, "The painter: a name, a hub id or a folder."),
    Setting("IMAGE_SIZE", "--size", (0, 0), values.size, "Picture size, as 1024x1024. Empty: the painter's own."),
    Setting("IMAGE_FORMAT", "--image-format", _PICTURES.form, values.picture_form, "Of pictures: png, jpeg or webp."),
    Setting("C2PA_CERTIFICATE", "", "", values.text, "Signs every picture: PEM, your own certificate first."),
    Setting("C2PA_KEY", "", "", values.text, "The PEM file with its private key."),
    Setting("HF_ENDPOINT", "", "", values.url, "A mirror of the model hub to download painters from."),
    Setting("UI_LANGUAGE", "", "", values.spoken, "The language of messages: en or zh. Empty: that of the locale."),
)
# fmt: on


def read_settings(
    flags: Mapping[str, Any],
    environment: Mapping[str, str] | None = None,
    dotenv: Path = Path(".env"),
) -> Settings:
    """The settings of this run. `flags` are parsed command-line values by their Python names; None means not given.

    Raises Misconfigured for a value in the environment or `.env` that cannot be used, BadInput for a flag.
    """
    sources = (os.environ if environment is None else environment, _read_dotenv(dotenv))
    found: dict[str, Any] = {}
    origins: dict[str, str] = {}
    shown: dict[str, str] = {}
    for setting in SETTINGS:
        found[setting.name], origins[setting.name] = _value(setting, flags, sources, dotenv)
        shown[setting.name] = _shown(setting, found[setting.name])
    plain = ["tweets", "days", "start_date", "language", "location", "seed", "eager", "allow_photo"]
    plain += ["export", "media_base_url", "verbosity", "quiet_hours"]
    given = {name: flags[name] for name in plain if flags.get(name) is not None}
    given |= _posts_and_days(given, flags.get("posts_per_day"))
    return Settings(
        llm=_llm_settings(found, flags),
        pictures=_picture_settings(found, flags, origins),
        folders=Folders(Path(flags.get("out") or ".")),
        rehearse=bool(flags.get("rehearse")),
        brief=read_text(Path(flags["brief"]), "brief", LONGEST_BRIEF) if flags.get("brief") else "",
        trace=Path(flags["trace"]) if flags.get("trace") else None,
        origins=origins,
        shown=shown,
        **given,
    )


def spoken_language(environment: Mapping[str, str] | None = None, dotenv: Path = Path(".env")) -> str:
    """The language that people are told things in: "zh" or "en". UI_LANGUAGE decides, then the locale."""
    given = os.environ if environment is None else environment
    asked = given.get("UI_LANGUAGE", "").strip() or _read_dotenv(dotenv).get("UI_LANGUAGE", "").strip()
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    asked = asked or next((given[name] for name in names if given.get(name)), "")
    return "zh" if asked.casefold().startswith("zh") else "en"


def _posts_and_days(given: Mapping[str, Any], posts_per_day: float | None) -> dict[str, int]:
    """What `--posts-per-day` makes of the days that were given, or of the posts."""
    if posts_per_day is None:
        return {}
    if "tweets" in given:
        return {"days": math.ceil(given["tweets"] / posts_per_day)}
    return {"tweets": max(1, round(given.get("days", DAYS) * posts_per_day))}


def _llm_settings(found: Mapping[str, Any], flags: Mapping[str, Any]) -> LLMSettings:
    rehearse = bool(flags.get("rehearse"))
    text_model = REHEARSAL if rehearse else found["TEXT_MODEL"]
    return LLMSettings(
        base_url="http://rehearsal.invalid/v1" if rehearse else found["OPENAI_BASE_URL"],
        text_model=text_model,
        vision_model=REHEARSAL if rehearse else found["VISION_MODEL"] or text_model,
        api_key="" if rehearse else found["OPENAI_API_KEY"],
        max_concurrent=found["MAX_CONCURRENT"],
        timeout=found["REQUEST_TIMEOUT"],
        price_input=found["PRICE_INPUT"],
        price_output=found["PRICE_OUTPUT"],
        max_cost=flags.get("max_cost"),
        max_tokens=flags.get("max_tokens"),
        fresh=bool(flags.get("fresh")),
    )


def _picture_settings(
    found: Mapping[str, Any], flags: Mapping[str, Any], origins: Mapping[str, str]
) -> PictureSettings:
    rehearse = bool(flags.get("rehearse"))
    width, height = found["IMAGE_SIZE"]
    reference = flags.get("reference") or ""
    unnamed = origins["IMAGE_MODEL"] == "default"
    model = REFERENCE_PAINTER if reference == "auto" and unnamed else found["IMAGE_MODEL"]
    if bool(found["C2PA_CERTIFICATE"]) != bool(found["C2PA_KEY"]):
        raise Misconfigured(
            "Of C2PA_CERTIFICATE and C2PA_KEY only one is set.", "Set both to sign pictures, or neither."
        )
    return PictureSettings(
        model=REHEARSAL if rehearse else model,
        width=width,
        height=height,
        aspect=flags.get("aspect") or 0.0,
        steps=flags.get("steps") or 0,
        precision=flags.get("precision") or "",
        attention=flags.get("attention") or "auto",
        compile=flags.get("compile") or "auto",
        reference=reference,
        gpus=1 if flags.get("single_gpu") else flags.get("num_gpus"),
        ray=flags.get("ray") or "",
        best_of=flags.get("best_of") or 1,
        min_score=flags.get("min_score") or 0.0,
        batch=flags.get("batch"),
        form=found["IMAGE_FORMAT"],
        tell_prompt=not flags.get("no_embed_prompt"),
        certificate=_absolute(found["C2PA_CERTIFICATE"]),
        certificate_key=_absolute(found["C2PA_KEY"]),
        hub=found["HF_ENDPOINT"],
        rehearse=rehearse,
    )


def _absolute(path: str) -> str:
    """Workers run elsewhere."""
    return str(Path(path).expanduser().absolute()) if path else ""


def require_endpoint(settings: LLMSettings, *, rehearse: bool) -> None:
    """Raise Misconfigured, naming the three ways on, when there is neither a key nor an address."""
    if rehearse or settings.api_key or settings.base_url:
        return
    raise Misconfigured(
        "No language model is configured: there is no OPENAI_API_KEY and no OPENAI_BASE_URL.",
        "Three ways on: put OPENAI_API_KEY=... into .env; or name a local server, such as "
        "--api-base http://localhost:11434/v1 for Ollama or http://localhost:8000/v1 for vLLM; "
        "or try everything without a model: --rehearse.",
    )


@contextlib.contextmanager
def without_openai_identity(settings: LLMSettings) -> Iterator[None]:
    """Hide OpenAI's organisation, project and custom headers while a client for another address is built.

    The client reads these three variables by itself and would send them to whatever address it is given.
    """
    hidden: dict[str, str] = {}
    if not settings.is_openai:
        for name in ("OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "OPENAI_CUSTOM_HEADERS"):
            if name in os.environ:
                hidden[name] = os.environ.pop(name)
    try:
        yield
    finally:
        os.environ.update(hidden)


def visible_gpus() -> str | None:
    """CUDA_VISIBLE_DEVICES as the user set it, None when unset."""
    return os.environ.get("CUDA_VISIBLE_DEVICES")


def disable_ray_usage_stats() -> None:
    """Ray reports how it is used to its makers unless it is told not to, before it starts."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")


def child_environment(extra: Mapping[str, str]) -> dict[str, str]:
    """The environment of a worker process: ours without anything secret, and `extra`."""
    secret = {setting.name for setting in SETTINGS if setting.secret} | {
        "OPENAI_ADMIN_KEY",
        "OPENAI_WEBHOOK_SECRET",
    }
    return {name: value for name, value in os.environ.items() if name not in secret} | dict(extra)


def env_example() -> str:
    """The text of `.env.example`, made from the settings themselves."""
    lines = ["# Copy this file to .env and change what you need. Flags win over the environment, the",
             "# environment wins over this file.", ""]  # fmt: skip
    for setting in SETTINGS:
        default = "" if setting.default in {(0, 0), None} else setting.default
        shown = f"{default:g}" if isinstance(default, float) else default
        flag = f" Flag: {setting.flag}" if setting.flag else ""
        lines += [f"# {setting.meaning}{flag}", f"{setting.name}={shown}", ""]
    return "\n".join(lines)


def _shown(setting: Setting[Any], value: Any) -> str:
    """A value for people. Of a secret nothing is told but that it is there."""
    if setting.secret:
        return f"set, {len(value)} characters" if value else ""
    if setting.parse is values.size:
        return f"{value[0]}x{value[1]}" if any(value) else ""
    if setting.parse is values.ceiling and value is None:
        return "auto"
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _value(
    setting: Setting[Any], flags: Mapping[str, Any], sources: tuple[Mapping[str, str], ...], dotenv: Path
) -> tuple[Any, str]:
    flag = flags.get(setting.flag.lstrip("-").replace("-", "_")) if setting.flag else None
    if flag is not None:
        try:
            return setting.parse(str(flag)), setting.flag
        except ValueError as error:
            raise BadInput(f"{setting.flag} {flag}: {error}.") from error
    for source, origin in zip(sources, ("the environment", str(dotenv)), strict=True):
        text = source.get(setting.name, "").strip()
        if text:
            try:
                return setting.parse(text), origin
            except ValueError as error:
                shown = "" if setting.secret else f"={text}"
                raise Misconfigured(f"{setting.name}{shown} in {origin} cannot be used: {error}.") from error
    return setting.default, "default"


def _read_dotenv(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    from dotenv import dotenv_values

    try:
        return {name: value for name, value in dotenv_values(path, encoding="utf-8-sig").items() if value}
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(f"{path} cannot be read: {error}.", "It must be UTF-8 text.") from error
