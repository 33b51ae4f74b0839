"""Opening a home again and again without waiting for the password each time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from jinpu_desk.app.ports import CaseQuery
from jinpu_desk.app.ports.entering import Grant
from jinpu_desk.domain.ids import ClerkId
from jinpu_desk.entry.home.enrolment import Enrolment
from jinpu_desk.entry.home.opening import open_desk
from jinpu_desk.entry.home.unlocked import OpenDesk
from jinpu_desk.entry.home.unlocking import unlock
from jinpu_desk.entry.parts import Parts, load_parts
from jinpu_desk.store.home import Home
from jinpu_desk.store.keys import Cost, FileKeyRing
from samples.programs import CLERK, CLOCK, PASSWORD

_CHEAP = Cost(memory_kib=8, passes=1, lanes=1)


@dataclass(frozen=True)
class Door:
    """A home whose data key is known."""

    home: Path
    parts: Parts
    data_key: bytes
    grant: Grant

    @classmethod
    def of(cls, home: Path) -> Door:
        """Give the password once."""
        parts = load_parts()
        with Home(home) as held:
            return cls(home, parts, *unlock(Enrolment(held, parts), CLERK, PASSWORD))

    @contextmanager
    def opened(self) -> Iterator[OpenDesk]:
        """Lend the open desk."""
        with Home(self.home) as held:
            desk = open_desk(Enrolment(held, self.parts), self.data_key, self.grant)
            try:
                yield desk
            finally:
                desk.close()


def cheapen(home: Path) -> None:
    """Let the password cost next to nothing: a sweep gives it thousands of times, and derives no fault of it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JINPU_CLOCK", CLOCK)
        door = Door.of(home)
        with Home(home) as held:
            enrolment = Enrolment(held, door.parts)
            centre, replica = enrolment.pinned.centre_key, enrolment.replica.id
            ring = FileKeyRing(held.keys, centre_key=centre, replica=replica, cost=_CHEAP)
            ring.add(ClerkId(CLERK), PASSWORD, door.data_key, door.grant)


def numbers(desk: OpenDesk) -> set[str]:
    """The numbers of all cases."""
    return {row.case_no for row in desk.store.page(CaseQuery(), limit=500).rows}


def everything_shown(desk: OpenDesk) -> dict[str, Any]:
    """Every value a screen of this desk could show: cases, papers, scans, who it is, what it goes by."""
    rows = desk.store.page(CaseQuery(), limit=500).rows
    cases = [case for row in rows if (case := desk.store.case(row.case_id))]
    held = desk.desk
    return {
        "rows": rows,
        "cases": cases,
        "found": [row.case_no for row in desk.store.search("演示", limit=100)],
        "papers": [desk.store.paper(paper.sha256) for case in cases for paper in case.papers],
        "scans": [held.blobs.get(page.sha256) for case in cases for page in case.attachments],
        "window": (held.replica, held.stations, held.clerk),
        "goes by": (held.catalogue.digest, held.calendar.digest, held.registers.version),
        "signature": desk.signing.sign(b"as before"),
    }
