"""Makes a home a window of the centre."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from jinpu_desk.app.ports.entering import Grant
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.ids import ClerkId
from jinpu_desk.store.checked import write_checked
from jinpu_desk.store.home import Home
from jinpu_desk.store.keys import FileKeyRing
from jinpu_desk.store.marks import Marks
from jinpu_desk.store.signing import save_signer
from jinpu_desk.sync.wire import EnrolAnswer, EnrolRequest

from ..parts import Parts
from . import authority
from .enrolment import Enrolment, Pinned, http_centre, pinned_path, token_path
from .identity import reached_at, save_token, self_signed
from .opening import open_desk
from .unlocked import OpenDesk

if TYPE_CHECKING:
    from jinpu_desk.sync.transport import HttpCentre


DATA_KEY_BYTES = 32
Beginning = Callable[["Enrolment", "HttpCentre", bytes], object]
"""What may happen between enrolling and opening: see ``beginning``. Gets the store's data key."""


def enrol(
    home: Home,
    parts: Parts,
    *,
    url: str,
    code: str,
    clerk: str,
    password: str,
    window: str,
    ca: Path | None = None,
    begin: Beginning | None = None,
) -> OpenDesk:
    """Enrol the home at the centre and log its first clerk in. ``ca`` is the PEM file of the only authority believed.

    ``begin`` may make the store before it is opened; when it breaks off, ``setup`` once more goes on.

    Raises:
        Refused: ``home.enrolled-already``, ``setup.ca``, ``enrol.…``, ``login.…`` as the centre says.
        Unavailable: ``sync.offline`` …; the home can be tried again with a new code.
    """
    if home.enrolled:
        raise Refused("home.enrolled-already", home.path.name)
    with authority.believed(ca, home.folder("trust")) as file:
        answer, grant, data_key = _enrolled(home, url, file, code, ClerkId(clerk), password, window)
    enrolment = Enrolment(home, parts)
    if begin is not None:
        with enrolment.centre(answer.token) as centre:
            begin(enrolment, centre, data_key)
    opened = open_desk(enrolment, data_key, grant)
    opened.session.supply()
    opened.refreshed()
    return opened


def _enrolled(
    home: Home, url: str, ca: str, code: str, clerk: ClerkId, password: str, window: str
) -> tuple[EnrolAnswer, Grant, bytes]:
    """Ask the centre and write who this desk is; return its answer, the clerk's grant and the store's data key."""
    believed = home.folder("trust") / ca if ca else None
    key = Ed25519PrivateKey.generate()
    certificate = self_signed(key)
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    with http_centre(url, ca=believed) as centre:
        answer = centre.enrol(
            EnrolRequest(code=code, window=window, public_key=public, certificate=certificate)
        )
    with http_centre(url, ca=believed) as centre:
        login = centre.login(answer.replica.id, clerk, password)
    data_key = os.urandom(DATA_KEY_BYTES)
    pinned = Pinned(centre_key=answer.centre_key, epoch=answer.epoch, clerk=clerk, ca=ca)
    ring = FileKeyRing(home.keys, centre_key=answer.centre_key, replica=answer.replica.id)
    ring.add_escrow(answer.escrow, data_key)
    ring.add(clerk, password, data_key, login.grant)
    private = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    save_signer(home.signing_key, data_key, answer.replica.id, private, certificate)
    save_token(token_path(home), data_key, answer.token)
    write_checked(pinned_path(home), msgspec.json.encode(pinned))
    Marks(home.path).claim(answer.replica.id)
    home.save_replica(reached_at(answer.replica, url))  # last: from here on the home counts as enrolled
    return answer, login.grant, data_key
