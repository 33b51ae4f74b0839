"""The API for when something went wrong: a restored centre, a copied or restored window PC (DESIGN §3, §4)."""

from __future__ import annotations

from litestar import Controller, Response, post
from litestar.params import FromPath, RawBody

from jinpu_desk.domain.errors import Refused
from jinpu_desk.store.centre import registry
from jinpu_desk.sync.wire import PUSH_BYTES, Push, PushAnswer
from jinpu_desk.sync.wire_rare import (
    CommonAnswer,
    CommonRequest,
    IncarnationAnswer,
    IncarnationRequest,
    Readmission,
    ReadmissionAnswer,
)

from .. import epochs
from ..events import incarnations
from ..events.receive import open_push, take_in
from .bodies import answer, read_body
from .described import described
from .routes import Joined, Plain, Sender, known_sender, own_path

_SMALL = 64 * 1024
_MEDIUM = 4 * 1024 * 1024


class Aftermath(Controller):
    """How desks and a centre find together again."""

    tags = ["recovery"]  # noqa: RUF012

    @post(
        "/feed/common",
        sync_to_thread=True,
        request_max_body_size=_MEDIUM,
        **described(CommonAnswer, 403, 422, asks=CommonRequest, packed=True),
    )
    def common(self, request: Plain, centre: Joined, sender: Sender, body: RawBody) -> Response[bytes]:
        """Find the newest place of the feed that a desk and this centre both know."""
        asked = read_body(request, body, CommonRequest, _MEDIUM)
        if asked.trust:
            incarnations.introduce(centre, asked.trust, asked.trust_signature)
        return answer(request, epochs.common(centre, asked))

    @post(
        "/replicas/{replica_id:str}/offers",
        sync_to_thread=True,
        guards=[known_sender],
        request_max_body_size=PUSH_BYTES,
        **described(PushAnswer, 403, 409, 422, asks=Push, packed=True),
    )
    def offer(
        self, request: Plain, centre: Joined, sender: Sender, replica_id: FromPath[str], body: RawBody
    ) -> Response[bytes]:
        """Take another replica's events from whoever holds them; they bear its own signature."""
        push = read_body(request, body, Push, PUSH_BYTES)
        with centre.engine.connect() as connection:
            writer = registry.replica_by_id(connection, replica_id)
        if writer is None:
            raise Refused("sync.unknown-replica", replica_id)
        opened = open_push(writer, push)
        return answer(request, take_in(centre.ledger, writer.id, opened, push.signature, centre.now()))

    @post(
        "/replicas/{replica_id:str}/incarnations",
        sync_to_thread=True,
        **described(IncarnationAnswer, 403, 422, 503, asks=IncarnationRequest, packed=True),
    )
    def incarnate(
        self, request: Plain, centre: Joined, sender: Sender, replica_id: FromPath[str], body: RawBody
    ) -> Response[bytes]:
        """Let a window PC go on as a new replica."""
        own_path(sender, replica_id)
        asked = read_body(request, body, IncarnationRequest, _SMALL)
        url = str(request.base_url).rstrip("/")
        return answer(request, incarnations.incarnate(centre, sender, asked, url))

    @post(
        "/replicas/{replica_id:str}/readmission",
        sync_to_thread=True,
        request_max_body_size=_MEDIUM,
        **described(ReadmissionAnswer, 403, 422, 503, asks=Readmission, packed=True, open_to_all=True),
    )
    def readmit(
        self, request: Plain, centre: Joined, replica_id: FromPath[str], body: RawBody
    ) -> Response[bytes]:
        """Know a window PC again that was enrolled after the backup this centre was restored from."""
        asked = read_body(request, body, Readmission, _MEDIUM)
        return answer(request, incarnations.readmit(centre, replica_id, asked))
