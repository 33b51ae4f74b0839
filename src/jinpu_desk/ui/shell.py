"""The main window: the door, then the frame with one page at a time. Titles and logs hold no personal data."""

from __future__ import annotations

from functools import partial
from typing import Protocol, runtime_checkable

from PySide6.QtCore import QSize, QTimer, SignalInstance
from PySide6.QtGui import QCloseEvent, QIcon
from PySide6.QtWidgets import QMainWindow, QStackedWidget, QWidget

from jinpu_desk.app.screens.views import Badges, DeviceLine, ScanTarget, SyncTruth, Who
from jinpu_desk.domain.errors import DeskError

from .frame import SideBar, StatusBar, TopBar
from .keyboard import IdleFilter, WedgeFilter, hide_traces
from .kit import Kit
from .pages.book import BOOK
from .pages.cases.page import CasesPage
from .pages.help import HelpPage, KeysPage
from .pages.intake.page import IntakePageWidget
from .pages.login import LoginPage
from .pages.preview import PreviewPage
from .pages.settings import SettingsPage
from .pages.sync import SyncPageWidget
from .pages.workbench import WorkbenchPage
from .widgets.parts import GAP, box, column, row
from .widgets.strip import Notice

LOOK_ROUND_MS = 3000
"""How often the sync truth, badges and devices are read again."""


class Page(Protocol):
    """What the shell asks of a page."""

    def refresh(self) -> None: ...

    def focus_default(self) -> None: ...


@runtime_checkable
class TakesScans(Protocol):
    """A page with a use of its own for what a barcode gun reads."""

    def take_scan(self, scanned: str) -> bool:
        """Use the text and return True, or return False: then the shell opens the case it names."""
        ...


@runtime_checkable
class Forgets(Protocol):
    """A page that shows what one clerk was doing."""

    def forget(self) -> None:
        """Show nothing of it any more: somebody else came in."""
        ...


USUAL_SIZE = QSize(1600, 1000)
FRAME = QSize(16, 48)
"""What a window manager may put around a window."""
State = tuple[SyncTruth, Badges, tuple[DeviceLine, ...]]


class Shell(QMainWindow):
    """Owns the pages and the way between them."""

    def __init__(self, kit: Kit, wedge: WedgeFilter, idle: IdleFilter) -> None:
        super().__init__()
        self._kit = kit
        self._wedge = wedge
        self._idle = idle
        self._clerk = ""
        self._unlocked = False
        self._current = ""
        self._came_from = "go.workbench"
        kit.actions.install(self)
        self.setWindowTitle(kit.words("shell.title"))
        self.setWindowIcon(QIcon(str(kit.resources / "icons" / "jinpu-desk.svg")))
        self.setMinimumSize(1100, 640)
        self.resize(USUAL_SIZE)
        self.door = LoginPage(kit)
        self._make_pages()
        self._make_frame()
        self._outer = QStackedWidget()
        self._outer.addWidget(self.door)
        self._outer.addWidget(self._body)
        self.setCentralWidget(self._outer)
        self._rounds = QTimer(self)
        self._rounds.setInterval(LOOK_ROUND_MS)
        self._rounds.timeout.connect(self.look_round)
        self._connect()
        self.door.show_door(kit.choices.now.last_clerk)

    def show_fitting(self) -> None:
        """Show the window in its usual size, or over the whole of a smaller screen."""
        room = self.screen().availableSize() - FRAME
        fits = self.size().boundedTo(room)
        if fits == self.size():
            self.show()
        else:
            self.resize(fits)
            self.showMaximized()

    def _make_pages(self) -> None:
        kit = self._kit
        self.workbench = WorkbenchPage(kit)
        self.intake = IntakePageWidget(kit)
        self.cases = CasesPage(kit)
        self.sync = SyncPageWidget(kit)
        self.settings = SettingsPage(kit)
        self.preview = PreviewPage(kit)
        self.help = HelpPage(kit)
        self.keys = KeysPage(kit)
        self._pages: dict[str, QWidget] = {
            "go.workbench": self.workbench,
            "go.intake": self.intake,
            "go.cases": self.cases,
            "go.sync": self.sync,
            "go.settings": self.settings,
            "preview": self.preview,
            "help": self.help,
            "keys": self.keys,
        }

    def _make_frame(self) -> None:
        self.top, self.side, self.status = TopBar(self._kit), SideBar(self._kit), StatusBar(self._kit)
        self._stack = QStackedWidget()
        for page in self._pages.values():
            self._stack.addWidget(page)
        self.notice = Notice(self._kit.words)
        above = column(self.notice, gap=0)
        above.setContentsMargins(GAP + 4, GAP, GAP + 4, 0)
        self._notice_place = box(above)
        self._notice_place.hide()
        self.notice.shown.connect(self._notice_place.setVisible)
        middle = row(self.side, column(self._notice_place, self._stack, gap=0), gap=0)
        self._body = box(column(self.top, middle, self.status, gap=0))
        self._body.setObjectName("body")

    def _connect(self) -> None:
        kit, actions = self._kit, self._kit.actions
        for name in self.side.entries:
            actions.bind(name, partial(self.go, name))
        self.side.chosen.connect(self.go)
        actions.bind("find", self._find)
        actions.bind("new", self._next_applicant)
        actions.bind("lock", self.lock)
        actions.bind("help", lambda: self._leaf("help"))
        actions.bind("keys", lambda: self._leaf("keys"))
        actions.bind("quit", self.close)
        actions.bind("help.back", self._back)
        actions.bind("preview.back", self._back)
        self.door.entered.connect(self._entered)
        self.top.search.opened.connect(self.open_case)
        self.top.search.left.connect(lambda: self._shown().focus_default())
        self.top.pill.pressed.connect(lambda: self.go("go.sync"))
        self.workbench.open_sync.connect(lambda: self.go("go.sync"))
        self.cases.opened.connect(self._scopes)
        self.sync.opened.connect(self._scopes)
        self.intake.desk.edited.connect(self.notice.clear)
        for page in self._pages.values():
            self._listen(page)
        self._wedge.scanned.connect(self._scan)
        self._idle.idle.connect(lambda: self.lock(idle=True))
        kit.choices.changed.connect(lambda chosen: self._idle.set_minutes(chosen.idle_minutes))

    def _listen(self, page: QWidget) -> None:
        """Take up those signals of a page that lead elsewhere."""
        heard = {
            "open_case": self.open_case,
            "open_draft": self.open_draft,
            "open_list": self._open_list,
            "open_conflict_wanted": self.open_conflict,
            "preview_wanted": self._preview,
            "failed": self._failed,
        }
        for name, slot in heard.items():
            signal = getattr(page, name, None)
            if isinstance(signal, SignalInstance):
                signal.connect(slot)

    def page(self, name: str) -> QWidget:
        """Return a page of the book, made when it is first opened."""
        if name not in self._pages:
            made = BOOK[name].make(self._kit)
            self._pages[name] = made
            self._stack.addWidget(made)
            self._listen(made)
        return self._pages[name]

    def go(self, name: str) -> None:
        """Show a page and ask it for what is new."""
        if not self._unlocked:
            return
        self.intake.flush()
        page = self.page(name)
        self._current = name
        self._stack.setCurrentWidget(page)
        self.side.mark(name if name in self.side.entries else self._came_from)
        self.notice.clear()
        self._scopes()
        self._shown().refresh()
        self._shown().focus_default()
        self.look_round()

    def open_case(self, case_id: str) -> None:
        self.go("go.cases")
        self.cases.open_case(case_id)

    def open_conflict(self, event: str) -> None:
        self.go("go.sync")
        self.sync.open_conflict(event)

    def open_draft(self, draft_id: str) -> None:
        self.go("go.intake")
        self.intake.open_draft(draft_id)

    def lock(self, *, idle: bool = False) -> None:
        """Keep the draft and show the door: nothing of a page stays on the screen or in the clipboard, and no key,
        scan or answer reaches one. A gun's text would else be typed into the password."""
        if not self._unlocked:
            return
        self.intake.flush()
        self._unlocked = False
        self._rounds.stop()
        self._idle.watch(False)
        self.notice.clear()
        hide_traces()
        backend = self._kit.backend
        self._kit.jobs.write(self, lambda: backend.lock(idle))
        self._kit.actions.switch(set())
        self._outer.setCurrentWidget(self.door)
        self.door.show_locked(self._clerk)

    def look_round(self) -> None:
        """Read what is always visible."""
        if self._unlocked:
            self._kit.jobs.ask(self, self._state, self._show_state, key="state")

    def closeEvent(self, event: QCloseEvent) -> None:
        self.intake.flush()
        self._rounds.stop()
        self._idle.watch(False)
        super().closeEvent(event)

    def _state(self) -> State:
        backend = self._kit.backend
        return backend.truth(), backend.badges(), backend.devices()

    def _show_state(self, state: State) -> None:
        truth, badges, devices = state
        self.top.show_truth(truth)
        if self._current == "go.sync":
            self.sync.watch(truth)
        self.side.show_badges(badges)
        self.status.show_devices(devices)

    def _entered(self, clerk: str) -> None:
        again = clerk == self._clerk
        if self._clerk and not again:  # somebody else: nothing of the one before stays on the pages
            for page in self._pages.values():
                if isinstance(page, Forgets):
                    page.forget()
        self._clerk = clerk
        self._unlocked = self._wedge.enabled = True
        self._kit.choices.remember_clerk(clerk)
        self._idle.watch(True)
        self._rounds.start()
        self._outer.setCurrentWidget(self._body)
        self._kit.jobs.ask(self, self._kit.backend.who, self._show_who)
        self.go(self._current if again and self._current else "go.workbench")

    def _show_who(self, who: Who) -> None:
        self.top.show_who(who)
        self.setWindowTitle(" · ".join(part for part in (who.product, who.station, who.window) if part))

    def _shown(self) -> Page:
        page = self._stack.currentWidget()
        assert isinstance(page, QWidget)
        return page  # type: ignore[return-value]

    def _scopes(self) -> None:
        scope = self._scope(self._current) if self._current else ""
        if scope == "cases" and self.cases.case_open:
            scope = "case"
        if scope == "sync" and self.sync.conflict_open:
            scope = "conflict"
        self._kit.actions.switch({"window", scope})

    def _scope(self, name: str) -> str:
        """Return where the actions of a page work; both kinds of help share theirs."""
        return "help" if name == "keys" else name.removeprefix("go.")

    def _find(self) -> None:
        self.top.search.setFocus()
        self.top.search.selectAll()

    def _next_applicant(self) -> None:
        self.go("go.intake")
        self.intake.new()

    def _open_list(self, only: str) -> None:
        self.go("go.cases")
        self.cases.show_list(only)

    def _leaf(self, name: str) -> None:
        """Show a page one comes back from."""
        if self._current not in ("help", "keys", "preview"):
            self._came_from = self._current
        case_shown = self._came_from == "go.cases" and self.cases.case_open
        self.help.about = "case" if case_shown else self._scope(self._came_from)
        self.go(name)

    def _preview(self, paper: str, kind: str) -> None:
        self._leaf("preview")
        self.preview.open(paper, kind)

    def _back(self) -> None:
        page = self._came_from
        self._current = page
        self._stack.setCurrentWidget(self._pages[page])
        self.side.mark(page)
        self.notice.clear()
        self._scopes()
        self._shown().focus_default()

    def _scan(self, scanned: str) -> None:
        if not self._unlocked:
            return
        page = self._stack.currentWidget()
        if isinstance(page, TakesScans) and page.take_scan(scanned):
            return
        self._kit.jobs.ask(
            self,
            lambda: self._kit.backend.scan(scanned),
            lambda target: self._scanned(target, scanned),
            self._failed,
        )

    def _scanned(self, target: ScanTarget, scanned: str) -> None:
        if target.draft_id:
            self.open_draft(target.draft_id)
        elif target.case_id:
            self.open_case(target.case_id)
        elif target.slip:
            self.go("go.passing")
            self._scan(scanned)
        else:
            self.notice.say(self._kit.words("shell.scan-elsewhere", text=scanned), tone="warn")

    def _failed(self, error: DeskError) -> None:
        sentence, hint = self._kit.backend.sentence(error)
        self.notice.say(sentence, hint, tone="bad")

    def report_bug(self) -> None:
        """Save the draft and say that something went wrong that should not."""
        self.intake.flush()
        self.notice.say(self._kit.words("shell.bug"), self._kit.words("shell.bug-hint"), tone="bad")
