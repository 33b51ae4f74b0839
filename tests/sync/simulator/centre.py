"""The centre's process: the production handlers over storage in memory."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from random import Random
from typing import Any, cast
from unittest.mock import patch

import msgspec

from jinpu_desk.app.ports.sync import Cursor
from jinpu_desk.domain.errors import Refused, Unavailable
from jinpu_desk.domain.events import canonical
from jinpu_desk.domain.ids import Digest, EventId, ReplicaId
from jinpu_desk.server import epochs, keys, leasing, people
from jinpu_desk.server.centre import Centre
from jinpu_desk.server.events import feed, incarnations, receive
from jinpu_desk.server.settings import NumberTemplate
from jinpu_desk.store.centre.registry import CentreRow, ReplicaRow
from jinpu_desk.sync import pull
from jinpu_desk.sync.wire import (
    FeedPage,
    GrantsAnswer,
    LeaseAnswer,
    LeaseRequest,
    Push,
    PushAnswer,
    ReferenceIndex,
    TrustDirectory,
    TrustEntry,
    reference_digest,
    reference_statement,
)
from jinpu_desk.sync.wire_rare import (
    CommonAnswer,
    CommonRequest,
    IncarnationAnswer,
    IncarnationRequest,
    Readmission,
    ReadmissionAnswer,
)

from .centre_store import Storage, Tables
from .desk_store import START, instant
from .machine import Disk, Machine
from .signatures import SwiftCentreKey, SwiftPublicKey

KEY = SwiftCentreKey(bytes(range(32)))
NUMBERS_BURNED, SERIES_BURNED = 60, 20
TEMPLATES = (NumberTemplate("*", "D2", "金普市监受字〔{yyyy}〕{n}号", 1),)


class _InMemory:
    """Stands for a module of ``store/centre``: each function is the method of that name of a transaction in memory."""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return lambda log, *given: getattr(log, name)(*given)


@contextlib.contextmanager
def in_memory() -> Iterator[None]:
    """Let the handlers that speak SQL work on transactions in memory for the length of the block."""
    memory = _InMemory()
    with contextlib.ExitStack() as stack:
        for module, name in _SPEAKS_SQL:
            stack.enter_context(patch.object(module, name, memory))
        for module in (pull, keys):
            stack.enter_context(patch.object(module, "Ed25519PublicKey", SwiftPublicKey))
        yield


_SPEAKS_SQL = (
    (leasing, "ledgers"),
    (epochs, "epochs"),
    (epochs, "events"),
    (epochs, "registry"),
    (incarnations, "registry"),
    (incarnations, "events"),
    (people, "registry"),
)


class _Engine:
    def __init__(self, storage: Storage) -> None:
        self.begin = storage.write
        self.connect = storage.read


class _Settings(msgspec.Struct, frozen=True):
    templates: tuple[NumberTemplate, ...] = TEMPLATES
    public_url: str = ""


class CentreHost:
    """Answers calls by their token, as the HTTP routes do."""

    def __init__(self, machine: Machine, random: Random, tables: Tables, storage: type[Storage]) -> None:
        self.machine = machine
        self.disk: Disk[Tables] = machine.attach(Disk(tables))
        self._random = random
        self._storage_type = storage
        self.past = [tables]
        self.storage = storage(machine, self.disk, self.past)
        self._trust: tuple[tuple[ReplicaRow, ...], dict[str, bytes]] = ((), {})
        self.answered: Callable[[str, EventId, int, int, str], None] = lambda *_: None
        machine.booting = self._boot

    def _boot(self) -> None:
        self.storage = self._storage_type(self.machine, self.disk, self.past)

    def answer(self, method: str, token: str, *given: Any) -> Any:
        """Answer one request. Raises Unavailable or Refused as the centre does."""
        handler: Callable[..., Any] = getattr(self, f"_{method}")
        if method == "readmit":
            return handler(*given)
        replica = self.tables.tokens.get(people.token_hash(token))
        if replica is None:
            raise Refused("auth.token")
        return handler(self.tables.replicas[replica], *given)

    def rewind(self, to: Tables, *, told: bool) -> None:
        """Put older tables back; ``told`` as the command ``restore`` does it, which marks them."""
        self.machine.halt()
        older = to.copy()
        if told:
            older.restored_at = self.now()
        self.disk.replace(older)

    def bump(self) -> None:
        """Begin a new epoch, as the operator does after a restore; numbers that may have been given out are burned."""
        epoch = f"00000000-0000-7000-8000-{self._random.getrandbits(48):012x}"
        with self.storage.write() as log:
            templates = {(one.template, year) for one in TEMPLATES for year in range(2025, 2029)}
            log.burn(templates, NUMBERS_BURNED, SERIES_BURNED)
            log.begin(epoch, self.now())

    @property
    def tables(self) -> Tables:
        """What was committed by now."""
        return self.disk.seen

    def now(self) -> int:
        """The centre's clock, UTC ms."""
        return START + self.machine.now()

    def _push(self, row: ReplicaRow, replica: ReplicaId, push: Push) -> PushAnswer:
        if row.id != replica:
            raise Refused("auth.replica")
        opened = receive.open_push(row, push)
        return self._said(row, receive.take_in(self.storage, row.id, opened, push.signature, self.now()))

    def _said(self, writer: ReplicaRow, answer: PushAnswer) -> PushAnswer:
        for one in answer.outcomes:
            self.answered(writer.id, one.id, one.seq, one.position, one.outcome)
        return answer

    def _feed(self, _row: ReplicaRow, cursor: Cursor, limit: int) -> FeedPage:
        page = feed.page(self.storage, KEY, cursor, limit, self.now())
        for entry in page.items:
            held = self.tables.events[entry.position]
            self.answered(held.replica, EventId(held.id), held.seq, entry.position, entry.outcome)
        return page

    def _common(self, _row: ReplicaRow, asked: CommonRequest) -> CommonAnswer:
        return epochs.common(self._handed(), asked)

    def _offer(self, _row: ReplicaRow, replica: ReplicaId, push: Push) -> PushAnswer:
        writer = self.tables.replicas.get(replica)
        if writer is None:
            raise Refused("sync.unknown-replica", replica)
        opened = receive.open_push(writer, push)
        answer = receive.take_in(self.storage, writer.id, opened, push.signature, self.now())
        return self._said(writer, answer)

    def _incarnate(
        self, row: ReplicaRow, _replica: ReplicaId, asked: IncarnationRequest
    ) -> IncarnationAnswer:
        return incarnations.incarnate(self._handed(), row, asked, "")

    def _readmit(self, replica: ReplicaId, asked: Readmission) -> ReadmissionAnswer:
        return incarnations.readmit(self._handed(), replica, asked)

    def _grants(self, row: ReplicaRow) -> GrantsAnswer:
        return people.grants(self._handed(), row)

    def _lease(self, row: ReplicaRow, _replica: ReplicaId, asked: LeaseRequest) -> LeaseAnswer:
        return leasing.refill(self._handed(), row, asked)

    def _handed(self) -> Centre:
        """What the handlers that need more than the log are given."""
        return Centre(
            engine=cast(Any, _Engine(self.storage)),
            key=KEY,
            row=CentreRow(training=True, division="210213", public_key=KEY.public),
            clock=ClockOf(self.machine),
            entropy=self._random.randbytes,
            blobs=cast(Any, None),
            settings=cast(Any, _Settings()),
            sentences=cast(Any, None),
        )

    def _reference(self, _row: ReplicaRow) -> ReferenceIndex:
        digests = {"trust": reference_digest(self.trust())}
        return ReferenceIndex(digests=digests, signature=KEY.sign(reference_statement(digests)))

    def _files(self, _row: ReplicaRow, kind: str, digest: Digest) -> dict[str, bytes]:
        files = self.trust()
        if reference_digest(files) != digest:
            raise Refused("reference.unknown", kind)
        return files

    def trust(self) -> dict[str, bytes]:
        """Return the directory of all replicas, signed."""
        rows = tuple(self.tables.replicas.values())
        if self._trust[0] != rows:
            directory = TrustDirectory(centre_key=KEY.public, training=True, replicas=[*map(_entry, rows)])
            text = canonical(directory)
            self._trust = rows, {"trust.json": text, "trust.sig": KEY.sign(text)}
        return self._trust[1]

    def _blob_offset(self, _row: ReplicaRow, sha256: Digest) -> int | None:
        return None if sha256 in self.tables.blobs else 0

    def _blob_add(self, _row: ReplicaRow, sha256: Digest, offset: int, data: bytes) -> None:
        with self.storage.write() as log:
            log.changes.append(lambda tables: tables.parts.__setitem__(sha256, data))

    def _blob_finish(self, _row: ReplicaRow, sha256: Digest) -> None:
        if sha256 in self.tables.blobs:
            return
        if sha256 not in self.tables.parts:
            raise Unavailable("blob.missing", sha256)
        data = self.tables.parts[sha256]
        with self.storage.write() as log:
            log.changes.append(lambda tables: tables.blobs.__setitem__(sha256, data))


class ClockOf:
    """Implements ``Clock`` on a machine's own clock."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    def now(self) -> Any:
        """Return the aware instant."""
        return instant(self._machine.now())

    def ms(self) -> int:
        """Return the instant in UTC ms."""
        return START + self._machine.now()


def _entry(row: ReplicaRow) -> TrustEntry:
    return TrustEntry(
        id=ReplicaId(row.id),
        station=row.station.number,
        station_name=row.station.name,
        series=f"{row.series:03}",
        window=row.window,
        public_key=row.public_key,
        certificate=row.certificate,
        revoked_at=row.revoked_at,
        former=ReplicaId(row.former) if row.former else None,
    )
