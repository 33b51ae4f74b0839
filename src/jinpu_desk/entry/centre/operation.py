"""Running a centre for years: backup, restore, verification, a new epoch, and how it stands."""

from __future__ import annotations

import argparse
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy.engine import Engine

from jinpu_desk.domain.errors import Refused, Unavailable
from jinpu_desk.domain.instants import millis
from jinpu_desk.server.embedded import Cluster
from jinpu_desk.server.files.blobs import open_blobs
from jinpu_desk.server.keys import CentreKey
from jinpu_desk.server.marks import Marker
from jinpu_desk.server.operation import restore
from jinpu_desk.server.operation.backup import Backup
from jinpu_desk.server.operation.bump import bump
from jinpu_desk.server.operation.standing import standing
from jinpu_desk.server.operation.verify import verify
from jinpu_desk.store.atomic import make_folder
from jinpu_desk.store.centre.engine import connect

from ..clocks import SystemClock
from ..speech import say
from .place import Answer, Place

_PASSWORD = "JINPU_BACKUP_PASSWORD"  # noqa: S105  (the variable's name, not a password)


def backup(place: Place, arguments: argparse.Namespace) -> Answer:
    """``backup DIR``: a backup beside the earlier ones in DIR, also while the centre serves."""
    with place.initialised() as (engine, _row, clock):
        taken = Backup(
            engine,
            CentreKey.load(place.data),
            open_blobs(arguments.blobs, place.data),
            _made(arguments.dir),
            now=millis(clock.now()),
            password=os.environ.get(_PASSWORD, ""),
        ).take(arguments.keep)
    manifest = taken.manifest
    return {
        "backup": str(taken.folder),
        "epoch": manifest.epoch,
        "position": manifest.position,
        "hash": manifest.hash,
        "horizon": manifest.erasable,
        "key": manifest.key,
        "bytes": sum(entry.size for entry in manifest.files.values()),
        "blobs": msgspec.to_builtins(manifest.blobs) | {"copied": taken.copied, "renewed": taken.renewed},
        "dropped": list(taken.dropped),
    }


def _made(folder: Path) -> Path:
    """Return the folder for backups, made when absent. Raises Unavailable ``cli.unwritable``."""
    try:
        return make_folder(folder.resolve())
    except Unavailable as error:
        raise Unavailable("cli.unwritable", str(folder)) from error


def restore_backup(place: Place, arguments: argparse.Namespace) -> Answer:
    """``restore DIR``: the centre of a backup in an empty place, closed for numbers until ``epoch bump``."""
    source = restore.open_backup(
        arguments.dir.resolve(), os.environ.get(_PASSWORD, ""), arguments.centre_key.lower()
    )
    restore.require_empty(place.data)
    now = millis(SystemClock().now())
    with _empty(place) as engine:
        restore.load(engine, source, now)
        done = restore.put_back(source, open_blobs(arguments.blobs, place.data))
    # The key comes last: without it the folder is no centre, whatever interrupted this.
    source.key.keep(place.data)
    manifest = source.manifest
    return {
        "data": str(place.data),
        "backup": str(source.folder),
        "taken_at": manifest.taken_at,
        "epoch": manifest.epoch,
        "position": manifest.position,
        "hash": manifest.hash,
        "restored_at": now,
        "blobs": done.blobs,
        "blobs_missing": done.blobs_missing,
        "missing": list(done.missing),
        "next": "jinpu-server epoch bump",
    }


@contextmanager
def _empty(place: Place) -> Iterator[Engine]:
    """Give an engine to the database to fill; an embedded one is made, and taken away again when that fails."""
    fresh = not place.data.exists()
    place.data.mkdir(parents=True, exist_ok=True)
    try:
        if place.database_url:
            with _connected(place.database_url) as engine:
                yield engine
            return
        cluster = Cluster(place.data)
        cluster.create()
        with cluster.running() as url, _connected(url) as engine:
            yield engine
    except BaseException:
        _clear(place.data, whole=fresh)
        raise


@contextmanager
def _connected(url: str) -> Iterator[Engine]:
    engine = connect(url)
    try:
        yield engine
    finally:
        engine.dispose()


def _clear(data: Path, *, whole: bool) -> None:
    """Take away what an attempt left in a folder that was empty before it."""
    for path in data.iterdir():
        if path.is_dir() and path.name != "lost+found":
            shutil.rmtree(path, ignore_errors=True)
        elif path.is_file():
            path.unlink()
    if whole:
        data.rmdir()


def verify_all(place: Place, arguments: argparse.Namespace) -> Answer:
    """``verify``: every chain, every case against its events, the ledgers and the attachments."""
    with place.initialised() as (engine, _row, clock):
        report = verify(engine, open_blobs(arguments.blobs, place.data), millis(clock.now()))
    answer: dict[str, Any] = msgspec.to_builtins(report)
    if report.ok:
        return answer
    say(answer)
    raise Refused("server.verify", "problems", count=len(report.problems))


def status(place: Place, arguments: argparse.Namespace) -> Answer:
    """``status``: where the feed ends, what is in no backup, who was not heard of, which attachments are to come."""
    with place.initialised() as (engine, _row, _clock):
        answer: dict[str, Any] = msgspec.to_builtins(
            standing(engine, open_blobs(arguments.blobs, place.data))
        )
    return answer


def epoch_bump(place: Place, arguments: argparse.Namespace) -> Answer:
    """``epoch bump``: a restored centre goes on in a new epoch, past everything it may have given out before."""
    with place.initialised() as (engine, _row, clock):
        done = bump(engine, place.settings, clock.now(), os.urandom, lost_days=arguments.days)
        Marker(place.data).compare(engine, millis(clock.now()))
    answer: dict[str, Any] = msgspec.to_builtins(done)
    return answer
