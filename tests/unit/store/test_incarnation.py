"""A store that was enrolled anew loses no unsent event and tears no chain."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec.structs import replace

from jinpu_desk.app.ports.sync import DUPLICATE, Cursor, FeedItem, Settled
from jinpu_desk.domain import bodies as b
from jinpu_desk.domain.events import GENESIS, Event, Head, first_head, header_hash, verify_chain
from jinpu_desk.domain.ids import ReplicaId
from jinpu_desk.store.desk import SqlDeskStore
from jinpu_desk.store.incarnation import _UNSENT
from samples.cases import CASE, CATALOGUE, REPLICA, Chain, received
from samples.memory import MemorySigning
from samples.stores import record, replica

Opener = Callable[..., SqlDeskStore]
NEW = ReplicaId("01900007-0000-7000-8000-000000000007")


def test_unsent_events_move_to_the_new_replica(opened: Opener) -> None:
    old = opened()
    sent, *unsent = record(
        old, received(), b.CaseNoted(text="一"), b.CaseAccepted(accepted_on=date(2026, 9, 18))
    )
    old.sync.settle([Settled(id=sent.header.id, seq=1, position=1, outcome="applied")])
    before = old.row(CASE)
    old.close()
    new = opened(replica=replica(id=NEW, series="003"), entropy=os.urandom)
    head, waiting = new.sync.outbox(10)
    assert head == first_head(NEW)
    assert [e.header.id for e in waiting] == [e.header.id for e in unsent]
    assert [e.body for e in waiting] == [e.body for e in unsent]
    assert {e.header.replica for e in waiting} == {NEW}
    assert all(e.header.base == {REPLICA: 1} for e in waiting)
    assert verify_chain(waiting, head).seq == 2
    assert new.row(CASE) == before
    report = new.verify()
    assert report.problems == ()
    assert set(report.heads) == {REPLICA, NEW}
    record(new, b.CaseNoted(text="二"))
    assert new.sync.outbox(10)[1][-1].header.seq == 3
    new.close()
    again = opened(replica=replica(id=NEW, series="003"))
    assert len(again.sync.outbox(10)[1]) == 3


def test_opening_does_not_walk_the_whole_log(opened: Opener) -> None:
    """What asks for unsent events at every start goes along their own index, however long the log is."""
    store = opened()
    with store._engine.read() as connection:
        asked = str(_UNSENT.compile(connection)).replace(":own", "?")
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked}", ("x",)).all()
    assert [row.detail for row in plan] == ["SCAN events USING INDEX ix_events_pending"]


def test_former_events_come_back_as_another_replicas(opened: Opener) -> None:
    """The centre had got more from the former replica than the restored backup knows."""
    old = opened()
    events = record(old, received(), b.CaseNoted(text="一"))
    old.sync.settle(
        [Settled(id=e.header.id, seq=e.header.seq, position=e.header.seq, outcome="applied") for e in events]
    )
    old.close()
    restored = opened("backup.db", replica=replica(id=NEW, series="003"))
    items = [FeedItem(position=e.header.seq, event=e, outcome="applied") for e in events]
    assert restored.sync.absorb(items, Cursor(epoch="演示", position=2, hash=CATALOGUE), b"") == 2
    case = restored.case(CASE)
    assert case is not None
    assert len(case.timeline) == 2
    assert restored.verify().ok


def test_what_the_centre_had_is_offered_as_its_writer_signed_it(opened: Opener) -> None:
    """The new incarnation has another key; a centre that lost the old one's events takes them by this signature."""
    old = opened()
    written = record(old, received(), b.CaseNoted(text="一"))
    told = [Settled(id=e.header.id, seq=n, position=n, outcome="applied") for n, e in enumerate(written, 1)]
    old.sync.settle(told)
    key = Ed25519PrivateKey.generate()
    old.sign_off(MemorySigning(REPLICA, key))
    old.close()
    new = opened(replica=replica(id=NEW, series="003"), entropy=os.urandom)
    assert new.sync.rewind(Cursor(epoch="later", position=0, hash=GENESIS), {}) == 2
    (offer,) = new.sync.lost()
    assert offer.events == tuple(written)
    assert offer.signature is not None
    head = Head(replica=REPLICA, seq=2, hash=header_hash(written[-1].header))
    key.public_key().verify(offer.signature, head.statement())


def test_an_event_that_counts_in_another_chain_counts_here_until_that_one_comes(opened: Opener) -> None:
    """Otherwise a case would seem not withdrawn between the answer to a push and the next page of the feed."""
    copy = opened(replica=replica(id=NEW))
    events = record(copy, received(), b.CaseWithdrawn(reason="演示"))
    settled = [
        Settled(id=e.header.id, seq=e.header.seq, position=e.header.seq + 2, outcome="dead", reason=DUPLICATE)
        for e in events
    ]
    before = copy.case(CASE)
    assert before is not None
    copy.sync.settle(settled)
    assert copy.case(CASE) == before
    assert copy.status().dead == 0
    original = Chain(REPLICA)
    theirs = [original.write(received()), original.write(b.CaseWithdrawn(reason="演示"))]
    items = [
        FeedItem(
            position=n,
            event=Event(
                header=replace(e.header, id=mine.header.id, prev=e.header.prev), body=e.body, salt=e.salt
            ),
            outcome="applied",
        )
        for n, (e, mine) in enumerate(zip(theirs[:1], events[:1], strict=True), 1)
    ]
    copy.sync.absorb(items, Cursor(epoch="演示", position=1, hash=CATALOGUE), b"")
    case = copy.case(CASE)
    assert case is not None
    assert [moment.event for moment in case.timeline] == [event.header.id for event in events]
    assert case.timeline[0].replica == REPLICA
    assert case.timeline[1].replica == NEW
    assert copy.verify().ok
