"""Commands that need no desk: they only know the law, the codes, the catalogue format and the trusted keys."""

from __future__ import annotations

import argparse
import json
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from jinpu_desk.app.sentences import Sentences
from jinpu_desk.catalogue.check import check, low_confidence
from jinpu_desk.catalogue.load import load, read_dir
from jinpu_desk.domain import deadline
from jinpu_desk.domain.calendar import WorkCalendar, decode_year
from jinpu_desk.domain.codes import CodeKind, check_code
from jinpu_desk.domain.deadline import CHINA, Pause
from jinpu_desk.domain.errors import Refused, Unavailable
from jinpu_desk.store.home import Home

from .clocks import SystemClock
from .opening import Enrolment
from .parts import Parts
from .resources import folder_files

LONGEST = 10_000
"""Most working days a term may have."""


def run_deadline(parts: Parts, arguments: argparse.Namespace) -> dict[str, Any]:
    """``deadline``: when a term ends, day by day."""
    start = _day(arguments.start, "--from")
    if not 0 <= arguments.days <= LONGEST:
        raise Refused("cli.days", "--days", limit=LONGEST)
    pauses = tuple(_pause(text) for text in arguments.pause or ())
    files = folder_files(parts.folder / "calendars", ".json")
    calendar = WorkCalendar(decode_year(raw) for _, raw in sorted(files.items()))
    due = deadline.due(start, arguments.days, calendar, pauses, explain=True)
    answer: dict[str, Any] = {
        "due": due.date.isoformat() if due.date else None,
        "provisional": due.provisional,
        "running": due.running,
        "steps": msgspec.to_builtins(due.steps),
    }
    if due.warning:
        answer["warning"] = {
            "code": due.warning,
            "message": parts.sentences.text(due.warning, {"year": due.year}),
        }
    return answer


def _day(text: str, where: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Refused("cli.date", where, value=text) from error


def _pause(text: str) -> Pause:
    first, colon, last = text.partition(":")
    if not colon:
        raise Refused("cli.pause", "--pause", value=text)
    start = _day(first, "--pause")
    end = _day(last, "--pause") if last else None
    if end is not None and end < start:
        raise Refused("cli.pause", "--pause", value=text)
    return Pause(start, end)


def run_check_code(parts: Parts, arguments: argparse.Namespace) -> dict[str, Any]:
    """``check-code``: what a number is and whether it holds."""
    today = SystemClock().now().astimezone(CHINA).date()
    found = check_code(arguments.value, today)
    if found.kind is CodeKind.UNKNOWN:
        raise Refused("code.unknown", "VALUE")
    answer: dict[str, Any] = {"kind": str(found.kind), "ok": found.ok, "warning": None}
    if found.warning:
        answer["warning"] = {"code": found.warning, "message": parts.sentences.text(found.warning)}
    return answer


def run_catalogue_check(parts: Parts, arguments: argparse.Namespace) -> dict[str, Any]:
    """``catalogue check``: every fault of the files, and the values that still want a source."""
    files = read_dir(arguments.dir)
    faults = check(files)
    if faults:
        listed = [_fault(parts.sentences, fault) for fault in faults]
        print(json.dumps({"ok": False, "problems": listed}, ensure_ascii=False), flush=True)
        raise Refused(faults[0].code, faults[0].where, article="", **faults[0].params)
    catalogue = load(files)
    return {
        "ok": True,
        "version": catalogue.version,
        "digest": catalogue.digest,
        "items": len(catalogue.items),
        "packages": len(catalogue.packages),
        "problems": [],
        "low_confidence": msgspec.to_builtins(low_confidence(catalogue)),
    }


def _fault(sentences: Sentences, fault: Any) -> dict[str, Any]:
    return {
        "code": fault.code,
        "where": fault.where,
        "message": sentences.text(fault.code, fault.params, fault.where),
    }


def run_check_receipt(parts: Parts, arguments: argparse.Namespace) -> dict[str, Any]:
    """``check-receipt``: is this paper one of ours, offline and without a password."""
    with Home(arguments.home) as home:
        trust = Enrolment(home, parts).trust()
    shop = parts.documents()
    path = Path(arguments.what)
    checked = shop.check(_read(path), trust) if _is_file(path) else shop.check_text(arguments.what, trust)
    facts = msgspec.to_builtins(checked.facts)
    return {
        "ok": checked.ok,
        "case_no": checked.case_no,
        "kind": str(checked.kind),
        "replica": checked.replica,
        "facts": facts,
        "whole_file": checked.whole_file,
    }


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        return False  # a long statement is no file name


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Unavailable("cli.unreadable", path.name) from error
