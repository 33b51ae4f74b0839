"""One window PC: its home on disks, the messenger's loop as ``entry/messenger.py`` runs it, and a clerk."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from jinpu_desk.app.ports import Replica
from jinpu_desk.domain.errors import DeskError, Refused, Unavailable
from jinpu_desk.domain.ids import Digest
from jinpu_desk.entry.messenger import FIRST_SECONDS, IDLE_SECONDS
from jinpu_desk.sync.backoff import next_delay
from jinpu_desk.sync.session import Enrolled, SyncSession
from samples.centres import certificate
from samples.memory import MemoryBlobs, MemoryRing, MemoryShelf

from .book import Book, Mark
from .centre import KEY, ClockOf
from .desk_store import DeskStore, Folds
from .machine import Disk, Machine
from .network import Network, Wire
from .schedule import Line, Ticket
from .signatures import SwiftSigning


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """What lies beside the database under the data key: who this PC is to the centre."""

    replica: Replica
    key: int
    token: str


class KeyPair(msgspec.Struct, frozen=True):
    """A desk's key with its public half and its certificate."""

    private: Ed25519PrivateKey
    public: bytes
    certificate: bytes


@cache
def key_of(number: int) -> KeyPair:
    """Return the signing key of that number, the same in every history."""
    private = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(f"desk {number}".encode()).digest())
    return KeyPair(private, private.public_key().public_bytes_raw(), certificate(private))


class Home:
    """The folder of one desk: database, identity, mark and attachments, each whole or as it was."""

    def __init__(self, machine: Machine, identity: Identity, folder: str) -> None:
        self.folder = folder
        self.book: Disk[Book] = machine.attach(Disk(Book()))
        self.identity: Disk[Identity] = machine.attach(Disk(identity))
        self.mark: Disk[Mark | None] = machine.attach(Disk(None))
        self.blobs: Disk[dict[Digest, bytes]] = machine.attach(Disk({}))


class DeskBlobs(MemoryBlobs):
    """Attachments on a disk: temp, fsync, rename, directory fsync, as steps of the machine."""

    def __init__(self, machine: Machine, disk: Disk[dict[Digest, bytes]]) -> None:
        super().__init__()
        self.data = disk.seen
        self._machine = machine
        self._disk = disk

    def put(self, data: bytes) -> Digest:
        sha256 = Digest(hashlib.sha256(data).hexdigest())
        self._machine.step("blob: write", writes=True)
        self._disk.write(self._disk.newest | {sha256: data})
        self._machine.step("blob: sync")
        self._disk.sync()
        self.data = self._disk.seen = self._disk.newest
        self._machine.step("blob: done")
        return sha256


class Desk:
    """A window PC that is turned on and off; ``live`` is what runs on it besides the messenger."""

    def __init__(
        self,
        number: int,
        machine: Machine,
        home: Home,
        network: Network,
        folds: Folds,
        store_type: type[DeskStore],
        feed_limit: int,
    ) -> None:
        self.number = number
        self.machine = machine
        self.home = home
        self.unknown: frozenset[str] = frozenset()
        self.live: Callable[[], object] = lambda: None
        self.epoch = ""
        self.answered: Callable[..., None] = lambda *_: None
        self._network = network
        self._folds = folds
        self._store_type = store_type
        self._feed_limit = feed_limit
        self._wake: Ticket | None = None
        self._failures = 0
        machine.booting = self._boot

    def _boot(self) -> None:
        self.machine.spawn("messenger", self._run)

    def _run(self) -> None:
        self.open()
        self.machine.spawn("clerk", self.live)
        self._work()

    def open(self) -> None:
        """Open the store and join the session."""
        identity = self.home.identity.seen
        pair = key_of(identity.key)
        self.store = self._store_type(
            self.machine,
            self.home.book,
            self.home.mark,
            replica=identity.replica.id,
            folder=self.home.folder,
            folds=self._folds,
            unknown=self.unknown,
        )
        self.store.answered = self.answered
        self.blobs = DeskBlobs(self.machine, self.home.blobs)
        self.session = SyncSession(
            centre=Wire(self._network, self.machine, identity.token, self._feed_limit),
            enrolled=Enrolled(centre_key=KEY.public, epoch=self.epoch),
            store=self.store,
            blobs=self.blobs,
            shelf=MemoryShelf(),
            ring=MemoryRing(),
            signing=SwiftSigning(identity.replica.id, pair.private, pair.public, pair.certificate),
            clock=ClockOf(self.machine),
            line=lambda: Line(self.machine.schedule, self.machine.spawn),
        )
        self._failures = 0

    def nudge(self) -> None:
        """Something was written: go now, unless the network is known to be away."""
        if not self._failures and self._wake is not None:
            self.machine.schedule.wake(self._wake, True)

    def _work(self) -> None:
        schedule, random = self.machine.schedule, self.machine.random
        schedule.sleep(int(FIRST_SECONDS * 1000))
        while True:
            try:
                self.session.round()
                self._failures = 0
            except Unavailable as error:
                self._failures += 1
                self.machine.note(f"{self.machine.name} {error.code}")
            except DeskError as error:
                self.machine.note(f"{self.machine.name} is refused {error.code} {error.params}")
                self.refused(error)
            delay = next_delay(self._failures, random.random) if self._failures else IDLE_SECONDS
            self._wake = schedule.ticket()
            schedule.wait(int(delay * 1000))
            self._wake = None

    def refused(self, error: DeskError) -> None:
        """The centre turned a round down."""
        if not isinstance(error, Refused):
            raise error
