"""U 盘交换: two buttons on the sync page for a window without a network, and for one that carries for another."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog

from jinpu_desk.app.screens.bundle_view import BundleDone
from jinpu_desk.domain.errors import DeskError

from ..kit import Kit
from ..widgets.parts import Card, button, key_cap, restyle, row, text

ENDING = ".jinpu"
Work = Callable[[], BundleDone]


class BundleCard(Card):
    """Writes and reads in the I/O pool, one file at a time, and says what came of it. ``changed`` follows success."""

    changed = Signal()

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self._kit = kit
        self._busy = False
        words, actions = kit.words, kit.actions
        self.said = text(words("bundle.hint"), role="small", wrap=True)
        self.out = button(actions.title("sync.export"), self.pick_target)
        self.into = button(actions.title("sync.import"), self.pick_source)
        self.body.addLayout(
            row(
                text(words("bundle.title"), "heading"),
                None,
                self.out,
                key_cap(actions.keys("sync.export")),
                10,
                self.into,
                key_cap(actions.keys("sync.import")),
            )
        )
        self.body.addWidget(self.said)
        actions.bind("sync.export", self.pick_target)
        actions.bind("sync.import", self.pick_source)

    def pick_target(self) -> None:
        """Ask where to, and write."""
        words = self._kit.words
        name, _ = QFileDialog.getSaveFileName(
            self, words("bundle.to"), words("bundle.name") + ENDING, self._kinds
        )
        if name:
            target = Path(name) if Path(name).suffix else Path(name + ENDING)
            self._run(lambda: self._kit.backend.export_bundle(target))

    def pick_source(self) -> None:
        """Ask for an answer, or for another window's file, and take it in."""
        name, _ = QFileDialog.getOpenFileName(self, self._kit.words("bundle.from"), "", self._kinds)
        if name:
            self._run(lambda: self._kit.backend.import_bundle(Path(name)))

    @property
    def _kinds(self) -> str:
        return f"{self._kit.words('bundle.kinds')} (*{ENDING});;{self._kit.words('bundle.all')} (*)"

    def _run(self, work: Work) -> None:
        if self._busy:
            return
        self._busy = True
        self._say(self._kit.words("bundle.running"), "")
        self._kit.jobs.io(self, work, self._done, self._refused)

    def _done(self, done: BundleDone) -> None:
        self._busy = False
        self._say(f"{done.text} {done.file}".strip(), "good")
        self.changed.emit()

    def _refused(self, error: DeskError) -> None:
        self._busy = False
        self._say("".join(self._kit.backend.sentence(error)), "bad")

    def _say(self, words: str, tone: str) -> None:
        self.said.setText(words)
        restyle(self.said, tone=tone)
