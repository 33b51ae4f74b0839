"""Printing as a ledger: queued → spooled → printed or failed → confirmed. A printer never touches a case."""

from __future__ import annotations

from dataclasses import dataclass

from msgspec.structs import replace

from jinpu_desk.domain.case import Case, Paper
from jinpu_desk.domain.errors import DeskError, Unavailable
from jinpu_desk.domain.ids import CaseId, CaseNo, EventId, uuid7
from jinpu_desk.domain.instants import millis

from ..desk import Desk
from ..ports import PrintJob
from ..ports.devices import JobState, Printing
from ..ports.devices import PrintJob as Spooled
from . import PaperKind


@dataclass(frozen=True, slots=True)
class Source:
    """What is printed: a paper of a case, or a sheet of the window, which has a number but no case."""

    case_id: CaseId
    case_no: CaseNo
    paper: EventId
    kind: str


def print_paper(
    desk: Desk, printers: Printing, case: Case, paper: Paper, data: bytes, printer: str, copies: int
) -> PrintJob:
    """Hand a paper of a case to a printer: see ``print_bytes``."""
    source = Source(case_id=case.id, case_no=case.case_no, paper=paper.id, kind=paper.kind)
    return print_bytes(desk, printers, source, data, printer, copies)


def print_bytes(
    desk: Desk, printers: Printing, source: Source, data: bytes, printer: str, copies: int
) -> PrintJob:
    """Hand ``data`` to a printer and return the ledger's line, which says so when it failed.

    The title the spooler sees is the kind and the number's end: no name, no identity.
    """
    job = PrintJob(
        id=uuid7(desk.now(), desk.entropy),
        case_id=source.case_id,
        case_no=source.case_no,
        paper=source.paper,
        kind=source.kind,
        printer=printer,
        copies=copies,
        state="queued",
        at=millis(desk.now()),
    )
    _keep(desk, job)
    title = f"{PaperKind(source.kind).label} {source.case_no[-6:]}"
    try:
        spooled = printers.submit(printer, data, title=title, copies=copies)
    except DeskError as error:
        failed = replace(
            job, state="failed", detail=desk.sentences.text(error.code, error.params, error.where)
        )
        _keep(desk, failed)
        return failed
    handed = replace(job, state="spooled", reason=spooled.id)
    _keep(desk, handed)
    return handed


def follow(desk: Desk, printers: Printing, *, limit: int = 20) -> None:
    """Ask the spooler how far recent jobs have come and write it down."""
    for job in desk.store.jobs(limit=limit):
        if job.state != "spooled":
            continue
        try:
            status = printers.status(Spooled(printer=job.printer, id=job.reason))
        except Unavailable:
            continue
        if status.state is JobState.PRINTED:
            _keep(desk, replace(job, state="printed", detail=""))
        elif status.state is JobState.FAILED:
            _keep(desk, replace(job, state="failed", detail=desk.sentences.text(status.problem)))
        elif status.problem and not job.detail:
            _keep(desk, replace(job, detail=desk.sentences.text(status.problem)))


def confirm(desk: Desk, case_id: CaseId) -> int:
    """Confirm the prints of a case whose paper was scanned back; return how many."""
    waiting = [job for job in desk.store.jobs(case_id=case_id) if job.state in {"spooled", "printed"}]
    for job in waiting:
        _keep(desk, replace(job, state="confirmed", detail=""))
    return len(waiting)


def _keep(desk: Desk, job: PrintJob) -> None:
    with desk.store.transaction() as tx:
        tx.keep_job(job)
