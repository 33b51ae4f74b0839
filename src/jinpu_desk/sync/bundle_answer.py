"""Takes the centre's answer to a bundle in, exactly as a round would have taken it over the network (DESIGN §4).

The file is walked whole, its signature and every hash checked, before any of it is applied; an answer may come late,
twice, or after rounds over the network: what is known already is passed over.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from msgspec.structs import replace

from jinpu_desk.app.ports import ReferenceShelf
from jinpu_desk.app.ports.entering import KeyRing
from jinpu_desk.app.ports.sync import Cursor, SyncRound, SyncStore
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.ids import ClerkId, Digest, ReplicaId

from .bundle import answer_key, reading, refuse_kind
from .bundle_cipher import SealedReader, read_envelope, reader_name
from .bundle_format import Answer, AnswerManifest, Files, Record, RecordKind, Signed, manifest_of, walked
from .pull import checked, signed
from .session import Enrolled
from .supplies import Supplies
from .wire import (
    FeedPage,
    GrantsAnswer,
    LeaseAnswer,
    LeaseRequest,
    ReferenceIndex,
    start_of,
)

T = TypeVar("T")
_CONTENTS = (RecordKind.ANSWER, RecordKind.FEED, RecordKind.FILES)


class Incoming:
    """Takes answers in. Neither rounds nor answers may overlap."""

    def __init__(
        self,
        *,
        enrolled: Enrolled,
        secret: bytes,
        store: SyncStore,
        shelf: ReferenceShelf,
        ring: KeyRing,
        replica: ReplicaId,
        issued: Callable[[ClerkId], int],
    ) -> None:
        """``secret`` is what answer keys are derived from, ``issued`` tells when the grant a clerk holds was given."""
        self._enrolled = enrolled
        self._secret = secret
        self._store = store
        self._shelf = shelf
        self._ring = ring
        self._replica = replica
        self._issued = issued

    def take_in(self, source: Path) -> SyncRound:
        """Apply the answer in ``source``; counts are those of a round.

        Raises:
            Refused: ``bundle.not-ours``, ``bundle.newer``, ``bundle.kind``, ``bundle.other-desk``, ``bundle.forged``,
                ``bundle.damaged``, ``bundle.rewound`` when centre and desk do not agree on the past any more,
                ``bundle.gap`` for an answer that continues another one; then nothing was written.
            Unavailable: ``cli.unreadable``.
        """
        self._check(source)
        answer = Answer(outcomes=[], blobs=[])
        reached: Cursor | None = None
        pulled = 0
        files: dict[tuple[str, Digest], dict[str, bytes]] = {}
        for record in self._contents(source):
            match record.kind:
                case RecordKind.ANSWER:
                    answer = record.value(Answer)
                    self._settle(answer)
                    reached = answer.start
                case RecordKind.FEED:
                    new, reached = self._absorb(record.value(FeedPage), reached)
                    pulled += new
                case _:
                    found = record.value(Files)
                    files[found.kind, found.digest] = found.files
        self._supply(answer, files)
        made = Counter(settled.outcome for settled in answer.outcomes)
        return SyncRound(
            pushed=made.total(),
            pulled=pulled,
            blobs=len(answer.blobs),
            parked=made["parked"],
            dead=made["dead"],
            pending=len(self._store.outbox(1000)[1]),
        )

    def _contents(self, source: Path) -> Iterator[Record]:
        with reading(source) as file:
            envelope, head = read_envelope(file)
            reader = SealedReader(file, head, answer_key(self._secret, envelope.id))
            for record in walked(reader, *_CONTENTS):
                if isinstance(record, Record):
                    yield record

    def _check(self, source: Path) -> None:
        """Walk the whole file without believing it."""
        with reading(source) as file:
            envelope, head = read_envelope(file)
            refuse_kind(envelope, "answer")
            key = answer_key(self._secret, envelope.id)
            if envelope.reader != reader_name(key):
                raise Refused("bundle.other-desk")
            end: Signed | None = None
            reached: Cursor | None = None
            order: list[RecordKind] = []
            for record in walked(SealedReader(file, head, key), *_CONTENTS):
                if isinstance(record, Signed):
                    end = record
                    continue
                order.append(record.kind)
                if record.kind is RecordKind.ANSWER:
                    reached = self._fitting(record.value(Answer))
                elif record.kind is RecordKind.FEED:
                    reached = self._fits(record.value(FeedPage), reached)
                else:
                    record.value(Files)
            if end is None or order[:1] != [RecordKind.ANSWER] or order.count(RecordKind.ANSWER) != 1:
                raise Refused("bundle.damaged", problem="order")
            self._require_genuine(end, envelope.id)

    def _require_genuine(self, end: Signed, bundle: str) -> None:
        manifest = manifest_of(end, AnswerManifest)
        if not signed(self._enrolled.centre_key, manifest.statement(end.manifest), end.signature):
            raise Refused("bundle.forged")
        if (manifest.id, manifest.replica) != (bundle, self._replica):
            raise Refused("bundle.other-desk")
        if manifest.epoch != self._cursor().epoch:
            raise Refused("bundle.rewound")

    def _fitting(self, answer: Answer) -> Cursor | None:
        """Return where the feed of an answer begins, unless this desk cannot continue there."""
        if answer.rewound:
            raise Refused("bundle.rewound")
        if answer.start is not None and answer.start.position > self._cursor().position:
            raise Refused("bundle.gap")
        return answer.start

    def _fits(self, page: FeedPage, start: Cursor | None) -> Cursor:
        """Return the cursor after a page that continues ``start`` and agrees with what was absorbed already."""
        if start is None:
            raise Refused("bundle.damaged", problem="order")
        _items, end = checked(page, start, self._enrolled.centre_key)
        own = self._cursor()
        if (start.position == own.position and start != own) or (end.position == own.position and end != own):
            raise Refused("bundle.rewound")
        return end

    def _settle(self, answer: Answer) -> None:
        self._store.settle(answer.outcomes)
        for sha256 in answer.blobs:
            self._store.blob_sent(sha256)

    def _absorb(self, page: FeedPage, start: Cursor | None) -> tuple[int, Cursor]:
        assert start is not None
        items, end = checked(page, start, self._enrolled.centre_key)
        own = self._cursor().position
        fresh = [item for item in items if item.position > own]
        return (self._store.absorb(fresh, end, page.signature) if fresh else 0), end

    def _supply(self, answer: Answer, files: dict[tuple[str, Digest], dict[str, bytes]]) -> None:
        """Grants, numbers and reference data, by the very steps of a round."""
        supplies = Supplies(
            centre=_Answered(self._newer(answer), files),
            centre_key=self._enrolled.centre_key,
            store=self._store,
            shelf=self._shelf,
            ring=self._ring,
            replica=self._replica,
        )
        if answer.grants is not None:
            supplies.renew_grants()
        if answer.leases is not None:
            supplies.refill_leases()
        # A desk that got newer reference data meanwhile keeps it.
        if answer.index is not None and answer.held == self._shelf.held():
            supplies.refresh_reference()

    def _newer(self, answer: Answer) -> Answer:
        """Leave out grants older than those held: an answer kept back must not bring old roles back."""
        if answer.grants is None:
            return answer
        here = set(self._ring.clerks())
        newer = [
            grant
            for grant in answer.grants.grants
            if grant.clerk.id in here and grant.issued > self._issued(grant.clerk.id)
        ]
        return replace(answer, grants=replace(answer.grants, grants=newer))

    def _cursor(self) -> Cursor:
        return self._store.cursor() or start_of(self._enrolled.epoch)


class _Answered:
    """The centre as far as its answer goes; what it does not hold is not there."""

    def __init__(self, answer: Answer, files: dict[tuple[str, Digest], dict[str, bytes]]) -> None:
        self._answer = answer
        self._files = files

    def grants(self) -> GrantsAnswer:
        return _there(self._answer.grants)

    def lease(self, replica: ReplicaId, request: LeaseRequest) -> LeaseAnswer:
        return _there(self._answer.leases)

    def reference(self) -> ReferenceIndex:
        return _there(self._answer.index)

    def files(self, kind: str, digest: Digest) -> dict[str, bytes]:
        return _there(self._files.get((kind, digest)))


def _there(part: T | None) -> T:
    if part is None:
        raise Refused("bundle.damaged", problem="contents")
    return part
