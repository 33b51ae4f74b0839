"""How a centre stands: what its operator looks at in the morning."""

from __future__ import annotations

from itertools import chain

import msgspec
from sqlalchemy.engine import Connection, Engine

from jinpu_desk.store.centre import epochs, events, operating, registry, walking
from jinpu_desk.store.centre.operating import Burned

from ..files.blobs import BlobStore
from .verify import NAMING, named_file


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """A window PC that may come: when it was last heard of (UTC ms) and how many events of the feed it lacks.

    Both are None while it was never heard of; they are a few seconds late.
    """

    id: str
    station: str
    window: str
    series: int
    seq: int
    last_contact: int | None
    lag: int | None


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """The centre as a whole. ``at_risk`` is how many events are in no backup."""

    epoch: str
    epochs: int
    position: int
    hash: str
    restored_at: int | None
    horizon: int
    at_risk: int
    windows: list[Window]
    revoked: int
    blobs: int
    blobs_pending: int
    burned: list[Burned]  # why registers have gaps


def standing(engine: Engine, blobs: BlobStore) -> Standing:
    """Return how the centre stands in one moment.

    Raises Unavailable ``blob.store`` when files cannot be asked for.
    """
    with walking.snapshot(engine) as connection:
        head = events.feed_head(connection)
        named = pending = 0
        for body in chain.from_iterable(walking.bodies_of_type(connection, name) for name in NAMING):
            named += 1
            pending += blobs.size(named_file(body)) is None
        return Standing(
            epoch=head.epoch,
            epochs=len(epochs.line(connection)),
            position=head.position,
            hash=head.hash.hex(),
            restored_at=epochs.restored_at(connection),
            horizon=operating.horizon(connection),
            at_risk=head.position - operating.horizon(connection),
            windows=windows(connection),
            revoked=sum(row.revoked_at is not None for row in registry.replicas(connection)),
            blobs=named,
            blobs_pending=pending,
            burned=[row for _epoch, row in operating.burned(connection)],
        )


def windows(connection: Connection) -> list[Window]:
    """Return every window PC that is not revoked, those longest not heard of first; not the centre itself."""
    own = registry.own_replica(connection)
    head = events.feed_head(connection).position
    heard = operating.contacts(connection)
    found = []
    for row in registry.replicas(connection):
        if row.revoked_at is not None or (own is not None and row.id == own.id):
            continue
        last = heard.get(row.id)
        position = last.position if last else None
        found.append(
            Window(
                id=row.id,
                station=row.station.code,
                window=row.window,
                series=row.series,
                seq=row.seq,
                last_contact=last.at if last else None,
                lag=None if position is None else max(head - position, 0),
            )
        )
    return sorted(found, key=lambda one: (one.last_contact or 0, one.id))
