"""Takes a new incarnation, so that a crash at any step is made good at the next opening.

Everything of the new replica is made in ``next/`` of the home; a file there named ``ready`` says that it is complete.
From then on the files take their places, whoever opens the home, and the store drops what belonged to the former one.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)

from jinpu_desk.app.ports import Signing
from jinpu_desk.store.atomic import disk_faults, make_folder, sync_folder, write_file
from jinpu_desk.store.checked import DamagedFile, read_checked, write_checked
from jinpu_desk.store.home import Home
from jinpu_desk.store.keys import FileKeyRing
from jinpu_desk.store.marks import Marks
from jinpu_desk.store.sealing import Sealed, derive, seal, unseal
from jinpu_desk.store.signing import save_signer
from jinpu_desk.sync.incarnation import Registry, ask_for_another
from jinpu_desk.sync.wire_rare import Cause

from .identity import reached_at, save_token, self_signed

_PURPOSE = "jinpu-next-key-v1"
_READY, _KEY = "ready", "key.json"


class _Draft(msgspec.Struct, frozen=True):
    """The key of the replica to be, kept before the centre is asked: asking again then burns no second series."""

    key: Sealed
    certificate: bytes
    place: str  # a copy of this home must not ask for the same replica


class Rebirth:
    """The new incarnation of one home, from the wish to the last file."""

    def __init__(self, home: Home) -> None:
        """Look at ``home``; nothing is written yet."""
        self._home = home
        self._folder = home.path / "next"
        self._marks = Marks(home.path)
        self._places = {
            "place.json": home.path / "place.json",
            "keys.json": home.keys,
            "replica.key": home.signing_key,
            "token.sealed": home.folder("trust") / "token.sealed",
            "replica.json": home.replica_file,  # last: it says who this desk is
        }

    @property
    def ready(self) -> bool:
        """Whether the centre has answered and the files are on their way."""
        return (self._folder / _READY).exists()

    def prepare(
        self,
        registry: Registry,
        former: Signing,
        ring: FileKeyRing,
        data_key: bytes,
        cause: Cause,
        proven: Callable[[str], None],
    ) -> None:
        """Ask the centre for a new replica and make its files; then ``settle`` puts them in their places.

        ``proven`` fetches, with the new token, the centre's signed word that there is such a replica: before it is
        here nothing is written as that replica, for a centre restored to before today would not know it again.

        Raises:
            Unavailable: ``sync.offline`` …, ``server.restored``; nothing changed then, and it can be tried again.
            Refused: as ``ask_for_another``.
        """
        key, certificate = self._key(data_key)
        public = key.public_key().public_bytes_raw()
        answer = ask_for_another(registry, former, public, certificate, cause)
        proven(answer.token)
        replica = reached_at(answer.replica, self._home.load_replica().server_url)
        ring.hand_on(self._folder / "keys.json", replica.id, answer.grants, answer.escrow, data_key)
        private = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        save_signer(self._folder / "replica.key", data_key, replica.id, private, certificate)
        save_token(self._folder / "token.sealed", data_key, answer.token)
        # Made here: settled in a copy of this home, it still names this folder, and the copy is known as one.
        self._marks.claim_for(replica.id, self._folder / "place.json")
        write_checked(self._folder / "replica.json", msgspec.json.encode(replica))
        write_file(self._folder / _READY, b"")

    def settle(self) -> None:
        """Put files that are ready in their places; needs no password, and may be repeated."""
        if self.ready:
            for name, place in self._places.items():
                write_file(place, (self._folder / name).read_bytes())

    def done(self) -> None:
        """Forget it: the store has taken over what was unsent and dropped what was the former replica's."""
        with disk_faults(self._folder.name):
            (self._folder / _KEY).unlink(
                missing_ok=True
            )  # first: found later, it would ask for this replica again
            sync_folder(self._folder)
            (self._folder / _READY).unlink(missing_ok=True)
            shutil.rmtree(self._folder, ignore_errors=True)

    def _key(self, data_key: bytes) -> tuple[Ed25519PrivateKey, bytes]:
        path = make_folder(self._folder) / _KEY
        secret = derive(data_key, _PURPOSE)
        draft = _read_draft(path)
        if draft is None or draft.place != self._marks.here:
            fresh = Ed25519PrivateKey.generate()
            raw = fresh.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
            draft = _Draft(seal(secret, raw, _PURPOSE.encode()), self_signed(fresh), self._marks.here)
            write_checked(path, msgspec.json.encode(draft))
        private = load_der_private_key(unseal(secret, draft.key, _PURPOSE.encode()), None)
        if not isinstance(private, Ed25519PrivateKey):
            raise TypeError(path.name)
        return private, draft.certificate


def _read_draft(path: Path) -> _Draft | None:
    """Return the draft that is here, None when there is none to be read."""
    try:
        return msgspec.json.decode(read_checked(path), type=_Draft)
    except (OSError, DamagedFile, msgspec.DecodeError, UnicodeDecodeError):
        return None
