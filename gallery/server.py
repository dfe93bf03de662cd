"""The review over HTTP, for one browser on this machine: an address that nobody can guess, and three things to ask.

Knows requests and answers. What a page says and what a decision does is the desk's business.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from aiohttp import web

from errors import BadInput, DramatisError
from gallery.pages import page_of, policy
from tweets.schema import Decision

HOST = "127.0.0.1"
LARGEST_FORM = 2 * 1024 * 1024  # bytes; 50,000 characters of any script, and room
_HEADERS = {
    "Content-Security-Policy": policy(review=True) + "; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Desk(Protocol):
    """What the server asks. Each call may take its time: it runs in a thread. BadInput is shown to the person."""

    def wall(self) -> str:
        """The page of the cast."""

    def page(self, persona: str, key: str) -> str:
        """The page of one character; KeyError when there is none."""

    def decide(self, persona: str, key: str, post: str, part: str, decision: Decision) -> str:
        """Save a decision about the text or the picture of a post; the post as it now stands."""

    def edit(self, persona: str, key: str, post: str, parts: Sequence[str]) -> str:
        """Save another text, or the parts of a thread; the post as it now stands."""

    def count(self, text: str) -> int:
        """The length of a text as X counts it."""


@contextlib.asynccontextmanager
async def serving(desk: Desk, folders: Mapping[str, Path], port: int, finished: asyncio.Event) -> AsyncIterator[str]:
    """Serve the review and give its address. `folders`: files that pages show, by the first part of their address.

    BadInput when the port is taken. `finished` is set when the person says so.
    """
    token = secrets.token_urlsafe(24)
    site = web.Application(middlewares=[_guarded])
    _Review(desk, finished).register(site.router)
    for name, folder in folders.items():
        folder.mkdir(parents=True, exist_ok=True)
        site.router.add_static(f"/{name}", folder)
    application = web.Application(client_max_size=LARGEST_FORM)
    application.add_subapp(f"/{token}/", site)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=2)
    await runner.setup()
    try:
        await _bind(runner, port)
        yield f"http://{HOST}:{runner.addresses[0][1]}/{token}/index.html"
    finally:
        await runner.cleanup()


async def _bind(runner: web.AppRunner, port: int) -> None:
    try:
        await web.TCPSite(runner, HOST, port).start()
    except OSError as error:
        why = "is in use" if error.errno == errno.EADDRINUSE else "cannot be used"
        raise BadInput(
            f"Port {port} {why} on this machine.",
            "Close what uses it, or choose another with --port; 0 takes any.",
        ) from error


@web.middleware
async def _guarded(request: web.Request, handler: _Handler) -> web.StreamResponse:
    """Only this machine's own name is answered: a name of elsewhere that was bent to point here is not."""
    if request.host.rpartition(":")[0] not in {HOST, "localhost"}:
        raise web.HTTPForbidden(text="This address is for this machine alone.")
    try:
        response = await handler(request)
    except DramatisError as error:
        status = web.HTTPUnprocessableEntity if isinstance(error, BadInput) else web.HTTPInsufficientStorage
        response = web.Response(status=status.status_code, text=str(error))
    if not response.prepared:
        response.headers.update(_HEADERS)
    return response


class _Review:
    """The requests of a review."""

    def __init__(self, desk: Desk, finished: asyncio.Event) -> None:
        self._desk = desk
        self._finished = finished

    def register(self, router: web.UrlDispatcher) -> None:
        router.add_get("/index.html", self._wall)
        router.add_get("/characters/{persona}/{key}.html", self._page)
        router.add_post("/decide", self._decide)
        router.add_post("/edit", self._edit)
        router.add_post("/count", self._count)
        router.add_post("/finish", self._finish)

    async def _wall(self, _: web.Request) -> web.StreamResponse:
        return _html(await asyncio.to_thread(self._desk.wall))

    async def _page(self, request: web.Request) -> web.StreamResponse:
        persona, key = request.match_info["persona"], request.match_info["key"]
        try:
            page = await asyncio.to_thread(self._desk.page, persona, "" if key == "index" else key)
        except KeyError as error:
            raise web.HTTPNotFound(text="There is no such page.") from error
        return _html(page)

    async def _decide(self, request: web.Request) -> web.StreamResponse:
        form = await _form(request)
        act, part = form["act"], form["part"]
        if act not in {"keep", "redo", "drop"} or part not in {"text", "picture"}:
            raise BadInput("A text or a picture is kept, redone or dropped.")
        decision = Decision.model_validate({"act": act, "wish": form["wish"].strip() if act == "redo" else ""})
        place = form["persona"], form["batch"], form["post"]
        return _answer(request, form, await asyncio.to_thread(self._desk.decide, *place, part, decision))

    async def _edit(self, request: web.Request) -> web.StreamResponse:
        form = await _form(request)
        place = form["persona"], form["batch"], form["post"]
        parts = [part for part in (await request.post()).getall("text", []) if isinstance(part, str)]
        return _answer(request, form, await asyncio.to_thread(self._desk.edit, *place, parts))

    async def _count(self, request: web.Request) -> web.StreamResponse:
        form = await _form(request)
        return web.Response(text=str(await asyncio.to_thread(self._desk.count, form["text"])))

    async def _finish(self, _: web.Request) -> web.StreamResponse:
        asyncio.get_running_loop().call_later(0.1, self._finished.set)  # when this answer is on its way
        return web.Response(text="The review is closed. Every decision is saved; you can close this page.")


async def _form(request: web.Request) -> Mapping[str, str]:
    """The fields of a form, "" for one that is not there."""
    posted = await request.post()
    fields = ("persona", "batch", "post", "part", "act", "wish", "text")
    return {name: value if isinstance(value := posted.get(name), str) else "" for name in fields}


def _answer(request: web.Request, form: Mapping[str, str], part: str) -> web.StreamResponse:
    """The post alone to our script; a browser without it is sent back to the page."""
    if "X-Part" in request.headers:
        return _html(part)
    raise web.HTTPSeeOther(f"{page_of(form['persona'], form['batch'])}#{form['post']}")


def _html(page: str) -> web.Response:
    return web.Response(body=page.encode("utf-8", "replace"), content_type="text/html", charset="utf-8")
