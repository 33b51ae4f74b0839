"""What the centre itself reads of the reference data it publishes: the catalogue and the calendar in force."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from sqlalchemy.engine import Engine

from jinpu_desk.app.ports import Clock, Replica
from jinpu_desk.catalogue.load import load
from jinpu_desk.catalogue.model import Catalogue
from jinpu_desk.domain.calendar import WorkCalendar, decode_year
from jinpu_desk.domain.errors import Unavailable
from jinpu_desk.domain.instants import CHINA
from jinpu_desk.store.centre import ledgers

from . import library

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class CentrePremises:
    """Implements ``app.desk.Premises``: an application looked at for a station, by the catalogue in force."""

    catalogue: Catalogue
    stations: dict[str, str]
    replica: Replica
    clock: Clock

    def today(self) -> date:
        """Return the local date."""
        return self.clock.now().astimezone(CHINA).date()


class Reference:
    """Reads each published version once."""

    def __init__(self, engine: Engine) -> None:
        """Read from that database when asked."""
        self._engine = engine
        self._catalogue = _Latest(load)
        self._calendar = _Latest(_calendar)

    def catalogue(self) -> Catalogue:
        """Return the catalogue in force. Raises Unavailable ``server.no-catalogue`` before the first."""
        return self._catalogue.of(self._engine, library.CATALOGUE)

    def calendar(self) -> WorkCalendar:
        """Return the calendar in force, plain weeks before the first was published."""
        try:
            return self._calendar.of(self._engine, library.CALENDARS)
        except Unavailable:
            return WorkCalendar()


class _Latest(Generic[T]):
    """The value of a kind's current version, made anew when another version became current."""

    def __init__(self, make: Callable[[dict[str, bytes]], T]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._held: tuple[str, T] | None = None

    def of(self, engine: Engine, kind: str) -> T:
        with engine.connect() as connection:
            digest = ledgers.current_versions(connection).get(kind, "")
        with self._lock:
            if self._held is None or self._held[0] != digest:
                files = library.current_files(engine, kind)
                if not files:
                    raise Unavailable("server.no-catalogue")
                self._held = digest, self._make(files)
            return self._held[1]


def _calendar(files: dict[str, bytes]) -> WorkCalendar:
    return WorkCalendar(decode_year(raw) for _name, raw in sorted(files.items()))
