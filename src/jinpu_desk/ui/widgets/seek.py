"""A field that finds while one types: the list lies under it on the window, so keys and input method stay here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QEvent, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QHideEvent, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyledItemDelegate,
    QWidget,
)

from jinpu_desk.domain.errors import DeskError

from ..jobs import Jobs
from ..theme import Look
from .parts import column, key_cap, row, text
from .walk import OWN_ENTER

PAUSE_MS = 60
"""How long the typing must rest before the store is asked."""
LINE = Qt.ItemDataRole.UserRole
MOST_ROWS = 8


class Dropdown(QFrame):
    """The list under the field. It is no popup of its own, so the field keeps the focus."""

    picked = Signal(object)

    def __init__(self, look: Look, field: QWidget, delegate: QStyledItemDelegate) -> None:
        super().__init__(field.window())
        self.setObjectName("popup")
        self._look = look
        self._field = field
        self.rows = QListWidget()
        self.rows.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.rows.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.rows.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.rows.setItemDelegate(delegate)
        self.rows.itemClicked.connect(lambda item: self.picked.emit(item.data(LINE)))
        self.note = text(role="small", wrap=True)
        self.setLayout(column(self.rows, self.note, gap=4, margins=6))
        self.hide()

    def show_found(self, found: Sequence[Any], note: str) -> None:
        self.rows.clear()
        for line in found:
            item = QListWidgetItem()
            item.setData(LINE, line)
            self.rows.addItem(item)
        self.rows.setCurrentRow(0 if found else -1)
        self.note.setText(note)
        self.rows.setVisible(bool(found))
        self._place(len(found))
        self.show()
        self.raise_()

    def move_choice(self, step: int) -> None:
        if self.rows.count():
            self.rows.setCurrentRow((self.rows.currentRow() + step) % self.rows.count())

    @property
    def current(self) -> Any:
        row = self.rows.currentRow()
        return self.rows.item(row).data(LINE) if row >= 0 else None

    def _place(self, count: int) -> None:
        px = self._look.theme.px
        corner = self._field.mapTo(self._field.window(), QPoint(0, self._field.height() + 4))
        width = max(self._field.width(), px(600))
        high = self.rows.sizeHintForRow(0) if count else 0
        height = high * min(count, MOST_ROWS) + px(52)
        room = self._field.window().height() - corner.y() - 8
        self.setGeometry(corner.x(), corner.y(), width, min(height, room))


class SeekField(QLineEdit):
    """Asks while one types; arrows choose, Enter picks, Esc leaves."""

    picked = Signal(object)
    left = Signal()

    def __init__(
        self,
        jobs: Jobs,
        look: Look,
        delegate: QStyledItemDelegate,
        ask: Callable[[str], Sequence[Any]],
        note: Callable[[Sequence[Any], str], str],
        *,
        keys: str,
        eager: bool = False,
    ) -> None:
        super().__init__()
        self._jobs = jobs
        self._look = look
        self._delegate = delegate
        self._ask = ask
        self._note = note
        self._eager = eager
        self._enter_pending = False
        self._dropdown: Dropdown | None = None
        self.setProperty("ticked", "true")
        self.setProperty(OWN_ENTER, True)
        inner = row(None, key_cap(keys), gap=0)
        inner.setContentsMargins(0, 0, 8, 0)
        self.setLayout(inner)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self.seek)
        self.textEdited.connect(lambda _text: self._pause.start())

    @property
    def dropdown(self) -> Dropdown:
        if self._dropdown is None:
            self._dropdown = Dropdown(self._look, self, self._delegate)
            self._dropdown.picked.connect(self._pick)
        return self._dropdown

    @property
    def is_open(self) -> bool:
        return self._dropdown is not None and self._dropdown.isVisible()

    def close_list(self) -> None:
        self._pause.stop()
        self._enter_pending = False
        self._jobs.cancel(self)
        if self._dropdown is not None:
            self._dropdown.hide()

    def seek(self) -> None:
        """Ask now for what is typed."""
        self._pause.stop()
        sought = self.text().strip()
        if not sought and not self._eager:
            self.close_list()
            return
        ask = self._ask
        self._jobs.ask(
            self,
            lambda: ask(sought),
            lambda found: self._found(found, sought),
            lambda error: self._show((), self.excuse(error), sought),
            key="seek",
        )

    def excuse(self, error: DeskError) -> str:
        """Return what to say in place of an answer; fields with more to say than nothing override it."""
        return self._note((), self.text().strip())

    def event(self, event: QEvent) -> bool:
        asked = event.type() == QEvent.Type.ShortcutOverride
        if asked and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key == Qt.Key.Key_Escape:
            self.clear()
            self.close_list()
            self.left.emit()
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            if self.is_open:
                self.dropdown.move_choice(1 if key == Qt.Key.Key_Down else -1)
            else:
                self.seek()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._enter()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if self._eager and event.reason() != Qt.FocusReason.ActiveWindowFocusReason:
            self.seek()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.ActiveWindowFocusReason:
            self.close_list()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.close_list()  # another page has come over this one

    def _enter(self) -> None:
        if self._pause.isActive() or self._jobs.waits(self):
            self._enter_pending = True  # Enter came before the answer: pick from the answer to what is typed
            if self._pause.isActive():
                self.seek()
        elif self.is_open and self.dropdown.current is not None:
            self._pick(self.dropdown.current)
        else:
            self.seek()

    def _pick(self, line: Any) -> None:
        self.clear()
        self.close_list()
        self.picked.emit(line)

    def _found(self, found: Sequence[Any], sought: str) -> None:
        self._show(found, self._note(found, sought), sought)

    def _show(self, found: Sequence[Any], note: str, sought: str) -> None:
        here = self.isVisible() and (self.hasFocus() or self._eager)
        if self.text().strip() != sought or not here:
            return
        self.dropdown.show_found(found, note)
        pending, self._enter_pending = self._enter_pending, False
        if pending and found:
            self._pick(found[0])
