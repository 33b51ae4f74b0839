"""The duty book in the desk's file: rows are appended, chained by their digests, and never changed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from jinpu_desk.app.ports.duty import DutyEntry, DutyKind
from jinpu_desk.domain.ids import ClerkId, Digest
from jinpu_desk.domain.instants import millis

from .schema import duty

_LAST = sa.select(duty.c.n, duty.c.digest).order_by(duty.c.n.desc()).limit(1)


def append(
    connection: sa.Connection,
    kind: DutyKind,
    *,
    duty_id: str,
    day: date,
    at: datetime,
    clerk: ClerkId,
    data: bytes,
) -> DutyEntry:
    """Append a row chained to the last one and return it."""
    last = connection.execute(_LAST).first()
    entry = DutyEntry(
        n=last.n + 1 if last else 1,
        id=duty_id,
        kind=kind,
        day=day,
        at=millis(at),
        clerk=clerk,
        data=data,
        prev=last.digest if last else "",
        digest=Digest(""),
    )
    entry = msgspec.structs.replace(entry, digest=_digest(entry))
    connection.execute(duty.insert(), msgspec.structs.asdict(entry) | {"day": day.isoformat()})
    return entry


def entries(
    connection: sa.Connection, kinds: tuple[DutyKind, ...], day: date | None, limit: int
) -> tuple[DutyEntry, ...]:
    """Return rows of these kinds (all by default) and of this day, newest first."""
    asked = sa.select(duty).order_by(duty.c.n.desc()).limit(limit)
    if kinds:
        asked = asked.where(duty.c.kind.in_(kinds))
    if day is not None:
        asked = asked.where(duty.c.day == day.isoformat())
    return tuple(_entry(row) for row in connection.execute(asked).mappings())


def entry(connection: sa.Connection, duty_id: str) -> DutyEntry | None:
    """Return one row."""
    found = connection.execute(sa.select(duty).where(duty.c.id == duty_id)).mappings().first()
    return _entry(found) if found else None


def problems(connection: sa.Connection) -> Iterator[str]:
    """Yield what is wrong with the chain: a row that was altered, or one that is gone from between two others."""
    before = 0
    digest = ""
    for row in connection.execute(sa.select(duty).order_by(duty.c.n)).mappings():
        found = _entry(row)
        if found.n != before + 1 or found.prev != digest:
            yield f"值班簿第 {found.n} 行：与前一行不连续"
        if found.digest != _digest(found):
            yield f"值班簿第 {found.n} 行：内容与摘要不符"
        before, digest = found.n, found.digest


def _entry(row: Any) -> DutyEntry:
    return DutyEntry(**{**row, "day": date.fromisoformat(row["day"])})


def _digest(entry: DutyEntry) -> Digest:
    """SHA-256 over the row as canonical JSON, without its own digest."""
    plain = {name: value for name, value in msgspec.structs.asdict(entry).items() if name != "digest"}
    return Digest(hashlib.sha256(msgspec.json.encode(plain, order="sorted")).hexdigest())
