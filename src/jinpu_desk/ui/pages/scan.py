"""扫描: finished scans at the left, the case they belong to at the right; a gun and three keys join them."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon, QKeyEvent, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QAbstractItemView, QListWidget, QListWidgetItem, QWidget

from jinpu_desk.app.intake.scanning import ScanCase, WaitingPage
from jinpu_desk.app.screens.views import CaseLine, ScanTarget
from jinpu_desk.domain.errors import DeskError
from jinpu_desk.domain.ids import CaseId, Digest

from ..kit import Kit
from ..search import FoundDelegate
from ..widgets.parts import GAP, Card, column, key_cap, restyle, row, text
from ..widgets.seek import SeekField
from .intake.checklist_card import ChecklistCard

THUMB_PX = (132, 176)
SHA = Qt.ItemDataRole.UserRole


class PageShelf(QListWidget):
    """The scans that wait, as pictures; Space marks, arrows move. Unmarked means all of them."""

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self._kit = kit
        px = kit.look.theme.px
        self.setViewMode(QListWidget.ViewMode.IconMode)
        self.setIconSize(QSize(px(THUMB_PX[0]), px(THUMB_PX[1])))
        self.setGridSize(QSize(px(THUMB_PX[0] + 22), px(THUMB_PX[1] + 52)))
        self.setResizeMode(QListWidget.ResizeMode.Adjust)
        self.setMovement(QListWidget.Movement.Static)
        self.setSelectionMode(QAbstractItemView.SelectionMode.MultiSelection)
        self.setWordWrap(True)
        self.setAccessibleName(kit.words("scan.waiting"))
        self.pages: tuple[WaitingPage, ...] = ()

    def show_pages(self, pages: tuple[WaitingPage, ...]) -> None:
        """Show what waits; a scan that stays keeps its mark."""
        if pages == self.pages:
            return
        marked = set(self.marked)
        self.pages = pages
        self.clear()
        for place, page in enumerate(pages, start=1):
            hints = " ".join(chip.text for chip in page.hints)
            item = QListWidgetItem(f"{place} · {page.what}" + (f"\n{hints}" if hints else ""))
            item.setData(SHA, page.sha256)
            self.addItem(item)
            item.setSelected(page.sha256 in marked)
            self._load(item, page.sha256)
        if pages:
            self.setCurrentRow(0, self.selectionModel().SelectionFlag.NoUpdate)

    @property
    def marked(self) -> tuple[Digest, ...]:
        return tuple(Digest(item.data(SHA)) for item in self._items() if item.isSelected())

    @property
    def meant(self) -> tuple[Digest, ...]:
        """The scans an act is about: those marked, or all."""
        return self.marked or tuple(page.sha256 for page in self.pages)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.ignore()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.pages:
            return
        painter = QPainter(self.viewport())
        painter.setFont(self._kit.look.theme.font(13))
        painter.setPen(self._kit.look.theme.colour("muted"))
        place = self.viewport().rect().adjusted(0, self._kit.look.theme.px(10), 0, 0)
        words = self._kit.words("scan.none-waiting", fetch=self._kit.actions.keys("scan.look"))
        painter.drawText(place, int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop), words)

    def _items(self) -> list[QListWidgetItem]:
        return [self.item(place) for place in range(self.count())]

    def _load(self, item: QListWidgetItem, sha256: Digest) -> None:
        width = self.iconSize().width() * 2
        image = self._kit.backend.waiting_image

        def show(png: bytes) -> None:
            pixmap = QPixmap()
            if pixmap.loadFromData(png) and item in self._items():
                item.setIcon(QIcon(pixmap))

        self._kit.jobs.io(self, lambda: image(sha256, width), show, key=f"thumb-{sha256}")


class ScanPage(QWidget):
    """Joins waiting scans to a case: choose the case, choose the material, press the key."""

    open_case = Signal(str)
    failed = Signal(object)

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self.setObjectName("page")
        self._kit = kit
        self.case: ScanCase | None = None
        self._dropping = False
        self._make_parts()
        self._lay_out()
        self.seek.picked.connect(self._picked)
        self.seek.left.connect(self.focus_default)
        bind = kit.actions.bind
        bind("scan.look", lambda: self.look(search=True))
        bind("scan.find", self._find)
        bind("scan.join", self.join)
        bind("scan.join-case", lambda: self.join(loose=True))
        bind("scan.drop", self.drop)
        bind("scan.open", self._open)

    def _make_parts(self) -> None:
        kit, words = self._kit, self._kit.words
        self.shelf = PageShelf(kit)
        self.count = text(role="small")
        self.said = text(role="small")
        self.seek = SeekField(
            kit.jobs,
            kit.look,
            FoundDelegate(kit.look),
            kit.backend.search,
            lambda found, sought: words("search.hint") if found else words("search.nothing", text=sought),
            keys=kit.actions.keys("scan.find"),
        )
        self.seek.setPlaceholderText(words("scan.placeholder"))
        self.seek.setAccessibleName(kit.actions.title("scan.find"))
        self.title = text(words("scan.no-case"), "heading")
        self.number = text(role="label")
        self.checklist = ChecklistCard(kit, editable=False)
        self.checklist.empty.setText(words("scan.no-checklist"))
        self.checklist.show_view((), ())

    def _lay_out(self) -> None:
        words = self._kit.words
        shelf = Card(words("scan.waiting"), self.count, *self._hint("scan.look"), *self._hint("scan.drop"))
        shelf.body.addWidget(self.shelf, 1)
        shelf.body.addWidget(text(words("scan.how"), "small", wrap=True))
        target = Card()
        target.body.addLayout(row(self.seek))
        target.body.addLayout(row(self.title, None, self.number, *self._hint("scan.open"), gap=8))
        join = row(*self._hint("scan.join"), 12, *self._hint("scan.join-case"), None, self.said, gap=6)
        target.body.addLayout(join)
        right = column(target, self.checklist, gap=GAP)
        right.setStretch(1, 1)
        whole = row(shelf, right, gap=GAP, margins=16)
        whole.setStretch(0, 1)
        whole.setStretch(1, 1)
        self.setLayout(whole)

    def _hint(self, action: str) -> tuple[QWidget, QWidget]:
        actions = self._kit.actions
        return key_cap(actions.keys(action)), text(actions.title(action), "small")

    def refresh(self) -> None:
        """Show what is in the spool already; the scanner's folder is searched on request."""
        self.look(search=False)
        if self.case is not None:
            self._load(self.case.case_id)

    def focus_default(self) -> None:
        if self.case is None:
            self.seek.setFocus()
        else:
            self.checklist.table.setFocus()

    def forget(self) -> None:
        """Show no case any more."""
        self.case = None
        self.title.setText(self._kit.words("scan.no-case"))
        self.number.setText("")
        self.said.setText("")
        self.checklist.show_view((), ())

    def look(self, *, search: bool) -> None:
        """Ask what waits; with ``search`` the scanner's folder is looked through, too."""
        waiting = self._kit.backend.waiting_pages
        if search:
            self._say("scan.looking")
        self._kit.jobs.io(
            self, lambda: waiting(search), lambda pages: self._looked(pages, search), self._failed, key="look"
        )

    def take_scan(self, scanned: str) -> bool:
        """Choose the material a tick code names, or the case a paper is of."""
        code = scanned.strip().upper()
        lines = self.case.checklist if self.case else ()
        place = next((n for n, line in enumerate(lines) if line.tick_code and line.tick_code == code), -1)
        if place >= 0:
            table = self.checklist.table
            table.setCurrentIndex(table.lines.index(place, 1))
            table.setFocus()
            self.join()
            return True
        scan = self._kit.backend.scan
        self._kit.jobs.ask(self, lambda: scan(scanned), self._scanned, self._failed, key="scan")
        return True

    def join(self, *, loose: bool = False) -> None:
        """Join the scans meant to the material chosen, or to the case itself."""
        line = self.checklist.current
        if self.case is None or (line is None and not loose):
            self._find()
            return
        pages = self.shelf.meant
        material = "" if loose or line is None else line.key
        case_id, joined = self.case.case_id, self._kit.backend.join_pages
        self._kit.jobs.write(
            self,
            lambda: joined(case_id, material, pages),
            lambda view: self._joined(view, len(pages)),
            self._failed,
        )

    def drop(self) -> None:
        """Throw the marked scans away, once the key was pressed twice."""
        marked = self.shelf.marked
        if not marked:
            self._say("scan.mark-first", tone="warn")
            return
        if not self._dropping:
            self._dropping = True
            self._say(
                "scan.drop-again", tone="warn", n=len(marked), press=self._kit.actions.keys("scan.drop")
            )
            return
        self._dropping = False
        drop = self._kit.backend.drop_pages
        self._kit.jobs.io(self, lambda: drop(marked), self._dropped, self._failed)

    def _looked(self, pages: tuple[WaitingPage, ...], searched: bool) -> None:
        self._show_pages(pages)
        if searched:
            self._say("scan.found" if pages else "scan.none-found", n=len(pages))

    def _show_pages(self, pages: tuple[WaitingPage, ...]) -> None:
        self._dropping = False
        self.shelf.show_pages(pages)
        self.count.setText(self._kit.words("scan.count", n=len(pages)) if pages else "")

    def _joined(self, view: ScanCase, count: int) -> None:
        self._show_case(view)
        self._say("scan.joined", tone="good", n=count)
        self.look(search=False)

    def _dropped(self, pages: tuple[WaitingPage, ...]) -> None:
        self._show_pages(pages)
        self._say("scan.dropped")

    def _picked(self, line: CaseLine) -> None:
        self._load(line.case_id)

    def _scanned(self, target: ScanTarget) -> None:
        if target.case_id:
            self._load(target.case_id)
        else:
            self._say("scan.tick-elsewhere", tone="warn")

    def _load(self, case_id: CaseId) -> None:
        ask = self._kit.backend.scan_case
        self._kit.jobs.ask(self, lambda: ask(case_id), self._loaded, self._failed, key="case")

    def _loaded(self, view: ScanCase) -> None:
        fresh = self.case is None or self.case.case_id != view.case_id
        self._show_case(view)
        if fresh:
            self.checklist.table.setFocus()

    def _show_case(self, view: ScanCase) -> None:
        self.case = view
        self.title.setText(f"{view.title} · {view.status}")
        loose = self._kit.words("scan.loose", n=view.loose) if view.loose else ""
        self.number.setText(" ".join(part for part in (view.case_no, loose) if part))
        self.checklist.show_view(view.checklist, ())

    def _find(self) -> None:
        self.seek.setFocus()
        self.seek.selectAll()

    def _open(self) -> None:
        if self.case is not None:
            self.open_case.emit(self.case.case_id)

    def _say(self, word: str, *, tone: str = "", **blanks: object) -> None:
        self.said.setText(self._kit.words(word, **blanks))
        restyle(self.said, tone=tone)

    def _failed(self, error: DeskError) -> None:
        self._dropping = False
        self.said.setText("")
        self.failed.emit(error)
