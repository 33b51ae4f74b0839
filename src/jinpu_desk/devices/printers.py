"""Printers of this computer: those of the system's spooler (CUPS) and one that prints into a folder."""

from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from jinpu_desk.app.ports.devices import JobState, JobStatus, Printer, PrinterState, Printing, PrintJob
from jinpu_desk.devices.ipp import Answer, Attribute, Operation, Tag, Value, answer, request
from jinpu_desk.domain.errors import Refused, Unavailable

if TYPE_CHECKING:
    import httpx

_SOCKET = Path("/run/cups/cups.sock")
_MOST_COPIES = 99
_SENDER = Attribute(Tag.NAME, "requesting-user-name", ["jinpu-desk"])  # never a clerk's name
_PRINTER_STATES = {3: PrinterState.IDLE, 4: PrinterState.PRINTING, 5: PrinterState.STOPPED}
_JOB_STATES = {7: JobState.FAILED, 8: JobState.FAILED, 9: JobState.PRINTED}
_PROBLEMS = {  # printer-state-reasons (RFC 8011, 5.4.12) that keep paper from coming out
    "media-empty": "device.printer.out-of-paper",
    "media-needed": "device.printer.out-of-paper",
    "media-jam": "device.printer.jammed",
    "cover-open": "device.printer.cover-open",
    "door-open": "device.printer.cover-open",
    "toner-empty": "device.printer.out-of-ink",
    "marker-supply-empty": "device.printer.out-of-ink",
    "offline": "device.printer.offline",
    "connecting-to-device": "device.printer.offline",
    "shutdown": "device.printer.offline",
    "timed-out": "device.printer.offline",
    "paused": "device.printer.stopped",
}


class CupsPrinting:
    """Prints through CUPS by IPP (RFC 8011), which tells more than ``lp`` and is the same in every language.

    ``server`` is ``host:port`` on this computer; empty means the system's own socket.
    """

    def __init__(self, server: str = "", *, timeout_s: float = 10) -> None:
        self._server = server
        self._timeout_s = timeout_s

    @cached_property
    def _client(self) -> httpx.Client:
        import httpx  # takes longer to load than a window may take to open

        uds = None if self._server or not _SOCKET.exists() else str(_SOCKET)
        return httpx.Client(
            base_url=f"http://{self._server or 'localhost:631'}",
            transport=httpx.HTTPTransport(uds=uds),
            timeout=self._timeout_s,
            trust_env=False,
        )

    def close(self) -> None:
        self._client.close()

    def printers(self) -> Sequence[Printer]:
        """Returns the printers, the default first, then by name; none at all is no error."""
        found = self._ask(Operation.GET_PRINTERS, _wanted("printer-name", *_STATE))
        default = _first(self._ask(Operation.GET_DEFAULT, _wanted("printer-name")), "printer-name")
        rows = [_printer(group, default) for group in found.groups if "printer-name" in group]
        return sorted(rows, key=lambda printer: (not printer.is_default, printer.name))

    def submit(self, printer: str, pdf: bytes, *, title: str, copies: int = 1) -> PrintJob:
        """Hands the document to the spooler; it survives a power cut from then on.

        Raises ``Refused`` for an unknown printer or a senseless count, ``Unavailable`` when the spooler
        does not answer or does not take it.
        """
        _check_copies(copies)
        head = [_uri(printer), _SENDER, Attribute(Tag.NAME, "job-name", [title])]
        head.append(Attribute(Tag.MIME_TYPE, "document-format", ["application/pdf"]))
        wish = [Attribute(Tag.INTEGER, "copies", [copies])]
        result = self._post(request(Operation.PRINT_JOB, head, wish, pdf), _path(printer))
        if result.is_not_found:
            raise Refused("device.printer.unknown", printer=printer)
        number = _first(result, "job-id")
        if not result.is_ok or number is None:
            reason = _first(result, "status-message") or f"{result.status:#06x}"
            raise Unavailable("device.printer.failed", printer=printer, reason=reason)
        return PrintJob(printer, str(number))

    def status(self, job: PrintJob) -> JobStatus:
        """Returns how far the job has come, and what holds it up."""
        number = Attribute(Tag.INTEGER, "job-id", [int(job.id)])
        result = self._ask(
            Operation.GET_JOB_ATTRIBUTES, _uri(job.printer), number, _SENDER, _wanted("job-state")
        )
        if not result.is_ok:
            return JobStatus(JobState.UNKNOWN)
        value = _first(result, "job-state")
        state = _JOB_STATES.get(value, JobState.WAITING) if isinstance(value, int) else JobState.UNKNOWN
        if state is JobState.FAILED:
            return JobStatus(state, "device.printer.job-failed")
        return JobStatus(state, self._problem(job.printer) if state is JobState.WAITING else "")

    def _problem(self, printer: str) -> str:
        result = self._ask(Operation.GET_PRINTER_ATTRIBUTES, _uri(printer), _wanted(*_STATE))
        return next((_problem_in(group) for group in result.groups if "printer-state" in group), "")

    def _ask(self, operation: Operation, *attributes: Attribute) -> Answer:
        return self._post(request(operation, attributes), "/")

    def _post(self, content: bytes, path: str) -> Answer:
        import httpx

        try:
            response = self._client.post(path, content=content, headers={"Content-Type": "application/ipp"})
            response.raise_for_status()
        except httpx.HTTPError as error:
            raise Unavailable("device.printer.no-spooler") from error
        return answer(response.content)


class FolderPrinter:
    """One printer named ``name`` that puts every document into ``folder`` as a PDF file of its own."""

    def __init__(self, folder: Path, *, name: str = "打印到文件") -> None:
        self._folder = folder
        self._name = name

    def printers(self) -> Sequence[Printer]:
        return [Printer(self._name, PrinterState.IDLE)]

    def submit(self, printer: str, pdf: bytes, *, title: str, copies: int = 1) -> PrintJob:
        """Writes the file durably. A file needs no copies; its name is ``title`` and a random end."""
        _check_copies(copies)
        if printer != self._name:
            raise Refused("device.printer.unknown", printer=printer)
        safe = "".join(char if char.isalnum() or char in "-_" else "_" for char in title)[:80]
        target = self._folder / f"{safe}-{secrets.token_hex(4)}.pdf"
        part = target.with_suffix(".part")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with part.open("xb") as file:
                file.write(pdf)
                file.flush()
                os.fsync(file.fileno())
            part.replace(target)
        except OSError as error:
            raise Unavailable("device.printer.folder", reason=error.strerror or "") from error
        return PrintJob(printer, target.name)

    def status(self, job: PrintJob) -> JobStatus:
        """A file that was moved away since is ``UNKNOWN``."""
        is_there = Path(job.id).name == job.id and (self._folder / job.id).is_file()
        return JobStatus(JobState.PRINTED if is_there else JobState.UNKNOWN)


class AllPrinting:
    """The printers of several sources as one; one that does not answer does not hide the others."""

    def __init__(self, *sources: Printing) -> None:
        self._sources = sources

    def printers(self) -> Sequence[Printer]:
        """Raises ``Unavailable`` only when no source answers."""
        return [printer for _, printers in self._answering() for printer in printers]

    def submit(self, printer: str, pdf: bytes, *, title: str, copies: int = 1) -> PrintJob:
        return self._source_of(printer).submit(printer, pdf, title=title, copies=copies)

    def status(self, job: PrintJob) -> JobStatus:
        return self._source_of(job.printer).status(job)

    def _source_of(self, printer: str) -> Printing:
        for source, printers in self._answering():
            if printer in (known.name for known in printers):
                return source
        raise Refused("device.printer.unknown", printer=printer)

    def _answering(self) -> list[tuple[Printing, Sequence[Printer]]]:
        answers, faults = [], []
        for source in self._sources:
            try:
                answers.append((source, source.printers()))
            except Unavailable as fault:
                faults.append(fault)
        if faults and not answers:
            raise faults[0]
        return answers


_STATE = ("printer-state", "printer-state-reasons")


def _check_copies(copies: int) -> None:
    if not 1 <= copies <= _MOST_COPIES:
        raise Refused("device.printer.bad-copies", copies=copies)


def _path(printer: str) -> str:
    return f"/printers/{quote(printer, safe='')}"


def _uri(printer: str) -> Attribute:
    return Attribute(Tag.URI, "printer-uri", [f"ipp://localhost{_path(printer)}"])


def _wanted(*names: str) -> Attribute:
    return Attribute(Tag.KEYWORD, "requested-attributes", names)


def _first(result: Answer, name: str) -> Value | None:
    return next((group[name][0] for group in result.groups if group.get(name)), None)


def _printer(group: dict[str, list[Value]], default: Value | None) -> Printer:
    name, state = group["printer-name"][0], group.get("printer-state", [0])[0]
    known = (
        _PRINTER_STATES.get(state, PrinterState.STOPPED) if isinstance(state, int) else PrinterState.STOPPED
    )
    return Printer(str(name), known, is_default=name == default, problem=_problem_in(group))


def _problem_in(group: dict[str, list[Value]]) -> str:
    for reason in group.get("printer-state-reasons", []):
        keyword = str(reason)
        for ending in ("-report", "-warning", "-error"):
            keyword = keyword.removesuffix(ending)
        if keyword in _PROBLEMS:
            return _PROBLEMS[keyword]
    stopped = group.get("printer-state", [0])[0] == 5  # "stopped" of RFC 8011, 5.4.11
    return "device.printer.stopped" if stopped else ""
