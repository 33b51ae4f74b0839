"""Every error answer: ``{"error": {code, message, where, params}}`` with the right status (CONTRACT)."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import msgspec
import psycopg
import sqlalchemy as sa
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.types import ExceptionHandlersMap

from jinpu_desk.app.sentences import Sentences
from jinpu_desk.domain.errors import DeskError, Refused, Unavailable
from jinpu_desk.store.centre.engine import damage
from jinpu_desk.sync.wire import ERROR_HEADER, JSON, ErrorAnswer, ErrorBody

_log = logging.getLogger(__name__)
_STATUS = {
    "auth.token": 401,
    "office.token": 401,
    "office.revoked": 403,
    "office.scope": 403,
    "outside.different": 409,
    "case.unknown": 404,
    "login.wrong": 401,
    "login.revoked": 403,
    "login.station": 403,
    "login.locked": 429,
    "enrol.code": 403,
    "enrol.too-many": 429,
    "progress.too-many": 429,
    "sync.replica-revoked": 403,
    "sync.wrong-replica": 403,
    "sync.fork": 409,
    "sync.gap": 409,
    "sync.rewound": 409,
    "blob.offset": 409,
    "blob.missing": 404,
    "blob.too-large": 413,
    "blob.quota": 413,
    "blob.range": 416,
    "reference.unknown": 404,
    "snapshot.none": 404,
    "snapshot.unknown": 404,
    "http.not-found": 404,
    "http.method": 405,
    "http.slow": 408,
    "http.too-large": 413,
    "http.too-many": 429,
    "http.head": 431,
    "metrics.closed": 403,
}
"""Statuses of codes; what the rules of a case forbid is 409, every other refusal 422, everything unavailable 503."""
_TOO_MANY = 429
_Asked = Request[Any, Any, Any]
_HTTP = {401: "auth.token", 404: "http.not-found", 405: "http.method", 413: "http.too-large"}


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """An error as it is answered."""

    code: str
    status: int
    body: bytes
    headers: dict[str, str]


def described_problem(sentences: Sentences, error: DeskError, status: int | None = None) -> Problem:
    """Return the answer to an error. One that names ``retry_after`` seconds says so in its header too."""
    text, _hint = sentences.of(error)
    params = {name: value for name, value in error.params.items() if isinstance(value, str | int | None)}
    body = ErrorAnswer(error=ErrorBody(code=error.code, message=text, where=error.where, params=params))
    headers = {ERROR_HEADER: error.code}
    if "retry_after" in params:
        headers["retry-after"] = str(params["retry_after"])
    return Problem(
        code=error.code,
        status=status or status_of(error),
        body=msgspec.json.encode(body),
        headers=headers,
    )


def handlers(sentences: Sentences) -> ExceptionHandlersMap:
    """Return what turns each exception into its answer."""

    def answer(
        request: _Asked, error: DeskError, status: int | None = None, more: Mapping[str, str] | None = None
    ) -> Response[bytes]:
        state = request.scope["state"]
        state["code"] = error.code
        problem = described_problem(sentences, error, status)
        if problem.status == _TOO_MANY:
            state["throttled"] = error.code
        headers = problem.headers | dict(more or {})
        return Response(problem.body, status_code=problem.status, media_type=JSON, headers=headers)

    def malformed(request: _Asked, error: ValidationException) -> Response[bytes]:
        return answer(request, Refused("http.body", problem=str(error.detail)))

    def http(request: _Asked, error: HTTPException) -> Response[bytes]:
        code = _HTTP.get(error.status_code, "http.body")
        refused = Refused(code, problem=str(error.detail))
        return answer(request, refused, error.status_code, error.headers)

    def database(
        request: _Asked, error: sa.exc.OperationalError | psycopg.OperationalError
    ) -> Response[bytes]:
        """The database is away, or its disk is full; also where a statement went past SQLAlchemy to the driver."""
        state = getattr(getattr(error, "orig", error), "sqlstate", None) or "connection"
        _log.error("database: %s", state, extra={"request": _request_id(request)})
        return answer(request, Unavailable("server.database"))

    def internal(request: _Asked, error: sa.exc.InternalError | psycopg.InternalError) -> Response[bytes]:
        """The database found its own files damaged; anything else it says of itself is a bug."""
        found = damage(error)
        if found is None:
            return bug(request, error)
        _log.error("database: %s", found, extra={"request": _request_id(request)})
        return answer(request, Unavailable("server.database-damaged", problem=found))

    def unstorable(request: _Asked, error: sa.exc.DataError) -> Response[bytes]:
        """A value no column holds, such as U+0000 in a name or a word for an id."""
        return answer(request, Refused("http.body", problem=type(error.orig).__name__))

    def bug(request: _Asked, error: Exception) -> Response[bytes]:
        request_id = _request_id(request)
        _log.error("unexpected", exc_info=error, extra={"request": request_id})
        return answer(request, Unavailable("server.bug", request=request_id), 500)

    return {
        DeskError: answer,
        ValidationException: malformed,
        HTTPException: http,
        sa.exc.OperationalError: database,
        psycopg.OperationalError: database,
        sa.exc.InternalError: internal,
        psycopg.InternalError: internal,
        sa.exc.TimeoutError: lambda request, _error: answer(request, Unavailable("server.busy")),
        sa.exc.DataError: unstorable,
        Exception: bug,
    }


def _request_id(request: _Asked) -> str:
    """Return the id under which this request is logged; its answer carries it in ``X-Request-Id``."""
    return str(request.scope["state"].get("request_id", ""))


def codes_of(status: int) -> list[str]:
    """Return the codes that are always answered with that status, in order."""
    return sorted(code for code, known in _STATUS.items() if known == status)


def status_of(error: DeskError) -> int:
    """Return the HTTP status of an error: 5xx only for what is worth trying again."""
    refused = 409 if error.code.startswith("case.") else 422
    return _STATUS.get(error.code, refused if isinstance(error, Refused) else 503)
