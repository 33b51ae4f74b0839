"""Eight writers at once: who follows the feed misses nothing, and who followed a sequence would."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from jinpu_desk.app.ports.sync import Cursor
from jinpu_desk.server.centre import Centre
from jinpu_desk.server.events import feed
from jinpu_desk.server.operation.verify import verify
from jinpu_desk.sync.pull import checked
from jinpu_desk.sync.wire import FEED_LIMIT, start_of
from samples.centres import CENTRE_KEY, Window
from samples.writers import EACH, load, pen_of

WRITERS = 8


class Follower:
    """Follows the feed as a desk does, and a sequence as a naive one would."""

    def __init__(self, centre: Centre, epoch: str) -> None:
        self.centre = centre
        self.cursor: Cursor = start_of(epoch)
        self.seen: list[tuple[str, int]] = []
        self.last = 0
        self.numbers: set[int] = set()

    def look(self) -> int:
        """Read on once; return how many events were new. A gap or a broken chain raises."""
        page = feed.page(self.centre.ledger, CENTRE_KEY, self.cursor, FEED_LIMIT, 0)
        items, self.cursor = checked(page, self.cursor, CENTRE_KEY.public)
        self.seen += [(each.event.header.replica, each.event.header.seq) for each in items]
        with self.centre.engine.connect() as connection:
            query = text("SELECT id FROM scratch WHERE id > :last ORDER BY id")
            found = [row.id for row in connection.execute(query, {"last": self.last})]
        self.numbers |= set(found)
        self.last = max([self.last, *found])
        return len(items)


def follow(centre: Centre, database: str, processes: int, seconds: float) -> tuple[int, int]:
    """Follow eight writers; return how many events there were and how many pushes the sequence's follower missed."""
    windows = [Window(centre) for _ in range(WRITERS)]
    with centre.engine.begin() as connection:
        connection.execute(text("CREATE TABLE scratch (id bigserial PRIMARY KEY)"))
    follower = Follower(centre, windows[0].enrolled.epoch)
    pens = [pen_of(window, number) for number, window in enumerate(windows)]
    with load(database, pens, processes, seconds) as under_way:
        while under_way.running:
            follower.look()
    while follower.look():
        pass
    with centre.engine.connect() as connection:
        pushes = connection.execute(text("SELECT count(*) FROM scratch")).scalar_one()
    assert pushes * EACH == under_way.written == follower.cursor.position == len(follower.seen)
    assert len(set(follower.seen)) == under_way.written
    for window in windows:
        own = [seq for replica, seq in follower.seen if replica == window.id]
        assert own == list(range(1, len(own) + 1))
    assert verify(centre.engine).ok
    return under_way.written, pushes - len(follower.numbers)


def test_a_follower_misses_nothing_where_a_sequence_would(centre: Centre, database: str) -> None:
    events, missed = follow(centre, database, processes=2, seconds=5)
    assert events > WRITERS * EACH
    assert missed > 0


@pytest.mark.slow
def test_a_follower_misses_nothing_for_a_minute(centre: Centre, database: str) -> None:
    events, missed = follow(centre, database, processes=4, seconds=60)
    print(f"{events} events; a sequence's follower missed {missed} of {events // EACH} pushes")
    assert missed > 0
