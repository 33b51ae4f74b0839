"""Stands before every handler: how fast anybody may ask, how slowly a body may come, what is logged and measured.

It is plain ASGI around the application, because what no route takes (404, 405) must pass here as well.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import time
from collections.abc import Awaitable, Callable, MutableMapping
from math import ceil
from typing import Any

import msgspec
from litestar import Litestar
from litestar.datastructures import MutableScopeHeaders
from litestar.routes import HTTPRoute

from jinpu_desk.domain.errors import Refused
from jinpu_desk.sync.wire import JSON

from ..centre import Centre
from ..limits import caller_of
from ..progress import handlers as progress
from .logs import REQUESTS, Line
from .metrics import Meter
from .problems import described_problem
from .rates import Rates

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
HEAD_BYTES = 32 * 1024
"""Largest head of a request: all names and values of headers together."""
_HEADERS = 100
UNKNOWN = "unknown"
"""Stands for the template of a path that is no route's; the path itself is not for logs."""
HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
"""What every answer carries unless its handler says otherwise. No CORS header is among them: no other site may read us."""
_HTML = "text/html; charset=utf-8"
_PAGES = "/p/"
_YEAR = "max-age=31536000"


class Patience(msgspec.Struct, frozen=True):
    """How slowly a body may come: ``grace`` seconds at first, then at least ``rate`` bytes a second on the whole."""

    grace: float = 30.0
    rate: float = 2048.0


class FrontDoor:
    """The centre's application as the network sees it."""

    def __init__(
        self,
        inside: Litestar,
        centre: Centre,
        meter: Meter,
        *,
        patience: Patience | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Stand before ``inside``. ``clock`` gives seconds that never go back."""
        self.inside = inside
        self._inside: Any = inside
        self._centre = centre
        self._meter = meter
        self._patience = patience or Patience()
        self._clock = clock
        self._rates = Rates(centre.settings.limits, clock)
        self._has_head = _paths_with_head(inside)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or pass on what is none."""
        if scope["type"] != "http":
            await self._inside(scope, receive, send)
            return
        visit = _Visit(scope, receive, send, self._patience, self._clock)
        if scope["method"] == "HEAD" and not self._has_head.fullmatch(scope["path"]):
            visit.answer_head_of_get()
        try:
            refused = visit.too_large() or self._too_soon(visit)
            if refused:
                await visit.turn_away(self._centre, refused)
            else:
                await self._inside(visit.scope, visit.receive, visit.send)
        finally:
            self._note(visit)

    def _too_soon(self, visit: _Visit) -> Refused | None:
        wait = self._rates.wait(caller_of(visit.scope.get("client")), visit.token)
        if not wait:
            return None
        visit.state["throttled"] = "rate"
        return Refused("http.too-many", retry_after=max(ceil(wait), 1))

    def _note(self, visit: _Visit) -> None:
        state = visit.state
        if visit.token and ("replica" in state or "office" in state):
            self._rates.know(visit.token)
        seconds = self._clock() - visit.began
        route = str(visit.scope.get("path_template") or UNKNOWN)
        method = visit.method if visit.method in _METHODS else UNKNOWN
        self._meter.answered(
            route=route,
            method=method,
            status=visit.status,
            seconds=seconds,
            received=visit.received,
            sent=visit.sent,
        )
        self._meter.pushed(state.get("settled", ()))
        if "throttled" in state:
            self._meter.throttled(state["throttled"])
        self._meter.pool(self._centre.engine)
        line = Line(
            route=route,
            method=method,
            status=visit.status,
            ms=round(seconds * 1000, 1),
            request=visit.request_id,
            replica=state.get("replica", ""),
            office=state.get("office", ""),
            code=state.get("code", ""),
        )
        REQUESTS.info("request", extra={"line": line})


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"})


class _Visit:
    """One request on its way in and its answer on its way out."""

    def __init__(
        self, scope: Scope, receive: Receive, send: Send, patience: Patience, clock: Callable[[], float]
    ) -> None:
        self.method: str = scope["method"]
        self.request_id = secrets.token_hex(8)
        self.state: dict[str, Any] = {**scope.get("state", {}), "request_id": self.request_id}
        # A copy, because the server reads the method of its own scope when it frames the answer.
        self.scope: Scope = {**scope, "state": self.state}
        self.token = _bearer(scope["headers"])
        self.began = clock()
        self.status = 500
        self.received = 0
        self.sent = 0
        self._receive = receive
        self._send = send
        self._patience = patience
        self._whole = False
        self._gave_up = False
        self._silent = False
        self._secure = scope["scheme"] == "https"
        self._body_began = 0.0

    def answer_head_of_get(self) -> None:
        """Let the handler of GET answer, and keep its body back (RFC 9110 §9.3.2)."""
        self.scope["method"] = "GET"
        self._silent = True

    async def receive(self) -> Message:
        """Give the next piece of the body. Raises Refused ``http.slow`` when it comes too slowly."""
        if self._whole:
            return await self._receive()
        now = asyncio.get_running_loop().time()
        self._body_began = self._body_began or now
        due = self._body_began + self._patience.grace + self.received / self._patience.rate
        try:
            async with asyncio.timeout_at(due):
                message = await self._receive()
        except TimeoutError as error:
            self._whole = self._gave_up = True
            raise Refused("http.slow") from error
        if message["type"] == "http.request":
            self.received += len(message.get("body", b""))
            self._whole = not message.get("more_body", False)
        else:
            self._whole = True
        return message

    async def send(self, message: Message) -> None:
        """Pass a piece of the answer on, with the headers every answer carries."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self._add_headers(message)
        elif message["type"] == "http.response.body":
            if self._silent:
                message = {**message, "body": b""}
            self.sent += len(message.get("body", b""))
        await self._send(message)

    def _add_headers(self, message: Any) -> None:
        headers = MutableScopeHeaders.from_message(message)
        for name, value in HEADERS.items():
            headers.setdefault(name, value)
        headers["x-request-id"] = self.request_id
        if self._gave_up:
            headers["connection"] = "close"  # the rest of the body is not waited for
        if self._secure:
            headers["strict-transport-security"] = _YEAR
        allow = headers.get("allow", "")
        if "GET" in allow and "HEAD" not in allow:
            headers["allow"] = f"{allow}, HEAD"

    def too_large(self) -> Refused | None:
        """Return what to refuse the request with when its headers are more than any caller needs."""
        headers = self.scope["headers"]
        size = sum(len(name) + len(value) for name, value in headers)
        return Refused("http.head") if size > HEAD_BYTES or len(headers) > _HEADERS else None

    async def turn_away(self, centre: Centre, refused: Refused) -> None:
        """Answer without asking any handler: who comes too often gets a page, if a citizen, or else the error."""
        problem = described_problem(centre.sentences, refused)
        self.state["code"] = problem.code
        kind, body, headers = JSON, problem.body, problem.headers
        path, wait = str(self.scope["path"]), refused.params.get("retry_after")
        if isinstance(wait, int) and path.startswith(_PAGES):
            page = progress.turned_away(path.removeprefix(_PAGES), wait)
            kind, body, headers = _HTML, page.html.encode(), progress.HEADERS | page.headers
        named = headers | {"content-type": kind, "content-length": str(len(body))}
        raw = [(name.lower().encode(), value.encode()) for name, value in named.items()]
        await self.send({"type": "http.response.start", "status": problem.status, "headers": raw})
        await self.send({"type": "http.response.body", "body": body, "more_body": False})


def _bearer(headers: list[tuple[bytes, bytes]]) -> str:
    for name, value in headers:
        if name == b"authorization":
            scheme, _, token = value.decode("latin-1").partition(" ")
            return token.strip() if scheme.lower() == "bearer" else ""
    return ""


def _paths_with_head(inside: Litestar) -> re.Pattern[str]:
    """Return what matches the paths whose routes answer HEAD in a way of their own."""
    own = [r.path_format for r in inside.routes if isinstance(r, HTTPRoute) and "HEAD" in r.methods]
    return re.compile("|".join(re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(path)) for path in own) or "(?!)")
