"""What a new window begins with: a snapshot from the centre where there is one, else nothing but the feed (DESIGN §4).

The snapshot is fetched into ``incoming``, converted as it comes, and becomes ``desk.db`` in one step. Broken off before that, ``setup`` is run
again and goes on with the pieces that came; or the desk is simply opened, begins empty and pulls the whole feed.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from jinpu_desk.domain.errors import DeskError, Refused, Unavailable
from jinpu_desk.store.atomic import disk_faults, make_folder
from jinpu_desk.sync.snapshot import Download, Told, checked_answer
from jinpu_desk.sync.supplies import refresh_reference

if TYPE_CHECKING:
    from jinpu_desk.sync.transport import HttpCentre
    from jinpu_desk.sync.wire_snapshot import SnapshotAnswer, SnapshotManifest

    from .enrolment import Enrolment

INCOMING = "incoming"
_OLDER_CENTRE = "http.not-found"


def begin(enrolment: Enrolment, centre: HttpCentre, data_key: bytes, told: Told) -> SnapshotManifest | None:
    """Make the desk's store of the centre's snapshot and say which it was; None when there is none for this window.

    A desk that has a store is left alone. Reference data comes first, because the terms in the snapshot are counted by
    the centre's calendar and would be counted anew by any other.

    Raises:
        Refused: ``snapshot.forged``, ``snapshot.schema``, ``snapshot.corrupt``: nothing was taken over.
        Unavailable: ``snapshot.broken-off`` when centre, network or disk failed; calling again goes on.
    """
    home = enrolment.home
    if home.database.exists():
        return None
    with _may_break_off():
        refresh_reference(centre, enrolment.shelf, enrolment.pinned.centre_key)
        answer = _offered(centre)
        manifest = _taken(enrolment, centre, answer, data_key, told) if answer is not None else None
    shutil.rmtree(home.path / INCOMING, ignore_errors=True)
    return manifest


def _offered(centre: HttpCentre) -> SnapshotAnswer | None:
    try:
        return centre.snapshot()
    except Refused as refused:
        if refused.code in {"snapshot.none", _OLDER_CENTRE}:
            return None
        raise


def _taken(
    enrolment: Enrolment, centre: HttpCentre, answer: SnapshotAnswer, data_key: bytes, told: Told
) -> SnapshotManifest:
    from jinpu_desk.store.snapshot import SCHEMA  # SQL is loaded only now
    from jinpu_desk.store.snapshot_taking import take

    home, pinned = enrolment.home, enrolment.pinned
    manifest = checked_answer(answer, centre_key=pinned.centre_key, epoch=pinned.epoch, schema=SCHEMA)
    incoming = make_folder(home.path / INCOMING)
    with disk_faults(INCOMING), Download(centre, manifest, incoming, told) as part:
        take(part.path, answer.key, home.database, data_key, reached=manifest.cursor(), ready=part.ready)
    return manifest


@contextmanager
def _may_break_off() -> Iterator[None]:
    """Say of whatever fails for now that what came is kept."""
    try:
        yield
    except Unavailable as error:
        raise Unavailable("snapshot.broken-off", error.where, problem=error.code) from error


class Progress:
    """Says on one changing line, or in tenths where nobody watches, how far a new window's beginning has come."""

    def __init__(self, write: Callable[[str], object], *, watched: bool) -> None:
        """Write lines with ``write``; ``watched`` is whether a person's terminal shows them."""
        self._write = write
        self._watched = watched
        self._last: int | None = None

    def __call__(self, done: int, size: int) -> None:
        """Note how far the work is; what would look the same as before is not written."""
        percent = done * 100 // size if size else 100
        shown = percent if self._watched else percent // 10
        if shown == self._last:
            return
        self._last = shown
        text = f"下载并转换数据快照 {percent}%（共 {size / 1e6:,.0f} MB）"
        end = "\n" if not self._watched or done == size else ""
        self._write(f"\r{text}{end}" if self._watched else f"{text}{end}")


def begin_or_pull(enrolment: Enrolment, centre: HttpCentre, data_key: bytes, told: Told) -> DeskError | None:
    """Begin from a snapshot, or say why this window pulls the whole feed; a damaged snapshot is fetched once more.

    Raises Unavailable ``snapshot.broken-off``.
    """
    for last in (False, True):
        try:
            begin(enrolment, centre, data_key, told)
        except Refused as refused:
            if last or refused.code not in {"snapshot.corrupt", "snapshot.unknown"}:
                return refused
        else:
            return None
    raise AssertionError
