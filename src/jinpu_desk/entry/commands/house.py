"""``backup``, ``restore``, ``prune`` and ``reconcile``: the desk keeps its own house (CONTRACT)."""

from __future__ import annotations

import argparse
import secrets
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from jinpu_desk.app.duty import pruning, reconciling
from jinpu_desk.domain.errors import Refused, Unavailable
from jinpu_desk.domain.ids import ReplicaId
from jinpu_desk.domain.instants import millis
from jinpu_desk.store import backup
from jinpu_desk.store.home import Home, new_home
from jinpu_desk.store.marks import Marks
from jinpu_desk.store.sealing import derive
from jinpu_desk.sync.bundle import reading, refuse_kind
from jinpu_desk.sync.bundle_cipher import SealedReader, SealedWriter, envelope_for, read_envelope, reader_name
from jinpu_desk.sync.bundle_files import Drafts

from .. import speech
from ..home.counting import CentreCount
from ..home.enrolment import Enrolment
from ..home.login_log import note
from ..home.rounds import run_round
from ..home.unlocking import unlock
from ..parts import Parts
from .bundle import told
from .casework import opened
from .duty import document
from .paper_files import out_folder

_BACKUPS = "jinpu-backup-v1"  # the purpose their key is derived for
STAGING = ".restoring"


def run_backup(parts: Parts, arguments: argparse.Namespace) -> dict[str, Any]:
    """``backup``: write the desk's own backup; its window may go on working."""
    target: Path = arguments.file
    if not target.parent.is_dir():
        raise Unavailable("bundle.unwritable", target.name, problem=str(target.parent))
    with opened(parts, arguments) as desk, Drafts(target) as drafts:
        home = desk.enrolment.home
        secret = derive(desk.data_key, _BACKUPS)
        made_at = millis(desk.desk.now())
        envelope = envelope_for(secret, "backup", secrets.token_hex(16), backup.notes_of(home, made_at))
        out = SealedWriter(drafts.open(), envelope, secret)
        packed = backup.pack(home, desk.store.back_up, out, told())
        (size,) = drafts.keep().values()
        note(desk.desk, "backup", "backup")
        status = desk.store.status()
    return {
        "file": str(target),
        "bytes": size,
        "files": packed.files,
        "events": status.events,
        "cases": status.cases,
    }


def run_restore(parts: Parts, arguments: argparse.Namespace) -> dict[str, Any]:
    """``restore``: make an empty home what the backup was, and let it take a new incarnation."""
    with new_home(arguments.home) as home:
        former = _unpacked(parts, arguments, home)
    with opened(parts, arguments) as desk:
        status = desk.store.status()
        replica = desk.enrolment.replica
        return {
            "replica": replica.id,
            "series": replica.series,
            "reborn": replica.id != former,
            "events": status.events,
            "cases": status.cases,
            "pending": status.pending,
        }


def _unpacked(parts: Parts, arguments: argparse.Namespace, home: Home) -> ReplicaId:
    if home.enrolled:
        raise Refused("desk-backup.home-taken", home.path.name)
    staging = home.path / STAGING
    try:
        former = _staged(parts, arguments, staging)
    except BaseException:
        backup.throw_away(staging)
        raise
    # Whoever goes on from here has perhaps written more since: the centre gives it another name and series.
    Marks(staging).want(former, "restored")
    backup.move_in(staging, home)
    return former


def _staged(parts: Parts, arguments: argparse.Namespace, staging: Path) -> ReplicaId:
    """Unpack the whole backup beside its place, and return whose it is."""
    with reading(arguments.file) as file:
        envelope, head = read_envelope(file)
        refuse_kind(envelope, "backup")
        backup.lay_open(backup.read_notes(envelope.notes), staging)
        with Home(staging) as staged:
            enrolment = Enrolment(staged, parts)
            clerk = arguments.clerk or enrolment.pinned.clerk
            data_key, _grant = unlock(enrolment, clerk, speech.password(f"{clerk} 的密码："))
        secret = derive(data_key, _BACKUPS)
        if envelope.reader != reader_name(secret):
            raise Refused("bundle.damaged", problem="key")
        backup.unpack(SealedReader(file, head, secret), staging)
    return enrolment.replica.id


def run_prune(parts: Parts, arguments: argparse.Namespace) -> dict[str, Any]:
    """``prune``: erase here what the centre keeps for good."""
    with opened(parts, arguments) as desk:
        done = pruning.prune(desk.desk, day(arguments.before, "--before"), dry_run=arguments.dry_run)
        if not arguments.dry_run:
            note(desk.desk, "prune", "prune", f"{done.before.isoformat()} 前，{done.cases} 件")
    answer: dict[str, Any] = msgspec.to_builtins(done)
    return answer


def day(text: str | None, where: str) -> date | None:
    """Return a day as typed, None for none. Raises Refused ``cli.date``."""
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError as error:
        raise Refused("cli.date", where, value=text) from error


def run_reconcile(parts: Parts, arguments: argparse.Namespace) -> dict[str, Any]:
    """``reconcile``: send what waits, then count a day with the centre and keep its signed word."""
    wanted = day(arguments.day, "--day")
    out = out_folder(arguments.out)
    with opened(parts, arguments) as desk:
        run_round(desk)
        desk.refreshed()
        done = reconciling.reconcile(desk.desk, CentreCount(desk), wanted)
        statement = done.record.statement
        answer: dict[str, Any] = {
            "day": statement.day.isoformat(),
            "agreed": statement.agreed,
            "events": statement.events,
            "cases": statement.cases,
            "differences": msgspec.to_builtins(statement.differences),
            "number": done.record.number,
        }
        return answer | {"documents": [document(desk, done.paper, out)] if done.paper else []}
