"""The API of the centre under ``/api/v1`` (CONTRACT, DESIGN §4). Handlers only join: auth, body, verb, answer."""

from __future__ import annotations

from typing import Annotated, Any

from anyio import to_thread
from litestar import Controller, Request, Response, get, head, patch, post
from litestar.connection import ASGIConnection
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, FromQuery, HeaderParameter, QueryParameter, RawBody
from litestar.response import Stream

from jinpu_desk.app.ports.sync import Cursor
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.ids import Digest
from jinpu_desk.store.centre import registry
from jinpu_desk.store.centre.registry import ReplicaRow
from jinpu_desk.sync.wire import (
    CHUNK,
    FEED_LIMIT,
    MSGPACK,
    OFFSET_HEADER,
    PUSH_BYTES,
    EnrolAnswer,
    EnrolRequest,
    FeedPage,
    GrantsAnswer,
    LeaseAnswer,
    LeaseRequest,
    LoginAnswer,
    LoginRequest,
    Push,
    PushAnswer,
    ReferenceIndex,
)

from .. import leasing, library, people
from ..centre import Centre
from ..events import feed
from ..events.receive import open_push, take_in
from ..files.blobs import checked_digest
from ..limits import caller_of
from ..outside import offices
from ..outside.pre_applications import owner_of
from .bodies import answer, read_body
from .described import described
from .file_answers import file_answer

_SMALL = 64 * 1024
Joined = NamedDependency[Centre]
Sender = NamedDependency[ReplicaRow]
Uploader = NamedDependency[str]
Plain = Request[Any, Any, Any]


def bearer(request: Plain) -> str:
    """Return the bearer token that came with the request, empty without one."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def sender(request: Plain, centre: Joined) -> ReplicaRow:
    """Return the replica whose bearer token came with the request.

    Raises:
        Refused: ``auth.token`` (401) without a known one, ``sync.replica-revoked`` (403).
    """
    row = _replica_of(centre, bearer(request))
    if row is None:
        raise Refused("auth.token", "authorization")
    request.scope["state"]["replica"] = row.id
    centre.contacts.note(row.id, centre.now())
    return row


async def known_sender(connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
    """Guard a handler of large bodies: nobody sends one before it is known who they are. Raises as ``sender``."""
    request = Request[Any, Any, Any](connection.scope)
    await to_thread.run_sync(sender, request, connection.app.state.centre)


def uploader(request: Plain, centre: Joined) -> str:
    """Return under which name the caller's unfinished files are kept apart: a window PC's or an office's.

    Raises Refused as ``sender`` and, for an office's token, ``office.revoked`` (403).
    """
    token = bearer(request)
    row = _replica_of(centre, token)
    if row is not None:
        request.scope["state"]["replica"] = row.id
        return row.id
    try:
        office = offices.admitted(centre.engine, token).name
    except Refused as refused:
        if refused.code != "office.token":
            raise
        raise Refused("auth.token", "authorization") from refused
    request.scope["state"]["office"] = office
    return owner_of(office)


def _replica_of(centre: Centre, token: str) -> ReplicaRow | None:
    if not token:
        return None
    with centre.engine.connect() as connection:
        row = registry.replica_by_token(connection, people.token_hash(token))
    if row is not None and row.revoked_at is not None:
        raise Refused("sync.replica-revoked", row.id)
    return row


def own_path(sender: ReplicaRow, replica_id: str) -> None:
    """Refuse ``sync.wrong-replica`` (403) when the path names another replica than the token."""
    if sender.id != replica_id:
        raise Refused("sync.wrong-replica", replica_id)


class Doors(Controller):
    """How a window PC and its clerks come in."""

    tags = ["enrolment"]  # noqa: RUF012  (Litestar's own declaration)

    @post(
        "/enrol",
        sync_to_thread=True,
        **described(EnrolAnswer, 403, 422, 429, asks=EnrolRequest, packed=True, open_to_all=True),
    )
    def enrol(self, request: Plain, centre: Joined, body: RawBody) -> Response[bytes]:
        """Take a window PC in with a one-time code."""
        asked = read_body(request, body, EnrolRequest, _SMALL)
        here = str(request.base_url).rstrip("/")
        return answer(request, people.enrol(centre, asked, caller_of(request.scope.get("client")), here))

    @post(
        "/login",
        sync_to_thread=True,
        **described(LoginAnswer, 401, 403, 422, 429, asks=LoginRequest, packed=True, open_to_all=True),
    )
    def login(self, request: Plain, centre: Joined, body: RawBody) -> Response[bytes]:
        """Log a clerk in and give the grant for offline work."""
        asked = read_body(request, body, LoginRequest, _SMALL)
        return answer(request, people.login(centre, asked, caller_of(request.scope.get("client"))))

    @get("/me/grants", sync_to_thread=True, **described(GrantsAnswer, 403))
    def grants(self, request: Plain, centre: Joined, sender: Sender) -> Response[bytes]:
        """Renew the grants of the clerks of this replica, and name the revoked ones."""
        return answer(request, people.grants(centre, sender))


class Events(Controller):
    """Push and pull."""

    tags = ["sync"]  # noqa: RUF012

    @post(
        "/replicas/{replica_id:str}/events",
        sync_to_thread=True,
        guards=[known_sender],
        request_max_body_size=PUSH_BYTES,
        **described(PushAnswer, 403, 409, 422, asks=Push, packed=True),
    )
    def push(
        self, request: Plain, centre: Joined, sender: Sender, replica_id: FromPath[str], body: RawBody
    ) -> Response[bytes]:
        """Store up to 500 contiguous events of a replica; each gets exactly one outcome."""
        own_path(sender, replica_id)
        push = read_body(request, body, Push, PUSH_BYTES)
        told = take_in(centre.ledger, sender.id, open_push(sender, push), push.signature, centre.now())
        request.scope["state"]["settled"] = told.outcomes
        return answer(request, told)

    @get("/feed", sync_to_thread=True, **described(FeedPage, 403, 409, 422))
    def feed(
        self,
        request: Plain,
        centre: Joined,
        sender: Sender,
        epoch: FromQuery[str],
        after: Annotated[int, QueryParameter(ge=0, lt=2**53)],
        hash_at_after: Annotated[str, QueryParameter(pattern="^[0-9a-f]{64}$")],
        limit: Annotated[int, QueryParameter(ge=1, le=FEED_LIMIT)] = FEED_LIMIT,
    ) -> Response[bytes]:
        """Serve what came after the caller's cursor, chained and signed."""
        cursor = Cursor(epoch=epoch, position=after, hash=Digest(hash_at_after))
        page = feed.page(centre.ledger, centre.key, cursor, limit, centre.now())
        centre.contacts.note(sender.id, centre.now(), page.checkpoint.position)
        return answer(request, page)


class Supplies(Controller):
    """What a desk needs to work on its own: numbers and reference data."""

    tags = ["supplies"]  # noqa: RUF012

    @post(
        "/replicas/{replica_id:str}/leases",
        sync_to_thread=True,
        **described(LeaseAnswer, 403, 422, asks=LeaseRequest, packed=True),
    )
    def lease(
        self, request: Plain, centre: Joined, sender: Sender, replica_id: FromPath[str], body: RawBody
    ) -> Response[bytes]:
        """Refill the number blocks of a replica."""
        own_path(sender, replica_id)
        asked = read_body(request, body, LeaseRequest, 1024 * 1024)
        return answer(request, leasing.refill(centre, sender, asked))

    @get("/reference", sync_to_thread=True, **described(ReferenceIndex, 403))
    def index(self, request: Plain, centre: Joined, sender: Sender) -> Response[bytes]:
        """Name the current version of each kind of reference data, signed."""
        return answer(request, library.index(centre.engine, centre.key, centre.row.training))

    @get(
        "/reference/{kind:str}/{digest:str}", sync_to_thread=True, **described(None, 403, 404, gives=MSGPACK)
    )
    def files(
        self, centre: Joined, sender: Sender, kind: FromPath[str], digest: FromPath[str]
    ) -> Response[bytes]:
        """Give the files of a version as a MessagePack map from name to bytes."""
        packed = library.files(centre.engine, centre.key, centre.row.training, kind, digest)
        return Response(packed, media_type=MSGPACK)


class Attachments(Controller):
    """Files by content, resumable. Offices send theirs here too, before they name them."""

    tags = ["attachments"]  # noqa: RUF012
    path = "/blobs/{sha256:str}"

    @head(sync_to_thread=True, **described(None, 403, 404, 422))
    def measure(self, centre: Joined, uploader: Uploader, sha256: FromPath[str]) -> Response[None]:
        """Say whether a blob is complete (200), and if not (404), how much of it has arrived."""
        size = centre.blobs.size(checked_digest(sha256))
        have = size if size is not None else centre.blobs.received(sha256, uploader)
        return Response(None, status_code=404 if size is None else 200, headers={OFFSET_HEADER: str(have)})

    @get(sync_to_thread=True, **described(None, 403, 404, 416, 422))
    def read(self, request: Plain, centre: Joined, sender: Sender, sha256: FromPath[str]) -> Stream:
        """Give a complete blob to a window PC, or the part of it that ``Range`` asks for."""
        return file_answer(request, centre.blobs, checked_digest(sha256))

    @patch(
        sync_to_thread=True,
        request_max_body_size=CHUNK,
        **described(dict[str, int], 403, 409, 422, octets=True),
    )
    def add(
        self,
        centre: Joined,
        uploader: Uploader,
        sha256: FromPath[str],
        offset: Annotated[int, HeaderParameter(name=OFFSET_HEADER, ge=0)],
        body: RawBody,
    ) -> dict[str, int]:
        """Append a piece at an offset; 409 with the expected offset when it does not fit."""
        return {"size": centre.blobs.add(checked_digest(sha256), uploader, offset, body)}

    @post(sync_to_thread=True, **described(dict[str, int], 403, 422))
    def finish(self, centre: Joined, uploader: Uploader, sha256: FromPath[str]) -> dict[str, int]:
        """Check the whole hash and keep the blob."""
        return {"size": centre.blobs.finish(checked_digest(sha256), uploader)}
