"""A stick that any enrolled desk hands on: ``POST /api/v1/bundles`` (DESIGN §4)."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import Iterator
from typing import BinaryIO

import msgspec
from litestar import Controller, post
from litestar.response import Stream

from jinpu_desk.sync.bundle import PART_LIMIT
from jinpu_desk.sync.wire import IMPORTED_HEADER

from ..events.bundles import receive_bundle
from .described import OCTETS, described
from .routes import Joined, Plain, Sender, known_sender

_PIECE = 1024 * 1024


class Bundles(Controller):
    """Another desk's bundle; the answer is for that desk and cannot be read by the one that carries it."""

    tags = ["sync"]  # noqa: RUF012

    @post(
        "/bundles",
        guards=[known_sender],
        request_max_body_size=PART_LIMIT,
        **described(None, 403, 409, 422, octets=True),
    )
    async def carry(self, request: Plain, centre: Joined, sender: Sender) -> Stream:
        """Take a bundle in and give the sealed answer; a header says in JSON what it brought."""
        with contextlib.ExitStack() as until_answered:
            out = until_answered.enter_context(tempfile.TemporaryFile())
            with tempfile.TemporaryFile() as file:
                async for piece in request.stream():
                    await asyncio.to_thread(file.write, piece)
                file.seek(0)
                imported = await asyncio.to_thread(receive_bundle, centre, file, out)
            until_answered.pop_all()  # from here on the answer's pieces close it
        size = out.tell()
        out.seek(0)
        said = msgspec.json.encode(imported).decode()
        headers = {"Content-Length": str(size), IMPORTED_HEADER: said}
        return Stream(lambda: _pieces(out), media_type=OCTETS, headers=headers)


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while piece := file.read(_PIECE):
            yield piece
