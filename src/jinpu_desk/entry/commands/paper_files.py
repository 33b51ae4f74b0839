"""Which case a number names, and where its papers are written when somebody asked for files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from jinpu_desk.app.intake.taking import Taken, result_of
from jinpu_desk.app.numbers import unknown
from jinpu_desk.app.papers import paperwork
from jinpu_desk.domain.case import Case
from jinpu_desk.domain.errors import Unavailable
from jinpu_desk.domain.ids import CaseNo
from jinpu_desk.domain.numbering import parse_case_no
from jinpu_desk.store.atomic import write_file

from ..home.unlocked import OpenDesk


def case_no(text: str) -> CaseNo:
    """Return a case number as typed or scanned. Raises Refused ``numbering.case-no.…``."""
    return CaseNo(parse_case_no(text).text)


def find_case(desk: OpenDesk, number: str) -> Case:
    """Return the case of that number. Raises Refused ``numbering.case-no.…``, ``case.unknown``, ``case.pruned``."""
    wanted = case_no(number)
    case = desk.store.case_by_no(wanted)
    if case is None:
        raise unknown(desk.store, wanted)
    return case


def out_folder(out: Path | None) -> Path | None:
    """Make the folder somebody asked for. Raises Unavailable ``cli.unwritable``."""
    if out is not None:
        try:
            out.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Unavailable("cli.unwritable", str(out)) from error
        if not os.access(out, os.W_OK):
            raise Unavailable("cli.unwritable", str(out))
    return out


def write_paper(desk: OpenDesk, case: Case, paper: paperwork.Issued, out: Path) -> str:
    """Write the sealed file; its name says number and kind and nothing about the person."""
    path = out / f"{case.case_no}-{paper.kind}-{paper.event[-6:]}.pdf"
    write_out(path, paperwork.sealed(desk.desk, paper))
    return str(path)


def answered(desk: OpenDesk, taken: Taken, out: Path | None) -> dict[str, Any]:
    """Write the papers where files were asked for, and return the result line of CONTRACT.md.

    Raises:
        Unavailable: ``paper.not-written``, which says that the case is in: whoever heard only of the folder would
            take it in again.
    """
    try:
        paths = {paper.event: write_paper(desk, taken.case, paper, out) for paper in taken.papers if out}
    except Unavailable as error:
        raise Unavailable("paper.not-written", error.where, case_no=taken.case.case_no) from error
    return result_of(desk.desk, taken, paths)


def write_out(path: Path, data: bytes) -> None:
    """Write a file where the caller asked; that is not the desk's own disk, and not its fault."""
    try:
        write_file(path, data)
    except Unavailable as error:
        raise Unavailable("cli.unwritable", str(path)) from error
