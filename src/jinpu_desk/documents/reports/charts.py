"""Charts in print: columns, bars, lines and shares drawn from numbers, each with its values beside it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from jinpu_desk.app.reports.model import Chart, ticks
from jinpu_desk.documents.fonts import FontShelf, Weight
from jinpu_desk.documents.ink import Fragment, Ink, Line, Text
from jinpu_desk.documents.pen import Pen

from .colours import rgb_of

SMALL = 7.5
HEAD = 24.0
_PLOT = 110.0
_BAR = 15.0
_LEGEND = 14.0
_GRID = "0.88 0.90 0.93"


class Box(NamedTuple):
    """A filled box whose top left corner is at (x, y)."""

    x: float
    y: float
    width: float
    height: float
    colour: str

    def draw(self, pen: Pen, left: float, top: float) -> None:
        """Fill the box."""
        pen.fill(left + self.x, top - self.y - self.height, self.width, self.height, self.colour)


class Path(NamedTuple):
    """A line through points."""

    points: tuple[tuple[float, float], ...]
    colour: str
    thick: float = 1.2

    def draw(self, pen: Pen, left: float, top: float) -> None:
        """Draw the line."""
        pen.stroke([(left + x, top - y) for x, y in self.points], self.colour, self.thick)


class ChartSetter:
    """Sets charts into a column of the page that is ``width`` points wide."""

    def __init__(self, shelf: FontShelf, width: float) -> None:
        self._shelf = shelf
        self._width = width

    def set(self, chart: Chart) -> Fragment:
        """Return the chart under its title, in one piece."""
        ways: dict[str, Callable[[Chart], tuple[float, list[Ink]]]] = {
            "column": self._columns,
            "line": self._lines,
            "bar": self._bars,
            "share": self._share,
        }
        height, ink = ways[chart.kind](chart)
        title = self._text(chart.title, 0, 14, 10, Weight.BOLD)
        return Fragment(height + HEAD + 12, (title, *ink))

    def _text(
        self, words: str, x: float, y: float, size: float = SMALL, weight: Weight = Weight.BODY
    ) -> Text:
        return Text(x, y, size, self._shelf.runs(words, weight))

    def _wide(self, words: str, size: float = SMALL) -> float:
        return self._shelf.width(words, Weight.BODY, size)

    def _centred(self, words: str, x: float, y: float) -> Text:
        return self._text(words, x - self._wide(words) / 2, y)

    def _fitted(self, words: str, room: float) -> str:
        if self._wide(words) <= room:
            return words
        while words and self._wide(words + "…") > room:
            words = words[:-1]
        return words + "…"

    def _axes(self, chart: Chart, top: float) -> tuple[list[Ink], float, float, int]:
        """Return grid lines with their marks, the left edge and width of the plot, and the axis' last mark."""
        marks = ticks(chart.highest)
        left = max(self._wide(f"{mark:,}") for mark in marks) + 6
        ink: list[Ink] = []
        for mark in marks:
            y = top + _PLOT * (1 - mark / marks[-1])
            ink.append(Path(((left, y), (self._width, y)), _GRID, 0.5))
            ink.append(self._text(f"{mark:,}", left - 4 - self._wide(f"{mark:,}"), y + 2.5))
        return ink, left, self._width - left, marks[-1]

    def _legend(self, chart: Chart, y: float) -> list[Ink]:
        ink: list[Ink] = []
        x = 0.0
        for at, series in enumerate(chart.series):
            ink += [Box(x, y, 8, 8, rgb_of(chart.tone(at))), self._text(series.label, x + 12, y + 7)]
            x += 24 + self._wide(series.label)
        return ink

    def _under(self, chart: Chart, left: float, slot: float, y: float) -> list[Ink]:
        """Return the labels below the axis, every so many where they would touch."""
        widest = max(map(self._wide, chart.labels)) + 4
        every = max(1, -(-int(widest) // max(int(slot), 1)))
        return [
            self._centred(label, left + slot * (at + 0.5), y)
            for at, label in enumerate(chart.labels)
            if at % every == 0
        ]

    def _columns(self, chart: Chart) -> tuple[float, list[Ink]]:
        several = len(chart.series) > 1
        top = HEAD + (_LEGEND if several else 0) + 8
        ink, left, width, last = self._axes(chart, top)
        slot = width / len(chart.labels)
        each = min(slot * 0.7 / len(chart.series), 40.0)
        for at in range(len(chart.labels)):
            start = left + slot * (at + 0.5) - each * len(chart.series) / 2
            for n, series in enumerate(chart.series):
                value = series.values[at]
                if value:
                    high = _PLOT * value / last
                    x = start + n * each
                    ink.append(Box(x, top + _PLOT - high, each * 0.92, high, rgb_of(chart.tone(n))))
                    ink.append(self._centred(f"{value:,}", x + each * 0.46, top + _PLOT - high - 2.5))
        ink += self._under(chart, left, slot, top + _PLOT + 10)
        ink += self._legend(chart, HEAD) if several else []
        return top + _PLOT + 14 - HEAD, ink

    def _lines(self, chart: Chart) -> tuple[float, list[Ink]]:
        top = HEAD + _LEGEND + 8
        ink, left, width, last = self._axes(chart, top)
        slot = width / len(chart.labels)
        for n, series in enumerate(chart.series):
            points = tuple(
                (left + slot * (at + 0.5), top + _PLOT * (1 - value / last))
                for at, value in enumerate(series.values)
            )
            colour = rgb_of(chart.tone(n))
            ink.append(Path(points, colour, 1.4))
            ink += [Box(x - 1.6, y - 1.6, 3.2, 3.2, colour) for x, y in points]
        ink += self._under(chart, left, slot, top + _PLOT + 10)
        return top + _PLOT + 14 - HEAD, [*ink, *self._legend(chart, HEAD)]

    def _bars(self, chart: Chart) -> tuple[float, list[Ink]]:
        room = min(max(map(self._wide, chart.labels)) + 8, self._width * 0.35)
        values = chart.series[0].values
        width = self._width - room - 40
        ink: list[Ink] = []
        for at, (label, value) in enumerate(zip(chart.labels, values, strict=True)):
            y = HEAD + at * _BAR
            ink.append(self._text(self._fitted(label, room - 6), 0, y + 9.5))
            long = width * value / chart.highest
            ink.append(Box(room, y + 2, max(long, 0.6), _BAR - 5, rgb_of(chart.tone(0))))
            ink.append(self._text(f"{value:,}", room + long + 4, y + 9.5))
        ink.append(Line(room, HEAD, room, HEAD + len(values) * _BAR))
        return len(values) * _BAR, ink

    def _share(self, chart: Chart) -> tuple[float, list[Ink]]:
        values = chart.series[0].values
        total = sum(values)
        ink: list[Ink] = []
        x = legend = 0.0
        row = 0
        for at, (label, value) in enumerate(zip(chart.labels, values, strict=True)):
            colour = rgb_of(chart.tone(at))
            if value:
                wide = self._width * value / total
                ink.append(Box(x, HEAD, max(wide - 1, 0.5), 16, colour))
                x += wide
            words = f"{label} {value:,}"
            if legend and legend + self._wide(words) + 12 > self._width:
                legend, row = 0.0, row + 1
            y = HEAD + 22 + row * _LEGEND
            ink += [Box(legend, y, 8, 8, colour), self._text(words, legend + 12, y + 7)]
            legend += 28 + self._wide(words)
        return 22 + (row + 1) * _LEGEND, ink
