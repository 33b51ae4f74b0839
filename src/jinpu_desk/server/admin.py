"""What an administrator does to a centre; each verb works beside a serving process."""

from __future__ import annotations

import datetime as dt
import re
import secrets
import uuid
from collections.abc import Collection

from sqlalchemy.engine import Engine

from jinpu_desk.app.calendars import refuse_older
from jinpu_desk.domain.calendar import decode_year
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.events import GENESIS
from jinpu_desk.domain.ids import Digest, Entropy
from jinpu_desk.store.centre import registry
from jinpu_desk.store.centre.registry import CentreRow, ClerkRow, StationRow

from . import library
from .events import own
from .keys import CentreKey
from .people import code_hash, hash_password
from .settings import CentreSettings

_NAME = re.compile(r"[^\W_][\w.@-]{0,63}")
_CODE = re.compile(r"[A-Z][A-Z0-9]{0,15}")
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # without I, O, 0, 1, which are misread
_CATALOGUE_BYTES = 32 * 1024 * 1024


def initialise(engine: Engine, key: CentreKey, settings: CentreSettings, *, training: bool) -> str:
    """Write the centre's own row and start its feed; a training centre gets its stations. Return the epoch.

    Raises Refused ``server.already-initialised``.
    """
    epoch = str(uuid.uuid4())
    with engine.begin() as connection:
        if registry.centre(connection) is not None:
            raise Refused("server.already-initialised")
        row = CentreRow(training=training, division=settings.division, public_key=key.public)
        registry.add_centre(connection, row, epoch, bytes.fromhex(GENESIS))
        for station in settings.training_stations if training else ():
            registry.add_station(
                connection,
                StationRow(
                    code=station.code, number=station.number, name=station.name, authority=settings.authority
                ),
            )
    return epoch


def enrol_centre(engine: Engine, key: CentreKey, now: dt.datetime, entropy: Entropy) -> None:
    """Let the centre be a replica of its own; without a hall (station 00) it waits for one."""
    with engine.begin() as connection:
        own.enrol_self_if_hall(connection, key, now, entropy)


def add_station(engine: Engine, code: str, name: str, number: str | None, authority: str) -> StationRow:
    """Add a station. Without ``number`` it is what ``code`` ends in (HALL is 00), else the next free one.

    Raises Refused ``station.code``, ``station.name``, ``station.number`` or ``station.taken``.
    """
    if not _CODE.fullmatch(code):
        raise Refused("station.code", "CODE", value=code)
    if not name.strip() or not name.isprintable():
        raise Refused("station.name", "NAME")
    with engine.begin() as connection:
        taken = {station.number for station in registry.stations(connection)}
        chosen = number or _number(code, taken)
        if not re.fullmatch(r"[0-9]{2}", chosen):
            raise Refused("station.number", "--number", value=chosen)
        row = StationRow(code=code, number=chosen, name=name, authority=authority)
        if not registry.add_station(connection, row):
            raise Refused("station.taken", "CODE", value=code, number=chosen)
    return row


def _number(code: str, taken: Collection[str]) -> str:
    wished = "00" if code == "HALL" else code[-2:]
    if re.fullmatch(r"[0-9]{2}", wished) and wished not in taken:
        return wished
    free = (f"{n:02}" for n in range(1, 100) if f"{n:02}" not in taken)
    return next(free, "")


def add_user(
    engine: Engine,
    name: str,
    password: str,
    roles: tuple[str, ...],
    station: str | None,
    *,
    display_name: str,
    known_roles: Collection[str],
) -> ClerkRow:
    """Add a user.

    Raises Refused ``user.name``, ``user.role``, ``user.password`` (empty), ``station.unknown``, ``user.taken``.
    """
    if not _NAME.fullmatch(name):
        raise Refused("user.name", "NAME", value=name)
    for role in roles:
        if role not in known_roles:
            raise Refused("user.role", "--role", value=role, known="、".join(sorted(known_roles)))
    if not password:
        raise Refused("user.password", "JINPU_PASSWORD")
    row = ClerkRow(
        name=name,
        display_name=display_name or name,
        password=hash_password(password),
        roles=roles,
        station=station,
        revoked_at=None,
    )
    with engine.begin() as connection:
        if station is not None and registry.station(connection, station) is None:
            raise Refused("station.unknown", "--station", value=station)
        if not registry.add_clerk(connection, row):
            raise Refused("user.taken", "NAME", value=name)
    return row


def revoke_user(engine: Engine, name: str, now: int) -> None:
    """Revoke a user. Raises Refused ``user.unknown``."""
    with engine.begin() as connection:
        if not registry.revoke_clerk(connection, name, now):
            raise Refused("user.unknown", "NAME", value=name)


def make_code(engine: Engine, station: str, expires_at: int) -> str:
    """Return a new one-time enrolment code for a station. Raises Refused ``station.unknown``."""
    letters = "".join(secrets.choice(_LETTERS) for _ in range(12))
    code = "-".join((letters[:4], letters[4:8], letters[8:]))
    with engine.begin() as connection:
        if registry.station(connection, station) is None:
            raise Refused("station.unknown", "--station", value=station)
        registry.add_code(connection, code_hash(code), station, expires_at)
    return code


def revoke_replica(engine: Engine, replica_id: str, now: int) -> None:
    """Revoke a window PC. Raises Refused ``replica.unknown``, or ``replica.own`` for the centre's own."""
    try:
        known = str(uuid.UUID(replica_id)) == replica_id
    except ValueError:
        known = False
    with engine.begin() as connection:
        own_replica = registry.own_replica(connection)
        if own_replica is not None and own_replica.id == replica_id:
            raise Refused("replica.own", "ID", value=replica_id)
        if not known or not registry.revoke_replica(connection, replica_id, now):
            raise Refused("replica.unknown", "ID", value=replica_id)


def publish_catalogue(engine: Engine, files: dict[str, bytes], now: int) -> tuple[Digest, bool]:
    """Publish a catalogue; return its digest and whether it is new.

    Raises Refused ``catalogue.empty``, ``catalogue.too-large``.
    """
    if not files:
        raise Refused("catalogue.empty", "DIR")
    if (size := sum(map(len, files.values()))) > _CATALOGUE_BYTES:
        raise Refused("catalogue.too-large", "DIR", size=size, limit=_CATALOGUE_BYTES)
    return library.publish(engine, library.CATALOGUE, files, now)


def publish_calendars(engine: Engine, files: dict[str, bytes], now: int) -> tuple[Digest, bool]:
    """Publish years: each takes the place of the same year in the current set. Return digest and whether new.

    Raises Refused ``calendar.…`` as ``decode_year`` does, ``calendar.downgrade`` and ``calendar.not-newer``.
    """
    held = library.current_files(engine, library.CALENDARS)
    years = {}
    for raw in files.values():
        year = decode_year(raw)
        name = f"{year.year}.json"
        refuse_older(year, decode_year(held[name]) if name in held else None)
        years[name] = raw
    return library.publish(engine, library.CALENDARS, held | years, now)
