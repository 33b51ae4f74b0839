"""A working counter for the tests of the app: real store, catalogue, calendar and papers, and a clock one sets."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from jinpu_desk.app.desk import Desk
from jinpu_desk.app.duty.offices import Offices, decode_offices
from jinpu_desk.app.intake import taking as intake
from jinpu_desk.app.intake.application import from_file
from jinpu_desk.app.intake.drafts import Draft, PartyDraft
from jinpu_desk.app.intake.file import decode_intake
from jinpu_desk.app.intake.taking import Taken
from jinpu_desk.app.papers import Trust, TrustedReplica
from jinpu_desk.app.ports import Lease
from jinpu_desk.app.ports.entering import Clerk
from jinpu_desk.app.project import CaseProjector
from jinpu_desk.app.roles import Roles, decode_roles
from jinpu_desk.app.sentences import Sentences
from jinpu_desk.app.verbs import act as verbs
from jinpu_desk.catalogue.load import load, read_dir
from jinpu_desk.catalogue.model import Catalogue
from jinpu_desk.documents.seal import make_certificate
from jinpu_desk.documents.shop import Documents
from jinpu_desk.domain.calendar import WorkCalendar, decode_year
from jinpu_desk.domain.case import Case
from jinpu_desk.domain.ids import CaseNo, ClerkId
from jinpu_desk.domain.instants import millis
from jinpu_desk.domain.materials import MaterialTick
from jinpu_desk.store.blobs import FileBlobs
from jinpu_desk.store.desk import SqlDeskStore
from jinpu_desk.store.signing import ReplicaSigner

from .cases import REPLICA
from .stores import KEY, StoppedClock, open_store, replica

RESOURCES = Path(__file__).parents[2] / "resources"
MORNING = datetime(2026, 9, 18, 2, 0, tzinfo=UTC)
"""Friday 18 September 2026, 10:00 at the counter; Sunday the 20th is worked, the 25th to 27th are not."""
STATIONS = {"00": "政务服务大厅", "03": "演示站"}
CLERKS = {"clerk": "演示窗口员", "reviewer": "演示审批员", "supervisor": "演示主管", "auditor": "演示审计员"}
"""One login for each role, named like it."""


@cache
def catalogue() -> Catalogue:
    return load(read_dir(RESOURCES / "catalogue"))


@cache
def calendar() -> WorkCalendar:
    return WorkCalendar(decode_year(path.read_bytes()) for path in (RESOURCES / "calendars").glob("*.json"))


@cache
def sentences() -> Sentences:
    return Sentences({path.name: path.read_bytes() for path in (RESOURCES / "messages").glob("*.toml")})


@cache
def roles() -> Roles:
    return decode_roles((RESOURCES / "roles.toml").read_bytes())


@cache
def offices() -> Offices:
    return decode_offices(*((RESOURCES / name).read_bytes() for name in ("departments.toml", "duty.toml")))


@cache
def documents() -> Documents:
    shop = Documents(RESOURCES)
    shop.warm()
    return shop


@cache
def signer() -> ReplicaSigner:
    key = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    since = MORNING - timedelta(days=30)
    return ReplicaSigner(
        REPLICA, key, make_certificate(key, REPLICA, since, since + timedelta(days=366 * 20))
    )


@cache
def trust() -> Trust:
    key = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    return {REPLICA: TrustedReplica(key.public_key().public_bytes_raw(), signer().certificate)}


@dataclass(slots=True)
class Counter:
    """A window with somebody at it."""

    desk: Desk
    store: SqlDeskStore
    clock: StoppedClock

    def sit(self, *held: str) -> None:
        """Put somebody with these roles at the window; the login is the first role."""
        clerk = Clerk(id=ClerkId(held[0]), display_name=CLERKS[held[0]], roles=held, station="00")
        self.desk = replace(self.desk, clerk=clerk)

    def at_station(self, station: str) -> None:
        """Move the window to another station."""
        there = replica(station=station, station_name=STATIONS[station])
        self.desk = replace(self.desk, replica=there)

    def wait(self, **span: float) -> None:
        """Let time pass."""
        self.clock.advance(timedelta(**span))

    def take(self, file: dict[str, Any], *, papers: bool = False, **changes: Any) -> Taken:
        """Take an intake file in."""
        read = decode_intake(msgspec.json.encode(file | changes))
        ticks = {key: entry.tick() for key, entry in read.materials.items()}
        return intake.take_in(self.desk, from_file(read, ticks, {}), documents=papers)

    def act(self, case: Case, verb: str, data: object = None, *, papers: bool = False) -> Case:
        """Do a verb and return the case after it."""
        number = CaseNo(case.case_no)
        return verbs.act(self.desk, number, verb, {} if data is None else data, documents=papers).case

    def again(self, case: Case) -> Case:
        """Return the case as the store holds it now."""
        found = self.store.case(case.id)
        assert found is not None
        return found

    def lease(self, kind: str, first: int = 1, last: int = 50, year: int = 2026) -> None:
        """Give the window a block of document numbers."""
        template = (
            "金普市监"
            + {"D2": "受", "D3": "补", "D4": "不受", "D5": "容", "D7": "登", "D8": "许", "D12": "终"}[kind]
            + "字〔{yyyy}〕{n}号"
        )
        block = Lease(
            id=f"{kind}-{first}", kind=kind, template=template, year=year, first=first, last=last, next=first
        )
        self.store.sync.keep_leases([block])


def open_counter(folder: Path, *, store: SqlDeskStore | None = None) -> Counter:
    """Open a window of the hall, with a clerk at it, on a store in ``folder`` or on ``store``."""
    clock = StoppedClock(millis(MORNING))
    kept = store or open_store(
        folder / "desk.db",
        clock=clock,
        replica=replica(station="00", station_name=STATIONS["00"]),
        projector=CaseProjector(calendar()),
    )
    desk = Desk(
        store=kept,
        blobs=FileBlobs(folder / "blobs", KEY),
        papers=documents(),
        signing=signer(),
        clock=clock,
        entropy=Random(1).randbytes,
        replica=replica(station="00", station_name=STATIONS["00"]),
        clerk=Clerk(id=ClerkId("clerk"), display_name=CLERKS["clerk"], roles=("clerk",), station="00"),
        catalogue=catalogue(),
        past_catalogue=lambda _digest: None,
        calendar=calendar(),
        roles=roles(),
        sentences=sentences(),
        stations=dict(STATIONS),
        clerks=dict(CLERKS),
        offices=offices(),
    )
    return Counter(desk=desk, store=kept, clock=clock)


def draft_of(file: dict[str, Any], **changes: Any) -> Draft:
    """Return the intake page on which the same was typed as stands in an intake file."""
    party = file["applicant"]
    draft = Draft(
        id="draft-1",
        target=file.get("item") or file["package"],
        package="package" in file,
        applicant=msgspec.convert(party, PartyDraft),
        agent=msgspec.convert(file["agent"], PartyDraft) if file.get("agent") else None,
        answers=file.get("answers", {}),
        form=file.get("form", {}),
        materials={key: msgspec.convert(tick, MaterialTick) for key, tick in file["materials"].items()},
        note=file.get("note", ""),
    )
    return msgspec.structs.replace(draft, **changes)
