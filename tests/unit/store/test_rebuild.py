"""``rebuild == tables``, and equal histories give equal tables, whatever the road they came by (DESIGN §3)."""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from jinpu_desk.app.ports import CaseQuery
from jinpu_desk.app.ports.sync import Cursor, FeedItem, Settled
from jinpu_desk.domain import bodies as b
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.events import Event
from jinpu_desk.domain.ids import CaseId, CaseNo, ReplicaId
from jinpu_desk.domain.instants import utc
from jinpu_desk.store.desk import SqlDeskStore
from samples.cases import CATALOGUE, CLERK, NOON, Chain, received
from samples.stores import open_store, replica

CASES = [CaseId(f"01900000-0000-7000-8000-00000000c0{n:02}") for n in range(3)]
FOREIGN = [ReplicaId(f"0190000{n + 1}-0000-7000-8000-0000000000f1") for n in range(2)]
WHEN = utc(NOON)
OUTCOMES = st.sampled_from(["applied", "applied", "applied", "merged", "parked", "dead"])
BODIES: list[b.Body] = [
    b.CaseNoted(text="演示"),
    b.CaseAccepted(accepted_on=date(2026, 9, 18)),
    b.FieldsEdited(changes={"form.name": ("演示小馆", "改名馆")}),
    b.FieldsEdited(changes={"applicant.name": ("演示甲", "演示乙")}),
    b.FieldsEdited(changes={"nowhere.x": ("", "")}),
    b.CaseWithdrawn(reason="演示"),
    b.CaseDecided(approved=True, decided_on=date(2026, 9, 21)),
    received(query_code="654321"),
    received(query_code="654321"),
    received(query_code="654321"),
]
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("own"), st.sampled_from(CASES), st.sampled_from(BODIES)),
        st.tuples(
            st.just("foreign"), st.sampled_from(FOREIGN), st.sampled_from(CASES), st.sampled_from(BODIES)
        ),
        st.tuples(st.just("push"), st.integers(1, 3), OUTCOMES),
        st.tuples(st.just("pull"), st.integers(1, 4)),
    ),
    max_size=25,
)


def numbered(case: CaseId, body: b.Body) -> b.Body:
    """Give an opening body the number of its case."""
    if isinstance(body, b.CaseReceived):
        return replace(body, case_no=CaseNo(f"21021303002202611230{case[-2:]}11"))
    return body


class World:
    """A store and the centre's feed, played by the test."""

    def __init__(self, store: SqlDeskStore) -> None:
        self.store = store
        self.chains = {replica: Chain(replica) for replica in FOREIGN}
        self.feed: list[FeedItem] = []
        self.pulled = 0

    def own(self, case: CaseId, body: b.Body) -> None:
        try:
            with self.store.transaction() as work:
                work.record(case, numbered(case, body), actor=CLERK, at=WHEN, catalogue=CATALOGUE)
        except Refused:
            return

    def foreign(self, replica: ReplicaId, case: CaseId, body: b.Body) -> None:
        self._append(self.chains[replica].write(numbered(case, body), case=case), "applied")

    def push(self, count: int, outcome: Any) -> None:
        """The centre takes own events and the answer comes back before the feed does."""
        answers = []
        for event in self.store.sync.outbox(count)[1]:
            position = self._append(event, outcome)
            answers.append(
                Settled(id=event.header.id, seq=event.header.seq, position=position, outcome=outcome)
            )
        self.store.sync.settle(answers)

    def pull(self, count: int) -> None:
        items = self.feed[self.pulled : self.pulled + count]
        self.pulled += len(items)
        if items:
            self.store.sync.absorb(
                items, Cursor(epoch="演示", position=items[-1].position, hash=CATALOGUE), b""
            )

    def _append(self, event: Event, outcome: Any) -> int:
        position = len(self.feed) + 1
        self.feed.append(FeedItem(position=position, event=event, outcome=outcome))
        return position


def tables(store: SqlDeskStore) -> list[Any]:
    found = [*store.page(CaseQuery()).rows, *map(store.case, CASES)]
    return [*found, store.status().cases, store.search("演示", limit=9), store.search("改名馆")]


@settings(max_examples=40)
@given(STEPS)
def test_rebuild_equals_tables(steps: list[tuple[Any, ...]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(Path(folder) / "desk.db", synchronous="OFF")
        world = World(store)
        for name, *given_ in steps:
            getattr(world, name)(*given_)
        report = store.verify()
        assert report.problems == ()
        before = tables(store)
        store.rebuild()
        assert tables(store) == before
        # Whoever pulls the whole feed at once sees what the desk sees once it has pushed and pulled everything.
        world.push(99, "applied")
        world.pull(99)
        other = open_store(
            Path(folder) / "other.db",
            synchronous="OFF",
            replica=replica(id="01900009-0000-7000-8000-00000000000e"),
            entropy=bytes,
        )
        reader = World(other)
        reader.feed = world.feed
        reader.pull(999)
        assert sorted(map(repr, tables(other)[:-3])) == sorted(map(repr, tables(store)[:-3]))
        assert {r.case_id for r in other.search("演示")} == {r.case_id for r in store.search("演示")}
        store.close()
        other.close()
