"""The folder of one desk: database, identity, marks, attachments, and the draft of a new incarnation."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, cast
from unittest.mock import patch

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from jinpu_desk.app.ports import Replica
from jinpu_desk.domain.errors import Unavailable
from jinpu_desk.domain.events import Head
from jinpu_desk.domain.ids import Digest, ReplicaId
from jinpu_desk.store import marks
from jinpu_desk.store.marks import Cause, Marks
from samples.centres import certificate
from samples.memory import MemoryBlobs, MemoryShelf

from .book import Book
from .machine import Disk, Machine
from .schedule import Lock


class KeyPair(msgspec.Struct, frozen=True):
    """What a desk shows of its key."""

    public: bytes
    certificate: bytes


@cache
def key_of(number: int) -> KeyPair:
    """Return the signing key of that number, the same in every history."""
    private = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(f"desk {number}".encode()).digest())
    return KeyPair(private.public_key().public_bytes_raw(), certificate(private))


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """What lies beside the database under the data key: who this PC is to the centre."""

    replica: Replica
    key: int
    token: str


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """``next/`` of the home: the key of the replica to be, and all of it once the centre has answered."""

    key: int
    folder: int
    ready: Identity | None = None
    place: Any = None


class Home:
    """Each file whole or as it was; ``folder`` is what tells this folder from a copy."""

    def __init__(self, machine: Machine, folder: int, identity: Identity) -> None:
        self.folder = folder
        self.book: Disk[Book] = machine.attach(Disk(Book()))
        self.identity: Disk[Identity] = machine.attach(Disk(identity))
        self.draft: Disk[Draft | None] = machine.attach(Disk(None))
        # Enrolment claims the folder before the home counts as enrolled.
        claimed = marks._Place(replica=identity.replica.id, machine="", folder=folder)
        self.place: Disk[Any] = machine.attach(Disk(claimed))
        self.mark: Disk[Head | None] = machine.attach(Disk(None))
        self.blobs: Disk[dict[Digest, bytes]] = machine.attach(Disk({}))
        self.shelf = MemoryShelf()
        self.writer = Lock(machine.schedule)

    def picture(self) -> tuple[Any, ...]:
        """Return what every file holds now."""
        return tuple(disk.seen for disk in self._files())

    def put(self, picture: tuple[Any, ...]) -> None:
        """Make the files what they were in a picture."""
        for disk, value in zip(self._files(), picture, strict=True):
            disk.replace(value)

    def _files(self) -> tuple[Disk[Any], ...]:
        return self.book, self.identity, self.draft, self.place, self.mark, self.blobs


class HomeMarks(Marks):
    """The production marks on files in memory; what they hold is decided there, what a crash leaves of it here."""

    def __init__(self, machine: Machine, home: Home) -> None:
        self._home = cast(Path, home)
        self._machine = machine
        self._files = home

    def note(self, head: Head) -> None:
        self._machine.step("mark: write")
        self._files.mark.write(head)
        self._files.mark.seen = head

    def claim(self, replica: ReplicaId) -> None:
        self._put_place(self.placed(replica))

    def placed(self, replica: ReplicaId) -> marks._Place:
        """Return what says that this folder is the home of ``replica``."""
        return marks._Place(replica=replica, machine="", folder=self._files.folder)

    def want(self, replica: ReplicaId, cause: Cause) -> None:
        place = self._held() or self.placed(replica)
        self._put_place(msgspec.structs.replace(place, wanted=cause))

    def _held(self) -> marks._Place | None:
        return cast("marks._Place | None", self._files.place.seen)

    def _marked(self) -> Head | None:
        return self._files.mark.seen

    def _put_place(self, place: marks._Place) -> None:
        put(self._machine, self._files.place, "place", place)


def put(machine: Machine, disk: Disk[Any], what: str, value: Any) -> None:
    """Write a file whole: temp, fsync, rename, directory fsync."""
    machine.step(f"{what}: write", writes=True)
    disk.write(value)
    machine.step(f"{what}: sync")
    disk.sync()
    disk.seen = disk.newest
    machine.step(f"{what}: done")


@contextlib.contextmanager
def folders() -> Iterator[None]:
    """Let the marks ask simulated folders who they are, for the length of the block."""
    with (
        patch.object(marks, "_machine", lambda: ""),
        patch.object(marks, "_file_number", lambda home: home.folder),
    ):
        yield


class DeskBlobs(MemoryBlobs):
    """Attachments on a disk, as steps of the machine."""

    def __init__(self, machine: Machine, disk: Disk[dict[Digest, bytes]]) -> None:
        super().__init__()
        self._machine = machine
        self._disk = disk

    def put(self, data: bytes) -> Digest:
        sha256 = Digest(hashlib.sha256(data).hexdigest())
        put(self._machine, self._disk, "blob", self._disk.newest | {sha256: data})
        return sha256

    def get(self, sha256: Digest) -> bytes:
        if sha256 not in self._disk.seen:
            raise Unavailable("blob.missing", sha256)
        return self._disk.seen[sha256]

    def has(self, sha256: Digest) -> bool:
        return sha256 in self._disk.seen
