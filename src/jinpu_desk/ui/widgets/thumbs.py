"""Thumbnails of a material's pages, read in the I/O pool."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPixmap
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QWidget

from jinpu_desk.domain.ids import Digest

from ..kit import Kit
from .parts import clear, restyle

WIDTH_PX, HEIGHT_PX = 56, 76
MOST = 24
"""Thumbnails shown at once; more pages are counted, not drawn."""


class Thumb(QFrame):
    """One page."""

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self.setObjectName("thumb")
        self.picture = QLabel(self)
        self.picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        px = kit.look.theme.px
        self.setFixedSize(QSize(px(WIDTH_PX), px(HEIGHT_PX)))
        self.picture.setGeometry(3, 3, px(WIDTH_PX) - 6, px(HEIGHT_PX) - 6)

    def show_png(self, png: bytes) -> None:
        pixmap = QPixmap()
        pixmap.loadFromData(png)
        fitted = pixmap.scaled(
            self.picture.size(),
            Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
        self.picture.setPixmap(fitted)

    def show_reason(self, sentence: str) -> None:
        """Say why there is no picture, as when the page is still at another window."""
        self.picture.setText("…")
        self.setToolTip(sentence)
        self.setAccessibleDescription(sentence)


class Thumbs(QWidget):
    """A strip of pages; left and right choose one."""

    chosen = Signal(int)

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self._kit = kit
        self._files: tuple[Digest, ...] = ()
        self._thumbs: list[Thumb] = []
        self.current = 0
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(6)
        self._row.setAlignment(Qt.AlignmentFlag.AlignLeft)
        self.setAccessibleName(kit.words("checklist.pages-strip"))
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)

    def show_files(self, files: tuple[Digest, ...]) -> None:
        if files == self._files:
            return
        self._files = files
        clear(self._row)
        self._thumbs = [Thumb(self._kit) for _ in files[:MOST]]
        for thumb, digest in zip(self._thumbs, files, strict=False):
            self._row.addWidget(thumb)
            self._load(thumb, digest)
        self.current = max(len(self._thumbs) - 1, 0)
        self._mark()
        self.setVisible(bool(files))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Right: 1, Qt.Key.Key_Left: -1}.get(Qt.Key(event.key()), 0)
        if not step or not self._thumbs:
            super().keyPressEvent(event)
            return
        self.current = (self.current + step) % len(self._thumbs)
        self._mark()
        self.chosen.emit(self.current)

    def _load(self, thumb: Thumb, digest: Digest) -> None:
        width = self._kit.look.theme.px(WIDTH_PX) * 2
        image = self._kit.backend.page_image
        self._kit.jobs.io(
            thumb,
            lambda: image(digest, width),
            thumb.show_png,
            lambda error: thumb.show_reason(self._kit.backend.sentence(error)[0]),
        )

    def _mark(self) -> None:
        for place, thumb in enumerate(self._thumbs):
            restyle(thumb, current=place == self.current)
