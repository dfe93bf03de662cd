"""Is the language model in place? Asks the endpoint a few tiny questions, and looks for servers on this machine.

Each answer is a finding. Costs a few dozen tokens; nothing is kept in the journal. Knows no stages.
"""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Final

import httpx2
from pydantic import BaseModel, Field

from cli.check.finding import Finding, bad, good, note
from llm.answers import Unusable, parse, read_reply
from llm.endpoint import Profile, Turn, profile_for, request_body
from llm.faults import Verdict, fault_of
from llm.gate.headers import announcement
from settings import LLMSettings

MODEL, LOCAL = "language model", "local servers"
SECONDS = 60.0  # a model that must be loaded first takes its time
LOCAL_SECONDS = 1.0
MOST_NAMED = 5
# Where these servers listen unless they are told otherwise.
USUAL: Final = (("Ollama", 11434), ("LM Studio", 1234), ("vLLM", 8000), ("llama.cpp", 8080))
_RED = base64.b64decode(  # a red square of 64 px, as PNG
    "iVBORw0KGgoAAAANSUhEUgAAAEAAAABAAQMAAACQp+OdAAAAA1BMVEXcFB"
    "QXnfKmAAAAD0lEQVR42mNgGAWjgHwAAAJAAAHgTR1EAAAAAElFTkSuQmCC"
)


class Word(BaseModel):
    word: str = Field(description="The word that was asked for.")


@dataclass(frozen=True, slots=True)
class _ProbeReply:
    """What came back for one tiny question. `word` is empty when `wrong` says why there is none."""

    word: str
    wrong: str
    remedy: str
    profile: Profile
    seconds: float
    headers: httpx2.Headers


async def probe(settings: LLMSettings, transport: httpx2.AsyncBaseTransport | None = None) -> AsyncIterator[Finding]:
    """What is found at the configured endpoint, the most basic things first; what rests on a failed one is left out."""
    key = {"Authorization": f"Bearer {settings.api_key}"} if settings.api_key else {}
    async with httpx2.AsyncClient(transport=transport, headers=key, timeout=SECONDS) as http:
        try:
            listed = await http.get(f"{settings.address}/models")
        except httpx2.HTTPError as error:
            yield _unreachable(settings.address, error)
            return
        finding = _listed(listed, settings)
        if finding is not None:
            yield finding
            if finding.remedy and listed.status_code in {401, 403}:
                return
        text = await _ask(http, settings.address, settings.text_model, "Reply with the word: blue", ())
        if text.wrong:
            yield bad(MODEL, text.wrong, text.remedy)
            return
        yield good(MODEL, f"{settings.text_model} answered a tiny question in {text.seconds:.2f} s.")
        yield _form(text, settings.address)
        yield _pace(text.headers)
        question = "Which colour is this picture? One English word."
        seen = await _ask(http, settings.address, settings.vision_model, question, (("image/png", _RED),))
        yield _sight(seen, settings.vision_model)


async def find_local(address: str, usual: Sequence[tuple[str, int]] = USUAL) -> list[Finding]:
    """Servers of this machine other than the one at `address`, with the lines that would use them."""
    async with httpx2.AsyncClient(timeout=LOCAL_SECONDS) as http:
        found = await asyncio.gather(*(_local(http, name, port) for name, port in usual))
    others = [finding for url, finding in found if finding is not None and not _same(url, address)]
    ports = ", ".join(f"{name} {port}" for name, port in usual)
    return others or [note(LOCAL, f"No other server answers on this machine ({ports}).")]


async def _local(http: httpx2.AsyncClient, name: str, port: int) -> tuple[str, Finding | None]:
    url = f"http://localhost:{port}/v1"
    try:
        reply = await http.get(f"{url}/models")
        models = _names(reply) if reply.status_code < 300 else None
    except (httpx2.HTTPError, ValueError):
        models = None
    if models is None:
        return url, None
    if not models:
        return url, note(LOCAL, f"{name} answers at {url} and has no model.", "Load one there first.")
    line = f"To use it, put into .env: OPENAI_BASE_URL={url} and TEXT_MODEL={models[0]}"
    return url, note(LOCAL, f"{name} answers at {url} with {_named(models)}.", line)


def _unreachable(address: str, error: httpx2.HTTPError) -> Finding:
    reason = " ".join(str(error.__cause__ or error).split()) or type(error).__name__
    remedy = "Start the server, or check --api-base (OPENAI_BASE_URL) and the network."
    return bad(MODEL, f"{address} does not answer ({reason}).", remedy)


def _listed(reply: httpx2.Response, settings: LLMSettings) -> Finding | None:
    """What the list of models says; None when it says that all is well and nothing more."""
    if reply.status_code in {401, 403}:
        fault = fault_of(reply.status_code, reply.content, model=settings.text_model, address=settings.address)
        return bad(MODEL, fault.what, fault.remedy)
    try:
        models = _names(reply) if reply.status_code < 300 else []
    except ValueError:
        models = []
    if not models:
        return note(MODEL, f"{settings.address} answers, and lists no models ({reply.status_code}).")
    wanted = dict.fromkeys((settings.text_model, settings.vision_model))
    if missing := [model for model in wanted if model not in models]:
        what = f"{settings.address} does not list {' and '.join(missing)}; it has {_named(models)}."
        return note(MODEL, what, "Use --model and --vision-model, unless the next question is answered all the same.")
    return good(MODEL, f"{settings.address} lists {_named(models)}.")


async def _ask(
    http: httpx2.AsyncClient, address: str, model: str, question: str, pictures: tuple[tuple[str, bytes], ...]
) -> _ProbeReply:
    """One tiny question, with ever simpler ways to ask for the form of its answer."""
    profile: Profile = profile_for(address)
    while True:
        turns = (Turn("user", question, pictures),)
        body = request_body(profile, model=model, turns=turns, answer=Word, purpose="check")
        started = time.perf_counter()
        try:
            reply = await http.post(
                f"{address}/chat/completions", content=body, headers={"Content-Type": "application/json"}
            )
        except httpx2.HTTPError as error:
            finding = _unreachable(address, error)
            return _ProbeReply("", finding.what, finding.remedy, profile, 0.0, httpx2.Headers())
        seconds = time.perf_counter() - started
        if reply.status_code >= 300:
            fault = fault_of(reply.status_code, reply.content, model=model, address=address)
            simpler = profile.next_step(fault.what) if fault.verdict is Verdict.CHANGE else None
            if simpler is not None:
                profile = simpler
                continue
            remedy = fault.remedy or "Wait a little, and check again."
            return _ProbeReply("", fault.what, remedy, profile, seconds, reply.headers)
        word, wrong = _word(reply.content)
        remedy = "Use another model: --model, or --vision-model for pictures."
        return _ProbeReply(
            word, wrong and f"{model} gave no usable answer: {wrong}.", remedy, profile, seconds, reply.headers
        )


def _word(content: bytes) -> tuple[str, str]:
    """The word in the reply, or what is wrong with it."""
    try:
        reply = read_reply(content)
        if reply.problem is not None:
            raise reply.problem
        return parse(reply.text, Word).word, ""
    except Unusable as error:
        return "", error.sentence


def _form(asked: _ProbeReply, address: str) -> Finding:
    form = asked.profile.structured
    if form == "json_schema":
        return good(MODEL, f"{address} takes json_schema.")
    what = f"{address} does not take json_schema; the form of answers is asked for by {form}."
    return note(MODEL, what, "Every answer is checked all the same; more of them may have to be asked for twice.")


def _pace(headers: httpx2.Headers) -> Finding:
    said = announcement(headers)
    if said is None:
        return note(MODEL, "It announces no rate limit; the program finds out by itself.")
    return good(MODEL, f"It announces {said.rate:.3g} calls a second ({said.remaining:.0f} left now).")


def _sight(seen: _ProbeReply, model: str) -> Finding:
    remedy = "Name a model that looks at pictures: --vision-model (VISION_MODEL)."
    if seen.wrong:
        return bad(MODEL, f"{model} was shown a picture: {seen.wrong}", remedy)
    if "red" not in seen.word.casefold():
        return bad(MODEL, f"{model} does not see: it called a red picture {seen.word[:30]!r}.", remedy)
    return good(MODEL, f"{model} looks at pictures ({seen.seconds:.2f} s).")


def _names(reply: httpx2.Response) -> list[str]:
    """The ids in a list of models. ValueError when it is none."""
    value = reply.json()
    if not isinstance(value, dict) or not isinstance(value.get("data"), list):
        raise ValueError("no list of models")
    return [str(one["id"]) for one in value["data"] if isinstance(one, dict) and "id" in one]


def _named(models: Sequence[str]) -> str:
    more = f" and {len(models) - MOST_NAMED} more" if len(models) > MOST_NAMED else ""
    return f"{', '.join(models[:MOST_NAMED])}{more}"


def _same(url: str, address: str) -> bool:
    return url.replace("localhost", "127.0.0.1") == address.replace("localhost", "127.0.0.1")
