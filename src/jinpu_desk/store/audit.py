"""The audit log in the desk's file: rows are appended, chained by their digests, and never changed.

Read, it joins three ledgers by time: the log itself, the print ledger, and the events of all cases.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from jinpu_desk.app.ports.audit import AuditEntry, AuditKind
from jinpu_desk.domain.ids import CaseId, ClerkId, Digest
from jinpu_desk.domain.instants import millis

from .eventlog import decode_header
from .schema import audit, cases, events, jobs

_LAST = sa.select(audit.c.n, audit.c.digest).order_by(audit.c.n.desc()).limit(1)


def append(
    connection: sa.Connection,
    kind: AuditKind,
    what: str,
    *,
    actor: ClerkId,
    at: datetime,
    case_id: CaseId | None = None,
    detail: str = "",
) -> None:
    """Append a row chained to the last one."""
    last = connection.execute(_LAST).first()
    row: dict[str, Any] = {
        "n": last.n + 1 if last else 1,
        "kind": kind,
        "actor": actor,
        "what": what,
        "case_id": case_id,
        "at": millis(at),
        "detail": detail,
        "prev": last.digest if last else "",
    }
    connection.execute(audit.insert(), row | {"digest": digest_of(row)})


def digest_of(row: dict[str, Any]) -> str:
    """SHA-256 over a row as canonical JSON, without its own digest."""
    return hashlib.sha256(msgspec.json.encode(row, order="sorted")).hexdigest()


def entries(connection: sa.Connection, start: datetime, end: datetime, limit: int) -> tuple[AuditEntry, ...]:
    """Return rows of the log, prints and events from ``start`` to before ``end``, newest first."""
    first, last = millis(start), millis(end)
    found = [
        *_logged(connection, first, last, limit),
        *_printed(connection, first, last, limit),
        *_done(connection, first, last, limit),
    ]
    found.sort(key=lambda entry: (entry.at, entry.n or 0), reverse=True)
    return tuple(found[:limit])


def problems(connection: sa.Connection) -> Iterator[str]:
    """Yield what is wrong with the chain: a row that was altered, or one that is gone from between two others."""
    number, digest = 0, ""
    for row in connection.execute(sa.select(audit).order_by(audit.c.n)).mappings():
        plain = {name: value for name, value in row.items() if name != "digest"}
        if row["n"] != number + 1 or row["prev"] != digest:
            yield f"审计记录第 {row['n']} 行：与前一行不连续"
        if row["digest"] != digest_of(plain):
            yield f"审计记录第 {row['n']} 行：内容与摘要不符"
        number, digest = row["n"], row["digest"]


def _logged(connection: sa.Connection, first: int, last: int, limit: int) -> Iterator[AuditEntry]:
    asked = (
        sa.select(audit, cases.c.case_no)
        .outerjoin(cases, cases.c.case_id == audit.c.case_id)
        .where(audit.c.at >= first, audit.c.at < last)
        .order_by(audit.c.at.desc(), audit.c.n.desc())
        .limit(limit)
    )
    for row in connection.execute(asked).mappings():
        yield AuditEntry(**{**row, "case_no": row["case_no"] or ""})


def _printed(connection: sa.Connection, first: int, last: int, limit: int) -> Iterator[AuditEntry]:
    asked = (
        sa.select(jobs)
        .where(jobs.c.at >= first, jobs.c.at < last)
        .order_by(jobs.c.at.desc(), jobs.c.id.desc())
        .limit(limit)
    )
    for row in connection.execute(asked):
        yield AuditEntry(
            n=None,
            kind="print",
            actor=ClerkId(""),  # the ledger of prints names no person; the event that issued the paper does
            what=row.kind,
            at=row.at,
            case_id=CaseId(row.case_id),
            case_no=row.case_no,
            detail=row.reason,
        )


def _done(connection: sa.Connection, first: int, last: int, limit: int) -> Iterator[AuditEntry]:
    """Events of cases by their ids, which begin with the instant they were written at (UUIDv7, RFC 9562 §5.7)."""
    asked = (
        sa.select(events.c.header, cases.c.case_no)
        .outerjoin(cases, cases.c.case_id == events.c.case_id)
        .where(events.c.id >= _prefix(first), events.c.id < _prefix(last))
        .order_by(events.c.id.desc())
        .limit(limit)
    )
    seen: set[str] = set()
    for row in connection.execute(asked):
        header = decode_header(row.header)
        if header.id in seen:
            continue  # the same fact in two incarnations of its window
        seen.add(header.id)
        yield AuditEntry(
            n=None,
            kind="case",
            actor=header.actor,
            what=header.type,
            at=header.at,
            case_id=header.case,
            case_no=row.case_no or "",
            digest=Digest(""),
        )


def _prefix(at: int) -> str:
    raw = f"{max(at, 0):012x}"
    return f"{raw[:8]}-{raw[8:]}"
