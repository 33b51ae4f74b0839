"""A centre with as many plainly fictitious (演示) cases as an area has after years, written straight into PostgreSQL.

Headers, hashes, feed and case states are made by the product's own encoders; only the judging is left out, because
these histories are in order by construction.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import msgspec
from msgspec.structs import replace
from sqlalchemy.engine import Connection, Engine

from jinpu_desk.app.ports.sync import Cursor
from jinpu_desk.domain import bodies as b
from jinpu_desk.domain.case import Case
from jinpu_desk.domain.events import Event, canonical, header_hash
from jinpu_desk.domain.fold import apply_body
from jinpu_desk.domain.ids import CaseId, ClerkId, Digest, ReplicaId
from jinpu_desk.domain.numbering import make_case_no
from jinpu_desk.server.events.judge import CaseState
from jinpu_desk.store.centre import events as store
from jinpu_desk.store.centre.events import CaseRecord, NewEvent
from jinpu_desk.sync.wire import feed_hash

from .cases import CLERK, NOON, REVIEWER, Chain
from .population import PER_DAY, bodies

BATCH = 2_000
"""Most cases of one window written in one transaction."""


class BulkWindow:
    """A window whose history is written without a network."""

    def __init__(self, replica: ReplicaId, station: str, series: int) -> None:
        self.chain = Chain(replica)
        self.station = station
        self.series = series
        self._random = Random(series)
        self._number = 0

    def cases(self, count: int) -> Iterator[list[tuple[Event, b.Body]]]:
        """Yield the events of the next ``count`` cases, case by case."""
        for _ in range(count):
            number = self._number
            self._number += 1
            case = CaseId(
                f"{NOON + number:012x}"[:8]
                + f"-{number & 0xFFFF:04x}-7{self.series:03}-80{self.station}-{number:012}"
            )
            yield [
                (self.chain.write(body, case=case, actor=_actor(body), at=NOON + number * 60_000), body)
                for body in self._bodies(number)
            ]

    def _bodies(self, number: int) -> list[b.Body]:
        said = bodies(number, self._random, self.series)
        opened = said[0]
        assert isinstance(opened, b.CaseReceived)
        day = opened.received_on
        number_ = make_case_no("210213", self.station, self.series, day, number % PER_DAY + 1)
        return [replace(opened, case_no=number_, station=self.station), *said[1:]]


def fill(engine: Engine, windows: list[BulkWindow], cases: int) -> int:
    """Write ``cases`` cases, window after window in turns; return how many events that are."""
    with engine.begin() as connection:
        connection.exec_driver_sql("SET synchronous_commit = off")
        head = store.feed_head(connection)
    cursor = Cursor(epoch=head.epoch, position=head.position, hash=Digest(head.hash.hex()))
    began = cursor.position
    left, turn = cases, 0
    share = min(BATCH, -(-cases // len(windows)))
    while left:
        count = min(share, left)
        with engine.begin() as connection:
            connection.exec_driver_sql("SET LOCAL synchronous_commit = off")
            cursor = _write(connection, windows[turn % len(windows)], count, cursor)
        left, turn = left - count, turn + 1
    return cursor.position - began


def _write(connection: Connection, window: BulkWindow, count: int, cursor: Cursor) -> Cursor:
    rows: list[NewEvent] = []
    states: list[CaseRecord] = []
    position, chain = cursor.position, cursor.hash
    for of_case in window.cases(count):
        case: Case | None = None
        for event, body in of_case:
            header = event.header
            position += 1
            hash_ = header_hash(header)
            chain = feed_hash(chain, position, hash_, "applied", "")
            rows.append(
                NewEvent(
                    position=position,
                    replica=header.replica,
                    seq=header.seq,
                    id=header.id,
                    case_id=header.case,
                    outcome="applied",
                    hash=bytes.fromhex(hash_),
                    feed_hash=bytes.fromhex(chain),
                    header=canonical(header),
                    body=event.body,
                    salt=event.salt,
                    reason="",
                    flag="",
                    arrived_at=header.at,
                    signature=None,
                )
            )
            case = apply_body(case, header, body)
        assert case is not None
        states.append(_record(case))
    store.insert_cases(connection, states)
    store.append(connection, rows)
    return replace(cursor, position=position, hash=chain)


def _record(case: Case) -> CaseRecord:
    return CaseRecord(
        case_id=case.id,
        case_no=case.case_no,
        query_code=case.query_code,
        item_name=case.terms.item_name,
        status=int(case.status),
        last_at=case.timeline[-1].at,
        state=msgspec.json.encode(CaseState(case)),
        item=case.item,
    )


def _actor(body: b.Body) -> ClerkId:
    return REVIEWER if isinstance(body, b.CaseDecided) else CLERK
