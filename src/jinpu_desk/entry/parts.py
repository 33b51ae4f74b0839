"""Parts every desk process is made of: resources read once, and what the shelf holds turned into values."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from jinpu_desk.app import registers
from jinpu_desk.app.calendars import merged
from jinpu_desk.app.duty.offices import Offices, decode_offices
from jinpu_desk.app.papers import Trust, TrustedReplica
from jinpu_desk.app.ports import ReferenceShelf
from jinpu_desk.app.registers import NO_REGISTERS, Registers
from jinpu_desk.app.roles import Roles, decode_roles
from jinpu_desk.app.sentences import Sentences
from jinpu_desk.catalogue.in_force import edition_on
from jinpu_desk.catalogue.load import load, read_dir
from jinpu_desk.catalogue.model import Catalogue
from jinpu_desk.domain.calendar import WorkCalendar, YearCalendar, decode_year
from jinpu_desk.domain.errors import DeskError
from jinpu_desk.domain.ids import Digest
from jinpu_desk.domain.instants import CHINA, local_date
from jinpu_desk.sync.supplies import read_trust
from jinpu_desk.sync.wire import TrustDirectory

from .resources import folder_files, resources_dir

if TYPE_CHECKING:
    from jinpu_desk.documents.shop import Documents


CATALOGUE = "catalogue"
CALENDARS = "calendars"
OWN_CALENDARS = "own-calendars"
"""Years imported at this desk, which the next sync must not take away again."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What ships with the product."""

    folder: Path
    sentences: Sentences
    roles: Roles
    offices: Offices

    def documents(self) -> Documents:
        """Return the documents room with its layouts checked. Loading it takes longer than finding a case."""
        from jinpu_desk.documents.shop import Documents

        return Documents(self.folder)


def load_parts() -> Parts:
    """Read the bundled resources. Raises Unavailable ``resources.missing``."""
    folder = resources_dir()
    return Parts(
        folder=folder,
        sentences=Sentences(folder_files(folder / "messages", ".toml")),
        roles=decode_roles((folder / "roles.toml").read_bytes()),
        offices=decode_offices(
            (folder / "departments.toml").read_bytes(), (folder / "duty.toml").read_bytes()
        ),
    )


def calendar_of(parts: Parts, shelf: ReferenceShelf) -> WorkCalendar:
    """Return the calendar the centre published (before the first contact the one that ships with us), and of years
    imported at this desk those that count."""
    held = shelf.held()
    published = (
        shelf.files(CALENDARS) if CALENDARS in held else folder_files(parts.folder / "calendars", ".json")
    )
    own = shelf.files(OWN_CALENDARS) if OWN_CALENDARS in held else {}
    return merged(_years(published), _years(own))


def _years(files: Mapping[str, bytes]) -> Iterator[YearCalendar]:
    return (decode_year(raw) for name, raw in sorted(files.items()) if name.endswith(".json"))


def catalogue_of(parts: Parts, shelf: ReferenceShelf, now: datetime) -> Catalogue:
    """Return the catalogue in force today of those the centre published.

    Before the first contact that is the one that ships with us.
    """
    if CATALOGUE not in shelf.held():
        return load(read_dir(parts.folder / CATALOGUE))
    older = map(past_catalogues(shelf), shelf.versions(CATALOGUE)[1:])
    editions = chain([load(shelf.files(CATALOGUE))], filter(None, older))
    return edition_on(editions, now.astimezone(CHINA).date())


def registers_of(shelf: ReferenceShelf) -> Registers:
    """Return the registers the centre published; before the first contact there are none."""
    held = shelf.held()
    if registers.KIND not in held:
        return NO_REGISTERS
    return registers.read_registers(shelf.files(registers.KIND), held[registers.KIND])


def past_catalogues(shelf: ReferenceShelf) -> Callable[[str], Catalogue | None]:
    """Return a look-up of older catalogue versions by digest, each read at most once."""

    @lru_cache(maxsize=16)
    def find(digest: str) -> Catalogue | None:
        try:
            return load(shelf.files(CATALOGUE, Digest(digest)))
        except DeskError:
            return None

    return find


def directory_of(shelf: ReferenceShelf, centre_key: bytes) -> TrustDirectory | None:
    """Return the signed directory of windows, None before the first contact."""
    if "trust" not in shelf.held():
        return None
    return read_trust(shelf.files("trust"), centre_key)


def trust_of(directory: TrustDirectory | None) -> Trust:
    """Return whose papers this desk believes."""
    if directory is None:
        return {}
    return {
        entry.id: TrustedReplica(
            public_key=entry.public_key,
            certificate=entry.certificate,
            revoked_on=_local_day(entry.revoked_at),
        )
        for entry in directory.replicas
    }


def _local_day(millis: int | None) -> date | None:
    return None if millis is None else local_date(millis)
