"""A desk whose centre moved to another address, or shows a certificate of another authority."""

from __future__ import annotations

from pathlib import Path

import msgspec
from msgspec.structs import replace

from jinpu_desk.domain.ids import ClerkId
from jinpu_desk.store.checked import write_checked
from jinpu_desk.sync.supplies import refresh_reference

from . import authority
from .enrolment import Enrolment, pinned_path, token_path
from .identity import load_token, reached_at
from .unlocking import unlock


def move(enrolment: Enrolment, url: str, ca: Path | None, clerk: ClerkId, password: str) -> None:
    """Go to ``url`` from now on, and believe the authority in the PEM file ``ca`` alone if there is one.

    Nothing is kept before whoever answers there has shown the pinned centre's signature. An offline grant that is over
    is renewed there.

    Raises:
        Refused: ``setup.ca``, ``sync.checkpoint`` when it is another centre, ``login.…``, ``auth.token``.
        Unavailable: ``sync.offline``, ``sync.certificate`` …
    """
    folder, former = enrolment.home.folder("trust"), enrolment.pinned.ca
    with authority.believed(ca, folder, former) as file:
        _prove(enrolment, url, file, clerk, password)
    # Until both are written either authority may be the one that is named: neither file goes before.
    write_checked(pinned_path(enrolment.home), msgspec.json.encode(enrolment.pinned))
    enrolment.home.save_replica(enrolment.replica)
    authority.drop(folder, former, file)


def _prove(enrolment: Enrolment, url: str, ca: str, clerk: ClerkId, password: str) -> None:
    enrolment.replica = reached_at(enrolment.replica, url)
    enrolment.pinned = replace(enrolment.pinned, ca=ca)
    data_key, _ = unlock(enrolment, clerk, password)
    with enrolment.centre(load_token(token_path(enrolment.home), data_key)) as centre:
        refresh_reference(centre, enrolment.shelf, enrolment.pinned.centre_key)
