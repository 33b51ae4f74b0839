"""Snapshots for new windows: who gets which, whether the one there will do, and the making of one (DESIGN §4)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from sqlalchemy.engine import Connection

from jinpu_desk.app.ports.sync import Cursor
from jinpu_desk.app.rows import Projector
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.ids import CaseId, Digest
from jinpu_desk.domain.instants import millis
from jinpu_desk.store.centre import events as store
from jinpu_desk.store.centre import snapshots as sql
from jinpu_desk.store.centre.registry import ReplicaRow
from jinpu_desk.store.snapshot import SCHEMA, Shipped, SnapshotMaker, shipped
from jinpu_desk.sync.wire import Checkpoint
from jinpu_desk.sync.wire_snapshot import EVERYTHING, SnapshotAnswer, SnapshotManifest

from .centre import Centre
from .events.own import HALL
from .files.snapshot_shelf import SnapshotShelf

WORTHWHILE = 20_000
"""Fewer events than this a new window pulls in a few seconds."""
FAR_BEHIND = 100_000
"""A snapshot this many events behind is made anew for the next window."""


def scope_of_station(number: str) -> str:
    """Return what windows of a station work with: the hall's with everything, others with their station's cases."""
    return EVERYTHING if number == HALL else number


def offer(centre: Centre, replica: ReplicaRow) -> SnapshotAnswer:
    """Return the snapshot a window may begin from, and its key.

    Raises:
        Refused: ``snapshot.none`` when there is none, or none of this epoch: the window pulls the feed.
    """
    scope = scope_of_station(replica.station.number)
    found = centre.snapshots.newest(scope) if centre.snapshots else None
    with centre.engine.connect() as connection:
        head = store.feed_head(connection)
    if found is None or found[0].epoch != head.epoch or found[0].position > head.position:
        raise Refused("snapshot.none", scope)
    manifest, signature = found
    return SnapshotAnswer(manifest=manifest, signature=signature, key=centre.key.snapshot(manifest.id))


def held(centre: Centre, replica: ReplicaRow, snapshot_id: str) -> tuple[SnapshotManifest, SnapshotShelf]:
    """Return a snapshot of this window's scope and where it lies.

    Raises Refused ``snapshot.unknown``: it was replaced, or is not for this window.
    """
    manifest = (
        centre.snapshots.held(scope_of_station(replica.station.number), snapshot_id)
        if centre.snapshots
        else None
    )
    if manifest is None or centre.snapshots is None:
        raise Refused("snapshot.unknown", snapshot_id)
    return manifest, centre.snapshots


def will_do(centre: Centre, shelf: SnapshotShelf, scope: str, calendar: str) -> bool:
    """Tell whether a new window of ``scope`` is served well enough by what is there."""
    with centre.engine.connect() as connection:
        head = store.feed_head(connection)
    if head.position < WORTHWHILE:
        return True
    found = shelf.newest(scope)
    if found is None:
        return False
    manifest = found[0]
    return (manifest.epoch, manifest.schema, manifest.calendar) == (
        head.epoch,
        SCHEMA,
        calendar,
    ) and manifest.position <= head.position < manifest.position + FAR_BEHIND


def being_made(centre: Centre, scope: str) -> bool:
    """Tell whether some process is making that snapshot."""
    with sql.one_moment(centre.engine) as connection:
        return not sql.try_lock(connection, scope)


def awaited(centre: Centre) -> list[tuple[str, str]]:
    """Return the stations new windows are about to come to (a code to enrol one is out), each with its scope."""
    with centre.engine.connect() as connection:
        stations = sql.stations_awaiting(connection, centre.now())
    return [(code, scope_of_station(number)) for code, number in stations]


def build(
    centre: Centre, shelf: SnapshotShelf, scope: str, projector: Projector, calendar: str
) -> SnapshotManifest:
    """Make the snapshot of ``scope`` as the feed ends now, and put it on the shelf.

    Raises:
        Refused: ``snapshot.being-made`` while another process makes it.
        Unavailable: ``store.disk-full``, ``store.io``.
    """
    with sql.one_moment(centre.engine) as connection:
        if not sql.try_lock(connection, scope):
            raise Refused("snapshot.being-made", scope)
        made_at = centre.clock.now()
        head = store.feed_head(connection)
        end = Cursor(epoch=head.epoch, position=head.position, hash=Digest(head.hash.hex()))
        said = Checkpoint(epoch=end.epoch, position=end.position, hash=end.hash).statement()
        id_ = centre.entropy(16).hex()
        draft = shelf.draft(scope)
        with SnapshotMaker(draft, centre.key.snapshot(id_), projector) as maker:
            for case_id, of_case in _by_case(connection, scope, end.position):
                maker.add(case_id, of_case)
            maker.finish(end, centre.key.sign(said), calendar, made_at)
    manifest = SnapshotManifest(
        id=id_,
        scope=scope,
        epoch=end.epoch,
        position=end.position,
        hash=end.hash,
        schema=SCHEMA,
        calendar=calendar,
        built_at=millis(made_at),
        size=draft.stat().st_size,
        sha256=_sha256(draft),
        events=maker.events,
        cases=maker.cases,
    )
    shelf.keep(manifest, centre.key.sign(manifest.statement()), draft)
    return manifest


def _by_case(connection: Connection, scope: str, position: int) -> Iterator[tuple[CaseId, list[Shipped]]]:
    if scope == EVERYTHING:
        sql.choose_all(connection, position)
    else:
        sql.choose_for_station(connection, scope)
    for case_id, rows in groupby(sql.chosen_events(connection, position), key=lambda row: row.case_id):
        yield CaseId(case_id), [_shipped(row) for row in rows]


def _shipped(row: sql.SnapshotRow) -> Shipped:
    stored = shipped(row.header, row.body, row.salt, row.outcome, row.position, row.reason)
    return Shipped(stored, Digest(row.hash.hex()), row.signature, row.header)


def _sha256(path: Path) -> Digest:
    with path.open("rb") as file:
        return Digest(hashlib.file_digest(file, "sha256").hexdigest())
