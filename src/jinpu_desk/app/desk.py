"""The desk as the verbs see it: ports, reference data and who is logged in, passed in by ``entry``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from jinpu_desk.catalogue.model import Catalogue
from jinpu_desk.domain.calendar import WorkCalendar
from jinpu_desk.domain.ids import Entropy
from jinpu_desk.domain.instants import CHINA, local

from .duty.offices import NO_OFFICES, Offices
from .papers import PaperShop
from .ports import Blobs, Clock, DeskStore, Replica, Signing
from .ports.entering import Clerk
from .registers import NO_REGISTERS, Registers
from .roles import Roles
from .sentences import Sentences


class Premises(Protocol):
    """Where an application is looked at: a desk, or the centre for one that comes from outside."""

    @property
    def catalogue(self) -> Catalogue: ...

    @property
    def stations(self) -> dict[str, str]: ...

    @property
    def replica(self) -> Replica: ...

    def today(self) -> date:
        """Return the local date there."""
        ...


@dataclass(frozen=True, slots=True)
class Desk:
    """An unlocked desk. Frozen: a new login, catalogue or calendar makes a new one."""

    store: DeskStore
    blobs: Blobs
    papers: PaperShop
    signing: Signing
    clock: Clock
    entropy: Entropy
    replica: Replica
    clerk: Clerk
    catalogue: Catalogue
    past_catalogue: Callable[[str], Catalogue | None]  # by digest
    calendar: WorkCalendar
    roles: Roles
    sentences: Sentences
    stations: dict[str, str]  # code -> name
    clerks: dict[str, str]  # login -> display name
    windows: dict[str, str] = field(default_factory=dict)  # replica -> 站点 窗口
    registers: Registers = NO_REGISTERS
    offices: Offices = NO_OFFICES

    def now(self) -> datetime:
        """Return the aware instant now, in UTC."""
        return self.clock.now()

    def today(self) -> date:
        """Return the local date at the counter."""
        return self.clock.now().astimezone(CHINA).date()

    def local(self, instant: datetime) -> datetime:
        """Return ``instant`` by the clock on the wall."""
        return instant.astimezone(CHINA)

    def local_ms(self, millis: int) -> datetime:
        """Return a UTC instant in milliseconds by the clock on the wall."""
        return local(millis)
