"""Two windows that meet at a real centre: each a whole desk on its own encrypted store, with somebody at it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from jinpu_desk.app.project import CaseProjector
from jinpu_desk.app.screens import conflict_view
from jinpu_desk.app.screens.case_view import case_page
from jinpu_desk.app.screens.conflict_view import ConflictPage
from jinpu_desk.app.screens.views import CasePage, WorkLine
from jinpu_desk.domain.case import Case
from jinpu_desk.server.centre import Centre
from jinpu_desk.server.operation.verify import verify
from jinpu_desk.sync.session import Enrolled, SyncSession
from jinpu_desk.sync.transport import HttpCentre

from .cases import CLERK
from .centres import Window, connected
from .counter import STATIONS, Counter, calendar, open_counter
from .memory import MemoryBlobs, MemoryRing, MemoryShelf, MemorySigning
from .stores import StoppedClock, open_store, replica


class Post:
    """A window: its counter, and its way to the centre."""

    def __init__(self, name: str, counter: Counter, session: SyncSession) -> None:
        self.name = name
        self.counter = counter
        self.session = session

    def case(self, case: Case) -> Case:
        """Return the case as this window has it."""
        return self.counter.again(case)

    def act(self, case: Case, verb: str, data: object = None, *, by: str = "clerk") -> Case:
        """Let somebody with this role do a verb."""
        self.counter.sit(by)
        return self.counter.act(self.case(case), verb, data)

    @property
    def inbox(self) -> tuple[WorkLine, ...]:
        """What waits for a person here."""
        return conflict_view.inbox(self.counter.desk)

    @property
    def conflict(self) -> ConflictPage:
        """The one thing that waits."""
        (line,) = self.inbox
        return conflict_view.page(self.counter.desk, line.job_id)

    def settle(self, case: Case, take: str, *theirs: str, by: str = "clerk") -> Case:
        """Choose a side in the one conflict there is."""
        data = {"event": self.conflict.event, "take": take, "theirs": theirs, "reason": "演示选定"}
        return self.act(case, "resolve", data, by=by)

    def page(self, case: Case) -> CasePage:
        """Return the case as the window shows it."""
        return case_page(self.counter.desk, case.id)

    def told(self, case: Case) -> list[str]:
        """Return what the timeline says was done, oldest first."""
        return [line.what for line in reversed(self.page(case).timeline)]


def windows(posts: Sequence[Post]) -> None:
    """Let each window know what the others are called, as the signed directory does."""
    names: dict[str, str] = {post.counter.desk.replica.id: post.name for post in posts}
    for post in posts:
        post.counter.desk = replace(post.counter.desk, windows=names)


@contextmanager
def post(centre: Centre, url: str, folder: Path, station: str, name: str) -> Iterator[Post]:
    """Enrol a window and open its counter."""
    window = Window(centre, station)
    identity = replica(id=window.enrolled.replica.id, station="00", station_name=STATIONS["00"], window=name)
    clock = StoppedClock()
    place = folder / station
    place.mkdir()
    store = open_store(
        place / "desk.db",
        replica=identity,
        clock=clock,
        projector=CaseProjector(calendar()),
        entropy=os.urandom,
    )
    counter = open_counter(place, store=store)
    counter.clock = clock
    counter.desk = replace(counter.desk, replica=identity, clock=clock, entropy=os.urandom)
    with connected(window, url) as http:
        yield Post(name, counter, session_of(window, http, counter))
    store.close()


def session_of(window: Window, http: HttpCentre, counter: Counter) -> SyncSession:
    """Return the messenger of a window."""
    return SyncSession(
        centre=http,
        enrolled=Enrolled(centre_key=window.enrolled.centre_key, epoch=window.enrolled.epoch),
        store=counter.store.sync,
        blobs=MemoryBlobs(),
        shelf=MemoryShelf(),
        ring=MemoryRing(CLERK),
        signing=MemorySigning(window.enrolled.replica.id, window.key),
        clock=counter.clock,
    )


def meet(*posts: Post) -> None:
    """Let everybody hear of everything."""
    for _ in range(2):
        for each in posts:
            each.session.round()


def agree(centre: Centre, case: Case, *posts: Post) -> Case:
    """Let everybody hear of everything, and hold them to one truth: equal cases, equal timelines, sound chains."""
    meet(*posts)
    held = [each.case(case) for each in posts]
    assert all(other == held[0] for other in held)
    assert len({tuple(each.told(case)) for each in posts}) == 1
    assert len({tuple(line.job_id for line in each.inbox) for each in posts}) == 1
    for each in posts:
        report = each.counter.store.verify()
        assert report.ok, report.problems
        assert each.counter.store.status().pending == 0
    walked = verify(centre.engine)
    assert walked.ok, walked.problems
    return held[0]
