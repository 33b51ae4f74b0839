"""What a user finds in a home after a fault: every case whole, everything verified, and work goes on."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jinpu_desk.app.intake.application import from_file
from jinpu_desk.app.intake.file import decode_intake
from jinpu_desk.app.intake.taking import take_in
from jinpu_desk.app.ports import CaseQuery
from jinpu_desk.domain.case import Case
from jinpu_desk.domain.errors import DeskError
from jinpu_desk.entry import speech
from jinpu_desk.entry.commands.casework import opened
from jinpu_desk.entry.home.unlocked import OpenDesk
from jinpu_desk.entry.parts import load_parts


def main(arguments: Sequence[str]) -> int:
    """Inspect ``--home HOME FILE``: print what is there as one line, ``FILE`` taken in after it."""
    _option, home, file = arguments
    parts = load_parts()
    try:
        with opened(parts, argparse.Namespace(home=Path(home), clerk="")) as desk:
            print(json.dumps(_seen(desk, Path(file))))
    except DeskError as error:
        return speech.complain(error, parts.sentences)
    return speech.DONE


def _seen(desk: OpenDesk, file: Path) -> dict[str, Any]:
    cases = [desk.store.case(row.case_id) for row in desk.store.page(CaseQuery(), limit=500).rows]
    before = desk.store.verify().problems
    taken = _taken(desk, file)
    return {
        "cases": {case.case_no: _plain(desk, case) for case in cases if case is not None},
        "problems": [*before, *desk.store.verify().problems],
        "next": taken.case_no,
    }


def _plain(desk: OpenDesk, case: Case) -> dict[str, Any]:
    events = desk.store.events_of(case.id)
    return {
        "status": int(case.status),
        "events": len(events),
        "pending": sum(event.outcome == "pending" for event in events),
        "papers": sorted(paper.kind for paper in case.papers if desk.store.paper(paper.sha256)),
        "attachments": [len(desk.desk.blobs.get(page.sha256)) for page in case.attachments],
    }


def _taken(desk: OpenDesk, file: Path) -> Case:
    content = decode_intake(file.read_bytes())
    ticks = {key: entry.tick(()) for key, entry in content.materials.items()}
    return take_in(desk.desk, from_file(content, ticks, {}, ""), documents=False).case
