"""One full round with the centre: push, pull, grants, numbers, reference data, attachments (DESIGN §4)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor

import msgspec

from jinpu_desk.app.ports import Blobs, Clock, Grant, KeyRing, ReferenceShelf, Signing
from jinpu_desk.app.ports.sync import Settled, SyncRound, SyncStore
from jinpu_desk.domain.errors import Refused, Unavailable
from jinpu_desk.domain.events import Event, Head, header_hash

from .attachments import Attachments
from .centre import Centre
from .pull import checked, signed
from .wire import (
    FEED_LIMIT,
    PUSH_LIMIT,
    LeaseRequest,
    Push,
    PushAnswer,
    TrustDirectory,
    reference_digest,
    start_of,
    to_wire,
)

TRUST = "trust"
_LOOK_AHEAD = 8
"""Batches read from the outbox at once."""
_PUSH_BYTES = 16 * 1024 * 1024
"""A batch ends early once its bodies are this large, well below what the centre takes."""


class Enrolled(msgspec.Struct, frozen=True, kw_only=True):
    """What enrolment told this desk of its centre, and what is pinned for ever: its key and its epoch."""

    centre_key: bytes
    epoch: str


def _thread() -> Executor:
    return ThreadPoolExecutor(1, "push")


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
        line: Callable[[], Executor] = _thread,
    ) -> None:
        """Join the round's parts; nothing is sent yet. ``line`` makes what carries one push while the next is readied."""
        self._centre = centre
        self._enrolled = enrolled
        self._store = store
        self._attachments = Attachments(centre, store, blobs)
        self._shelf = shelf
        self._ring = ring
        self._signing = signing
        self._clock = clock
        self._line = line

    def round(self) -> SyncRound:
        """Push until the outbox is empty, pull until the feed's end, then fetch and send everything else.

        Events go first and never wait for attachments. Counts are of this round; ``pending`` is what is left.

        Raises:
            Unavailable: ``sync.offline`` and the like; what was done until then stays done.
            Refused: ``sync.fork``, ``sync.gap``, ``sync.rewound``, ``sync.feed-broken``, ``sync.checkpoint``,
                ``sync.trust``, ``sync.replica-revoked``, ``auth.token``.
        """
        outcomes = self.push()
        pulled = self.pull()
        self.renew_grants()
        self.refill_leases()
        self.refresh_reference()
        blobs = self._attachments.send(between=lambda: outcomes.update(self.push()))
        return SyncRound(
            pushed=outcomes.total(),
            pulled=pulled,
            blobs=blobs,
            parked=outcomes["parked"],
            dead=outcomes["dead"],
            pending=len(self._store.outbox(PUSH_LIMIT)[1]),
        )

    def push(self) -> Counter[str]:
        """Send own events until none is left; return how many got which outcome."""
        outcomes: Counter[str] = Counter()
        with self._line() as line:
            while events := self._store.outbox(PUSH_LIMIT * _LOOK_AHEAD)[1]:
                for settled in self._sent(line, events):
                    self._store.settle(settled)
                    outcomes.update(one.outcome for one in settled)
        return outcomes

    def _sent(self, line: Executor, events: Sequence[Event]) -> Iterator[list[Settled]]:
        """Send the events batch by batch and yield each answer.

        The next batch is made while one is under way, and is under way while the last is settled; there is never
        more than one at the centre, so they arrive in order.
        """
        under_way: tuple[Sequence[Event], Future[PushAnswer]] | None = None
        for batch in _batches(events):
            push = self._signed(batch)
            answered = _answer(under_way)
            under_way = batch, line.submit(self._centre.push, self._signing.replica, push)
            if answered:
                yield answered
        yield _answer(under_way)

    def _signed(self, batch: Sequence[Event]) -> Push:
        last = batch[-1].header
        head = Head(replica=last.replica, seq=last.seq, hash=header_hash(last))
        return Push(
            events=[to_wire(event) for event in batch],
            head=head,
            signature=self._signing.sign(head.statement()),
        )

    def pull(self) -> int:
        """Absorb the feed up to its end; return how many events were new here."""
        new = 0
        cursor = self._store.cursor() or start_of(self._enrolled.epoch)
        while True:
            asked = self._now()
            page = self._centre.feed(cursor, FEED_LIMIT)
            answered = self._now()
            items, end = checked(page, cursor, self._enrolled.centre_key)
            if items:
                new += self._store.absorb(items, end)
            if end.position >= page.head or end == cursor:
                # The centre read its clock about half way between question and answer.
                self._store.contact(answered, (asked + answered) // 2 - page.now)
                return new
            cursor = end

    def renew_grants(self) -> None:
        """Renew the grants of clerks with a slot here, and take the slots of revoked ones away."""
        answer = self._centre.grants()
        here = set(self._ring.clerks())
        for clerk in answer.revoked:
            if clerk in here:
                self._ring.remove(clerk)
        for grant in answer.grants:
            if grant.clerk.id in here and self._genuine(grant):
                self._ring.renew(grant)

    def _genuine(self, grant: Grant) -> bool:
        return grant.replica == self._signing.replica and signed(
            self._enrolled.centre_key, grant.statement(), grant.signature
        )

    def refill_leases(self) -> None:
        """Tell the centre what is left of the number blocks and keep what it adds."""
        left = {lease.id: max(lease.last - lease.next + 1, 0) for lease in self._store.leases()}
        answer = self._centre.lease(self._signing.replica, LeaseRequest(left=left))
        new = [lease for lease in answer.leases if lease.id not in left]
        if new:
            self._store.keep_leases(new)

    def refresh_reference(self) -> None:
        """Put every version that became current on the shelf, after checking it against the centre's word."""
        index = self._centre.reference()
        if not signed(self._enrolled.centre_key, index.statement(), index.signature):
            raise Refused("sync.checkpoint")
        held = self._shelf.held()
        for kind, digest in index.digests.items():
            if held.get(kind) == digest:
                continue
            files = self._centre.files(kind, digest)
            if reference_digest(files) != digest:
                raise Refused("sync.trust", kind, kind=kind)
            if kind == TRUST:
                read_trust(files, self._enrolled.centre_key)
            self._shelf.keep(kind, digest, files)

    def _now(self) -> int:
        return int(self._clock.now().timestamp() * 1000)


def read_trust(files: dict[str, bytes], centre_key: bytes) -> TrustDirectory:
    """Return the directory of replicas in reference kind ``trust``.

    Raises Refused ``sync.trust`` when the centre with that key did not sign it.
    """
    text = files.get("trust.json", b"")
    if not signed(centre_key, text, files.get("trust.sig", b"")):
        raise Refused("sync.trust", TRUST, kind=TRUST)
    try:
        return msgspec.json.decode(text, type=TrustDirectory)
    except msgspec.DecodeError as error:
        raise Refused("sync.trust", TRUST, kind=TRUST) from error


def _batches(events: Iterable[Event]) -> Iterator[list[Event]]:
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


def _answer(under_way: tuple[Sequence[Event], Future[PushAnswer]] | None) -> list[Settled]:
    """Return the outcomes of a batch if there is one for each event, in order; anything else is no answer."""
    if under_way is None:
        return []
    batch, future = under_way
    outcomes = future.result().outcomes
    if [settled.id for settled in outcomes] != [event.header.id for event in batch]:
        raise Unavailable("sync.answer", problem="outcomes")
    return outcomes
