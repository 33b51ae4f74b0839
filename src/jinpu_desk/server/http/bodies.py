"""Reads what comes in and writes what goes out: JSON or MessagePack, zstd or plain, never more than allowed."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec
import zstandard
from litestar import Request, Response

from jinpu_desk.domain.errors import Refused
from jinpu_desk.sync.wire import JSON, MSGPACK

T = TypeVar("T")
_LEVEL = 1  # measured: higher levels cost the push its rate and save little on small structs


def read_body(request: Request[Any, Any, Any], raw: bytes, kind: type[T], limit: int) -> T:
    """Return the request's body as ``kind``, by its Content-Type and Content-Encoding.

    Raises:
        Refused: ``http.too-large`` past ``limit`` unpacked bytes, ``http.encoding``, ``http.body`` with the place.
    """
    raw = plain_body(request, raw, limit)
    packed = request.headers.get("content-type", JSON).partition(";")[0].strip() in {
        MSGPACK,
        "application/msgpack",
    }
    try:
        return (msgspec.msgpack.decode if packed else msgspec.json.decode)(raw, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refused("http.body", problem=str(error)) from error


def plain_body(request: Request[Any, Any, Any], raw: bytes, limit: int) -> bytes:
    """Return the request's body unpacked. Raises Refused ``http.too-large``, ``http.encoding``."""
    encoding = request.headers.get("content-encoding", "")
    if encoding == "zstd":
        raw = _unpacked(raw, limit)
    elif encoding not in {"", "identity"}:
        raise Refused("http.encoding", "content-encoding", encoding=encoding)
    if len(raw) > limit:
        raise Refused("http.too-large", limit=limit)
    return raw


def _unpacked(raw: bytes, limit: int) -> bytes:
    try:
        with zstandard.ZstdDecompressor().stream_reader(raw) as reader:
            unpacked = reader.read(limit + 1)
    except zstandard.ZstdError as error:
        raise Refused("http.encoding", "content-encoding", encoding="zstd") from error
    if len(unpacked) > limit:
        raise Refused("http.too-large", limit=limit)
    return unpacked


def answer(request: Request[Any, Any, Any], value: Any, status: int = 200) -> Response[bytes]:
    """Return ``value`` as the caller's Accept and Accept-Encoding ask: MessagePack or JSON, zstd or plain."""
    packed = MSGPACK in request.headers.get("accept", "")
    raw = msgspec.msgpack.encode(value) if packed else msgspec.json.encode(value)
    headers = {"Vary": "Accept, Accept-Encoding"}
    if "zstd" in request.headers.get("accept-encoding", ""):
        raw = zstandard.ZstdCompressor(level=_LEVEL).compress(raw)
        headers["Content-Encoding"] = "zstd"
    return Response(raw, status_code=status, media_type=MSGPACK if packed else JSON, headers=headers)
