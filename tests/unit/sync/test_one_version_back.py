"""What desks of the version before sent, and what its centre answered, is still read as it was meant (DESIGN §3).

``tests/golden/wire`` holds bytes written by version 1 of the wire. A change that makes one of these tests fail would
drop the queue of a desk that was not upgraded yet.
"""

from __future__ import annotations

from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from jinpu_desk.app.ports.sync import Cursor
from jinpu_desk.domain import fold
from jinpu_desk.domain.events import GENESIS
from jinpu_desk.server.events.receive import open_push
from jinpu_desk.store.centre.registry import ReplicaRow, StationRow
from jinpu_desk.sync.pull import checked
from jinpu_desk.sync.wire import FeedPage, LeaseRequest, LoginRequest, Push
from samples.cases import REPLICA

WIRE = Path(__file__).parents[2] / "golden" / "wire"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key().public_bytes_raw()
STATION = StationRow(code="HALL", number="00", name="演示大厅", authority="")
SENDER = ReplicaRow(
    id=REPLICA,
    station=STATION,
    series=1,
    window="演示",
    public_key=KEY,
    certificate=b"",
    enrolled_at=0,
    revoked_at=None,
    seq=0,
)


def test_a_queue_of_the_version_before_is_taken_in() -> None:
    push = msgspec.msgpack.decode((WIRE / "push.v1.msgpack").read_bytes(), type=Push)
    opened = open_push(SENDER, push)
    case = fold.fold(one.event for one in opened)
    assert case is not None
    assert [moment.type for moment in case.timeline] == ["case.received", "case.accepted", "case.noted"]


def test_a_centre_of_the_version_before_is_understood() -> None:
    page = msgspec.msgpack.decode((WIRE / "feed-page.v1.msgpack").read_bytes(), type=FeedPage)
    start = Cursor(epoch=page.checkpoint.epoch, position=0, hash=GENESIS)
    items, end = checked(page, start, KEY)
    assert (len(items), end.position, page.backup_horizon) == (3, 3, 0)
    assert {item.signature for item in items} == {None}


def test_requests_of_the_version_before_are_read() -> None:
    asked = msgspec.msgpack.decode((WIRE / "lease-request.v1.msgpack").read_bytes(), type=LeaseRequest)
    assert (list(asked.left.values()), asked.held) == ([7], [])
    login = msgspec.json.decode((WIRE / "login-request.v1.json").read_bytes(), type=LoginRequest)
    assert login.clerk == "demo"
