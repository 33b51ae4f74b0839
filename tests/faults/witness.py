"""What desks wrote and were told is safe, kept apart from desks and centre, so that nothing that heals hides a loss.

A desk whose centre lost an event may push it again unasked. Whoever only compares the two afterwards finds them
equal; so the centre is looked at as it comes back, before any desk has spoken to it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from jinpu_desk.entry.home.unlocked import OpenDesk

Place = tuple[str, int]


@dataclass
class Witness:
    """Events by (replica, seq), with the hash they were written with and the position they were acknowledged at."""

    written: dict[Place, str] = field(default_factory=dict)
    acknowledged: dict[Place, int] = field(default_factory=dict)
    scans: set[str] = field(default_factory=set)
    desks: set[str] = field(default_factory=set)
    epoch: str = ""

    def look(self, desk: OpenDesk) -> list[str]:
        """Note what a desk holds; return what is wrong with it already."""
        wrong = []
        with desk.store.sync._engine.read() as connection:
            rows = connection.exec_driver_sql("SELECT replica, seq, header, position FROM events").all()
            sent = connection.exec_driver_sql("SELECT sha256 FROM blobs WHERE sent = 1").scalars().all()
        here = set()
        for replica, seq, header, position in rows:
            place = (replica, seq)
            here.add(place)
            digest = hashlib.sha256(header).hexdigest()
            if self.written.setdefault(place, digest) != digest:
                wrong.append(f"another event at {place}")
            known = self.acknowledged.get(place, position)
            if position != known:
                wrong.append(f"{place} was acknowledged at {known}, now {position}")
            if position is not None:
                self.acknowledged[place] = position
        self.desks.add(desk.desk.replica.id)
        own = {place for place in list(self.written) if place[0] == desk.desk.replica.id}
        wrong += [f"gone from the desk: {place}" for place in sorted(own - here)[:3]]
        self.scans.update(sent)
        return wrong

    def missing(self, database: psycopg.Connection, blobs: Path, *, whole: bool) -> list[str]:
        """Return what the centre lacks of what it acknowledged (``whole``: of all a desk wrote), or has too much."""
        rows = database.execute(
            "SELECT position, replica::text, seq, encode(hash, 'hex'), id::text FROM event"
        )
        there: dict[Place, tuple[int, str]] = {}
        ids: set[str] = set()
        for position, replica, seq, digest, event_id in rows:
            there[replica, seq] = (position, digest)
            ids.add(event_id)
        wrong = [
            f"acknowledged and lost: {place}"
            for place, position in self.acknowledged.items()
            if there.get(place) != (position, self.written[place])
        ]
        wrong += [
            f"nobody wrote {place}"
            for place, (_, digest) in there.items()
            if self.written.get(place) != digest
        ]
        if whole:
            lacking = self.written.keys() - there.keys()
            wrong += [f"not at the centre: {place}" for place in lacking if place[0] in self.desks]
        if len(ids) != len(there):
            wrong.append("an event is there twice")
        wrong += self._feed(database, sorted(position for position, _ in there.values()))
        return wrong + [f"scan {name[:8]} is not whole" for name in self.scans if not _whole(blobs, name)]

    def _feed(self, database: psycopg.Connection, positions: list[int]) -> list[str]:
        """Return what a cursor would skip, and whether the centre thinks itself restored."""
        ((epoch, head),) = database.execute("SELECT epoch::text, position FROM feed").fetchall()
        ((restored,),) = database.execute("SELECT restored_at FROM centre").fetchall()
        self.epoch = self.epoch or epoch
        wrong = [] if positions == list(range(1, head + 1)) else [f"the feed of {head} has holes"]
        return wrong + (["another epoch"] if epoch != self.epoch else []) + (["restored"] if restored else [])


def _whole(blobs: Path, name: str) -> bool:
    file = blobs / name[:2] / name
    return file.exists() and hashlib.sha256(file.read_bytes()).hexdigest() == name
