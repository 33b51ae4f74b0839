"""A home that was set up: what can be read of it without a password."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from jinpu_desk.app.papers import Trust
from jinpu_desk.app.ports import Clock, Replica
from jinpu_desk.domain.errors import Unavailable
from jinpu_desk.domain.ids import ClerkId
from jinpu_desk.store.checked import DamagedFile, read_checked
from jinpu_desk.store.home import Home
from jinpu_desk.store.keys import FileKeyRing
from jinpu_desk.store.marks import Marks
from jinpu_desk.store.shelf import FileShelf
from jinpu_desk.sync.wire import TrustDirectory

from ..clocks import process_clock
from ..parts import Parts, directory_of, trust_of
from .reborn import Rebirth

if TYPE_CHECKING:
    from jinpu_desk.sync.transport import HttpCentre


class Pinned(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What enrolment fixed for ever: whose word counts as the centre's. ``clerk`` logs in when none is named."""

    centre_key: bytes
    epoch: str
    clerk: ClerkId
    ca: str = ""  # file of the pinned authority for TLS, beside this one


class Enrolment:
    """A home that was set up: what can be read of it without a password."""

    def __init__(self, home: Home, parts: Parts) -> None:
        """Read who this desk is.

        Raises:
            Unavailable: ``home.not-enrolled`` or ``home.replica``.
        """
        self.home = home
        self.parts = parts
        self.shelf = FileShelf(home.folder("shelf"))
        self.marks = Marks(home.path)
        self.rebirth = Rebirth(home)
        self.rebirth.settle()
        self.replica: Replica = home.load_replica()
        self.pinned = _read_pinned(home)
        self.read_replica()
        self.clock: Clock = process_clock(training=self.replica.training)

    def read_replica(self) -> None:
        """Read who this desk is, now that it may be another."""
        self.replica = self.home.load_replica()
        self.ring = FileKeyRing(self.home.keys, centre_key=self.pinned.centre_key, replica=self.replica.id)

    def directory(self) -> TrustDirectory | None:
        """Return the signed directory of windows."""
        return directory_of(self.shelf, self.pinned.centre_key)

    def trust(self) -> Trust:
        """Return whose papers this desk believes; needs no password and no network."""
        return trust_of(self.directory())

    def centre(self, token: str) -> HttpCentre:
        """Return the way to the centre."""
        ca = self.home.folder("trust") / self.pinned.ca if self.pinned.ca else None
        return http_centre(self.replica.server_url, token, ca)


def http_centre(url: str, token: str = "", ca: Path | None = None) -> HttpCentre:
    """Return a centre at an address. The HTTP library is loaded here, because work without a network needs none."""
    from jinpu_desk.sync.transport import HttpCentre

    return HttpCentre(url, token, ca=ca)


def token_path(home: Home) -> Path:
    """Return where the sealed bearer token lies."""
    return home.folder("trust") / "token.sealed"


def pinned_path(home: Home) -> Path:
    """Return where the centre is pinned."""
    return home.folder("trust") / "centre.json"


def _read_pinned(home: Home) -> Pinned:
    try:
        return msgspec.json.decode(read_checked(pinned_path(home)), type=Pinned)
    except (OSError, DamagedFile, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Unavailable("home.replica", "trust/centre.json") from error
