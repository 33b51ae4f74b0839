"""Commands that need no desk: they only know the law and the codes."""

from __future__ import annotations

import argparse
from datetime import date
from typing import Any

import msgspec

from jinpu_desk.domain import deadline
from jinpu_desk.domain.calendar import WorkCalendar, decode_year
from jinpu_desk.domain.codes import CodeKind, check_code
from jinpu_desk.domain.deadline import Pause
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.instants import CHINA

from ..clocks import SystemClock
from ..parts import Parts
from ..resources import folder_files

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
            "message": parts.sentences.text(due.warning, {"year": due.year, "date": answer["due"]}),
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
