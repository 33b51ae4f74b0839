"""Sending papers to their printers, one after the other, in the I/O pool."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from jinpu_desk.app.screens.views import PaperLine
from jinpu_desk.domain.errors import DeskError

from ...kit import Kit

Said = Callable[[str, str], object]
"""Hears a sentence and its tone."""


def send_papers(
    kit: Kit, owner: QObject, papers: tuple[PaperLine, ...], said: Said, unprinted: Callable[[], object]
) -> None:
    """Print one copy set of each paper where its kind is printed; ``unprinted`` is called where no printer is."""
    backend, choices = kit.backend, kit.choices.now

    def send() -> str:
        names = backend.printers()
        used = []
        for paper in papers:
            wanted = choices.printer_for(paper.kind)
            printer = wanted if wanted in names else next(iter(names), "")
            if printer:
                backend.print_paper(paper.id, printer, 1)
                used.append(printer)
        return "、".join(dict.fromkeys(used))

    def sent(printers: str) -> None:
        if printers:
            said(kit.words("preview.sent", printer=printers, n=len(papers)), "good")
        else:
            unprinted()

    def not_sent(error: DeskError) -> None:
        said("".join(backend.sentence(error)), "bad")

    kit.jobs.io(owner, send, sent, not_sent, key="print")
