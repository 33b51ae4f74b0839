"""Commands about papers and people moving: slips, shift handovers and day ends."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jinpu_desk.app.duty import day_end, duty, handing_on, pruning
from jinpu_desk.app.duty.duty import Sheet
from jinpu_desk.app.papers.desk_papers import DeskPaper
from jinpu_desk.domain.case import Case
from jinpu_desk.domain.errors import Refused

from .. import speech
from ..home.unlocked import OpenDesk
from ..home.unlocking import unlock
from ..parts import Parts
from .casework import opened
from .paper_files import case_no, out_folder, write_out

RECEIVER_PASSWORD = "JINPU_RECEIVER_PASSWORD"  # noqa: S105  (the variable's name, not a password)


def run_hand_on(parts: Parts, arguments: argparse.Namespace) -> dict[str, Any]:
    """``hand-on``: write a slip and print what it says."""
    numbers = [case_no(text) for text in arguments.case_no]
    out = out_folder(arguments.out)
    with opened(parts, arguments) as desk:
        slip = handing_on.hand_on(desk.desk, numbers, arguments.to, arguments.note)
        return {
            "slip": slip.record.slip,
            "from": slip.record.origin,
            "to": slip.record.target,
            "cases": [case.case_no for case in slip.cases],
            "items": slip.record.items,
            "pages": slip.record.pages,
            "originals": slip.record.originals,
            "documents": [document(desk, slip.paper, out)],
        }


def run_take_over(parts: Parts, arguments: argparse.Namespace) -> dict[str, Any]:
    """``take-over``: sign for a slip, turn cases of it down, or take them back."""
    slip = case_no(arguments.slip)
    numbers = [case_no(text) for text in arguments.case_no]
    with opened(parts, arguments) as desk:
        if arguments.refuse:
            done = handing_on.turn_down(desk.desk, slip, numbers, arguments.refuse)
        elif arguments.back:
            done = handing_on.take_back(desk.desk, slip, numbers)
        else:
            done = handing_on.take_over(desk.desk, slip, numbers, receiver=arguments.receiver)
        left = [case for case in handing_on.on_slip(desk.desk, slip) if case.on_the_way]
        return {
            "slip": slip,
            "taken": [] if arguments.refuse or arguments.back else _numbers(done),
            "refused": _numbers(done) if arguments.refuse else [],
            "back": _numbers(done) if arguments.back else [],
            "waiting": _numbers(left),
            "holder": done[0].holder,
        }


def run_shift(parts: Parts, arguments: argparse.Namespace) -> dict[str, Any]:
    """``shift``: hand the window over to a clerk who confirms with the own password."""
    counted = _pairs(arguments.stock, "--stock")
    out = out_folder(arguments.out)
    with opened(parts, arguments) as desk:
        _key, grant = unlock(desk.enrolment, arguments.to, _receiver_password(arguments.to))
        sheet = duty.hand_over(desk.desk, grant.clerk, _counts(counted), arguments.note)
        return {"giver": desk.desk.clerk.id, "taker": grant.clerk.id} | _sheet(desk, sheet, out)


def run_day_end(parts: Parts, arguments: argparse.Namespace) -> dict[str, Any]:
    """``day-end``: close the day; ``--reason`` explains all that stays open, and a second closing."""
    explained = _pairs(arguments.explain, "--explain")
    counted = _counts(_pairs(arguments.stock, "--stock"))
    out = out_folder(arguments.out)
    with opened(parts, arguments) as desk:
        now = day_end.day_of(desk.desk)
        reasons = {str(concern.matter): arguments.reason for concern in now.to_explain} | explained
        sheet = day_end.close_day(desk.desk, reasons, counted, amending=arguments.reason, note=arguments.note)
        gone = pruning.prune_daily(desk.desk)
        return {
            "day": now.day.isoformat(),
            "pruned": gone.cases if gone else None,
            "done": dict(now.done),
            "open": {str(concern.matter): concern.count for concern in now.to_explain},
            "amends": now.closed.record.number if now.closed else None,
        } | _sheet(desk, sheet, out)


def _sheet(desk: OpenDesk, sheet: Sheet, out: Path | None) -> dict[str, Any]:
    return {"number": sheet.paper.number, "documents": [document(desk, sheet.paper, out)]}


def document(desk: OpenDesk, paper: DeskPaper, out: Path | None) -> dict[str, Any]:
    path = None
    if out is not None:
        path = out / f"{paper.number}-{paper.kind}.pdf"
        write_out(path, desk.desk.papers.seal(paper.data, desk.desk.signing, desk.desk.now()))
    return {
        "kind": str(paper.kind),
        "doc_no": "",
        "path": str(path) if path else None,
        "sha256": paper.sha256,
        "pages": paper.pages,
    }


def _numbers(cases: Sequence[Case]) -> list[str]:
    return [case.case_no for case in cases]


def _pairs(given: Sequence[str] | None, where: str) -> dict[str, str]:
    """Return ``KEY=VALUE`` arguments as a table. Raises Refused ``cli.pair``."""
    found = {}
    for text in given or ():
        key, equals, value = text.partition("=")
        if not equals or not key.strip():
            raise Refused("cli.pair", where, text=text)
        found[key.strip()] = value.strip()
    return found


def _counts(given: dict[str, str]) -> dict[str, int]:
    for key, text in given.items():
        if not text.isascii() or not text.isdigit():
            raise Refused("cli.count", f"--stock {key}", text=text)
    return {key: int(text) for key, text in given.items()}


def _receiver_password(name: str) -> str:
    given = os.environ.get(RECEIVER_PASSWORD)
    return given if given is not None else speech.password(f"{name} 的密码：")
