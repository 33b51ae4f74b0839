"""What stands beside the database, so that a copied or restored one is recognised before it writes (DESIGN §3).

``mark`` says how far the desk had written. It follows each commit without waiting for the disk: after a power cut it
may be behind the database, never ahead of it. ``place.json`` says which folder of which machine the desk lives in.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import msgspec

from jinpu_desk.domain.events import Head
from jinpu_desk.domain.ids import Digest, ReplicaId

from .atomic import PRIVATE_FILE, disk_faults
from .checked import DamagedFile, read_checked, write_checked

Cause = Literal["copied", "restored", "fork"]
"""Why this desk may no longer write as it did."""
_WIDTH = 256
"""Bytes of the mark, always written whole."""


class _Place(msgspec.Struct, frozen=True, kw_only=True):
    replica: ReplicaId
    machine: str
    folder: int  # the folder's file number: a copy has another, a folder that was moved keeps it
    wanted: Cause | None = None  # what the centre said, until a new incarnation was taken


class Marks:
    """The two files of one home."""

    def __init__(self, home: Path) -> None:
        """Use the files in ``home``, which need not exist yet."""
        self._home = home
        self._place = home / "place.json"
        self._mark = home / "mark"

    def note(self, head: Head) -> None:
        """Remember how far this desk has written; called after each commit.

        A disk that takes no mark is no reason to say that what was committed was not.
        """
        raw = msgspec.json.encode(head)
        raw = (raw + b"\n" + _digest(raw)).ljust(_WIDTH)
        with contextlib.suppress(OSError):
            handle = os.open(self._mark, os.O_WRONLY | os.O_CREAT | getattr(os, "O_BINARY", 0), PRIVATE_FILE)
            try:
                os.write(handle, raw)
            finally:
                os.close(handle)

    def claim(self, replica: ReplicaId) -> None:
        """Make this folder of this machine the home of ``replica``; what was marked of a former one is forgotten."""
        with disk_faults(self._mark.name):
            self._mark.unlink(missing_ok=True)
        self.claim_for(replica, self._place)

    def claim_for(self, replica: ReplicaId, path: Path) -> None:
        """Write to ``path`` that ``replica`` lives in this folder of this machine."""
        place = _Place(replica=replica, machine=_machine(), folder=_file_number(self._home))
        write_checked(path, msgspec.json.encode(place))

    @property
    def here(self) -> str:
        """What tells this folder of this machine from every other."""
        return f"{_machine()}:{_file_number(self._home)}"

    def claim_if_new(self, replica: ReplicaId) -> None:
        """Claim a home that nobody claimed yet, as one that an older program made."""
        if self._held() is None:
            self.claim(replica)

    def want(self, replica: ReplicaId, cause: Cause) -> None:
        """Remember that the centre knows this desk as a copy, so that the next opening takes a new incarnation."""
        place = self._held() or _Place(replica=replica, machine=_machine(), folder=_file_number(self._home))
        write_checked(self._place, msgspec.json.encode(msgspec.structs.replace(place, wanted=cause)))

    def recognise(
        self, replica: ReplicaId, written: int, hash_of: Callable[[int], Digest | None]
    ) -> Cause | None:
        """Tell whether this desk is not the one that last wrote; None when it is, or when nothing is known.

        ``written`` is the last seq of ``replica`` in the database, ``hash_of`` gives the hash of one of its headers.
        """
        place = self._held()
        if place is not None and place.replica == replica:
            if place.wanted is not None:
                return place.wanted
            if (place.machine, place.folder) != (_machine(), _file_number(self._home)):
                return "copied"
        mark = self._marked()
        if mark is None or mark.replica != replica:
            return None
        if written < mark.seq or hash_of(mark.seq) != mark.hash:
            return "restored"
        return None

    def _held(self) -> _Place | None:
        try:
            return msgspec.json.decode(read_checked(self._place), type=_Place)
        except (OSError, DamagedFile, msgspec.DecodeError, UnicodeDecodeError):
            return None

    def _marked(self) -> Head | None:
        try:
            raw, _, digest = self._mark.read_bytes().rstrip().partition(b"\n")
            return msgspec.json.decode(raw, type=Head) if digest == _digest(raw) else None
        except (OSError, msgspec.DecodeError, UnicodeDecodeError):
            return None


def _digest(raw: bytes) -> bytes:
    return hashlib.sha256(raw).hexdigest().encode()


def _file_number(folder: Path) -> int:
    with disk_faults(folder.name):
        return folder.stat().st_ino


def _machine() -> str:
    """Return what tells this machine from others, hashed so that it says nothing else."""
    return hashlib.sha256(b"jinpu-place-v1\n" + _machine_id().encode()).hexdigest()[:32]


def _machine_id() -> str:
    if sys.platform == "win32":
        import winreg

        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, r"SOFTWARE\Microsoft\Cryptography") as key:
            return str(winreg.QueryValueEx(key, "MachineGuid")[0])
    try:
        return Path("/etc/machine-id").read_text().strip() or f"{uuid.getnode():x}"
    except OSError:
        return f"{uuid.getnode():x}"
