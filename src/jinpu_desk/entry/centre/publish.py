"""Publishing reference data: catalogue, calendars, registers; each as an immutable version."""

from __future__ import annotations

import argparse
from datetime import datetime
from pathlib import Path

from sqlalchemy.engine import Engine

from jinpu_desk.app.registers import KIND as REGISTERS
from jinpu_desk.catalogue.check import check
from jinpu_desk.catalogue.load import read_dir
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.instants import CHINA, millis
from jinpu_desk.server import admin, library, registers

from ..resources import folder_files
from .place import Answer, Place


def publish_own(place: Place, engine: Engine, now: datetime, *, training: bool) -> dict[str, str]:
    """Publish the calendars that ship with the product, and in training its demo catalogue and registers."""
    published = {}
    years = folder_files(place.resources / "calendars", ".json")
    if years:
        published[library.CALENDARS] = str(admin.publish_calendars(engine, years, millis(now))[0])
    if training:
        items = _checked_catalogue(place.resources / "catalogue")
        published[library.CATALOGUE] = str(admin.publish_catalogue(engine, items, millis(now))[0])
        today = now.astimezone(CHINA).date()
        for name, raw in folder_files(place.resources / "registers", ".json").items():
            digest, _new, _count = registers.publish(
                engine, name.removesuffix(".json"), raw, millis(now), source="", today=today
            )
            published[REGISTERS] = str(digest)
    return published


def catalogue_publish(place: Place, arguments: argparse.Namespace) -> Answer:
    """``catalogue publish``: a checked folder of items."""
    files = _checked_catalogue(arguments.dir)
    with place.initialised() as (engine, _row, clock):
        digest, new = admin.publish_catalogue(engine, files, millis(clock.now()))
    return {"kind": library.CATALOGUE, "digest": digest, "files": len(files), "new": new}


def _checked_catalogue(folder: Path) -> dict[str, bytes]:
    """Return the files of a catalogue that may be published; refuse it with the first thing wrong in it."""
    files = read_dir(folder)
    for fault in check(files):
        raise Refused(fault.code, fault.where, article="", **fault.params)
    return files


def calendar_publish(place: Place, arguments: argparse.Namespace) -> Answer:
    """``calendar publish``: one year, in place of the same year."""
    try:
        raw = arguments.file.read_bytes()
    except OSError as error:
        raise Refused("calendar.unreadable", "FILE", path=str(arguments.file)) from error
    with place.initialised() as (engine, _row, clock):
        digest, new = admin.publish_calendars(engine, {arguments.file.name: raw}, millis(clock.now()))
    return {"kind": library.CALENDARS, "digest": digest, "new": new}


def register_publish(place: Place, arguments: argparse.Namespace) -> Answer:
    """``register publish``: one register, in place of its former version."""
    try:
        raw = arguments.file.read_bytes()
    except OSError as error:
        raise Refused("register.no-file", str(arguments.file)) from error
    with place.initialised() as (engine, _row, clock):
        now = clock.now()
        digest, new, count = registers.publish(
            engine,
            arguments.name,
            raw,
            millis(now),
            source=arguments.source,
            today=now.astimezone(CHINA).date(),
        )
    return {"kind": REGISTERS, "register": arguments.name, "entries": count, "digest": digest, "new": new}
