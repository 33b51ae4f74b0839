"""Variants with one safety taken out: the simulator is worth its time only if it finds each of them.

A variant shapes the plan so that its kind of fault happens often; which invariant breaks is part of its promise.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from unittest.mock import patch

from msgspec.structs import replace

from jinpu_desk.app.ports import Signing
from jinpu_desk.app.ports.sync import Cursor, FeedItem
from jinpu_desk.domain.events import Event, Head
from jinpu_desk.store import eventlog
from jinpu_desk.store.centre.events import FeedHead
from jinpu_desk.store.marks import Cause, Marks
from jinpu_desk.sync import session
from jinpu_desk.sync.wire import FeedPage, read

from . import centre, desk
from .book import Book
from .centre_store import Log, Storage, Tables
from .checks import Violation
from .desk_store import DeskStore
from .history import Unsafe, made
from .plan import Plan, draw
from .programs import NEW_KIND


class _Unsynced(DeskStore):
    synced = False


class NoSync(Unsafe):
    """The clerk is told before the desk's disk has it (``synchronous=NORMAL``)."""

    breaks = frozenset({"I1"})
    desk_store = _Unsynced

    def shaped(self, plan: Plan) -> Plan:
        return replace(plan, crash=0.04)


class _BigserialLog(Log):
    """Positions come from a sequence before the transaction commits; nobody waits for anybody."""

    def take_counter(self) -> FeedHead:
        storage = self._storage
        assert isinstance(storage, _Bigserial)
        first = max(storage.sequence, max(self.tables.events, default=0))
        storage.sequence = first + _BLOCK
        return FeedHead(self.tables.head.epoch, first, self.tables.head.hash)


_BLOCK = 20


class _Bigserial(Storage):
    sequence = 0

    def log(self) -> Log:
        return _BigserialLog(self)


def _trusting(page: FeedPage, cursor: Cursor, _key: bytes) -> tuple[list[FeedItem], Cursor]:
    """What a follower of a sequence must believe: gaps are nothing, a rolled back transaction leaves some, too."""
    items = [
        FeedItem(
            position=e.position,
            event=read(e.header, e.body, e.salt).event,
            outcome=e.outcome,
            reason=e.reason,
        )
        for e in page.items
    ]
    return items, Cursor(
        epoch=page.checkpoint.epoch, position=page.checkpoint.position, hash=page.checkpoint.hash
    )


class BigserialCursor(Unsafe):
    """The feed is ordered by a sequence that is drawn before the commit."""

    breaks = frozenset({"I3"})
    storage = _Bigserial
    chained = False

    def shaped(self, plan: Plan) -> Plan:
        return replace(plan, slow=0.5, desks=max(plan.desks, 5), acts=plan.acts + 10, push_limit=3)

    @contextmanager
    def applied(self) -> Iterator[None]:
        with patch.object(session, "checked", _trusting):
            yield


class _SameEpoch(Log):
    def begin(self, epoch: str, now: int) -> None:
        def change(tables: Tables) -> None:
            tables.restored_at = None

        self.changes.append(change)


class _NoEpochStorage(Storage):
    def log(self) -> Log:
        return _SameEpoch(self)


class NoEpoch(Unsafe):
    """A restored centre goes on in the epoch it was in."""

    breaks = frozenset({"I3", "I6", "I7"})
    storage = _NoEpochStorage

    def shaped(self, plan: Plan) -> Plan:
        return replace(plan, rewind=1)


class _EarlyStorage(Storage):
    synced = False


class AnswerBeforeSync(Unsafe):
    """The centre answers before its disk has what it took."""

    breaks = frozenset({"I3", "I6", "I7"})
    storage = _EarlyStorage

    def shaped(self, plan: Plan) -> Plan:
        return replace(plan, centre_crash=0.05)


class _SameSeries(Log):
    def take_series(self, code: str) -> int:
        return self.tables.series[code] - 1


class _RecyclingStorage(Storage):
    def log(self) -> Log:
        return _SameSeries(self)


class RecycledNumbers(Unsafe):
    """A restored desk goes on in the numbering series it had."""

    breaks = frozenset({"I2"})
    storage = _RecyclingStorage

    def shaped(self, plan: Plan) -> Plan:
        return replace(plan, restore=2, cases=4)


class _Blind(DeskStore):
    def recognised(self, marks: Marks) -> Cause | None:
        return None


class NoIncarnation(Unsafe):
    """A copied home goes on as the desk it was copied from."""

    breaks = frozenset({"I2", "I3", "I7"})
    desk_store = _Blind

    def shaped(self, plan: Plan) -> Plan:
        return replace(plan, clone=2, cases=4)


class _CursorFirst(DeskStore):
    def absorb(self, items: Sequence[FeedItem], cursor: Cursor, signature: bytes) -> int:
        def move(book: Book) -> None:
            book.cursor = cursor

        self.write("cursor", move)
        return super().absorb(items, cursor, signature)


class CursorApart(Unsafe):
    """The cursor is committed in a transaction of its own, before the events."""

    breaks = frozenset({"I3"})
    desk_store = _CursorFirst

    def shaped(self, plan: Plan) -> Plan:
        return replace(plan, crash=0.04)


class _Forgetful(DeskStore):
    def outbox(self, limit: int) -> tuple[Head, tuple[Event, ...]]:
        head, waiting = super().outbox(limit)
        sent = self.__dict__.setdefault("_sent", set())
        fresh = tuple(event for event in waiting if event.header.id not in sent)
        sent.update(event.header.id for event in fresh)
        return head, fresh


class SentIsSettled(Unsafe):
    """What was sent is taken for settled, whether or not there was an answer."""

    breaks = frozenset({"I3"})
    desk_store = _Forgetful

    def shaped(self, plan: Plan) -> Plan:
        return replace(plan, drop=0.3, crash=0.0)


class _Hoarding(DeskStore):
    def forget_leases(self) -> None:
        return


class LeasesKept(Unsafe):
    """A new incarnation goes on with the number blocks of the former one."""

    breaks = frozenset({"I2"})
    desk_store = _Hoarding

    def shaped(self, plan: Plan) -> Plan:
        return replace(plan, clone=2, acts=plan.acts * 3)


class NothingBurned(Unsafe):
    """A new epoch begins without burning what may have been given out."""

    breaks = frozenset({"I2"})

    def shaped(self, plan: Plan) -> Plan:
        # Long enough that clerks still write once the operator has begun the new epoch.
        return replace(plan, rewind=3, partition=4, length=plan.length * 3, acts=plan.acts * 4, cases=2)

    @contextmanager
    def applied(self) -> Iterator[None]:
        with patch.object(centre, "NUMBERS_BURNED", 0), patch.object(centre, "SERIES_BURNED", 0):
            yield


class _Amnesic(Log):
    def recall(self, epoch: str) -> None:
        return


class _AmnesicStorage(Storage):
    def log(self) -> Log:
        return _Amnesic(self)


class ForgottenEpoch(Unsafe):
    """A centre put back to before an earlier epoch does not carry that one on: its desks are turned away for ever."""

    breaks = frozenset({"I3", "I6", "I7"})
    storage = _AmnesicStorage

    def shaped(self, plan: Plan) -> Plan:
        return replace(plan, rewind=3)


class Unproven(Unsafe):
    """A new incarnation writes before it holds the centre's word that it exists: a restored centre knows it no more."""

    breaks = frozenset({"I3", "I6", "I7"})

    def shaped(self, plan: Plan) -> Plan:
        return replace(plan, clone=2, rewind=1, drop=0.2)

    @contextmanager
    def applied(self) -> Iterator[None]:
        with patch.object(desk, "refresh_reference", lambda *_: None):
            yield


class _Unsigned(DeskStore):
    def sign_off(self, signing: Signing) -> None:
        return


class NotSignedOff(Unsafe):
    """What a former incarnation had sent is left without its signature: nobody can give it back to the centre."""

    breaks = frozenset({"I3", "I6"})
    desk_store = _Unsigned

    def shaped(self, plan: Plan) -> Plan:
        return replace(plan, restore=2, rewind=1, drop=0.3)


class _Picky(DeskStore):
    def absorb(self, items: Sequence[FeedItem], cursor: Cursor, signature: bytes) -> int:
        known = [item for item in items if self.machine.newer or item.event.header.type != NEW_KIND]
        return super().absorb(known, cursor, signature)


class UnknownDropped(Unsafe):
    """A desk leaves out of its log what a newer program wrote."""

    breaks = frozenset({"I3"})
    desk_store = _Picky

    def shaped(self, plan: Plan) -> Plan:
        return replace(plan, skew=True)


class UnknownClaimed(Unsafe):
    """A desk writes as if it had understood what a newer program wrote: the centre lets it overwrite that."""

    breaks = frozenset({"conflict"})

    def shaped(self, plan: Plan) -> Plan:
        return replace(plan, skew=True, cases=1, acts=plan.acts * 4)

    @contextmanager
    def applied(self) -> Iterator[None]:
        with patch.object(eventlog, "_short_of", lambda case, _unread: case):
            yield


VARIANTS: dict[str, type[Unsafe]] = {
    one.__name__: one
    for one in (
        NoSync, BigserialCursor, NoEpoch, AnswerBeforeSync, RecycledNumbers, NoIncarnation, CursorApart,
        SentIsSettled, LeasesKept, NothingBurned, ForgottenEpoch, Unproven, NotSignedOff,
        UnknownDropped, UnknownClaimed,
    )
}  # fmt: skip


def found(variant: Unsafe, seeds: Sequence[int]) -> tuple[int, Violation] | None:
    """Return the first seed whose history breaks as the variant says, with what broke; None when none does."""
    for seed in seeds:
        try:
            made(variant.shaped(draw(seed)), variant)
        except Violation as violation:
            if violation.name in variant.breaks:
                return seed, violation
    return None
