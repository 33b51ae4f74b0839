"""今日各时段收件: one bar an hour, drawn with its count."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ..theme import Look


class HourBars(QWidget):
    """Bars for (label, count) pairs; the highest takes the height there is."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._hours: tuple[tuple[str, int], ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        return QSize(self._look.theme.px(400), self._look.theme.px(160))

    def show_hours(self, hours: tuple[tuple[str, int], ...]) -> None:
        self._hours = hours
        self.setAccessibleName("，".join(f"{label} {count}" for label, count in hours))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._hours:
            return
        theme = self._look.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.font(13))
        foot, head = theme.px(24), theme.px(22)
        room = self.height() - foot - head
        width = self.width() / len(self._hours)
        highest = max(*(count for _, count in self._hours), 1)
        painter.setPen(theme.colour("line"))
        painter.drawLine(0, self.height() - foot, self.width(), self.height() - foot)
        for place, (label, count) in enumerate(self._hours):
            left, height = place * width, room * count / highest
            column = QRectF(left + width * 0.12, head + room - height, width * 0.76, height)
            path = QPainterPath()
            path.addRoundedRect(column, theme.px(3), theme.px(3))
            painter.fillPath(path, theme.colour("bar"))
            painter.setPen(theme.colour("muted"))
            below = QRectF(left, self.height() - foot, width, foot)
            painter.drawText(below, int(Qt.AlignmentFlag.AlignCenter), label)
            if count:
                painter.setPen(theme.colour("text"))
                above = QRectF(left, column.top() - head, width, head)
                painter.drawText(above, int(Qt.AlignmentFlag.AlignCenter), str(count))
