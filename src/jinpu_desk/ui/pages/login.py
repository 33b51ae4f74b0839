"""The door: who, password, and what went wrong in one sentence. Also what a locked window shows."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtSvgWidgets import QSvgWidget
from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget

from jinpu_desk.domain.errors import DeskError

from ..kit import Kit
from ..widgets.parts import Card, button, column, restyle, row, text


class LoginPage(QWidget):
    """Emits ``entered`` with the login after the desk is unlocked; works without a network."""

    entered = Signal(str)

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self.setObjectName("page")
        self._kit = kit
        words = kit.words
        self._wait_s = 0
        self._locked_for = ""
        self.heading = text(words("login.heading"), "title")
        self.sub = text(words("login.sub"), "small", wrap=True)
        self.clerk = QComboBox()
        self.clerk.setEditable(True)
        self.clerk.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        name = QLineEdit()
        name.setFrame(False)
        name.setPlaceholderText(words("login.clerk-example"))
        name.returnPressed.connect(self._to_password)
        self.clerk.setLineEdit(name)
        self.password = QLineEdit()
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.password.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        self.password.returnPressed.connect(self.enter)
        self.problem = text(role="problem", wrap=True)
        self.problem.hide()
        self.go = button(words("login.enter"), self.enter, kind="main")
        self.other = button(words("login.other"), lambda: self.show_door(""), kind="quiet")
        self.other.hide()
        card = Card()
        card.setFixedWidth(kit.look.theme.px(420))
        card.body.setSpacing(10)
        card.body.setContentsMargins(28, 26, 28, 26)
        for part in (self.heading, self.sub):
            card.body.addWidget(part)
        card.body.addSpacing(6)
        for label, field in (("login.clerk", self.clerk), ("login.password", self.password)):
            card.body.addWidget(text(words(label), "label"))
            card.body.addWidget(field)
        card.body.addWidget(self.problem)
        card.body.addSpacing(4)
        card.body.addWidget(self.go)
        card.body.addWidget(self.other)
        offline = text(words("login.offline"), "small")
        mark = QSvgWidget(str(kit.resources / "icons" / "jinpu-desk.svg"))
        mark.setFixedSize(kit.look.theme.px(44), kit.look.theme.px(44))
        brand = row(None, mark, text(words("shell.title"), "brand"), None, gap=12)
        self.setLayout(
            column(None, brand, 14, row(None, card, None), 10, row(None, offline, None), None, None)
        )
        self._countdown = QTimer(self)
        self._countdown.setInterval(1000)
        self._countdown.timeout.connect(self._count)
        kit.look.changed.connect(lambda: card.setFixedWidth(kit.look.theme.px(420)))

    def show_door(self, last: str) -> None:
        """Offer the known clerks, the last one first, ready for the password."""
        self._locked_for = ""
        self.other.hide()
        self.clerk.setEnabled(True)
        self.heading.setText(self._kit.words("login.heading"))
        self.sub.setText(self._kit.words("login.sub"))
        self.clerk.setEditText(last)
        self._kit.jobs.ask(self, self._kit.backend.known_clerks, lambda known: self._offer(known, last))
        self.focus_default()

    def show_locked(self, clerk: str) -> None:
        """Ask the clerk who locked the window for the password; nobody else's work is behind it."""
        self._locked_for = clerk
        self.heading.setText(self._kit.words("login.locked-heading"))
        self.sub.setText(self._kit.words("login.locked-sub"))
        self.clerk.setEditText(clerk)
        self.clerk.setEnabled(False)
        self.other.show()
        self.password.clear()
        self._say("")
        self.password.setFocus()

    def focus_default(self) -> None:
        (self.password if self.clerk.currentText() else self.clerk).setFocus()

    def enter(self) -> None:
        """Try the password."""
        clerk, password = self.clerk.currentText().strip(), self.password.text()
        if self._wait_s or not self.go.isEnabled():
            return
        if not clerk or not password:
            self._say(self._kit.words("login.both"))
            self.focus_default()
            return
        self.go.setEnabled(False)
        self.go.setText(self._kit.words("login.entering"))
        self._kit.jobs.ask(
            self,
            lambda: self._kit.backend.login(clerk, password),
            lambda _: self._entered(clerk),
            self._refused,
        )

    def _offer(self, known: tuple[str, ...], last: str) -> None:
        typed = self.clerk.currentText()
        self.clerk.clear()
        self.clerk.addItems(list(known))
        self.clerk.setEditText(typed or last or next(iter(known), ""))
        if not self._locked_for:
            self.focus_default()

    def _to_password(self) -> None:
        self.password.setFocus()

    def _entered(self, clerk: str) -> None:
        self.password.clear()
        self._say("")
        self._ready()
        self.entered.emit(clerk)

    def _refused(self, error: DeskError) -> None:
        self.password.clear()
        sentence, hint = self._kit.backend.sentence(error)
        self._ready()
        minutes = error.params.get("minutes")
        if error.code == "login.locked" and isinstance(minutes, int) and minutes > 0:
            self._wait_s = minutes * 60
            self._countdown.start()
            self._show_wait()
            return
        self._say(f"{sentence}{hint}")
        self.password.setFocus()

    def _ready(self) -> None:
        self.go.setEnabled(True)
        self.go.setText(self._kit.words("login.enter"))

    def _count(self) -> None:
        self._wait_s -= 1
        if self._wait_s > 0:
            self._show_wait()
            return
        self._countdown.stop()
        self._wait_s = 0
        self._say("")
        self.go.setEnabled(True)
        self.focus_default()

    def _show_wait(self) -> None:
        self.go.setEnabled(False)
        minutes, seconds = divmod(self._wait_s, 60)
        self._say(self._kit.words("login.wait", left=f"{minutes}:{seconds:02}"))

    def _say(self, sentence: str) -> None:
        self.problem.setText(sentence)
        self.problem.setVisible(bool(sentence))
        restyle(self.password, wrong=bool(sentence))
