"""The full re-walk: chains from genesis, a rebuild against the tables, papers and attachments by hash.

Everything streams in order of a key, so a store of a million cases is verified in the memory of a small one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from itertools import groupby
from typing import Any

import msgspec
import sqlalchemy as sa

from jinpu_desk.app.ports import Blobs, VerifyReport
from jinpu_desk.app.rows import Projector
from jinpu_desk.domain.case import Case
from jinpu_desk.domain.errors import Refused, Unavailable
from jinpu_desk.domain.events import Head, canonical, first_head, header_hash, verify_body, verify_link
from jinpu_desk.domain.ids import CaseId, Digest, ReplicaId

from . import audit, duty
from .caserows import to_columns
from .eventlog import COLUMNS, fold_stored, from_row
from .projection import project, repair, total
from .schema import SEARCH, blobs, cases, events, heads, papers

LIMIT = 200
"""Most problems a report lists; the first tell enough."""
BATCH = 500
_STREAM = {"yield_per": BATCH}


def verify(
    connection: sa.Connection, own: ReplicaId, projector: Projector, attachments: Blobs | None
) -> VerifyReport:
    """Return what a full re-walk finds."""
    walked: dict[ReplicaId, Head] = {}
    problems: list[str] = []
    for found in (
        _chains(connection, own, walked),
        _heads(connection, walked),
        _tables(connection, projector),
        _numbers(connection),
        _papers(connection),
        duty.problems(connection),
        audit.problems(connection),
        _attachments(connection, attachments),
    ):
        problems.extend(problem for problem, _ in zip(found, range(LIMIT - len(problems)), strict=False))
    return VerifyReport(
        ok=not problems,
        events=_scalar(connection, sa.select(sa.func.count()).select_from(events)),
        cases=_scalar(connection, sa.select(sa.func.count()).select_from(cases)),
        heads={replica: head.hash for replica, head in walked.items()},
        problems=tuple(problems),
    )


def rebuild(connection: sa.Connection, projector: Projector) -> None:
    """Make the tables say what the events say; rows that no events tell of go."""
    batch: dict[CaseId, Case | None] = {}
    for case_id, case in _folded(connection):
        batch[case_id] = case
        if len(batch) == BATCH:
            project(connection, projector, batch)
            batch = {}
    orphans = sa.select(cases.c.case_id).where(cases.c.case_id.not_in(sa.select(events.c.case_id)))
    batch.update(dict.fromkeys(connection.execute(orphans).scalars()))
    project(connection, projector, batch)
    repair(connection)


def _chains(connection: sa.Connection, own: ReplicaId, walked: dict[ReplicaId, Head]) -> Iterator[str]:
    asked = sa.select(events.c.id, events.c.replica, events.c.seq, events.c.case_id, *COLUMNS).order_by(
        events.c.replica, events.c.seq
    )
    for row in connection.execution_options(**_STREAM).execute(asked):
        try:
            event = from_row(row).event
        except (msgspec.DecodeError, UnicodeDecodeError):
            yield f"事件 {row.id}：事件头不可读"
            continue
        header = event.header
        if (header.id, header.replica, header.seq, header.case) != (
            row.id,
            row.replica,
            row.seq,
            row.case_id,
        ):
            yield f"事件 {row.id}：索引列与事件头不一致"
        if canonical(header) != row.header:
            yield f"事件 {row.id}：事件头不是规范形式"
        head = walked.get(header.replica, first_head(header.replica))
        if header.seq > head.seq + 1 and header.replica != own:
            head = Head(replica=header.replica, seq=header.seq - 1, hash=header.prev)
        try:
            verify_body(event)
            verify_link(header, head)
        except Refused as refusal:
            yield f"终端 {header.replica} 第 {header.seq} 号事件 {header.id}：{refusal.code}"
        walked[header.replica] = Head(replica=header.replica, seq=header.seq, hash=header_hash(header))


def _heads(connection: sa.Connection, walked: dict[ReplicaId, Head]) -> Iterator[str]:
    stored = {
        row.replica: Head(replica=row.replica, seq=row.seq, hash=Digest(row.hash))
        for row in connection.execute(sa.select(heads))
    }
    for replica in sorted(stored.keys() | walked.keys()):
        if stored.get(replica) != walked.get(ReplicaId(replica)):
            yield f"终端 {replica}：链头与事件不一致"


def _folded(connection: sa.Connection) -> Iterator[tuple[CaseId, Case | None]]:
    asked = sa.select(events.c.case_id, *COLUMNS).order_by(events.c.case_id, events.c.n)
    rows = connection.execution_options(**_STREAM).execute(asked)
    for case_id, of_case in groupby(rows, key=lambda row: row.case_id):
        yield CaseId(case_id), fold_stored(map(from_row, of_case))


def _tables(connection: sa.Connection, projector: Projector) -> Iterator[str]:
    """Walk cases and events side by side, both in order of the case id."""
    rows = (
        connection.execution_options(**_STREAM).execute(sa.select(cases).order_by(cases.c.case_id)).mappings()
    )
    row = next(rows, None)
    stored = 0
    for case_id, case in _folded(connection):
        while row is not None and row["case_id"] < case_id:
            yield f"办件 {row['case_id']}：表中有而事件中没有"
            row = next(rows, None)
        here = dict(row) if row is not None and row["case_id"] == case_id else None
        if here is not None:
            stored += 1
            row = next(rows, None)
        yield from _compared(case_id, case, here, projector)
    while row is not None:
        yield f"办件 {row['case_id']}：表中有而事件中没有"
        row = next(rows, None)
    counted = total(connection)
    if counted != stored:
        yield f"办件计数为 {counted}，实有 {stored} 件"
    unmatched = f"SELECT (SELECT count(*) FROM {SEARCH}) - (SELECT count(*) FROM cases)"  # noqa: S608 (a constant)
    if connection.exec_driver_sql(unmatched).scalar():
        yield "检索表与办件表的行数不一致"


def _compared(
    case_id: CaseId, case: Case | None, here: dict[str, Any] | None, projector: Projector
) -> Iterator[str]:
    if case is None:
        if here is not None:
            yield f"办件 {case_id}：表中有而事件不成件"
    elif here is None:
        yield f"办件 {case_id}：事件中有而表中没有"
    else:
        wanted = to_columns(here["n"], case, projector(case))
        differing = [name for name, value in wanted.items() if here[name] != value]
        if differing:
            yield f"办件 {case_id}：字段 {'、'.join(differing)} 与重算不一致"


def _numbers(connection: sa.Connection) -> Iterator[str]:
    twice = sa.select(cases.c.case_no).group_by(cases.c.case_no).having(sa.func.count() > 1)
    for number in connection.execute(twice).scalars():
        yield f"办件编号 {number} 被用于多个办件"


def _papers(connection: sa.Connection) -> Iterator[str]:
    for sha256, data in connection.execution_options(**_STREAM).execute(
        sa.select(papers.c.sha256, papers.c.data)
    ):
        if hashlib.sha256(data).hexdigest() != sha256:
            yield f"文书 {sha256}：内容与摘要不符"


def _attachments(connection: sa.Connection, attachments: Blobs | None) -> Iterator[str]:
    if attachments is None:
        return
    scans = sa.select(blobs.c.sha256).where(blobs.c.sha256.not_in(sa.select(papers.c.sha256)))
    for sha256 in connection.execute(scans).scalars():
        try:
            attachments.get(Digest(sha256))
        except (Refused, Unavailable) as fault:
            yield f"附件 {sha256}：{fault.code}"


def _scalar(connection: sa.Connection, asked: sa.Select[int]) -> int:
    return connection.execute(asked).scalar_one()
