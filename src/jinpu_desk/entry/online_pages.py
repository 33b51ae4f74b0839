"""Fetches the pages of pre-applications that wait for this station, so that they can be judged without a network."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator
from typing import Protocol

from jinpu_desk.app.desk import Desk
from jinpu_desk.app.ports import CaseQuery
from jinpu_desk.domain.case import Attachment, Flag, Status
from jinpu_desk.domain.errors import DeskError, Unavailable
from jinpu_desk.domain.ids import Digest

LARGEST = 64 * 1024 * 1024
"""Larger files stay at the centre."""
log = logging.getLogger(__name__)


class Files(Protocol):
    """The centre, as far as files are concerned."""

    def blob(self, sha256: Digest) -> bytes:
        """Return an attachment. Raises Unavailable ``blob.missing``."""
        ...


def fetch(desk: Desk, centre: Files) -> int:
    """Fetch what is not here yet; return how many files came. What cannot be had now is tried again next time."""
    fetched = 0
    for page in _wanted(desk):
        try:
            data = centre.blob(page.sha256)
        except Unavailable as error:
            if error.code == "blob.missing":
                continue
            return fetched
        except DeskError as error:
            log.warning("attachment: %s", error.code)
            continue
        if hashlib.sha256(data).hexdigest() != page.sha256:
            log.warning("attachment: other bytes than its name says")
            continue
        desk.blobs.put(data)
        fetched += 1
    return fetched


def _wanted(desk: Desk) -> Iterator[Attachment]:
    here = CaseQuery(status=int(Status.DRAFT), flag=str(Flag.ONLINE), station=desk.replica.station)
    after: str | None = None
    while True:
        page = desk.store.page(here, after=after)
        for row in page.rows:
            case = desk.store.case(row.case_id)
            for attached in case.attachments if case else ():
                if attached.size <= LARGEST and not desk.blobs.has(attached.sha256):
                    yield attached
        after = page.after
        if after is None:
            return
