"""Re-walks everything the centre holds, in one consistent moment and in the memory of one case at a time.

Two walks: in the order of the feed for the chains, and case by case for bodies and for ``rebuild == tables``; then
the ledgers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from itertools import groupby

import msgspec
from sqlalchemy.engine import Connection, Engine

from jinpu_desk.domain import bodies as b
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.events import (
    GENESIS,
    Event,
    Head,
    Header,
    canonical,
    first_head,
    verify_body,
    verify_link,
)
from jinpu_desk.domain.ids import Digest, ReplicaId
from jinpu_desk.store.centre import epochs, walking
from jinpu_desk.store.centre import events as store
from jinpu_desk.store.centre.walking import BodyRow, ChainRow
from jinpu_desk.sync.wire import feed_hash

from ..events.judge import CaseState, replay
from ..events.receive import STATES
from ..files.blobs import BlobStore

_PROBLEMS = 100
OVERDUE = 3 * 24 * 3600 * 1000
"""Milliseconds after its event in which a file should have come."""
_HEADERS = msgspec.json.Decoder(Header)
NAMING = (b.type_named(b.PagesAttached), b.type_named(b.PaperIssued))
"""The types of the events that name files: scans, and the papers as they were issued."""


class CentreReport(msgspec.Struct, frozen=True, kw_only=True):
    """What a full walk found; ``problems`` are sentences, the first hundred.

    Files still to come (``blobs_pending``) are no problem until ``OVERDUE``; a desk sends them right after their event.
    """

    ok: bool
    events: int
    cases: int
    heads: dict[ReplicaId, Digest]
    blobs: int
    blobs_pending: int
    problems: tuple[str, ...]


def verify(engine: Engine, blobs: BlobStore | None = None, now: int = 0) -> CentreReport:
    """Return what a full walk in one consistent moment found.

    Files are read whole when ``blobs`` is given; ``now`` (UTC ms) says which are overdue.
    """
    with walking.snapshot(engine) as connection:
        return examine(connection, blobs, now)


def examine(connection: Connection, blobs: BlobStore | None = None, now: int = 0) -> CentreReport:
    """Return what a full walk of what ``connection`` sees found; nothing may be written there meanwhile."""
    problems = _Problems()
    walking.read_all(connection)
    chains = _Chains(problems)
    for row in walking.by_position(connection):
        chains.step(row)
    chains.end(store.feed_head(connection), store.replica_heads(connection))
    cases = _Cases(problems, blobs, now)
    cases.walk(connection)
    for sha256 in blobs.damaged() if blobs else ():
        problems.tell(f"附件 {sha256} 已损坏，与其名称不符")
    for problem in _ledgers(connection):
        problems.tell(problem)
    return CentreReport(
        ok=not problems.count,
        events=chains.events,
        cases=cases.count,
        heads=chains.heads(),
        blobs=cases.blobs,
        blobs_pending=cases.blobs_pending,
        problems=tuple(problems.first),
    )


class _Problems:
    """Counts problems and keeps the first of them: a broken disk finds a million."""

    def __init__(self) -> None:
        self.count = 0
        self.first: list[str] = []

    def tell(self, problem: str) -> None:
        self.count += 1
        if len(self.first) < _PROBLEMS:
            self.first.append(problem)


class _Chains:
    """The walk in the order of the feed: positions, the feed's chain, each replica's chain, the indexed columns."""

    def __init__(self, problems: _Problems) -> None:
        self.events = 0
        self._position = 0
        self._chain = Digest(GENESIS)
        self._heads: dict[str, Head] = {}
        self._tell = problems.tell

    def step(self, row: ChainRow) -> None:
        self.events += 1
        if row.position != self._position + 1:
            self._tell(f"总序 {self._position + 1} 缺失")
        self._position = row.position
        digest = Digest(hashlib.sha256(row.header).hexdigest())
        self._chain = feed_hash(self._chain, row.position, digest, row.outcome, row.reason)
        try:
            self._link(row, digest)
        except (Refused, msgspec.DecodeError, UnicodeDecodeError) as fault:
            told = f"{fault.code} {fault.where}".strip() if isinstance(fault, Refused) else "事件头不可读"
            self._tell(f"总序 {row.position}：{told}")
        if self._chain != row.feed_hash.hex():
            self._tell(f"总序 {row.position}：链不相符")
            self._chain = Digest(row.feed_hash.hex())

    def _link(self, row: ChainRow, digest: Digest) -> None:
        header = _HEADERS.decode(row.header)
        before = self._heads.get(header.replica, first_head(header.replica))
        self._heads[header.replica] = Head(replica=header.replica, seq=header.seq, hash=digest)
        columns = (row.replica, row.seq, row.id, row.case_id, row.hash.hex())
        if columns != (header.replica, header.seq, header.id, header.case, digest):
            self._tell(f"总序 {row.position}：索引列与事件头不一致")
        if canonical(header) != row.header:
            self._tell(f"总序 {row.position}：事件头不是规范形式")
        verify_link(header, before)

    def end(self, feed: store.FeedHead, heads: dict[str, tuple[int, str]]) -> None:
        if (feed.position, feed.hash.hex()) != (self._position, self._chain):
            self._tell(f"总序终点应为 {feed.position}，实为 {self._position}")
        for replica in sorted(heads.keys() | self._heads.keys()):
            seq, digest = heads.get(replica, (0, GENESIS))
            walked = self._heads.get(replica, first_head(ReplicaId(replica)))
            if (walked.seq, walked.hash) != (seq, digest):
                self._tell(f"终端 {replica} 的终点应为 {seq}，实为 {walked.seq}")

    def heads(self) -> dict[ReplicaId, Digest]:
        return {ReplicaId(replica): head.hash for replica, head in self._heads.items()}


class _Cases:
    """The walk case by case: bodies, the fold against the table, and whether the files they name are there."""

    def __init__(self, problems: _Problems, blobs: BlobStore | None, now: int) -> None:
        self.count = 0
        self.blobs = 0
        self.blobs_pending = 0
        self._tell = problems.tell
        self._blobs = blobs
        self._now = now

    def walk(self, connection: Connection) -> None:
        """Join the events of each case with its row; both come in the order of case ids."""
        held = iter(walking.states(connection))
        row = next(held, None)
        for case_id, events in groupby(walking.by_case(connection), lambda event: event.case_id):
            while row is not None and row[0] < case_id:
                self._tell(f"办件 {row[0]} 没有任何记录")
                row = next(held, None)
            rebuilt, erased = self._rebuild(events)
            if row is not None and row[0] == case_id:
                self._compare(case_id, STATES.decode(row[1]), rebuilt, erased=erased)
                row = next(held, None)
            elif rebuilt != CaseState():
                self._tell(f"办件 {case_id} 不在表中")
        while row is not None:
            self._tell(f"办件 {row[0]} 没有任何记录")
            row = next(held, None)

    def _compare(self, case_id: str, held: CaseState, rebuilt: CaseState, *, erased: bool) -> None:
        """Tell when the table differs. Of a case with an erased body only its chain can still be compared."""
        self.count += held.case is not None
        same = _seen(held) == _seen(rebuilt) if erased else held == rebuilt
        if not same:
            self._tell(f"办件 {case_id} 与其记录不相符")

    def _rebuild(self, events: Iterator[BodyRow]) -> tuple[CaseState, bool]:
        state, erased = CaseState(), False
        for row in events:
            try:
                event = Event(header=_HEADERS.decode(row.header), body=row.body, salt=row.salt)
                verify_body(event)
                state = replay(state, event, row.outcome)
                self._file(event, row)
            except Refused as refusal:
                self._tell(f"总序 {row.position}：{refusal.code} {refusal.where}".strip())
            except (msgspec.DecodeError, UnicodeDecodeError):
                continue  # the walk of the chains told
            erased = erased or row.body is None
        return state, erased

    def _file(self, event: Event, row: BodyRow) -> None:
        if self._blobs is None or event.header.type not in NAMING or event.body is None:
            return
        self.blobs += 1
        sha256 = named_file(event.body)
        if self._blobs.size(sha256) is not None:
            return
        self.blobs_pending += 1
        if self._now - row.arrived_at > OVERDUE:
            self._tell(
                f"总序 {row.position}：附件 {sha256} 逾三日未到或已丢失（终端 {event.header.replica}）"
            )


def _seen(state: CaseState) -> dict[str, int]:
    return dict(state.case.seen) if state.case else {}


def named_file(body: bytes) -> Digest:
    """Return the digest of the file that the body of an event of a type in ``NAMING`` names."""
    return _NAMED.decode(body).sha256


class _Named(msgspec.Struct, frozen=True):
    """What a walk needs of a body: the file it names."""

    sha256: Digest = Digest("")


_NAMED = msgspec.json.Decoder(_Named)


def _ledgers(connection: Connection) -> Iterator[str]:
    line = epochs.line(connection)
    current = store.feed_head(connection).epoch
    if not line or line[0][0] != current or [at for _, at in line].count(0) != 1:
        yield f"纪元 {current} 不是最新的一个，或不是从第一个纪元延续而来"
    for block in walking.overlapping_blocks(connection):
        yield f"文号 {block.template} {block.year} 年 {block.first}–{block.last} 与前一号段重叠"
    for block in walking.blocks_past_counter(connection):
        yield f"文号 {block.template} {block.year} 年 {block.first}–{block.last} 超出计数"
    for block in walking.unaccounted(connection):
        yield f"文号 {block.template} {block.year} 年 {block.first}–{block.last} 未发给任何终端，也没有作废记录"
