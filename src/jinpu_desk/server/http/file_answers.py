"""A file as an answer: streamed, and from where an earlier download broke off (RFC 9110 §14)."""

from __future__ import annotations

import re
from typing import Any

from litestar import Request
from litestar.response import Stream

from jinpu_desk.domain.errors import Refused, Unavailable

from ..files.blobs import BlobStore
from .described import OCTETS

_RANGE = re.compile(r"bytes=(\d{1,15})-(\d{0,15})")


def file_answer(request: Request[Any, Any, Any], blobs: BlobStore, sha256: str) -> Stream:
    """Return a complete blob, or with ``Range: bytes=FROM-`` or ``FROM-TO`` that part of it; any other range is
    passed over, as the RFC allows.

    Raises:
        Unavailable: ``blob.missing`` when it is not here.
        Refused: ``blob.range`` when the range begins past its end.
    """
    size = blobs.size(sha256)
    if size is None:
        raise Unavailable("blob.missing", sha256)
    asked = _RANGE.fullmatch(request.headers.get("range", "").strip())
    start, end = (int(asked[1]), min(int(asked[2] or size - 1), size - 1) + 1) if asked else (0, size)
    if asked and start >= end:
        raise Refused("blob.range", "range", size=size)
    headers = {"Accept-Ranges": "bytes", "Content-Length": str(end - start), "ETag": f'"{sha256}"'}
    if asked:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    pieces = blobs.read(sha256, start, end)
    return Stream(pieces, status_code=206 if asked else 200, headers=headers, media_type=OCTETS)
