"""Administration of a centre, also while it serves: stations, users, window PCs, back offices."""

from __future__ import annotations

import argparse
import os

import msgspec

from jinpu_desk.app.roles import decode_roles
from jinpu_desk.domain.instants import millis
from jinpu_desk.server import admin
from jinpu_desk.server.keys import CentreKey
from jinpu_desk.server.outside import offices
from jinpu_desk.server.reference import Reference

from .place import Answer, Place, ask

_NEVER = 4_102_444_800_000  # 2100-01-01, UTC ms


def station_add(place: Place, arguments: argparse.Namespace) -> Answer:
    """``station add``: a station; the hall makes the centre a replica of its own."""
    authority = arguments.authority or place.settings.authority
    with place.initialised() as (engine, _row, clock):
        row = admin.add_station(engine, arguments.code, arguments.name, arguments.number, authority)
        admin.enrol_centre(engine, CentreKey.load(place.data), clock.now(), os.urandom)
    return msgspec.structs.asdict(row)


def user_add(place: Place, arguments: argparse.Namespace) -> Answer:
    """``user add``: a user, whose password is never an argument."""
    roles = decode_roles((place.resources / "roles.toml").read_bytes())
    with place.initialised() as (engine, _row, _clock):
        row = admin.add_user(
            engine,
            arguments.name,
            ask("JINPU_PASSWORD", f"{arguments.name} 的密码："),
            tuple(dict.fromkeys(arguments.role)),
            arguments.station,
            display_name=arguments.display_name,
            known_roles=roles,
        )
    return {"user": row.name, "roles": list(row.roles), "station": row.station}


def user_revoke(place: Place, arguments: argparse.Namespace) -> Answer:
    """``user revoke``: nobody logs in by that name from now on."""
    with place.initialised() as (engine, _row, clock):
        admin.revoke_user(engine, arguments.name, millis(clock.now()))
    return {"user": arguments.name, "revoked": True}


def enroll(place: Place, arguments: argparse.Namespace) -> Answer:
    """``enroll``: a one-time code for a new window PC."""
    with place.initialised() as (engine, row, clock):
        # In training the centre may run on another clock than this command, so its codes stay good.
        expires = _NEVER if row.training else millis(clock.now()) + place.settings.limits.code_ms
        code = admin.make_code(engine, arguments.station, expires)
    return {"code": code, "station": arguments.station, "expires_at": expires}


def replica_revoke(place: Place, arguments: argparse.Namespace) -> Answer:
    """``replica revoke``: a window PC is turned away from now on."""
    with place.initialised() as (engine, _row, clock):
        admin.revoke_replica(engine, arguments.id, millis(clock.now()))
    return {"replica": arguments.id, "revoked": True}


def office_add(place: Place, arguments: argparse.Namespace) -> Answer:
    """``office add``: a credential for a back office; its token is shown this once."""
    with place.initialised() as (engine, _row, clock):
        token = offices.add(
            engine,
            arguments.name,
            tuple(dict.fromkeys(arguments.authority)),
            tuple(dict.fromkeys(arguments.item)),
            Reference(engine).catalogue(),
            millis(clock.now()),
        )
    return {"office": arguments.name, "token": token}


def office_revoke(place: Place, arguments: argparse.Namespace) -> Answer:
    """``office revoke``: its token opens nothing from now on."""
    with place.initialised() as (engine, _row, clock):
        offices.revoke(engine, arguments.name, millis(clock.now()))
    return {"office": arguments.name, "revoked": True}


def office_list(place: Place, _arguments: argparse.Namespace) -> Answer:
    """``office list``: every office there ever was."""
    with place.initialised() as (engine, _row, _clock):
        rows = offices.every(engine)
    return {"offices": [msgspec.to_builtins(row) for row in rows]}
