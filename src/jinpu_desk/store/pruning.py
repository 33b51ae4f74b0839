"""Erases at a station what the centre keeps for good (DESIGN §3, §4; 个人信息保护法 art. 19: no longer than needed).

A case may go when it and all its family ended before a day and nothing happened since, when the centre acknowledged
each of its events and has backed them up, has its attachments, and nobody is waited for. Bodies, salts, issued papers and
scans go; headers stay, so that every chain still verifies, and the number stays, so that somebody who looks for the case
is told where it is. What another case shows too stays for that case.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby, islice
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from jinpu_desk.app.ports import Blobs
from jinpu_desk.app.ports.house import Pruned
from jinpu_desk.app.rows import Projector
from jinpu_desk.domain.ids import CaseId, CaseNo, Digest
from jinpu_desk.domain.instants import day_bounds

from .engine import Engine
from .eventlog import CHUNK, SET_ASIDE
from .projection import project
from .schema import blobs, cases, contact, erasing, events, jobs, papers, pruned
from .tally import waiting

MOST = 2000
"""Cases erased in one transaction, about a second's work; whoever wants more asks again."""
_HASH = re.compile(rb"[0-9a-f]{64}")
_AMONG: sa.BindParameter[Any] = sa.bindparam("among", expanding=True)
_HORIZON = sa.select(contact.c.horizon)
_OVER = sa.and_(
    cases.c.open == 0,
    cases.c.deliver_state.in_(("none", "served")),
    cases.c.last_at < sa.bindparam("until"),
    sa.or_(cases.c.closed_on.is_(None), cases.c.closed_on < sa.bindparam("day")),
)
_FAMILY = sa.func.coalesce(cases.c.parent, cases.c.case_id)
_STAYS = sa.select(_FAMILY).where(sa.not_(_OVER))
_ENDED = (
    sa.select(_FAMILY.label("family"), cases.c.case_id, cases.c.case_no)
    .where(_OVER, _FAMILY.not_in(_STAYS))
    .order_by(_FAMILY)
    .execution_options(yield_per=500)
)
_HELD = sa.select(events.c.case_id).where(
    events.c.case_id.in_(_AMONG),
    sa.or_(
        events.c.position.is_(None),
        events.c.position > sa.bindparam("horizon"),
        events.c.outcome == "pending",
        sa.and_(events.c.outcome.in_(SET_ASIDE), waiting()),
    ),
)
_BODIES = sa.select(events.c.n, events.c.case_id, events.c.body).where(
    events.c.case_id.in_(_AMONG), events.c.body.is_not(None)
)
_OTHERS = (
    sa.select(events.c.n, events.c.case_id, events.c.body)
    .where(events.c.body.is_not(None), events.c.n > sa.bindparam("after"))
    .order_by(events.c.n)
    .execution_options(yield_per=500)
)
_BATCH = 200
_NOTE_FILE = insert(erasing).on_conflict_do_nothing()
_NOTE_CASE = insert(pruned).on_conflict_do_nothing()
_ERASE = events.update().where(events.c.case_id.in_(_AMONG)).values(body=None, salt=None)


class _Family(msgspec.Struct, frozen=True):
    """Cases that are pruned together: a package with its children, or one case alone."""

    cases: dict[CaseId, CaseNo]
    hashes: frozenset[str]  # of papers and attachments these cases may show
    events: int


class _Plan(msgspec.Struct, frozen=True):
    before: date
    families: tuple[_Family, ...]
    shown: frozenset[str]  # hashes that other cases show too
    horizon: int
    last: int  # key of the newest event that was looked at
    more: bool

    @property
    def numbers(self) -> dict[CaseId, CaseNo]:
        """The cases that go, with their numbers."""
        return {key: number for family in self.families for key, number in family.cases.items()}

    @property
    def loose(self) -> frozenset[str]:
        """Hashes that nothing shows when these cases are gone."""
        return _hashes(self.families) - self.shown


class Pruning:
    """Prunes one store."""

    def __init__(self, engine: Engine, projector: Projector, attachments: Blobs | None) -> None:
        self._engine = engine
        self._projector = projector
        self._attachments = attachments

    def dry(self, before: date) -> Pruned:
        """Return what ``run`` would erase."""
        plan = self._plan(before)
        with self._engine.read() as connection:
            count = sum(family.events for family in plan.families)
            of_papers = _held_in(connection, papers, plan.loose)
            return _told(plan, count, of_papers, self._files(plan.loose))

    def run(self, before: date, today: date) -> Pruned:
        """Erase up to MOST cases; a run that broke off is made good by the next."""
        plan = self._plan(before)
        with self._engine.write() as connection:
            gone = self._erase(connection, _still(connection, plan), today)
        self._erase_files()
        if gone.cases:
            self._sweep()
        return gone

    def _files(self, hashes: frozenset[str]) -> list[Digest]:
        """Return which of these are attachments that lie here, of this window or fetched from another."""
        held = self._attachments
        return [Digest(sha256) for sha256 in sorted(hashes) if held is not None and held.has(Digest(sha256))]

    def _erase_files(self) -> None:
        """Remove files whose rows are gone. They are noted until then, because a file cannot join a transaction."""
        with self._engine.read() as connection:
            noted = list(map(Digest, connection.execute(sa.select(erasing.c.sha256)).scalars()))
        if self._attachments is None or not noted:
            return
        for sha256 in noted:
            self._attachments.remove(sha256)
        with self._engine.write() as connection:
            connection.execute(erasing.delete())

    def pruned_on(self, case_no: CaseNo) -> date | None:
        """Return the day a case was pruned here, None when it was not."""
        asked = sa.select(pruned.c.pruned_on).where(pruned.c.case_no == case_no)
        with self._engine.read() as connection:
            day = connection.execute(asked).scalar()
        return None if day is None else date.fromisoformat(day)

    def _plan(self, before: date) -> _Plan:
        until, _end = day_bounds(before)
        with self._engine.read() as connection:
            horizon = connection.execute(_HORIZON).scalar() or 0
            last = connection.execute(sa.select(sa.func.max(events.c.n))).scalar() or 0
            found = _families(connection, {"until": until, "day": before.isoformat()}, horizon)
            families: list[_Family] = []
            count, more = 0, False
            for family in found:
                if families and count + len(family.cases) > MOST:
                    more = True
                    break
                families.append(family)
                count += len(family.cases)
            plan = _Plan(before, tuple(families), frozenset(), horizon, last, more)
            return msgspec.structs.replace(plan, shown=_shown_elsewhere(connection, plan, 0))

    def _erase(self, connection: sa.Connection, plan: _Plan, today: date) -> Pruned:
        connection.exec_driver_sql("PRAGMA secure_delete = ON")
        numbers, loose = plan.numbers, plan.loose
        among = {"among": list(numbers)}
        of_papers, of_files = _held_in(connection, papers, loose), self._files(loose)
        count = connection.execute(_ERASE, among).rowcount if numbers else 0
        connection.execute(papers.delete().where(papers.c.sha256.in_(_AMONG)), {"among": of_papers})
        connection.execute(blobs.delete().where(blobs.c.sha256.in_(_AMONG)), {"among": sorted(loose)})
        connection.execute(jobs.delete().where(jobs.c.case_id.in_(_AMONG)), among)
        project(connection, self._projector, dict.fromkeys(numbers))
        if of_files:
            connection.execute(_NOTE_FILE, [{"sha256": sha256} for sha256 in of_files])
        if numbers:
            day = today.isoformat()
            kept = [{"case_id": key, "case_no": number, "pruned_on": day} for key, number in numbers.items()]
            connection.execute(_NOTE_CASE, kept)
        return _told(plan, count, of_papers, of_files)

    def _sweep(self) -> None:
        """Leave nothing of what was erased in the search index, in free pages, or in the log beside the file."""
        with self._engine.write() as connection:
            connection.exec_driver_sql("PRAGMA secure_delete = ON")
            # A deleted row's words stay in the index until its parts are merged.
            connection.exec_driver_sql("INSERT INTO search(search) VALUES ('optimize')")
        self._engine.wipe_free_pages()


def _families(connection: sa.Connection, ended: Mapping[str, Any], horizon: int) -> Iterator[_Family]:
    """Yield the families that ended before a day and that nothing holds."""
    rows = connection.execute(_ENDED, ended)
    grouped = ({CaseId(row.case_id): CaseNo(row.case_no) for row in of} for _key, of in _by_family(rows))
    while batch := list(islice(grouped, _BATCH)):
        among = [case_id for family in batch for case_id in family]
        held = _held(connection, among, horizon)
        found: dict[str, list[bytes]] = {}
        for row in connection.execute(_BODIES, {"among": among}):
            found.setdefault(row.case_id, []).append(row.body)
        for family in batch:
            bodies = [body for case_id in family for body in found.get(case_id, ())]
            hashes = frozenset(_hashes_in(bodies))
            if held.isdisjoint(family) and not _unsent(connection, hashes):
                yield _Family(family, hashes, len(bodies))


def _by_family(rows: Iterable[Any]) -> Iterator[tuple[str, Iterator[Any]]]:
    return groupby(rows, key=lambda row: row.family)


def _still(connection: sa.Connection, plan: _Plan) -> _Plan:
    """Return the plan as it stands in the transaction that carries it out."""
    held = _held(connection, list(plan.numbers), plan.horizon)
    families = tuple(family for family in plan.families if held.isdisjoint(family.cases))
    kept = _hashes(family for family in plan.families if family not in families)
    plan = msgspec.structs.replace(plan, families=families, shown=plan.shown | kept)
    return msgspec.structs.replace(plan, shown=plan.shown | _shown_elsewhere(connection, plan, plan.last))


def _held(connection: sa.Connection, among: Sequence[CaseId], horizon: int) -> set[str]:
    """Return the cases with an event that is not settled and backed up, or that waits for a person."""
    held: set[str] = set()
    for start in range(0, len(among), CHUNK):
        asked = {"among": among[start : start + CHUNK], "horizon": horizon}
        held.update(connection.execute(_HELD, asked).scalars())
    return held


def _unsent(connection: sa.Connection, hashes: frozenset[str]) -> bool:
    waiting_for = sa.select(blobs.c.sha256).where(blobs.c.sent == 0, blobs.c.sha256.in_(_AMONG))
    return bool(hashes) and connection.execute(waiting_for, {"among": list(hashes)}).first() is not None


def _shown_elsewhere(connection: sa.Connection, plan: _Plan, after: int) -> frozenset[str]:
    """Return which hashes of a plan events of other cases name, in events after a key."""
    wanted, going = _hashes(plan.families), plan.numbers.keys()
    shown: set[str] = set()
    if wanted:
        for row in connection.execute(_OTHERS, {"after": after}):
            if row.case_id not in going:
                shown |= wanted.intersection(_hashes_in([row.body]))
    return frozenset(shown)


def _hashes(families: Iterable[_Family]) -> frozenset[str]:
    return frozenset().union(*(family.hashes for family in families))


def _hashes_in(bodies: Iterable[bytes]) -> Iterator[str]:
    return (found.decode() for body in bodies for found in _HASH.findall(body))


def _held_in(connection: sa.Connection, table: sa.Table, hashes: frozenset[str]) -> list[str]:
    """Return which of these the table has."""
    found: list[str] = []
    wanted = sorted(hashes)
    for start in range(0, len(wanted), CHUNK):
        asked = sa.select(table.c.sha256).where(table.c.sha256.in_(_AMONG))
        found.extend(connection.execute(asked, {"among": wanted[start : start + CHUNK]}).scalars())
    return found


def _told(plan: _Plan, count: int, of_papers: Sequence[str], of_files: Sequence[str]) -> Pruned:
    return Pruned(
        before=plan.before,
        cases=len(plan.numbers),
        events=count,
        papers=len(of_papers),
        blobs=len(of_files),
        horizon=plan.horizon,
        more=plan.more,
    )
