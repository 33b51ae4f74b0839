"""A round over a line that cuts, stalls, repeats and reorders: nothing lost, nothing doubled, the outbox drains.

Real sockets, a real centre on PostgreSQL, real encrypted attachments; each case is a window of its own.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest
import sqlalchemy as sa

from jinpu_desk.app.ports.sync import SyncRound
from jinpu_desk.domain import bodies as b
from jinpu_desk.domain.errors import Unavailable
from jinpu_desk.domain.ids import CaseId, Digest
from jinpu_desk.server.centre import Centre
from jinpu_desk.server.operation.verify import verify
from jinpu_desk.store.blobs import FileBlobs
from jinpu_desk.sync import attachments, transport
from jinpu_desk.sync.session import Enrolled, SyncSession
from jinpu_desk.sync.transport import HttpCentre
from samples.cases import CLERK, received
from samples.centres import Window
from samples.memory import MemoryRing, MemoryShelf, MemorySigning, MemoryStore
from samples.proxy import Fault, Meddler, Message
from samples.stores import KEY, StoppedClock

SCAN = bytes(range(241)) * 170  # 41 kB in three pieces
PIECE = 16 * 1024
EVENTS = 4
EDGES: dict[str, Callable[[Message], int]] = {
    "nothing": lambda message: 0,
    "head-1": lambda message: message.head - 1,
    "head": lambda message: message.head,
    "head+1": lambda message: message.head + 1,
    "end-1": lambda message: len(message.raw) - 1,
    "end": lambda message: len(message.raw),
}
"""Where a message is cut: about the end of its head and of its body, by the byte; the byte after the end is the
"nothing" of the next one."""
ATTEMPTS = 12
_NUMBERS = itertools.count(1)


class Desk:
    """A window that has something to send, behind a proxy."""

    def __init__(self, centre: Centre, proxy: Meddler, folder: Path, shelf: MemoryShelf) -> None:
        self.number = next(_NUMBERS)
        self.window = Window(centre)
        self.centre = centre
        self.store = MemoryStore(self.window.enrolled.replica.id)
        self.blobs = FileBlobs(folder / f"desk-{self.number}", KEY)
        self.http = HttpCentre(proxy.url, self.window.enrolled.token)
        self.session = SyncSession(
            centre=self.http,
            enrolled=Enrolled(centre_key=self.window.enrolled.centre_key, epoch=self.window.enrolled.epoch),
            store=self.store,
            blobs=self.blobs,
            shelf=shelf,
            ring=MemoryRing(CLERK),
            signing=MemorySigning(self.window.enrolled.replica.id, self.window.key),
            clock=StoppedClock(),
        )
        self.scan = b"%d " % self.number + SCAN
        self.name = self.blobs.put(self.scan)
        self.store.blobs[self.name] = len(self.scan)
        self.write()

    def write(self) -> None:
        """Take a case in."""
        case = CaseId(f"01900000-0000-7000-8000-{next(_NUMBERS):012}")
        said = [received(), *[b.CaseNoted(text="演示")] * (EVENTS - 1)]
        self.store.own += self.window.write(*said, case=case)

    def settle(self) -> SyncRound:
        """Try until a round is through, as the messenger does."""
        for _attempt in range(ATTEMPTS):
            try:
                done = self.session.round()
            except Unavailable:
                continue
            if done.blobs_left == 0:
                return done
        raise AssertionError("no round got through")

    def check(self) -> None:
        """Everything is at the centre once, and known to be here."""
        assert self.store.outbox(1)[1] == ()
        assert self.store.blobs == {}
        asked = sa.text("SELECT seq FROM event WHERE replica = :replica ORDER BY seq")
        with self.centre.engine.connect() as connection:
            held = connection.execute(asked, {"replica": self.window.id}).scalars().all()
        assert held == list(range(1, len(self.store.own) + 1))
        assert {settled.outcome for settled in self.store.outcomes.values()} == {"applied"}
        assert b"".join(self.centre.blobs.read(self.name)) == self.scan


@pytest.fixture
def proxy(address: str) -> Iterator[Meddler]:
    with Meddler(address) as proxy:
        yield proxy


@pytest.fixture
def desk(
    centre: Centre, proxy: Meddler, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], Desk]]:
    """Enrols desks; the first has fetched what all of them keep on their shelf."""
    monkeypatch.setattr(attachments, "FIRST_PIECE", PIECE)
    monkeypatch.setattr(attachments, "CHUNK", PIECE)
    shelf = MemoryShelf()
    made: list[Desk] = []

    def make() -> Desk:
        made.append(Desk(centre, proxy, tmp_path, shelf))
        return made[-1]

    make().settle()
    proxy.requests.clear()
    yield make
    for one in made:
        one.http.close()
    assert verify(centre.engine).problems == ()


def kinds(requests: list[Message]) -> list[str]:
    """Name the requests of a clean round, each kind numbered."""
    names: list[str] = []
    for request in requests:
        path = request.path.split("?")[0].removeprefix("/api/v1/").split("/")
        names.append(f"{request.method} {path[0]}{'/' + path[-1] if path[0] == 'replicas' else ''}")
    return [f"{name} {names[:at].count(name)}" for at, name in enumerate(names)]


def sweep(desk: Callable[[], Desk], proxy: Meddler, wanted: Callable[[str], bool]) -> int:
    """Cut every wanted message of a round at every edge, both ways; return how many cuts there were."""
    desk().settle()
    names = kinds(proxy.requests)
    cuts = 0
    for place, way, edge in itertools.product(range(len(names)), ("cut-up", "cut-down"), EDGES):
        if not wanted(names[place]):
            continue
        proxy.requests.clear()
        proxy.answers.clear()
        fault = Fault(way, EDGES[edge])  # type: ignore[arg-type]
        proxy.met = 0
        proxy.script = lambda number, _request, at=place, what=fault: what if number == at else None  # type: ignore[misc]
        one = desk()
        one.settle()
        assert proxy.met == 1, (names[place], way, edge)
        one.check()
        cuts += 1
    proxy.script = lambda _number, _request: None
    return cuts


def test_cuts_about_a_push_a_piece_and_its_end(desk: Callable[[], Desk], proxy: Meddler) -> None:
    wanted = {"POST replicas/events 0", "PATCH blobs 1", "POST blobs 0"}
    assert sweep(desk, proxy, wanted.__contains__) == 2 * len(wanted) * len(EDGES)


@pytest.mark.slow
def test_cuts_of_every_message_of_a_round(
    desk: Callable[[], Desk], proxy: Meddler, capsys: pytest.CaptureFixture[str]
) -> None:
    cuts = sweep(desk, proxy, lambda _name: True)
    assert cuts >= 2 * 9 * len(EDGES)
    with capsys.disabled():
        print(f"\n{cuts} cuts, each in a round of a window of its own: nothing lost, nothing doubled")


@pytest.mark.slow
def test_cuts_at_any_byte_of_an_attachment_and_a_push(
    desk: Callable[[], Desk], proxy: Meddler, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not only at the edges: 200 bytes drawn from a seed, several cuts in each round."""
    random = Random(20260918)
    cuts = 0
    for _ in range(100):
        wrecked = {random.randrange(14) for _ in range(3)}

        def script(number: int, request: Message, wrecked: set[int] = wrecked) -> Fault | None:
            if number not in wrecked:
                return None
            place = random.random()
            way = random.choice(("cut-up", "cut-down"))
            return Fault(way, lambda message: int(place * len(message.raw)))  # type: ignore[arg-type]

        proxy.requests.clear()
        proxy.script, proxy.met = script, 0
        one = desk()
        one.settle()
        one.check()
        cuts += proxy.met
    proxy.script = lambda _number, _request: None
    assert cuts >= 200
    with capsys.disabled():
        print(f"\n{cuts} cuts at random bytes")


@pytest.mark.parametrize("name", ["POST replicas/events 0", "PATCH blobs 1", "GET feed 0"])
def test_silence_is_given_up_and_the_next_round_goes_on(
    desk: Callable[[], Desk], proxy: Meddler, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(transport, "_SILENCE_SECONDS", 0.2)
    monkeypatch.setattr(transport, "_SLOWEST", 1024 * 1024)
    desk().settle()
    place = kinds(proxy.requests).index(name)
    proxy.requests.clear()
    proxy.script = lambda number, _request: Fault("stall") if number == place else None
    one = desk()
    with pytest.raises(Unavailable, match=r"sync\.offline"):
        one.session.round()
    one.settle()
    one.check()


def test_every_request_that_comes_twice_counts_once(desk: Callable[[], Desk], proxy: Meddler) -> None:
    proxy.script = lambda _number, _request: Fault("twice")
    one = desk()
    one.settle()
    one.check()
    assert proxy.met > 9


def test_requests_that_come_again_late_and_out_of_order_change_nothing(
    desk: Callable[[], Desk], proxy: Meddler
) -> None:
    proxy.script = lambda _number, request: Fault("again-later") if request.method != "GET" else None
    one = desk()
    one.settle()
    one.write()
    one.settle()
    orders: list[Callable[[list[Message]], list[Message]]] = [
        lambda late: late[::-1],
        lambda late: Random(1).sample(late, len(late)),
        lambda late: Random(2).sample(late, len(late)),
    ]
    late = list(proxy.late)
    for order in orders:
        proxy.late = list(late)
        proxy.replay(order)
        one.check()
    proxy.script = lambda _number, _request: None
    one.write()
    one.settle()
    one.check()
    assert one.centre.blobs.received(one.name, one.window.id) == 0


def test_a_download_that_is_cut_goes_on_where_it_was(
    desk: Callable[[], Desk], proxy: Meddler, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jinpu_desk.store.blobs.CHUNK", PIECE)
    one, other = desk(), FileBlobs(tmp_path / "other", KEY)
    one.settle()
    cuts = iter((0, PIECE + 500, 500, PIECE + 500))

    def script(_number: int, _request: Message) -> Fault | None:
        past = next(cuts, None)
        return None if past is None else Fault("cut-down", lambda answer: answer.head + past)

    proxy.script = script
    proxy.requests.clear()

    def source(offset: int) -> Iterator[bytes]:
        return one.http.blob_from(Digest(one.name), offset)

    for _attempt in range(4):
        with pytest.raises(Unavailable, match=r"sync\.offline"):
            other.receive(one.name, source)
    other.receive(one.name, source)
    assert other.get(one.name) == one.scan
    ranges = [re.search(rb"(?i)range: bytes=(\d+)-", request.raw) for request in proxy.requests]
    assert [int(found[1]) if found else 0 for found in ranges] == [0, 0, PIECE, PIECE, 2 * PIECE]
