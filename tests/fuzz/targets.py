"""What is fuzzed: for each decoder sound inputs to begin with, and what it must do with anything else.

A decoder returns or raises Refused or Unavailable; whatever else it raises is a fault.
"""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Callable
from functools import cache

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from jinpu_desk.app.intake.file import decode_intake
from jinpu_desk.app.ports.sync import Cursor
from jinpu_desk.catalogue.load import read
from jinpu_desk.documents import verify
from jinpu_desk.documents.statement import check_statement
from jinpu_desk.domain import bodies, fold
from jinpu_desk.domain.calendar import decode_year
from jinpu_desk.domain.errors import DeskError, Refused
from jinpu_desk.domain.events import GENESIS, Event, Head
from jinpu_desk.entry.demo_cases import sole_prop
from jinpu_desk.entry.resources import resources_dir
from jinpu_desk.server.events.receive import open_push
from jinpu_desk.store.backup import read_notes
from jinpu_desk.store.centre.registry import ReplicaRow, StationRow
from jinpu_desk.sync.bundle_cipher import read_envelope
from jinpu_desk.sync.pull import checked
from jinpu_desk.sync.wire import Checkpoint, FeedEntry, FeedPage, Push, to_wire
from jinpu_desk.sync.wire import read as read_wire
from samples.cases import REPLICA, Chain, received

Target = Callable[[bytes], object]
KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
CURSOR = Cursor(epoch="e", position=0, hash=GENESIS)


@cache
def chain() -> tuple[Event, Head]:
    """Return a case taken in, and the head of its chain."""
    made = Chain(REPLICA)
    return made.write(received()), made.head


@cache
def sender() -> ReplicaRow:
    station = StationRow(code="HALL", number="00", name="演示大厅", authority="")
    public = KEY.public_key().public_bytes_raw()
    return ReplicaRow(
        id=REPLICA, station=station, series=1, window="演示", public_key=public, certificate=b"",
        enrolled_at=0, revoked_at=None, seq=0,
    )  # fmt: skip


def push(data: bytes) -> None:
    with contextlib.suppress(msgspec.DecodeError, UnicodeDecodeError):
        open_push(sender(), msgspec.msgpack.decode(data, type=Push))


def feed(data: bytes) -> None:
    with contextlib.suppress(msgspec.DecodeError, UnicodeDecodeError):
        checked(msgspec.msgpack.decode(data, type=FeedPage), CURSOR, KEY.public_key().public_bytes_raw())


def header(data: bytes) -> None:
    read_wire(data, None, None)


def body(data: bytes) -> None:
    """The first byte names the type of event; the body is folded after the case was received."""
    names = sorted(bodies.TYPES)
    name = names[data[0] % len(names)] if data else names[0]
    said = bodies.decode_body(name, bodies.TYPES[name].version, data[1:])
    first, _ = chain()
    fold.apply_body(fold.apply(None, first), first.header, said)


def catalogue(data: bytes) -> None:
    read({**catalogue_files(), "items/sole-prop-setup.toml": data})


@cache
def catalogue_files() -> dict[str, bytes]:
    folder = resources_dir() / "catalogue"
    kept = ("catalogue.toml", "shared.toml")
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*.toml")
        if path.name in kept
    }


def statement(data: bytes) -> None:
    check_statement(data.decode("utf-8", "replace"), {})


def receipt(data: bytes) -> None:
    verify.check_pdf(data, {})


def envelope(data: bytes) -> None:
    read_envelope(io.BytesIO(data))


TARGETS: dict[str, Target] = {
    "push": push,
    "feed": feed,
    "header": header,
    "body": body,
    "intake": decode_intake,
    "calendar": decode_year,
    "catalogue": catalogue,
    "statement": statement,
    "receipt": receipt,
    "bundle": envelope,
    "backup": read_notes,
}


def tried(name: str, data: bytes) -> bool:
    """Give ``data`` to a decoder; tell whether it took it. Anything but a refusal is raised."""
    try:
        TARGETS[name](data)
    except DeskError:
        return False
    return True


def seeds(name: str) -> list[bytes]:
    """Return sound inputs of a decoder."""
    event, head = chain()
    sent = to_wire(event)
    if name == "push":
        signed = KEY.sign(head.statement())
        return [msgspec.msgpack.encode(Push(events=[sent], head=head, signature=signed))]
    if name == "feed":
        entry = FeedEntry(
            position=1, header=sent.header, body=sent.body, salt=sent.salt, outcome="applied", reason=""
        )
        end = Checkpoint(epoch="e", position=1, hash=GENESIS)
        page = FeedPage(items=[entry], checkpoint=end, signature=bytes(64), head=1, now=0)
        return [msgspec.msgpack.encode(page)]
    if name == "header":
        return [sent.header]
    if name == "body":
        first = sorted(bodies.TYPES).index(event.header.type)
        return [bytes([first]) + (event.body or b""), *(bytes([n]) + b"{}" for n in range(len(bodies.TYPES)))]
    if name == "intake":
        return [json.dumps(sole_prop(1), ensure_ascii=False).encode()]
    if name == "calendar":
        return [path.read_bytes() for path in sorted((resources_dir() / "calendars").glob("*.json"))[-2:]]
    if name == "catalogue":
        return [(resources_dir() / "catalogue" / "items" / "sole-prop-setup.toml").read_bytes()]
    if name == "statement":
        return [b"http://127.0.0.1/p/210213000001202609180001#J1.AAAA.BBBB"]
    if name == "receipt":
        return [b"%PDF-1.7\n/ByteRange [0 20 60 10] \n<00ff00>\n%%EOF"]
    return [b'{"kind":"bundle","version":1}\n' + bytes(64)]


__all__ = ["TARGETS", "Refused", "seeds", "tried"]
