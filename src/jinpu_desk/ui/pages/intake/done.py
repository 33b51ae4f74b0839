"""After submitting: the number, the papers, and the next applicant."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QWidget

from jinpu_desk.app.screens.views import IntakeDone

from ...kit import Kit
from ...widgets.parts import button, clear, column, key_cap, restyle, row, text
from ...widgets.rating import RatingRow

GROUPS = (6, 2, 3, 8, 4, 1)
"""How a case number is read aloud: division, station, series, day, serial, check digit."""


def spaced(case_no: str) -> str:
    """Return a case number in its groups; anything of another length unchanged."""
    if len(case_no) != sum(GROUPS):
        return case_no
    parts, start = [], 0
    for length in GROUPS:
        parts.append(case_no[start : start + length])
        start += length
    return " ".join(parts)


class DoneStrip(QFrame):
    """Emits ``preview_wanted(paper)`` and ``next_wanted``."""

    preview_wanted = Signal(str, str)  # paper, kind
    next_wanted = Signal()
    case_wanted = Signal(str)

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self.setObjectName("strip")
        self._kit = kit
        self.headline = text(role="verdict", tone="good")
        self.number = text(role="number")
        self._papers = QHBoxLayout()
        self._papers.setSpacing(10)
        self.papers: list[QPushButton] = []
        self.first_paper: tuple[str, ...] = ()
        self.next = button(kit.words("done.next"), self.next_wanted.emit)
        self.case = button(kit.words("done.case"), self._open)
        self._case_id = ""
        caps = kit.actions.keys
        line = row(self._papers, None, self.case, self.next, key_cap(caps("new")), gap=10)
        self.note = text(kit.words("done.hint", keys=caps("intake.print")), "hint", wrap=True)
        self.rating = RatingRow(kit)
        self.setLayout(
            column(
                row(self.number, self.headline, None, gap=20), line, self.note, self.rating, gap=8, margins=14
            )
        )
        restyle(self, tone="good")
        self.hide()

    def stops(self) -> list[QWidget]:
        return [*self.papers, self.case, self.next, *self.rating.stops()]

    def show_done(self, done: IntakeDone) -> None:
        self.headline.setText(done.headline)
        self.number.setText(spaced(done.case_no))
        self._case_id = done.case_id
        clear(self._papers)
        self.papers = []
        self.first_paper = (done.papers[0].id, done.papers[0].kind) if done.papers else ()
        for paper in done.papers:
            label = f"{paper.title} · {paper.doc_no}" if paper.doc_no else paper.title
            made = button(label, partial(self.preview_wanted.emit, paper.id, paper.kind))
            self._papers.addWidget(made)
            self.papers.append(made)
        self.note.setVisible(bool(done.papers))
        self.rating.offer(done.case_id, "receipt")
        self.show()
        self.focus_default()

    def focus_default(self) -> None:
        (self.papers[0] if self.papers else self.next).setFocus()

    def _open(self) -> None:
        self.case_wanted.emit(self._case_id)
