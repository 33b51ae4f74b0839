"""The API for new windows: which snapshot to begin from, and its bytes."""

from __future__ import annotations

import re

from litestar import Controller, Response, get
from litestar.params import FromPath

from jinpu_desk.domain.errors import Refused
from jinpu_desk.sync.wire_snapshot import PIECE, SnapshotAnswer

from .. import snapshots
from .bodies import answer
from .described import OCTETS, described
from .routes import Joined, Plain, Sender

_RANGE = re.compile(r"bytes=(\d{1,15})-(\d{0,15})")


class Beginnings(Controller):
    """Snapshots of the feed as finished stores."""

    tags = ["sync"]  # noqa: RUF012  (Litestar's own declaration)
    path = "/snapshot"

    @get(sync_to_thread=True, **described(SnapshotAnswer, 403, 404))
    def newest(self, request: Plain, centre: Joined, sender: Sender) -> Response[bytes]:
        """Name the snapshot a new window of this station begins from, signed, with its key."""
        return answer(request, snapshots.offer(centre, sender))

    @get("/{snapshot_id:str}", sync_to_thread=True, **described(None, 403, 404, 416))
    def piece(
        self, request: Plain, centre: Joined, sender: Sender, snapshot_id: FromPath[str]
    ) -> Response[bytes]:
        """Give a piece of it as ``Range: bytes=FROM-TO`` asks (RFC 9110 §14), at most 8 MiB at a time."""
        manifest, shelf = snapshots.held(centre, sender, snapshot_id)
        asked = _RANGE.fullmatch(request.headers.get("range", "bytes=0-").strip())
        start = int(asked[1]) if asked else manifest.size
        if asked is None or start >= manifest.size:
            raise Refused("blob.range", "range", size=manifest.size)
        length = min(int(asked[2]) - start + 1 if asked[2] else PIECE, PIECE)
        data = shelf.piece(manifest, start, length)
        span = f"bytes {start}-{start + len(data) - 1}/{manifest.size}"
        return Response(data, status_code=206, media_type=OCTETS, headers={"Content-Range": span})
