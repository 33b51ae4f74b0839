"""The centre takes events in: every one stored, each with one outcome, and nothing that is not a run of a chain."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import date

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jinpu_desk.app.ports.sync import Settled
from jinpu_desk.domain import bodies as b
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.events import GENESIS, canonical
from jinpu_desk.domain.ids import CaseId, ClerkId, EventId
from jinpu_desk.domain.materials import MaterialState, MaterialTick
from jinpu_desk.server import admin
from jinpu_desk.server.centre import Centre
from jinpu_desk.server.events import feed
from jinpu_desk.server.operation.verify import verify
from jinpu_desk.store.centre import events as store
from jinpu_desk.sync.pull import checked
from jinpu_desk.sync.wire import PUSH_LIMIT, Push, WireEvent, start_of
from samples.cases import CASE, received
from samples.centres import Window

ACCEPTED = b.CaseAccepted(accepted_on=date(2026, 9, 18))
WITHDRAWN = b.CaseWithdrawn(reason="演示撤回")


def name(value: str) -> b.FieldsEdited:
    return b.FieldsEdited(changes={"form.name": ("演示小馆", value)})


def phone(value: str) -> b.FieldsEdited:
    return b.FieldsEdited(changes={"applicant.phone": ("", value)})


def ticked(key: str, pages: int = 1) -> b.MaterialsTicked:
    return b.MaterialsTicked(ticks={key: MaterialTick(state=MaterialState.RECEIVED, pages=pages)})


@pytest.fixture
def one(centre: Centre) -> Window:
    return Window(centre)


@pytest.fixture
def two(centre: Centre) -> Window:
    return Window(centre, "JP05")


def outcomes(settled: Sequence[Settled]) -> list[tuple[str, str]]:
    return [(s.outcome, s.reason) for s in settled]


def test_events_are_applied_in_order_and_keep_their_places(one: Window) -> None:
    settled = one.say(received(), ACCEPTED)
    assert [(s.seq, s.position, s.outcome) for s in settled] == [(1, 1, "applied"), (2, 2, "applied")]
    assert verify(one.centre.engine).ok


def test_a_repeated_push_changes_nothing_and_answers_the_same(one: Window) -> None:
    push = one.signed(one.write(received(), ACCEPTED))
    first = one.push(push)
    assert one.push(push) == first
    more = one.write(b.CaseNoted(text="演示"))
    overlapping = msgspec.structs.replace(one.signed(more), events=[push.events[1], *one.signed(more).events])
    assert [s.position for s in one.push(overlapping).outcomes] == [2, 3]
    assert verify(one.centre.engine).events == 3


def test_another_event_at_a_known_place_is_a_fork(one: Window) -> None:
    start = one.chain.head
    one.say(received())
    one.chain.head = start
    with pytest.raises(Refused, match=r"sync\.fork"):
        one.say(received(query_code="999999"))


def test_a_chain_that_continues_another_past_is_a_fork(one: Window) -> None:
    start = one.chain.head
    one.say(received())
    one.chain.head = start
    one.write(received(query_code="999999"))
    with pytest.raises(Refused, match=r"sync\.fork"):
        one.say(ACCEPTED)


def test_a_gap_names_what_is_expected(one: Window) -> None:
    one.write(received())
    with pytest.raises(Refused, match=r"sync\.gap") as caught:
        one.say(ACCEPTED)
    assert caught.value.params["expected"] == 1


def test_a_forged_or_foreign_signature_is_refused(one: Window, two: Window) -> None:
    push = one.signed(one.write(received()))
    forged = msgspec.structs.replace(push, signature=two.key.sign(push.head.statement()))
    with pytest.raises(Refused, match=r"sync\.bad-signature"):
        one.push(forged)
    with pytest.raises(Refused, match=r"chain\.replica"):
        two.push(push)


def test_a_head_that_is_not_the_last_event_is_refused(one: Window) -> None:
    push = one.signed(one.write(received(), ACCEPTED))
    with pytest.raises(Refused, match=r"sync\.bad-head"):
        one.push(msgspec.structs.replace(push, events=push.events[:1]))


def test_a_tampered_body_is_refused_and_nothing_is_written(one: Window) -> None:
    push = one.signed(one.write(received(), ACCEPTED))
    body = push.events[0].body
    assert body is not None
    tampered = msgspec.structs.replace(push.events[0], body=body.replace(b"123456", b"654321"))
    with pytest.raises(Refused, match=r"chain\.body"):
        one.push(msgspec.structs.replace(push, events=[tampered, push.events[1]]))
    assert verify(one.centre.engine).events == 0


def _with_header(push: Push, header: bytes) -> Push:
    first = push.events[0]
    return msgspec.structs.replace(push, events=[WireEvent(header=header, body=first.body, salt=first.salt)])


def test_headers_must_be_canonical_and_sound(one: Window) -> None:
    push = one.signed(one.write(received()))
    header = push.events[0].header
    spaced = header.replace(b'{"actor":', b'{ "actor":')
    unknown = header.replace(b'{"actor":', b'{"aa":1,"actor":')
    long_actor = header.replace(b'"actor":"demo"', b'"actor":"' + b"d" * 65 + b'"')
    nul = header.replace(b'"actor":"demo"', b'"actor":"d\\u0000"')
    late = header.replace(b'"at":', b'"at":9999999')
    for broken in (spaced, unknown, long_actor, nul, late, b"", b"[]", b"\xff"):
        with pytest.raises(Refused, match=r"sync\.bad-header"):
            one.push(_with_header(push, broken))


@settings(max_examples=60)
@given(at=st.integers(0, 400), bit=st.integers(0, 7))
def test_any_flipped_bit_of_a_header_is_noticed(at: int, bit: int) -> None:
    window = _Offline()
    push = window.push
    raw = bytearray(push.events[0].header)
    raw[at % len(raw)] ^= 1 << bit
    from jinpu_desk.server.events.receive import open_push

    with pytest.raises(Refused):
        open_push(window.row, _with_header(push, bytes(raw)))


class _Offline:
    """A push and the row it is checked against, with no database."""

    def __init__(self) -> None:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        from jinpu_desk.domain.ids import ReplicaId
        from jinpu_desk.store.centre.registry import ReplicaRow, StationRow
        from jinpu_desk.sync.wire import to_wire
        from samples.cases import Chain

        key = Ed25519PrivateKey.from_private_bytes(bytes(32))
        chain = Chain(ReplicaId("01900000-0000-7000-8000-000000000009"))
        event = chain.write(received())
        self.push = Push(events=[to_wire(event)], head=chain.head, signature=key.sign(chain.head.statement()))
        self.row = ReplicaRow(
            id=chain.head.replica,
            station=StationRow(code="JP03", number="03", name="演示站", authority="演示"),
            series=1,
            window="1",
            public_key=key.public_key().public_bytes_raw(),
            certificate=b"",
            enrolled_at=0,
            revoked_at=None,
            seq=0,
        )


def test_pushes_have_a_size(one: Window) -> None:
    for events in ([], one.write(*[b.CaseNoted(text="演示")] * (PUSH_LIMIT + 1))):
        with pytest.raises(Refused, match=r"sync\.push-size"):
            one.push(one.signed(events))


def test_poison_is_dead_and_the_queue_goes_on(one: Window) -> None:
    class Unheard(b.Body, frozen=True, kw_only=True):
        text: str

    b_names = b._NAMES
    b_names[Unheard] = "case.unheard-of"
    try:
        poison = one.write(Unheard(text="演示"))
    finally:
        del b_names[Unheard]
    good = one.write(received())
    settled = one.push(one.signed([*poison, *good])).outcomes
    assert outcomes(settled) == [("dead", "event.unknown-type case.unheard-of"), ("applied", "")]


def test_an_illegal_event_with_nobody_in_the_way_is_dead(one: Window) -> None:
    settled = one.say(received(), ACCEPTED, ACCEPTED)
    assert outcomes(settled)[2] == ("dead", "case.wrong-status")
    assert outcomes(one.say(b.CaseNoted(text="演示"), case=CaseId(CASE[:-1] + "9"))) == [
        ("dead", "case.unknown")
    ]


def test_an_event_id_counts_once_whoever_sends_it(one: Window, two: Window) -> None:
    one.say(received())
    event = one.write(b.CaseNoted(text="演示"))[0]
    one.push(one.signed([event]))
    again = msgspec.structs.replace(
        event.header, replica=two.chain.head.replica, seq=1, prev=GENESIS, id=EventId(event.header.id)
    )
    from jinpu_desk.domain.events import Event, Head, header_hash

    two.chain.head = Head(replica=again.replica, seq=1, hash=header_hash(again))
    settled = two.push(two.signed([Event(header=again, body=event.body, salt=event.salt)])).outcomes
    assert outcomes(settled) == [("dead", "sync.duplicate")]


def test_the_same_field_changed_twice_is_parked(one: Window, two: Window) -> None:
    one.say(received())
    one.say(name("甲记"))
    settled = two.say(name("乙记"), base={one.id: 1})
    assert outcomes(settled) == [("parked", "sync.same-field form.name")]
    assert verify(one.centre.engine).ok


def test_the_same_value_twice_is_no_conflict(one: Window, two: Window) -> None:
    one.say(received())
    one.say(name("甲记"), phone("13900000001"))
    settled = two.say(name("甲记"), phone("13900000002"), base={one.id: 1})
    assert outcomes(settled) == [("merged", ""), ("parked", "sync.same-field applicant.phone")]


def test_whoever_saw_the_change_may_change_it_again(one: Window, two: Window) -> None:
    one.say(received())
    one.say(name("甲记"))
    assert outcomes(two.say(name("乙记"), base={one.id: 2})) == [("applied", "")]


def test_disjoint_changes_merge(one: Window, two: Window) -> None:
    one.say(received())
    one.say(name("甲记"), ticked("layout"))
    settled = two.say(
        phone("13900000002"), ticked("application", 9), b.CaseNoted(text="演示"), base={one.id: 1}
    )
    assert outcomes(settled) == [("merged", "")] * 3


def test_the_same_material_ticked_differently_is_parked(one: Window, two: Window) -> None:
    one.say(received())
    one.say(ticked("layout", 1))
    settled = two.say(ticked("layout", 2), base={one.id: 1})
    assert outcomes(settled) == [("parked", "sync.same-field materials.layout")]


def test_a_status_move_no_longer_legal_is_parked_and_what_follows_it_too(one: Window, two: Window) -> None:
    one.say(received())
    one.say(WITHDRAWN)
    refused = b.CaseDecided(approved=False, decided_on=date(2026, 9, 18), reason="演示")
    settled = two.say(ACCEPTED, refused, base={one.id: 1})
    assert outcomes(settled) == [("parked", "case.wrong-status")] * 2


def test_what_hangs_on_a_parked_event_is_parked_even_when_nothing_was_unseen(
    one: Window, two: Window
) -> None:
    one.say(received())
    one.say(WITHDRAWN)
    two.say(ACCEPTED, base={one.id: 1})
    decided = b.CaseDecided(approved=False, decided_on=date(2026, 9, 18), reason="演示")
    assert outcomes(two.say(decided, base={one.id: 2})) == [("parked", "case.wrong-status")]


def test_status_moves_that_are_both_legal_merge(one: Window, two: Window) -> None:
    one.say(received(), ACCEPTED)
    one.say(b.TermExtended(days=10, reason="演示", approver="demo"))
    pause = b.ClockPaused(reason="鉴定", start=date(2026, 9, 21), approver="demo")
    assert outcomes(two.say(pause, base={one.id: 2})) == [("merged", "")]


def test_a_resolution_ends_a_conflict_once(one: Window, two: Window) -> None:
    one.say(received())
    one.say(name("甲记"))
    parked = two.say(name("乙记"), base={one.id: 1})[0]
    keep = b.ConflictResolved(
        parked=parked.id, keep=True, changes={"form.name": ("甲记", "乙记")}, reason="演示"
    )
    drop = b.ConflictResolved(parked=parked.id, keep=False, reason="演示")
    assert outcomes(one.say(keep, base={two.id: 1})) == [("applied", "")]
    settled = two.say(drop, base={one.id: 2})
    assert outcomes(settled) == [("parked", "sync.resolved-twice")]
    assert verify(one.centre.engine).ok


def test_late_events_of_a_revoked_clerk_are_stored_and_flagged(one: Window, centre: Centre) -> None:
    one.say(received())
    admin.revoke_user(centre.engine, "demo", centre.now())
    assert outcomes(one.say(ACCEPTED)) == [("applied", "")]
    with centre.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT flag FROM event ORDER BY position").scalars().all()
    assert list(rows) == ["", "sync.revoked-clerk"]


def test_an_unknown_clerk_is_flagged(one: Window, centre: Centre) -> None:
    event = one.chain.write(received(), actor=ClerkId("nobody"))
    one.push(one.signed([event]))
    with centre.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT flag FROM event").scalar() == "sync.unknown-clerk"


def test_the_kept_state_is_the_fold_of_what_counts(one: Window, two: Window, centre: Centre) -> None:
    one.say(received())
    one.say(name("甲记"), ACCEPTED)
    two.say(name("乙记"), phone("13900000009"), base={one.id: 1})
    assert verify(centre.engine).ok
    with centre.engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE case_state SET state = convert_to(replace(convert_from(state, 'UTF8'), '甲记', '丙记'), 'UTF8')"
        )
    report = verify(centre.engine)
    assert not report.ok
    assert any(CASE in problem for problem in report.problems)


def test_a_changed_event_shows(one: Window, centre: Centre) -> None:
    one.say(received(), ACCEPTED)
    with centre.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE event SET outcome = 3 WHERE position = 2")
    assert not verify(centre.engine).ok


def _pull_all(centre: Centre, limit: int) -> list[tuple[str, int]]:
    cursor = start_of(feed_epoch(centre))
    seen: list[tuple[str, int]] = []
    while True:
        page = feed.page(centre.ledger, centre.key, cursor, limit, 0)
        items, cursor = checked(page, cursor, centre.key.public)
        seen += [(item.event.header.replica, item.event.header.seq) for item in items]
        if cursor.position == page.head:
            return seen


def feed_epoch(centre: Centre) -> str:
    with centre.engine.connect() as connection:
        return store.feed_head(connection).epoch


def test_eight_writers_leave_no_gap_and_a_follower_skips_nothing(centre: Centre) -> None:
    windows = [Window(centre, f"JP{n:02}") for n in range(1, 9)]
    rounds, size = 12, 5
    done = threading.Event()
    followed: list[tuple[str, int]] = []
    faults: list[BaseException] = []

    def write(window: Window, number: int) -> None:
        try:
            for turn in range(rounds):
                case = CaseId(f"01900000-0000-7000-8000-{number:06}{turn:06}")
                shared = CaseId(f"01900000-0000-7000-8000-{turn:012}")
                window.say(received(), *[b.CaseNoted(text="演示")] * (size - 2), case=case)
                window.say(received(), case=shared)
        except BaseException as fault:  # shown by the test below
            faults.append(fault)

    def follow() -> None:
        cursor = start_of(feed_epoch(centre))
        while True:
            last = done.is_set()
            page = feed.page(centre.ledger, centre.key, cursor, 7, 0)
            items, cursor = checked(page, cursor, centre.key.public)
            followed.extend((item.event.header.replica, item.event.header.seq) for item in items)
            if last and not items:
                return

    follower = threading.Thread(target=follow)
    writers = [threading.Thread(target=write, args=(w, n)) for n, w in enumerate(windows, 1)]
    for thread in (follower, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    follower.join()
    assert not faults
    total = 8 * rounds * size
    assert len(followed) == len(set(followed)) == total
    assert followed == _pull_all(centre, 1000)
    report = verify(centre.engine)
    assert (report.ok, report.events) == (True, total)


def test_a_page_ends_at_its_limits_and_is_never_empty_before_the_end(one: Window, centre: Centre) -> None:
    one.say(received(), *[b.CaseNoted(text="演" * 1000)] * 4)
    with centre.engine.connect() as connection:
        assert len(store.feed_page(connection, 0, 3, 10**9)) == 3
        assert len(store.feed_page(connection, 1, 3, 3500)) == 2
        assert len(store.feed_page(connection, 1, 3, 1)) == 1
        assert store.feed_page(connection, 5, 3, 10**9) == []


@pytest.mark.parametrize("wrong", ["epoch", "position", "hash"])
def test_a_cursor_this_centre_never_gave_is_rewound(one: Window, centre: Centre, wrong: str) -> None:
    one.say(received())
    page = feed.page(centre.ledger, centre.key, start_of(feed_epoch(centre)), 10, 0)
    _items, cursor = checked(page, start_of(feed_epoch(centre)), centre.key.public)
    assert feed.page(centre.ledger, centre.key, cursor, 10, 0).items == []
    changed = {"epoch": "another", "position": 2, "hash": "f" * 64}[wrong]
    with pytest.raises(Refused, match=r"sync\.rewound"):
        feed.page(centre.ledger, centre.key, msgspec.structs.replace(cursor, **{wrong: changed}), 10, 0)


def test_headers_are_served_as_they_were_hashed(one: Window, centre: Centre) -> None:
    event = one.write(received())[0]
    one.push(one.signed([event]))
    page = feed.page(centre.ledger, centre.key, start_of(feed_epoch(centre)), 10, 0)
    assert page.items[0].header == canonical(event.header)
    assert page.items[0].body == event.body
