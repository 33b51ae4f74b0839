"""What the desk sends, what the centre answers, what others did: one projection, whatever the order of arrival."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from jinpu_desk.app.ports import Lease
from jinpu_desk.app.ports.sync import Cursor, FeedItem, Settled
from jinpu_desk.domain import bodies as b
from jinpu_desk.domain.case import Status
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.events import Event
from jinpu_desk.domain.ids import CaseId, Digest, ReplicaId
from jinpu_desk.store.desk import SqlDeskStore
from samples.cases import CASE, NOON, REPLICA, Chain, received
from samples.stores import record

Opener = Callable[..., SqlDeskStore]
ELSEWHERE = ReplicaId("0190000f-0000-7000-8000-0000000000f1")
OTHER = CaseId("01900000-0000-7000-8000-00000000c002")


def cursor(position: int) -> Cursor:
    return Cursor(epoch="演示", position=position, hash=Digest(f"{position:064x}"))


def item(position: int, event: Event, outcome: str = "applied", reason: str = "") -> FeedItem:
    return FeedItem(position=position, event=event, outcome=outcome, reason=reason)  # type: ignore[arg-type]


def settled(position: int, event: Event, outcome: str = "applied", reason: str = "") -> Settled:
    return Settled(
        id=event.header.id,
        seq=event.header.seq,
        position=position,
        outcome=outcome,  # type: ignore[arg-type]
        reason=reason,
    )


def name_of(store: SqlDeskStore, case_id: CaseId = CASE) -> str:
    case = store.case(case_id)
    row = store.row(case_id)
    assert case is not None
    assert row is not None
    assert row.entity_name == case.form["name"]
    return row.entity_name


def renamed(name: str) -> b.FieldsEdited:
    return b.FieldsEdited(changes={"form.name": ("演示小馆", name)})


def test_settled_events_leave_the_outbox_and_the_rest_goes_on(store: SqlDeskStore) -> None:
    events = record(store, received(), b.CaseNoted(text="一"), b.CaseNoted(text="二"))
    store.sync.settle([settled(1, events[0]), settled(2, events[1], "merged")])
    head, waiting = store.sync.outbox(10)
    assert waiting == (events[2],)
    assert (head.seq, head.hash) == (2, events[2].header.prev)
    assert [s.outcome for s in store.events_of(CASE)] == ["applied", "merged", "pending"]
    status = store.status()
    assert (status.pending, status.acknowledged, status.pending_cases) == (1, 2, 1)
    assert store.pending_case_ids([CASE, CaseId("elsewhere")]) == {CASE}
    store.sync.settle([settled(3, events[2])])
    head, waiting = store.sync.outbox(10)
    assert (head.seq, waiting) == (3, ())
    assert store.status().acknowledged_today == 1
    assert store.verify().ok


def test_parked_event_leaves_the_case_and_waits_for_a_person(store: SqlDeskStore) -> None:
    events = record(store, received(), renamed("改名馆"))
    assert store.search("改名馆")
    store.sync.settle([settled(1, events[0]), settled(2, events[1], "parked", "同一字段已被改动")])
    assert name_of(store) == "演示小馆"
    assert not store.search("改名馆")
    (waiting,) = store.parked()
    assert (waiting.event, waiting.reason) == (events[1], "同一字段已被改动")
    assert store.status().parked == 1
    resolution = b.ConflictResolved(
        parked=events[1].header.id, keep=True, changes={"form.name": ("演示小馆", "改名馆")}, reason="演示"
    )
    record(store, resolution)
    assert name_of(store) == "改名馆"
    assert store.parked() == ()
    assert store.status().parked == 0
    assert store.verify().ok


def test_dead_opening_takes_the_case_away_until_it_is_revived(store: SqlDeskStore) -> None:
    events = record(store, received(), b.CaseNoted(text="演示"))
    store.sync.settle([settled(1, events[0], "dead", "演示")])
    assert store.case(CASE) is None
    assert store.row(CASE) is None
    assert store.search("演示甲") == ()
    assert (store.status().cases, store.status().dead) == (0, 1)
    assert store.verify().ok
    store.sync.absorb([item(1, events[0]), item(2, events[1])], cursor(2), b"")
    assert store.row(CASE) is not None
    assert store.status().cases == 1
    assert store.verify().ok


def test_acknowledged_order_beats_order_of_arrival(store: SqlDeskStore) -> None:
    chain = Chain(ELSEWHERE)
    opened = chain.write(received())
    store.sync.absorb([item(1, opened)], cursor(1), b"")
    (own,) = record(store, renamed("本机改名"))
    theirs = chain.write(renamed("他处改名"))
    # Ours is pending, so it is folded last although theirs came later.
    store.sync.absorb([item(2, theirs)], cursor(2), b"")
    assert name_of(store) == "本机改名"
    # The centre had put ours before theirs.
    late = chain.write(renamed("再次改名"))
    store.sync.absorb([item(4, late)], cursor(4), b"")
    store.sync.settle([settled(3, own)])
    assert name_of(store) == "再次改名"
    assert [s.position for s in store.events_of(CASE)] == [1, 2, 3, 4]
    assert store.verify().ok


def test_own_events_settle_through_the_feed(store: SqlDeskStore) -> None:
    events = record(store, received())
    assert store.sync.absorb([item(7, events[0], "merged")], cursor(7), b"") == 0
    assert store.sync.outbox(9)[1] == ()
    assert store.sync.cursor() == cursor(7)


def test_absorbing_twice_changes_nothing(store: SqlDeskStore) -> None:
    chain = Chain(ELSEWHERE)
    items = [item(1, chain.write(received())), item(2, chain.write(b.CaseNoted(text="演示")))]
    assert store.sync.absorb([*items, items[0]], cursor(2), b"") == 2
    before = (store.case(CASE), store.row(CASE), store.status())
    assert store.sync.absorb(items, cursor(2), b"") == 0
    assert (store.case(CASE), store.row(CASE), store.status()) == before


def test_base_names_what_was_seen_of_others(store: SqlDeskStore) -> None:
    chain = Chain(ELSEWHERE)
    store.sync.absorb([item(1, chain.write(received()))], cursor(1), b"")
    first, second = record(store, b.CaseNoted(text="一"), b.CaseNoted(text="二"))
    assert first.header.base == second.header.base == {ELSEWHERE: 1}


@pytest.mark.parametrize("same", ["id", "seq"])
def test_fork_is_refused_and_nothing_of_the_batch_stays(store: SqlDeskStore, same: str) -> None:
    chain, twin = Chain(ELSEWHERE), Chain(ELSEWHERE)
    store.sync.absorb([item(1, chain.write(received()))], cursor(1), b"")
    forged = twin.write(received(query_code="999999"))
    if same == "seq":
        from msgspec.structs import replace

        forged = replace(forged, header=replace(forged.header, id="01900000-0000-7000-8000-00000000beef"))
    fresh = Chain(ReplicaId("0190000e-0000-7000-8000-0000000000f2")).write(received(), case=OTHER)
    with pytest.raises(Refused, match=r"sync\.fork"):
        store.sync.absorb([item(2, fresh), item(3, forged)], cursor(3), b"")
    assert store.case(OTHER) is None
    assert store.sync.cursor() == cursor(1)
    assert store.verify().ok


def test_broken_chain_or_body_is_refused(store: SqlDeskStore) -> None:
    from msgspec.structs import replace

    chain = Chain(ELSEWHERE)
    first, second = chain.write(received()), chain.write(b.CaseNoted(text="演示"))
    with pytest.raises(Refused, match=r"chain\.body"):
        store.sync.absorb(
            [item(1, replace(first, body=first.body and first.body.replace(b"1", b"2")))], cursor(1), b""
        )
    store.sync.absorb([item(1, first)], cursor(1), b"")
    bent = replace(second, header=replace(second.header, prev=Digest("f" * 64)))
    with pytest.raises(Refused, match=r"chain\.prev"):
        store.sync.absorb([item(2, bent)], cursor(2), b"")


def test_own_event_this_desk_never_wrote_is_refused(store: SqlDeskStore) -> None:
    with pytest.raises(Refused, match=r"sync\.own-event-unknown"):
        store.sync.absorb([item(1, Chain(REPLICA).write(received()))], cursor(1), b"")


def test_scoped_feed_may_leave_gaps_and_fill_them(store: SqlDeskStore) -> None:
    chain = Chain(ELSEWHERE)
    events = [
        chain.write(received()),
        chain.write(b.CaseNoted(text="一")),
        chain.write(b.CaseNoted(text="二")),
    ]
    store.sync.absorb([item(1, events[0]), item(3, events[2])], cursor(3), b"")
    assert store.verify().ok
    assert store.sync.absorb([item(2, events[1])], cursor(3), b"") == 1
    case = store.case(CASE)
    assert case is not None
    assert [moment.note for moment in case.timeline] == ["", "一", "二"]
    report = store.verify()
    assert report.ok
    assert report.heads == {ELSEWHERE: chain.head.hash}


def test_unreadable_event_of_a_newer_program_holds_nothing_up(store: SqlDeskStore) -> None:
    from msgspec.structs import replace

    chain = Chain(ELSEWHERE)
    opened = chain.write(received())
    strange = chain.write(b.CaseNoted(text="演示"))
    strange = replace(strange, header=replace(strange.header, type="case.from-tomorrow"))
    assert store.sync.absorb([item(1, opened), item(2, strange)], cursor(2), b"") == 2
    assert store.row(CASE) is not None
    assert store.verify().ok


def test_attachments_of_own_events_wait_to_be_sent(store: SqlDeskStore) -> None:
    sha256 = Digest("ab" * 32)
    page = b.PagesAttached(material="application", sha256=sha256, media_type="image/jpeg", size=7)
    record(store, received(), page, page)
    chain = Chain(ELSEWHERE)
    foreign = b.PagesAttached(material="x", sha256=Digest("cd" * 32), media_type="image/jpeg", size=9)
    store.sync.absorb(
        [item(1, chain.write(received(), case=OTHER)), item(2, chain.write(foreign, case=OTHER))],
        cursor(2),
        b"",
    )
    assert list(store.sync.blobs_to_send()) == [(sha256, 7)]
    assert store.status().blobs_pending == 1
    store.sync.blob_sent(sha256)
    assert list(store.sync.blobs_to_send()) == []


def test_contact_is_remembered_and_stamped_on_events(store: SqlDeskStore) -> None:
    assert store.sync.clock_offset() is None
    (before,) = record(store, received())
    store.sync.contact(NOON, -1500, 0)
    store.sync.contact(NOON + 5, 2500, 0)
    (after,) = record(store, b.CaseNoted(text="演示"))
    assert (before.header.clock_offset, after.header.clock_offset) == (None, 2500)
    assert store.status().last_contact == NOON + 5


def test_refused_case_is_closed_in_lists(store: SqlDeskStore) -> None:
    record(store, received(), b.CaseRefused(reason="演示"))
    row = store.row(CASE)
    assert row is not None
    assert row.status == Status.REFUSED
    assert row.decide_by is None or row.decide_by >= date(2026, 9, 18)


def test_lease_ids_are_kept_once(store: SqlDeskStore) -> None:
    lease = Lease(id="l", kind="D2", template="演示〔{yyyy}〕{n}号", year=2026, first=1, last=9, next=1)
    store.sync.keep_leases([lease, lease])
    assert store.sync.leases() == store.leases() == (lease,)
