"""What a report is: tables of typed values, charts as data, and what must be said beside them.

Nothing here knows how a report looks: PDF, XLSX, CSV, JSON and the screen all read the same ``Report``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Literal

import msgspec


class Kind(StrEnum):
    """What a column holds; writers choose alignment and number format by it."""

    TEXT = "text"
    INTEGER = "integer"
    RATIO = "ratio"
    DATE = "date"
    TIME = "time"  # a local instant
    ANY = "any"  # figures: each row its own


class Ratio(msgspec.Struct, frozen=True, order=True):
    """``hits`` out of ``of``; both are shown, because 100 % of two is not 100 % of two thousand."""

    hits: int
    of: int

    @property
    def value(self) -> float | None:
        """The share from 0 to 1; None out of nothing."""
        return self.hits / self.of if self.of else None

    def __str__(self) -> str:
        return f"{percent(self.hits, self.of)}（{self.hits}/{self.of}）" if self.of else "—（0/0）"


def percent(hits: int, of: int) -> str:
    """Return ``hits`` of ``of`` to two places, half up, in whole numbers: 72.47%."""
    return f"{(hits * 20_000 + of) // (2 * of) / 100:.2f}%"


Value = str | int | date | datetime | Ratio | None
"""A cell; None is empty."""
Line = tuple[Value, ...]


class Column(msgspec.Struct, frozen=True):
    """A column: ``total`` columns are added up at the foot; ``width`` is its share of the page."""

    key: str
    label: str
    label_en: str
    kind: Kind = Kind.TEXT
    total: bool = False
    width: float = 1.0

    def name(self, language: str) -> str:
        """Return the label in a language."""
        return self.label_en if language == "en" else self.label


def number(key: str, label: str, label_en: str) -> Column:
    """Return a column of counts that add up."""
    return Column(key, label, label_en, Kind.INTEGER, total=True, width=0.8)


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """Rows under columns. ``totals`` is one line like the rows, or nothing where a sum means nothing.

    ``left_out`` counts rows a long list does not show; counts elsewhere in the report include them.
    """

    key: str
    title: str
    title_en: str
    columns: tuple[Column, ...]
    rows: tuple[Line, ...]
    totals: Line | None = None
    left_out: int = 0


Tone = Literal["info", "good", "warn", "pledged", "bad", "tolerated", "neutral"]
"""Colour roles, those of the screen's themes."""


class Series(msgspec.Struct, frozen=True):
    """Values under the chart's labels, one for each."""

    label: str
    values: tuple[int, ...]


class Chart(msgspec.Struct, frozen=True, kw_only=True):
    """A picture of numbers a table holds too: bars to the right beside long names, columns over short ones, lines, or
    one bar cut into shares by its only series.

    ``tones`` colour the series, or the labels of a share; empty takes the roles in turn.
    """

    kind: Literal["bar", "column", "line", "share"]
    title: str
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    tones: tuple[Tone, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not any(value for series in self.series for value in series.values)

    @property
    def highest(self) -> int:
        """The largest value, at least 1."""
        return max((value for series in self.series for value in series.values), default=1) or 1

    def tone(self, at: int) -> Tone:
        """Return the colour of the series (of a share: of the label) at ``at``."""
        return self.tones[at] if self.tones else TURN[at % len(TURN)]


TURN: tuple[Tone, ...] = ("info", "good", "pledged", "tolerated", "warn", "bad", "neutral")
"""The order colours are taken in where a chart names none."""


def ticks(highest: int) -> tuple[int, ...]:
    """Return whole-numbered marks of an axis from 0, at most five above it, the last not below ``highest``."""
    step = 1
    while step * 5 < highest:
        lead = step // 10 ** (len(str(step)) - 1)
        step = step * 5 // 2 if lead == 2 else step * 2
    count = -(-highest // step)
    return tuple(step * n for n in range(count + 1))


class Period(msgspec.Struct, frozen=True):
    """Local days, both included."""

    first: date
    last: date

    def __str__(self) -> str:
        if self.first == self.last:
            return self.first.isoformat()
        return f"{self.first.isoformat()} 至 {self.last.isoformat()}"

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.first <= day <= self.last


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """A finished report. ``plain`` is its JSON where a contract fixes one; ``notes`` say how it was counted."""

    id: str
    title: str
    title_en: str
    period: Period | None
    place: str  # station and window it was made at
    author: str
    generated_at: datetime  # local, aware
    tables: tuple[Table, ...]
    charts: tuple[Chart, ...] = ()
    notes: tuple[str, ...] = ()
    personal: bool = False  # lists applicants
    masked: bool = True
    plain: dict[str, Any] | None = None

    @property
    def empty(self) -> bool:
        """Whether no table has a row."""
        return not any(table.rows for table in self.tables)


def table(
    key: str,
    title: str,
    title_en: str,
    columns: Sequence[Column],
    rows: Sequence[Line],
    *,
    at_most: int | None = None,
    totals: bool = True,
) -> Table:
    """Return a table with its totals: whole numbers and ratios are added up where the column says so.

    The sums are of all rows, also of those beyond ``at_most``.
    """
    summed = any(column.total for column in columns) and totals and bool(rows)
    return Table(
        key=key,
        title=title,
        title_en=title_en,
        columns=tuple(columns),
        rows=tuple(rows[:at_most]),
        totals=_totals(columns, rows) if summed else None,
        left_out=max(len(rows) - at_most, 0) if at_most is not None else 0,
    )


def _totals(columns: Sequence[Column], rows: Sequence[Line]) -> Line:
    found: list[Value] = []
    for at, column in enumerate(columns):
        values = [row[at] for row in rows]
        if not column.total:
            found.append("合计" if at == 0 else None)
        elif column.kind is Kind.RATIO:
            ratios = [value for value in values if isinstance(value, Ratio)]
            found.append(Ratio(sum(r.hits for r in ratios), sum(r.of for r in ratios)))
        else:
            found.append(sum(value for value in values if isinstance(value, int)))
    return tuple(found)


class Figure(msgspec.Struct, frozen=True):
    """A named number of a summary."""

    key: str
    label: str
    value: Value


FIGURE_COLUMNS = (
    Column("label", "指标", "Figure", width=1.6),
    Column("value", "数值", "Value", Kind.ANY),
)


def figures(key: str, title: str, title_en: str, held: Sequence[Figure]) -> Table:
    """Return a table of named numbers."""
    return table(
        key, title, title_en, FIGURE_COLUMNS, [(figure.label, figure.value) for figure in held], totals=False
    )
