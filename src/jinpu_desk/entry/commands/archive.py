"""Commands about applicants and their papers: ``applicant``, ``licences``, ``attach``."""

from __future__ import annotations

import argparse
from typing import Any

import msgspec

from jinpu_desk.app.intake import licences, scanning
from jinpu_desk.app.ports.devices import IncomingPage
from jinpu_desk.app.screens import applicant_view

from ..home.desk_settings import licence_lookup, read_settings
from ..home.inbox import scan_inbox
from ..parts import Parts
from .casework import opened
from .paper_files import find_case


def run_applicant(parts: Parts, arguments: argparse.Namespace) -> dict[str, Any]:
    """``applicant``: the file of the applicant of a case."""
    with opened(parts, arguments) as desk:
        case = find_case(desk, arguments.case_no)
        page = applicant_view.applicant_page(desk.desk, case.id, reveal=arguments.reveal)
        told: dict[str, Any] = msgspec.to_builtins(page)
        return told


def run_licences(parts: Parts, arguments: argparse.Namespace) -> dict[str, Any]:
    """``licences``: the electronic licences of the applicant of a case."""
    with opened(parts, arguments) as desk:
        case = find_case(desk, arguments.case_no)
        home = desk.enrolment.home
        lookup = licence_lookup(home, read_settings(home).licences)
        found = licences.look_up(desk.desk, lookup, case.applicant)
        return {"licences": [_told(one) for one in msgspec.to_builtins(found)]}


def _told(licence: dict[str, Any]) -> dict[str, Any]:
    """Leave the holder out: who asked knows, and the output may be kept."""
    return {key: value for key, value in licence.items() if not key.startswith("holder_")}


def run_attach(parts: Parts, arguments: argparse.Namespace) -> dict[str, Any]:
    """``attach``: files joined to a material of a recorded case, or to the case itself."""
    with opened(parts, arguments) as desk:
        case = find_case(desk, arguments.case_no)
        inbox = scan_inbox(desk)
        pages: list[IncomingPage] = []
        try:
            for path in arguments.files:
                pages.append(inbox.import_file(path))
            after = scanning.attach(desk.desk, inbox, case.id, arguments.material, pages)
        finally:
            for page in pages:
                inbox.release(page.sha256)
        return {
            "case_no": after.case_no,
            "material": arguments.material,
            "attachments": len(after.attachments),
            "state": _state(after.materials, arguments.material),
        }


def _state(materials: dict[str, Any], key: str) -> str | None:
    return str(materials[key].state) if key in materials else None
