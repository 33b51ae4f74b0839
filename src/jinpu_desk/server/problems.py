"""Every error answer: ``{"error": {code, message, where, params}}`` with the right status (CONTRACT)."""

from __future__ import annotations

import logging
from typing import Any

import msgspec
import sqlalchemy as sa
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.types import ExceptionHandlersMap

from jinpu_desk.app.sentences import Sentences
from jinpu_desk.domain.errors import DeskError, Refused, Unavailable
from jinpu_desk.sync.wire import JSON, ErrorAnswer, ErrorBody

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
    "reference.unknown": 404,
    "snapshot.none": 404,
    "snapshot.unknown": 404,
    "blob.quota": 413,
    "blob.range": 416,
    "http.not-found": 404,
    "http.method": 405,
    "http.too-large": 413,
}
"""Statuses of codes; what the rules of a case forbid is 409, every other refusal 422, everything unavailable 503."""
_HTTP = {401: "auth.token", 404: "http.not-found", 405: "http.method", 413: "http.too-large"}


def handlers(sentences: Sentences) -> ExceptionHandlersMap:
    """Return what turns each exception into its answer."""

    def known(_request: Request[Any, Any, Any], error: DeskError) -> Response[bytes]:
        return _answer(sentences, error)

    def malformed(_request: Request[Any, Any, Any], error: ValidationException) -> Response[bytes]:
        return _answer(sentences, Refused("http.body", problem=str(error.detail)))

    def http(_request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
        code = _HTTP.get(error.status_code, "http.body")
        return _answer(sentences, Refused(code, problem=str(error.detail)), error.status_code)

    def database(_request: Request[Any, Any, Any], error: sa.exc.OperationalError) -> Response[bytes]:
        _log.error("database: %s", error.orig)
        return _answer(sentences, Unavailable("server.database"))

    def unstorable(_request: Request[Any, Any, Any], error: sa.exc.DataError) -> Response[bytes]:
        """A value no column holds, such as U+0000 in a name or a word for an id."""
        return _answer(sentences, Refused("http.body", problem=type(error.orig).__name__))

    def bug(_request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
        _log.error("unexpected", exc_info=error)
        return _answer(sentences, Unavailable("server.bug"), 500)

    return {
        DeskError: known,
        ValidationException: malformed,
        HTTPException: http,
        sa.exc.OperationalError: database,
        sa.exc.DataError: unstorable,
        Exception: bug,
    }


def status_of(error: DeskError) -> int:
    """Return the HTTP status of an error: 5xx only for what is worth trying again."""
    refused = 409 if error.code.startswith("case.") else 422
    return _STATUS.get(error.code, refused if isinstance(error, Refused) else 503)


def _answer(sentences: Sentences, error: DeskError, status: int | None = None) -> Response[bytes]:
    text, _hint = sentences.of(error)
    params = {name: value for name, value in error.params.items() if isinstance(value, str | int | None)}
    body = ErrorAnswer(error=ErrorBody(code=error.code, message=text, where=error.where, params=params))
    return Response(msgspec.json.encode(body), status_code=status or status_of(error), media_type=JSON)
