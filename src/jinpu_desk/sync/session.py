"""One full round with the centre: push, pull, grants, numbers, reference data, attachments (DESIGN §4)."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor

import msgspec

from jinpu_desk.app.ports import Blobs, Clock, ReferenceShelf, Signing
from jinpu_desk.app.ports.entering import KeyRing
from jinpu_desk.app.ports.sync import DUPLICATE, Cursor, FeedItem, Settled, SyncRound, SyncStore
from jinpu_desk.domain.errors import Refused, Unavailable
from jinpu_desk.domain.events import Event, Head, header_hash
from jinpu_desk.domain.instants import millis

from .attachments import Attachments
from .centre import Centre
from .pull import checked
from .recovery import Recovery
from .supplies import Supplies
from .wire import (
    FEED_LIMIT,
    PUSH_LIMIT,
    FeedPage,
    Push,
    PushAnswer,
    start_of,
    to_wire,
)

_REWOUND = frozenset({"sync.rewound", "sync.gap"})
"""What a centre says that no longer holds what it once acknowledged."""
_OVERTAKEN = "sync.gap"
"""What a centre says to a push that came before the one it builds on."""
_LOOK_AHEAD = 16
"""Batches read from the outbox at once."""
_UNDER_WAY = 2
"""Pushes at the centre at once. It takes in one after the other: more would only wait, and share the line."""
_LEAST_PAGE = 100
"""Fewest items of the feed a bad line is asked to carry at once."""
_PUSH_BYTES = 16 * 1024 * 1024
"""A batch ends early once its bodies are this large, well below what the centre takes."""


_UnderWay = deque[tuple[Push, Future[list[Settled]]]]


class Enrolled(msgspec.Struct, frozen=True, kw_only=True):
    """What enrolment told this desk of its centre, and what is pinned for ever: its key and its epoch."""

    centre_key: bytes
    epoch: str


class _Heard(msgspec.Struct, frozen=True):
    """A page of the feed that was checked, and when it was asked for and answered by the desk's clock (UTC ms)."""

    page: FeedPage
    items: Sequence[FeedItem]
    end: Cursor  # where they lead to
    asked: int
    answered: int

    @property
    def last(self) -> bool:
        """Whether the feed ended with this page."""
        return self.end.position >= self.page.head or not self.items


def _threads() -> Executor:
    return ThreadPoolExecutor(_UNDER_WAY, "sync")


class SyncSession:
    """The messenger of one desk. Rounds must not overlap; a round that broke off is simply repeated."""

    def __init__(
        self,
        *,
        centre: Centre,
        enrolled: Enrolled,
        store: SyncStore,
        blobs: Blobs,
        shelf: ReferenceShelf,
        ring: KeyRing,
        signing: Signing,
        clock: Clock,
        line: Callable[[], Executor] = _threads,
    ) -> None:
        """Join the round's parts; nothing is sent yet. ``line`` makes what carries calls meanwhile."""
        self._centre = centre
        self._enrolled = enrolled
        self._store = store
        self._attachments = Attachments(centre, store, blobs, clock)
        self._stopped = False
        self._moved = 0
        self._page = FEED_LIMIT
        self._recovery = Recovery(centre=centre, centre_key=enrolled.centre_key, store=store, shelf=shelf)
        self._supplies = Supplies(
            centre=centre,
            centre_key=enrolled.centre_key,
            store=store,
            shelf=shelf,
            ring=ring,
            replica=signing.replica,
        )
        self._signing = signing
        self._clock = clock
        self._line = line

    def round(self) -> SyncRound:
        """Push until the outbox is empty, pull until the feed's end, then fetch and send everything else.

        Events go first and never wait for attachments. Counts are of this round; ``pending`` is what is left.
        A centre that was restored and began a new epoch is given again what it lost.

        Raises:
            Unavailable: ``sync.offline`` and the like; what was done until then stays done.
            Refused: ``sync.fork`` or ``sync.own-event-unknown`` when this desk needs a new incarnation,
                ``sync.rewound`` while a restored centre has not begun a new epoch, ``sync.other-centre``,
                ``sync.gap``, ``sync.feed-broken``, ``sync.checkpoint``, ``sync.trust``,
                ``sync.replica-revoked``, ``auth.token``.
        """
        outcomes: Counter[str] = Counter()
        try:
            pulled = self._exchange(outcomes)
        except Refused as refused:
            if refused.code not in _REWOUND:
                raise
            self._recovery.begin(refused, self._reached())
            pulled = self._exchange(outcomes)
        self.supply()
        files = self._attachments.send(
            between=lambda: outcomes.update(self.push()), stopped=lambda: self._stopped
        )
        return SyncRound(
            pushed=outcomes.total(),
            pulled=pulled,
            blobs=files.sent,
            blobs_left=files.left,
            parked=outcomes["parked"],
            dead=outcomes["dead"],
            pending=len(self._store.outbox(PUSH_LIMIT)[1]),
        )

    def stop(self) -> None:
        """Let rounds end before the next piece of an attachment; events still go. May come from any thread."""
        self._stopped = True

    @property
    def moved(self) -> int:
        """How much rounds have moved so far, of events and pieces: what grows between two rounds is progress."""
        return self._moved + self._attachments.moved

    def supply(self) -> None:
        """Renew grants and number blocks, and fetch reference data that changed."""
        self._supplies.renew_grants()
        self._supplies.refill_leases()
        self._supplies.refresh_reference()

    def _exchange(self, outcomes: Counter[str]) -> int:
        """Push, count into ``outcomes`` what was pushed even when pulling fails, and return how many were pulled."""
        for lost in self._store.lost():
            if lost.signature is None:
                outcomes.update(self._settled(self._push(self._signed(lost.events))))
            else:
                self._recovery.offer(lost)
        outcomes.update(self.push())
        return self.pull()

    def push(self) -> Counter[str]:
        """Send own events until none is left; return how many got which outcome."""
        outcomes: Counter[str] = Counter()
        while events := self._store.outbox(PUSH_LIMIT * _LOOK_AHEAD)[1]:
            for answered in self._sent(list(batches(events))):
                outcomes += self._settled(answered)
        return outcomes

    def _settled(self, outcomes: Sequence[Settled]) -> Counter[str]:
        self._store.settle(outcomes)
        self._moved += len(outcomes)
        # What another window's copy of this desk sent first is counted there: nobody need look at it.
        return Counter(DUPLICATE if one.reason == DUPLICATE else one.outcome for one in outcomes)

    def _push(self, push: Push) -> list[Settled]:
        answer = self._centre.push(self._signing.replica, push)
        return _outcomes(push, answer)

    def _sent(self, batches: Sequence[Sequence[Event]]) -> Iterator[list[Settled]]:
        """Send the batches and yield each answer, in order.

        Two are under way: the centre reads and checks one while it writes the other down. The next is made, and the
        last is settled, meanwhile.
        """
        if len(batches) == 1:
            yield self._push(self._signed(batches[0]))
            return
        with self._line() as line:
            under_way: _UnderWay = deque()
            for batch in batches:
                push = self._signed(batch)
                answered = self._answered(line, under_way) if len(under_way) == _UNDER_WAY else None
                under_way.append((push, line.submit(self._push, push)))
                if answered is not None:
                    yield answered
            while under_way:
                yield self._answered(line, under_way)

    def _answered(self, line: Executor, under_way: _UnderWay) -> list[Settled]:
        """Wait for the answer to the first of the pushes.

        One that overtook the push before it, which has arrived by now, is sent once more, and after it whatever came
        too early with it: what the centre took in after all is answered as it was.
        """
        push, asked = under_way.popleft()
        try:
            return asked.result()
        except Refused as refused:
            if refused.code != _OVERTAKEN:
                raise
        answered = self._push(push)
        behind = [later for later, _ in under_way]
        under_way.clear()
        under_way.extend((later, line.submit(self._push, later)) for later in behind)
        return answered

    def _signed(self, batch: Sequence[Event]) -> Push:
        last = batch[-1].header
        head = Head(replica=last.replica, seq=last.seq, hash=header_hash(last))
        return Push(
            events=[to_wire(event) for event in batch],
            head=head,
            signature=self._signing.sign(head.statement()),
        )

    def pull(self) -> int:
        """Absorb the feed up to its end; return how many events were new here.

        The next page is under way, and checked, while one is absorbed.
        """
        new = 0
        heard = self._ask_after(self._reached())
        if not heard.last:
            with self._line() as line:
                while not heard.last:
                    under_way = line.submit(self._ask_after, heard.end)
                    new += self._absorbed(heard)
                    heard = under_way.result()
        new += self._absorbed(heard)
        # The centre read its clock about half way between question and answer.
        offset = (heard.asked + heard.answered) // 2 - heard.page.now
        self._store.contact(heard.answered, offset, heard.page.backup_horizon)
        return new

    def _absorbed(self, heard: _Heard) -> int:
        self._moved += len(heard.items)
        return self._store.absorb(heard.items, heard.end, heard.page.signature) if heard.items else 0

    def _ask_after(self, cursor: Cursor) -> _Heard:
        asked = self._now()
        page = self._page_after(cursor)
        answered = self._now()
        items, end = checked(page, cursor, self._enrolled.centre_key)
        return _Heard(page, items, end, asked, answered)

    def _page_after(self, cursor: Cursor) -> FeedPage:
        """Ask for a page: half as much after one that did not get through, for a line that drops before its end."""
        try:
            page = self._centre.feed(cursor, self._page)
        except Unavailable:
            self._page = max(_LEAST_PAGE, self._page // 2)
            raise
        self._page = min(FEED_LIMIT, self._page * 2)
        return page

    def _reached(self) -> Cursor:
        return self._store.cursor() or start_of(self._enrolled.epoch)

    def _now(self) -> int:
        return millis(self._clock.now())


def batches(events: Iterable[Event]) -> Iterator[list[Event]]:
    """Yield the events in runs that fit one push."""
    batch: list[Event] = []
    size = 0
    for event in events:
        weight = len(event.body or b"")
        if batch and (len(batch) == PUSH_LIMIT or size + weight > _PUSH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(event)
        size += weight
    if batch:
        yield batch


def _outcomes(push: Push, answer: PushAnswer) -> list[Settled]:
    """Return the outcomes of a batch if there is one for each event, in order; anything else is no answer."""
    first = push.head.seq - len(push.events) + 1
    if [settled.seq for settled in answer.outcomes] != list(range(first, push.head.seq + 1)):
        raise Unavailable("sync.answer", problem="outcomes")
    return answer.outcomes
