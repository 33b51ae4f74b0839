"""补传: how much still waits for the centre, and how far it has come since it was most."""

from __future__ import annotations

from PySide6.QtWidgets import QProgressBar, QWidget

from jinpu_desk.app.screens.views import SyncTruth

from ..kit import Kit
from ..widgets.parts import column, text


class Backlog(QWidget):
    """A sentence and a bar while records or attachments wait; out of the way when nothing does."""

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self._kit = kit
        self._most = 0
        self.sentence = text(role="hint", wrap=True)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(kit.look.theme.px(6))
        self.bar.setAccessibleName(kit.words("sync.backlog-name"))
        self.setLayout(column(self.sentence, self.bar, gap=6))
        self.hide()

    def show_truth(self, truth: SyncTruth) -> None:
        """Show what waits now; the bar begins at the most that waited since it last was nothing."""
        waiting = truth.pending_events + truth.blobs_pending
        self._most = max(self._most, waiting) if waiting else 0
        self.setVisible(bool(waiting))
        sent = self._most - waiting
        words = self._kit.words
        told = words("sync.backlog", events=truth.pending_events, blobs=truth.blobs_pending)
        self.sentence.setText(told + (words("sync.backlog-sent", sent=sent, most=self._most) if sent else ""))
        self.bar.setRange(0, max(self._most, 1))
        self.bar.setValue(sent)
        self.bar.setVisible(bool(sent))
