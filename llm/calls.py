"""One reply from the endpoint: the question in HTTP, patience with passing faults, the profile that is learned.

The SDK under it has no retries of its own. A call that must wait has given its place back before (llm/gated_client.py).
Knows neither the journal nor what the answer should look like.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlsplit

import httpx2
import openai
from pydantic import BaseModel

from config import without_openai_identity
from errors import ItemFailed, Misconfigured, StopRun, Unreachable
from llm.answers import Reply, read_reply
from llm.endpoint import Profile, Turn, request_body
from llm.faults import Fault, Verdict, fault_of
from llm.gate.gate import Gate
from llm.gated_client import CallContext, GatedClient, Outdated, Seen, context
from llm.memory import Memory
from llm.usage import Usage
from settings import LLMSettings

PASSING_FAULTS = 6  # a call that meets this many in a row gives up its item
LONGEST_PAUSE = 20.0  # seconds between two tries after a passing fault


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """What to send. `room`: tokens the answer may take, 0 for the endpoint's own limit."""

    model: str
    turns: tuple[Turn, ...]
    answer: type[BaseModel]
    purpose: str
    item: str = ""
    rank: tuple[int, ...] = ()
    room: int = 0


class Calls:
    """The way to one endpoint."""

    def __init__(
        self,
        settings: LLMSettings,
        usage: Usage,
        memory: Memory,
        *,
        transport: httpx2.AsyncBaseTransport | None = None,
        say: Callable[[str], None] = lambda _: None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        gate: Gate | None = None,
        seen: Seen | None = None,
    ) -> None:
        self.address = settings.address
        self._timeout = settings.timeout
        self._memory = memory
        self._model = settings.text_model
        self._say = say
        self._sleep = sleep
        self._profiles: dict[str, Profile] = {}
        learned = memory.learned(self.address, settings.text_model)
        self.gate = gate or Gate(settings.max_concurrent, learned=learned, say=say)
        self._stopped: StopRun | None = None
        self._last_success = float("-inf")
        with without_openai_identity(settings):
            self._http = openai.AsyncOpenAI(
                api_key=settings.api_key or "none",
                base_url=settings.address,
                max_retries=0,
                timeout=None,
                http_client=GatedClient(self.gate, settings.timeout, usage, seen).client(settings.at_once, transport),
            )

    @property
    def provider(self) -> str:
        """The host that answers, for labels."""
        return urlsplit(self.address).hostname or self.address

    async def close(self) -> None:
        """Close the connections, and remember what was found out about the endpoint."""
        await self._http.close()
        if self._last_success > float("-inf"):
            for model, profile in self._profiles.items():
                self._memory.keep(self.address, model, profile=profile)
            self._memory.keep(self.address, self._model, learned=self.gate.learned())
            self._memory.save()

    def stop(self, reason: StopRun) -> None:
        """Let calls in flight finish; every other one, waiting or to come, raises `reason`."""
        if self._stopped is None:
            self._stopped = reason
            self.gate.close(reason)

    async def reply(self, call: Call) -> Reply:
        """The endpoint's reply, asked for again after passing faults.

        Raises llm.answers.Unusable when what came is no completion, ItemFailed when this call is hopeless,
        StopRun when all are.
        """
        faults = 0
        mine = CallContext(call.rank, call.purpose, call.item)
        context.set(mine)
        since = time.monotonic()
        while True:
            profile = self._profile(call.model)
            mine.is_current = partial(self._is_current, call.model, profile)
            status: int | None = None
            content, lost = b"", ""
            try:
                status, content = await self._send(call, profile)
            except Outdated:
                continue
            except openai.APIConnectionError as error:
                lost = str(error.__cause__ or error) or type(error).__name__
            except TimeoutError:
                lost = f"no answer within {self._timeout:g} seconds"
            if status is not None and status < 300:
                self._last_success = time.monotonic()
                return read_reply(content)
            fault = self._fault(call.model, status, content, lost)
            if fault.verdict is Verdict.WAIT:
                continue
            faults += 1
            await self._endure(fault, faults, call.model, profile, since)

    async def _send(self, call: Call, profile: Profile) -> tuple[int, bytes]:
        """Status and body of one HTTP exchange. Raises TimeoutError at the deadline."""
        body = request_body(
            profile, model=call.model, turns=call.turns, answer=call.answer, purpose=call.purpose, room=call.room
        )
        try:
            response = await self._http.post(
                "/chat/completions",
                content=body,
                cast_to=httpx2.Response,
                options={"headers": {"Content-Type": "application/json"}},
            )
        except openai.APIStatusError as error:
            response = error.response
        return response.status_code, response.content

    def _profile(self, model: str) -> Profile:
        if model not in self._profiles:
            self._profiles[model] = self._memory.profile(self.address, model)
        return self._profiles[model]

    def _is_current(self, model: str, profile: Profile) -> bool:
        return self._profiles[model] == profile

    def _fault(self, model: str, status: int | None, content: bytes, lost: str) -> Fault:
        if status is None:
            what = f"{self.address} does not answer ({lost})."
            return Fault(Verdict.AGAIN, what, "Check --api-base and the network.")
        return fault_of(status, content, model=model, address=self.address)

    async def _endure(self, fault: Fault, faults: int, model: str, profile: Profile, since: float) -> None:
        """Pause or change the profile before the call is sent again, or raise when that is of no use."""
        if fault.verdict is Verdict.STOP:
            raise self._halt(Misconfigured(fault.what, fault.remedy))
        if fault.verdict is Verdict.CHANGE and faults < PASSING_FAULTS:
            changed = profile.next_step(fault.what)
            if changed is not None:
                if self._profiles[model] == profile:
                    self._profiles[model] = changed
                    self._say(f"{self.provider} refuses a parameter; asking with {changed.structured} from now on.")
                return
        if fault.verdict is not Verdict.AGAIN:
            raise ItemFailed(fault.what, fault.remedy)
        if faults >= PASSING_FAULTS:
            if self._last_success < since:
                raise self._halt(Unreachable(fault.what, fault.remedy or "Run the same command again later."))
            raise ItemFailed(fault.what, "Run the same command again later.")
        await self._sleep(min(LONGEST_PAUSE, 0.5 * 2 ** (faults - 1)) * random.uniform(0.75, 1.0))

    def _halt(self, reason: StopRun) -> StopRun:
        self.stop(reason)
        return reason
