"""``import-calendar``: a year's calendar from a file, for desks that cannot wait for the centre."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import msgspec

from jinpu_desk.domain.calendar import decode_year
from jinpu_desk.domain.errors import Refused

from ..home.login_log import note
from ..parts import Parts
from .casework import opened

_MOST = 1024 * 1024
"""No calendar is as large; what is wrong with a larger file is told from its beginning."""


def run_import_calendar(parts: Parts, arguments: argparse.Namespace) -> dict[str, Any]:
    """``import-calendar``: tell which cases moved; nothing is printed for them."""
    raw = _read(arguments.file)
    year = decode_year(raw)
    with opened(parts, arguments) as desk:
        if not {"administrator", "supervisor"} & set(desk.desk.clerk.roles):
            raise Refused("role.may-not", "", verb="import-calendar", verb_name="导入日历")
        change = desk.import_year(raw)
        note(desk.desk, "import", "calendar", str(year.year))
    return {
        "year": year.year,
        "status": str(year.status),
        "moved": [msgspec.to_builtins(case) for case in change.moved],
        "unchanged": change.unchanged,
    }


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_MOST)
    except OSError as error:
        raise Refused("calendar.unreadable", "FILE", path=str(path)) from error
