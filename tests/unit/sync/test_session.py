"""A round with a real centre over a real loopback, from a desk in memory."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jinpu_desk.domain import bodies as b
from jinpu_desk.domain.errors import Refused, Unavailable
from jinpu_desk.domain.ids import CaseId, ClerkId, ReplicaId
from jinpu_desk.server import admin
from jinpu_desk.server.centre import Centre
from jinpu_desk.sync.backoff import LAST_SECONDS, next_delay
from jinpu_desk.sync.pull import checked
from jinpu_desk.sync.session import Enrolled, SyncSession
from jinpu_desk.sync.transport import HttpCentre
from jinpu_desk.sync.wire import PUSH_LIMIT, FeedPage, Push, PushAnswer, start_of
from samples.cases import CASE, CLERK, received
from samples.centres import PASSWORD, Window, connected
from samples.memory import MemoryBlobs, MemoryRing, MemoryShelf, MemorySigning, MemoryStore
from samples.stores import StoppedClock


class Desk:
    """A window with a store in memory and a messenger."""

    def __init__(self, window: Window, http: HttpCentre) -> None:
        self.window = window
        self.http = http
        self.store = MemoryStore(window.enrolled.replica.id)
        self.blobs, self.shelf = MemoryBlobs(), MemoryShelf()
        self.ring = MemoryRing(CLERK)
        self.clock = StoppedClock()
        self.session = SyncSession(
            centre=http,
            enrolled=Enrolled(centre_key=window.enrolled.centre_key, epoch=window.enrolled.epoch),
            store=self.store,
            blobs=self.blobs,
            shelf=self.shelf,
            ring=self.ring,
            signing=MemorySigning(window.enrolled.replica.id, window.key),
            clock=self.clock,
        )

    def write(self, *said: b.Body, case: CaseId = CASE, base: dict[str, int] | None = None) -> None:
        self.store.own += self.window.write(*said, case=case, base=base)


@pytest.fixture
def one(centre: Centre, address: str) -> Iterator[Desk]:
    window = Window(centre)
    with connected(window, address) as http:
        yield Desk(window, http)


@pytest.fixture
def two(centre: Centre, address: str) -> Iterator[Desk]:
    window = Window(centre, "JP05")
    with connected(window, address) as http:
        yield Desk(window, http)


def test_what_one_desk_writes_the_other_reads(one: Desk, two: Desk) -> None:
    one.write(received(), *[b.CaseNoted(text="演示")] * (PUSH_LIMIT + 10))
    done = one.session.round()
    total = PUSH_LIMIT + 11
    assert (done.pushed, done.pulled, done.pending, done.parked, done.dead) == (total, total, 0, 0, 0)
    assert two.session.round().pulled == total
    assert [item.event for item in two.store.items.values()] == one.store.own
    assert two.store.cursor() == one.store.cursor()
    again = one.session.round()
    assert (again.pushed, again.pulled, again.blobs) == (0, 0, 0)


def test_a_push_that_overtakes_the_one_before_is_sent_again(
    one: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jinpu_desk.sync.session.PUSH_LIMIT", 2)
    one.write(received(), *[b.CaseNoted(text="演示")] * 8)
    really, second_came, sent = one.http.push, threading.Event(), []

    def overtaken(replica: ReplicaId, push: Push) -> PushAnswer:
        sent.append(push.head.seq)
        if push.head.seq == 2:
            assert second_came.wait(30)
        try:
            return really(replica, push)
        finally:
            if push.head.seq == 4:
                second_came.set()

    monkeypatch.setattr(one.http, "push", overtaken)
    assert one.session.push() == Counter(applied=9)
    # Whether those behind overtake each other too is up to the threads; none goes more than twice.
    times = Counter(sent)
    assert (set(times), times[2], times[4], max(times.values())) == ({2, 4, 6, 8, 9}, 1, 2, 2)
    assert one.store.outbox(9)[1] == ()


def test_conflicts_are_counted_and_reach_both(one: Desk, two: Desk) -> None:
    one.write(received())
    one.session.round()
    one.write(b.FieldsEdited(changes={"form.name": ("演示小馆", "甲记")}))
    one.session.round()
    two.write(b.FieldsEdited(changes={"form.name": ("演示小馆", "乙记")}), base={one.window.id: 1})
    two.write(b.CaseNoted(text="演示"), case=CaseId(CASE[:-1] + "9"))
    done = two.session.round()
    assert (done.pushed, done.parked, done.dead) == (2, 1, 1)
    one.session.round()
    assert [item.outcome for item in one.store.items.values()] == ["applied", "applied", "parked", "dead"]


def test_a_kill_between_push_and_settle_is_made_good(one: Desk) -> None:
    one.write(received(), b.CaseNoted(text="演示"))
    settle = one.store.settle

    def killed(_outcomes: object) -> None:
        raise KeyboardInterrupt

    one.store.settle = killed  # type: ignore[method-assign, assignment]
    with pytest.raises(KeyboardInterrupt):
        one.session.round()
    one.store.settle = settle  # type: ignore[method-assign]
    done = one.session.round()
    assert (done.pushed, done.pulled, done.pending) == (2, 2, 0)


def test_a_pull_that_broke_off_before_the_push_was_settled_settles_it(one: Desk) -> None:
    one.write(received())
    one.http.push(one.store.replica, one.window.signed(one.store.own))
    assert one.session.pull() == 1
    assert one.store.outbox(9)[1] == ()


def test_numbers_are_refilled_at_half(one: Desk) -> None:
    one.session.round()
    first = one.store.leases()
    one.session.round()
    assert one.store.leases() == first
    d2 = next(lease for lease in first if lease.kind == "D2")
    half = d2.first + (d2.last - d2.first + 1) // 2
    one.store.held_leases[d2.id] = msgspec.structs.replace(d2, next=half)
    one.session.round()
    assert [(x.first, x.last) for x in one.store.leases() if x.kind == "D2"] == [(1, 240), (241, 480)]


def test_reference_data_arrives_once_and_is_checked(one: Desk, centre: Centre) -> None:
    admin.publish_catalogue(centre.engine, {"items/a.toml": b"demo"}, 1)
    one.session.round()
    assert one.shelf.files("catalogue") == {"items/a.toml": b"demo"}
    assert set(one.shelf.current) == {"catalogue", "trust"}
    admin.publish_catalogue(centre.engine, {"items/a.toml": b"new"}, 2)
    one.http.files = lambda kind, digest: {"items/a.toml": b"forged"}  # type: ignore[method-assign]
    with pytest.raises(Refused, match=r"sync\.trust"):
        one.session.round()
    assert one.shelf.files("catalogue") == {"items/a.toml": b"demo"}


def test_grants_are_renewed_and_revoked_slots_go(one: Desk, centre: Centre) -> None:
    one.http.login(one.store.replica, CLERK, PASSWORD)
    one.session.round()
    granted = one.ring.slots[CLERK]
    assert granted is not None
    assert isinstance(centre.clock, StoppedClock)
    centre.clock.advance(timedelta(hours=1))
    one.session.round()
    renewed = one.ring.slots[CLERK]
    assert renewed is not None
    assert renewed.expires - granted.expires == 3_600_000
    admin.revoke_user(centre.engine, CLERK, centre.now())
    one.session.round()
    assert one.ring.clerks() == ()


def test_only_genuine_grants_for_slots_here_count(one: Desk) -> None:
    one.http.login(one.store.replica, CLERK, PASSWORD)
    answer = one.http.grants()
    forged = msgspec.structs.replace(answer.grants[0], expires=2**50)
    one.http.grants = lambda: msgspec.structs.replace(answer, grants=[forged], revoked=[ClerkId("x")])  # type: ignore[method-assign]
    one.session.round()
    assert one.ring.slots == {CLERK: None}


def test_the_clock_is_compared_with_the_centres(one: Desk) -> None:
    one.clock.advance(timedelta(seconds=90))
    one.session.round()
    assert one.store.clock_offset() == 90_000


def test_a_revoked_window_is_told(one: Desk, centre: Centre) -> None:
    one.write(received())
    admin.revoke_replica(centre.engine, one.window.id, centre.now())
    with pytest.raises(Refused, match=r"sync\.replica-revoked"):
        one.session.round()
    assert len(one.store.outbox(9)[1]) == 1


def test_a_copied_store_is_found_out(one: Desk) -> None:
    one.write(received())
    one.session.round()
    copy = Desk(one.window, one.http)
    copy.window.chain = type(one.window.chain)(one.store.replica)
    copy.write(received(query_code="999999"))
    with pytest.raises(Refused, match=r"sync\.fork"):
        copy.session.round()


def page_of(one: Desk) -> FeedPage:
    one.write(received(), b.CaseAccepted(accepted_on=date(2026, 9, 18)), b.CaseNoted(text="演示"))
    one.session.push()
    return one.http.feed(start_of(one.window.enrolled.epoch), 10)


def test_a_centre_that_tampers_is_not_believed(one: Desk) -> None:
    page = page_of(one)
    start, key = start_of(one.window.enrolled.epoch), one.window.enrolled.centre_key
    items, end = checked(page, start, key)
    assert [item.position for item in items] == [1, 2, 3]
    assert checked(msgspec.structs.replace(page, items=[]), end, key) == ([], end)
    first, second, third = page.items
    body = first.body
    assert body is not None
    broken: dict[str, list[object]] = {
        "left out": [first, third],
        "swapped": [second, first, third],
        "cut short": [first, second],
        "another outcome": [first, msgspec.structs.replace(second, outcome="parked"), third],
        "another reason": [first, msgspec.structs.replace(second, reason="x"), third],
        "another body": [
            msgspec.structs.replace(first, body=body.replace(b"123456", b"654321")),
            second,
            third,
        ],
    }
    for entries in broken.values():
        with pytest.raises(Refused, match=r"sync\.feed-broken|chain\.body"):
            checked(msgspec.structs.replace(page, items=entries), start, key)
    for changes in ({"epoch": "x"}, {"position": 2}, {"hash": "0" * 64}):
        end_forged = msgspec.structs.replace(page.checkpoint, **changes)
        with pytest.raises(Refused, match=r"sync\.feed-broken"):
            checked(msgspec.structs.replace(page, checkpoint=end_forged), start, key)
    with pytest.raises(Refused, match=r"sync\.checkpoint"):
        checked(page, start, bytes(32))


def test_an_answer_that_settles_something_else_is_no_answer(one: Desk) -> None:
    one.write(received())
    really = one.http.push

    def nothing(replica: ReplicaId, push: Push) -> PushAnswer:
        return msgspec.structs.replace(really(replica, push), outcomes=[])

    one.http.push = nothing  # type: ignore[method-assign]
    with pytest.raises(Unavailable, match=r"sync\.answer"):
        one.session.round()


@given(failures=st.integers(1, 10_000), luck=st.floats(0, 1, exclude_max=True))
def test_waiting_grows_is_random_and_never_longer_than_promised(failures: int, luck: float) -> None:
    wait = next_delay(failures, lambda: luck)
    assert 1 <= wait <= LAST_SECONDS
    assert next_delay(failures + 1, lambda: luck) >= wait
    if luck > 0.01:
        assert wait > next_delay(failures, lambda: 0.0)
