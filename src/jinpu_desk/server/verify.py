"""Re-walks everything the centre holds: feed chain, every replica's chain, bodies, and ``rebuild == tables``."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from sqlalchemy.engine import Connection, Engine

from jinpu_desk.app.ports import VerifyReport
from jinpu_desk.domain import fold
from jinpu_desk.domain.case import Case
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.events import GENESIS, Head, first_head, verify_body, verify_link
from jinpu_desk.domain.ids import Digest, ReplicaId
from jinpu_desk.store.centre import events as store
from jinpu_desk.sync.wire import FEED_BYTES, FEED_LIMIT, feed_hash, read

from .judge import CaseState

_PROBLEMS = 100


def verify(engine: Engine) -> VerifyReport:
    """Return what a full walk in one consistent snapshot found."""
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        walk = _Walk()
        for row in _rows(connection):
            walk.step(row)
        walk.end(store.feed_head(connection), store.replica_heads(connection))
        for case_id, raw in store.case_states(connection):
            walk.compare(case_id, raw)
        walk.missing()
    return walk.report()


def _rows(connection: Connection) -> Iterator[store.FeedRow]:
    position = 0
    while rows := store.feed_page(connection, position, FEED_LIMIT, FEED_BYTES):
        yield from rows
        position = rows[-1].position


class _Walk:
    def __init__(self) -> None:
        self._position = 0
        self._chain = Digest(GENESIS)
        self._heads: dict[str, Head] = {}
        self._cases: dict[str, Case] = {}
        self._compared = 0
        self._problems: list[str] = []

    def step(self, row: store.FeedRow) -> None:
        if row.position != self._position + 1:
            self._tell(f"总序 {self._position + 1} 缺失")
        self._position = row.position
        try:
            one = read(row.header, row.body, row.salt)
            header = one.event.header
            before = self._heads.get(header.replica, first_head(header.replica))
            self._heads[header.replica] = Head(replica=header.replica, seq=header.seq, hash=one.hash)
            self._chain = feed_hash(self._chain, row.position, one.hash, row.outcome, row.reason)
            verify_link(header, before)
            verify_body(one.event)
            if row.outcome in {"applied", "merged"}:
                self._cases[header.case] = fold.apply(self._cases.get(header.case), one.event)
        except Refused as refusal:
            self._tell(f"总序 {row.position}：{refusal.code} {refusal.where}".strip())
        if self._chain != row.feed_hash.hex():
            self._tell(f"总序 {row.position}：链不相符")
            self._chain = Digest(row.feed_hash.hex())

    def end(self, feed: store.FeedHead, heads: dict[str, tuple[int, str]]) -> None:
        if (feed.position, feed.hash.hex()) != (self._position, self._chain):
            self._tell(f"总序终点应为 {feed.position}，实为 {self._position}")
        for replica, (seq, digest) in heads.items():
            walked = self._heads.get(replica, first_head(ReplicaId(replica)))
            if (walked.seq, walked.hash) != (seq, digest):
                self._tell(f"终端 {replica} 的终点应为 {seq}，实为 {walked.seq}")

    def compare(self, case_id: str, raw: bytes) -> None:
        held = msgspec.json.decode(raw, type=CaseState).case
        self._compared += held is not None
        if held != self._cases.pop(case_id, None):
            self._tell(f"办件 {case_id} 与其记录不相符")

    def missing(self) -> None:
        for case_id in self._cases:
            self._tell(f"办件 {case_id} 不在表中")

    def report(self) -> VerifyReport:
        heads = {ReplicaId(replica): head.hash for replica, head in self._heads.items()}
        return VerifyReport(
            ok=not self._problems,
            events=self._position,
            cases=self._compared,
            heads=heads,
            problems=tuple(self._problems[:_PROBLEMS]),
        )

    def _tell(self, problem: str) -> None:
        self._problems.append(problem)
