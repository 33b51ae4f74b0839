"""Print preview: the page as it will be printed, the printer, the copies."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QComboBox, QLabel, QSpinBox, QWidget

from jinpu_desk.app.screens.views import Preview
from jinpu_desk.domain.errors import DeskError
from jinpu_desk.domain.ids import EventId

from ..kit import Kit
from ..widgets.parts import GAP, Card, box, button, column, key_cap, restyle, row, scroll, text
from ..widgets.walk import Walk
from .intake.done import spaced

DPIS = (60, 80, 96, 120, 150, 200)
COMFORTABLE = 96


class PreviewPage(QWidget):
    """Shows one paper; Enter on the printer goes on to the copies, then to the button."""

    failed = Signal(object)

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self.setObjectName("page")
        self._kit = kit
        self._preview: Preview | None = None
        self._page = 0
        self._kind = ""
        self._dpi = COMFORTABLE
        words, actions = kit.words, kit.actions
        self.picture = QLabel()
        self.picture.setObjectName("paper")
        self.picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.title = text(role="title", wrap=True)
        self.number = text(role="label", wrap=True)
        self.pages = text(role="small")
        self.result = text(role="small", wrap=True)
        self.printer = QComboBox()
        self.printer.setAccessibleName(words("preview.printer"))
        self.copies = QSpinBox()
        self.copies.setRange(1, 20)
        self.copies.setAccessibleName(words("preview.copies"))
        self.send = button(actions.title("preview.print"), self.print, kind="main")
        self._scroll = scroll(box(column(row(None, self.picture, None), None, margins=16)))
        paper = Card(padding=0)
        paper.setObjectName("tray")
        paper.body.addWidget(self._scroll, 1)
        side = Card()
        for part in (self.title, self.number, self.pages):
            side.body.addWidget(part)
        for label, editor in (("preview.printer", self.printer), ("preview.copies", self.copies)):
            side.body.addWidget(text(words(label), "label"))
            side.body.addWidget(editor)
        side.body.addSpacing(6)
        side.body.addLayout(row(self.send, key_cap(actions.keys("preview.print")), None))
        side.body.addWidget(self.result)
        side.body.addStretch(1)
        for action in ("preview.next", "preview.last", "preview.larger", "preview.smaller", "preview.back"):
            side.body.addLayout(
                row(key_cap(actions.keys(action)), text(actions.title(action), "small"), None)
            )
        whole = row(paper, side, gap=GAP)
        whole.setStretch(0, 3)
        whole.setStretch(1, 1)
        self.setLayout(column(box(whole), margins=16))
        self._walk = Walk(self, lambda: [self.printer, self.copies, self.send])
        self._walk.add(self.printer, self.copies, self.send)
        for action, do in (
            ("preview.print", self.print),
            ("preview.next", lambda: self.turn(1)),
            ("preview.last", lambda: self.turn(-1)),
            ("preview.larger", lambda: self.zoom(1)),
            ("preview.smaller", lambda: self.zoom(-1)),
        ):
            actions.bind(action, do)

    def refresh(self) -> None:
        self._kit.jobs.io(
            self, self._kit.backend.printers, self._show_printers, self.failed.emit, key="printers"
        )

    def focus_default(self) -> None:
        self.send.setFocus()

    def open(self, paper: str, kind: str) -> None:
        """Show an issued paper, with the printer chosen for its kind."""
        self._preview, self._page, self._kind = None, 0, kind
        self._choose()
        self.picture.setPixmap(QPixmap())
        self.picture.setText(self._kit.words("preview.loading"))
        for label in (self.title, self.number, self.pages, self.result):
            label.setText("")
        preview = self._kit.backend.preview
        self._kit.jobs.io(  # a paper of another window comes over the network
            self, lambda: preview(EventId(paper)), self.show_view, self.failed.emit, key="preview"
        )

    def show_view(self, view: Preview) -> None:
        self._preview = view
        self.title.setText(view.title)
        self.number.setText(spaced(view.case_no))
        self._draw()

    def turn(self, step: int) -> None:
        """Show the next or the previous page."""
        if self._preview is not None and 0 <= self._page + step < self._preview.pages:
            self._page += step
            self._draw()

    def zoom(self, step: int) -> None:
        """Make the page larger or smaller."""
        at = DPIS.index(self._dpi) + step
        if 0 <= at < len(DPIS):
            self._dpi = DPIS[at]
            self._draw()

    def print(self) -> None:
        """Send the paper to the printer; the case is safe whatever the printer does."""
        view = self._preview
        if view is None:
            return
        printer, copies = self.printer.currentText(), self.copies.value()
        if not printer:
            self._say("preview.no-printer", "bad")
            return
        self._say("preview.sending", "", printer=printer)
        send = self._kit.backend.print_paper
        self._kit.jobs.io(
            self,
            lambda: send(view.paper, printer, copies),
            lambda _job: self._say("preview.sent", "good", printer=printer, n=copies),
            self._not_sent,
        )

    def _draw(self) -> None:
        view = self._preview
        if view is None:
            return
        self.pages.setText(self._kit.words("preview.page", n=self._page + 1, of=view.pages))
        pdf, page, dpi, draw = view.pdf, self._page, self._dpi, self._kit.backend.page_png
        self._kit.jobs.io(self, lambda: draw(pdf, page, dpi), self._drawn, self.failed.emit, key="draw")

    def _drawn(self, png: bytes) -> None:
        pixmap = QPixmap()
        pixmap.loadFromData(png)
        self.picture.setPixmap(pixmap)

    def _show_printers(self, names: tuple[str, ...]) -> None:
        self.printer.clear()
        self.printer.addItems(list(names))
        self._choose()

    def _choose(self) -> None:
        wanted = self.printer.findText(self._kit.choices.now.printer_for(self._kind))
        self.printer.setCurrentIndex(max(wanted, 0) if self.printer.count() else -1)

    def _not_sent(self, error: DeskError) -> None:
        restyle(self.result, tone="bad")
        self.result.setText("".join(self._kit.backend.sentence(error)))

    def _say(self, key: str, tone: str, **blanks: object) -> None:
        restyle(self.result, tone=tone)
        self.result.setText(self._kit.words(key, **blanks))
