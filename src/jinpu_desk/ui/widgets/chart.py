"""A report's chart, painted in the colours and type of the theme."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from jinpu_desk.app.reports.model import Chart, ticks

from ..theme import Look, Theme

SIZE_PX = 13
PLOT_PX = 150
BAR_PX = 24
LEGEND_PX = 26
_MIDDLE = Qt.AlignmentFlag.AlignVCenter
_LEFT = int(Qt.AlignmentFlag.AlignLeft | _MIDDLE)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | _MIDDLE)
_CENTRE = int(Qt.AlignmentFlag.AlignCenter)


class ChartView(QWidget):
    """Shows one chart; hidden when there is nothing to draw. Its numbers stand in a table beside it."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self.chart: Chart | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        look.changed.connect(self._fit)
        self.hide()

    def show_chart(self, chart: Chart | None) -> None:
        self.chart = chart
        self.setVisible(chart is not None)
        if chart is not None:
            self.setAccessibleName(chart.title)
            values = (
                f"{label} {series.values[at]}"
                for series in chart.series
                for at, label in enumerate(chart.labels)
            )
            self.setAccessibleDescription("，".join(values))
        self._fit()

    def _fit(self) -> None:
        if self.chart is not None:
            self.setFixedHeight(ChartPainter(None, self._look.theme, self.width()).height(self.chart))
            self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.chart is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._look.theme.font(SIZE_PX))
        ChartPainter(painter, self._look.theme, self.width()).paint(self.chart)


class ChartPainter:
    """Paints one chart into a width; every length is of the normal scale times the theme's."""

    def __init__(self, painter: QPainter | None, theme: Theme, width: int) -> None:
        self._pen = painter  # None to measure
        self._theme = theme
        self._width = width
        self._metrics = QFontMetrics(theme.font(SIZE_PX))

    @property
    def _painter(self) -> QPainter:
        assert self._pen is not None
        return self._pen

    def height(self, chart: Chart) -> int:
        """Return the height the chart needs at this width."""
        px = self._theme.px
        if chart.kind == "bar":
            return px(BAR_PX) * len(chart.labels)
        if chart.kind == "share":
            places = self._legend_places(_share_names(chart))
            return px(BAR_PX + 6) + int(places[-1].y()) + px(LEGEND_PX)
        return px(PLOT_PX + 2 * LEGEND_PX)

    def paint(self, chart: Chart) -> None:
        """Paint the chart as its kind asks."""
        match chart.kind:
            case "bar":
                self._bars(chart)
            case "share":
                self._share(chart)
            case "line" | "column":
                self._upright(chart)

    def _colour(self, chart: Chart, at: int) -> QColor:
        if not chart.tones and len(chart.series) == 1 and chart.kind != "share":
            return self._theme.colour("bar")
        return self._theme.colour(f"chart-{chart.tone(at)}")

    def _write(self, area: QRectF, words: str, align: int, role: str = "muted") -> None:
        self._painter.setPen(self._theme.colour(role))
        fitted = self._metrics.elidedText(words, Qt.TextElideMode.ElideRight, int(area.width()) + 1)
        self._painter.drawText(area, align, fitted)

    def _bars(self, chart: Chart) -> None:
        px, values = self._theme.px, chart.series[0].values
        names = max(map(self._metrics.horizontalAdvance, chart.labels)) + px(12)
        room = min(names, self._width * 2 // 5)
        number = self._metrics.horizontalAdvance(f"{chart.highest:,}") + px(12)
        for at, (label, value) in enumerate(zip(chart.labels, values, strict=True)):
            top = at * px(BAR_PX)
            long = max((self._width - room - number) * value / chart.highest, 1)
            self._write(QRectF(0, top, room - px(10), px(BAR_PX)), label, _LEFT, "text")
            bar = QRectF(room, top + px(4), long, px(BAR_PX - 8))
            self._painter.fillRect(bar, self._colour(chart, 0))
            self._write(QRectF(bar.right() + px(6), top, number, px(BAR_PX)), f"{value:,}", _LEFT)

    def _share(self, chart: Chart) -> None:
        px, values = self._theme.px, chart.series[0].values
        left = 0.0
        for at, value in enumerate(values):
            wide = self._width * value / sum(values)
            if value:
                self._painter.fillRect(QRectF(left, 0, max(wide - 2, 1), px(BAR_PX)), self._colour(chart, at))
            left += wide
        self._legend(chart, _share_names(chart), px(BAR_PX + 6))

    def _legend_places(self, names: list[str]) -> list[QPointF]:
        """Return where each name of a legend begins, below its top; it breaks into lines."""
        px, left, top = self._theme.px, 0.0, 0.0
        places = []
        for name in names:
            wide = px(38) + self._metrics.horizontalAdvance(name)
            if left and left + wide > self._width:
                left, top = 0.0, top + px(LEGEND_PX - 4)
            places.append(QPointF(left, top))
            left += wide
        return places

    def _legend(self, chart: Chart, names: list[str], top: float) -> None:
        px = self._theme.px
        for at, (name, place) in enumerate(zip(names, self._legend_places(names), strict=True)):
            x, y = place.x(), place.y() + top
            self._painter.fillRect(QRectF(x, y + px(5), px(11), px(11)), self._colour(chart, at))
            wide = self._metrics.horizontalAdvance(name) + px(4)
            self._write(QRectF(x + px(18), y, wide, px(21)), name, _LEFT, "text")

    def _upright(self, chart: Chart) -> None:
        px = self._theme.px
        top = px(LEGEND_PX)
        if len(chart.series) > 1:
            self._legend(chart, [series.label for series in chart.series], 0)
        marks = ticks(chart.highest)
        left = max(self._metrics.horizontalAdvance(f"{mark:,}") for mark in marks) + px(10)
        plot = QRectF(left, top, self._width - left, px(PLOT_PX))
        self._painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        for mark in marks:
            y = plot.bottom() - plot.height() * mark / marks[-1]
            self._painter.setPen(self._theme.colour("line"))
            self._painter.drawLine(QPointF(left, y), QPointF(self._width, y))
            self._write(QRectF(0, y - px(10), left - px(6), px(20)), f"{mark:,}", _RIGHT)
        self._painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        slot = plot.width() / len(chart.labels)
        if chart.kind == "line":
            self._lines(chart, plot, slot, marks[-1])
        else:
            self._columns(chart, plot, slot, marks[-1])
        self._labels(chart, plot, slot)

    def _labels(self, chart: Chart, plot: QRectF, slot: float) -> None:
        """Write the labels below, every so many where they would touch."""
        px = self._theme.px
        widest = max(map(self._metrics.horizontalAdvance, chart.labels)) + px(8)
        every = max(1, -(-widest // max(int(slot), 1)))
        for at in range(0, len(chart.labels), every):
            wide = max(slot, widest)
            middle = plot.left() + slot * (at + 0.5)
            self._write(
                QRectF(middle - wide / 2, plot.bottom() + px(2), wide, px(22)), chart.labels[at], _CENTRE
            )

    def _columns(self, chart: Chart, plot: QRectF, slot: float, last: int) -> None:
        px, count = self._theme.px, len(chart.series)
        each = min(slot * 0.72 / count, px(56))
        for at in range(len(chart.labels)):
            start = plot.left() + slot * (at + 0.5) - each * count / 2
            for n, series in enumerate(chart.series):
                value = series.values[at]
                if not value:
                    continue
                high = plot.height() * value / last
                column = QRectF(start + n * each, plot.bottom() - high, each * 0.92, high)
                self._painter.fillRect(column, self._colour(chart, n))
                above = QRectF(column.center().x() - px(40), column.top() - px(19), px(80), px(18))
                self._write(above, f"{value:,}", _CENTRE, "text")

    def _lines(self, chart: Chart, plot: QRectF, slot: float, last: int) -> None:
        px = self._theme.px
        for n, series in enumerate(chart.series):
            points = [
                QPointF(plot.left() + slot * (at + 0.5), plot.bottom() - plot.height() * value / last)
                for at, value in enumerate(series.values)
            ]
            colour = self._colour(chart, n)
            self._painter.setPen(QPen(colour, px(2)))
            self._painter.setBrush(Qt.BrushStyle.NoBrush)
            self._painter.drawPolyline(QPolygonF(points))
            self._painter.setBrush(colour)
            for point in points:
                self._painter.drawEllipse(point, px(3), px(3))


def _share_names(chart: Chart) -> list[str]:
    return [f"{label} {value:,}" for label, value in zip(chart.labels, chart.series[0].values, strict=True)]
