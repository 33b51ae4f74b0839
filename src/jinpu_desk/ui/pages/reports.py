"""统计: choose a report and its days, look at numbers and chart, save them as a file."""

from __future__ import annotations

from datetime import date
from functools import partial

from msgspec.structs import replace
from PySide6.QtCore import Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QWidget

from jinpu_desk.app.reports.model import Period, Report, Table
from jinpu_desk.app.reports.registry import REPORTS, Span, period_of
from jinpu_desk.app.reports.wording import EMPTY, left_out, made, privacy
from jinpu_desk.app.screens.views import Chip, OptionView, Tone, WorkLine
from jinpu_desk.domain.errors import DeskError

from ..backend_reports import ExportForm
from ..kit import Kit
from ..widgets.chart import ChartView
from ..widgets.chips import chip_width
from ..widgets.flow import FlowRow
from ..widgets.parts import GAP, Card, box, button, clear, column, key_cap, restyle, row, scroll, text
from ..widgets.segmented import Segmented
from ..widgets.worklist import WorkList
from .reports_table import ROW_PX, ReportTable

FORMS: dict[ExportForm, str] = {"xlsx": "Excel", "pdf": "PDF", "csv": "CSV"}
GROUP_TONES: dict[str, Tone] = {
    "summary": "info",
    "cases": "neutral",
    "terms": "warn",
    "service": "good",
    "ledger": "tolerated",
    "catalogue": "pledged",
}
BESIDE_PX = 96
"""What a line of the list needs beside its words and its chip."""
LEAST_ROWS = 6


class ReportsPage(QWidget):
    """The list at the left chooses with the arrows; whatever is chosen is counted at once, off this thread."""

    failed = Signal(object)

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self.setObjectName("page")
        self._kit = kit
        self.report: Report | None = None
        self._days: Period | None = None
        self._make_parts()
        self._lay_out()
        self._connect()
        self.forget()

    def _make_parts(self) -> None:
        kit, words, language = self._kit, self._kit.words, self._kit.actions.language
        self.list = WorkList(kit.look, "")
        self.list.setAccessibleName(kit.actions.title("reports.list"))
        self.list.show_lines(
            tuple(
                WorkLine(
                    chip=Chip(words(f"reports.group-{kind.group}"), GROUP_TONES[kind.group]),
                    text=kind.name(language),
                )
                for kind in REPORTS.values()
            )
        )
        spans = tuple(OptionView(value=span, label=words(f"reports.span-{span}")) for span in Span)
        self.spans = Segmented(kit.look, words("reports.period"), spans)
        self.first, self.last = self._date("reports.first"), self._date("reports.last")
        self.own = box(row(self.first, text("—", "small"), self.last, gap=6))
        self.own.hide()
        self.title = text(role="title")
        self.made = text(role="small", wrap=True)
        self.result = text(role="small", wrap=True)
        self.result.hide()
        self.chart = ChartView(kit.look)
        self.chart_title = text(role="label")
        self.table = ReportTable(kit)
        self.sift = QLineEdit()
        self.sift.setPlaceholderText(kit.words("reports.sift"))
        self.sift.setAccessibleName(kit.actions.title("reports.sift"))
        self.sift.setClearButtonEnabled(True)
        self.empty = text(EMPTY[language], "label")
        self.notes = text(role="small", wrap=True)
        self.saves: dict[ExportForm, QPushButton] = {
            form: button(label, partial(self.save, form), tip=kit.actions.title(f"reports.{form}"))
            for form, label in FORMS.items()
        }

    def _date(self, label: str) -> QLineEdit:
        field = QLineEdit()
        field.setAccessibleName(self._kit.words(label))
        field.setPlaceholderText("2026-09-18")
        field.setMaxLength(10)
        return field

    def _lay_out(self) -> None:
        words, actions = self._kit.words, self._kit.actions
        left = Card(words("reports.heading"), key_cap(actions.keys("reports.list")))
        left.body.addWidget(self.list, 1)
        self._left = left
        head = Card()
        head.body.addLayout(row(self.spans, self.own, gap=10))
        saving = FlowRow(6)
        saving.add(text(words("reports.save-as"), "small"))
        for form in FORMS:
            saving.add(self.saves[form], key_cap(actions.keys(f"reports.{form}")))
        head.body.addWidget(self.title)
        head.body.addWidget(self.made)
        head.body.addWidget(saving)
        head.body.addWidget(self.result)
        self._tables = QHBoxLayout()
        self._tables.setContentsMargins(0, 0, 0, 0)
        shown = Card()
        shown.body.addWidget(self.chart_title)
        shown.body.addWidget(self.chart)
        shown.body.addLayout(self._tables)
        self._sifting = box(row(self.sift, key_cap(actions.keys("reports.sift"))))
        shown.body.addWidget(self._sifting)
        shown.body.addWidget(self.empty)
        shown.body.addWidget(self.table, 1)
        shown.body.addStretch(0)  # takes the room while there is no table
        shown.body.addWidget(self.notes)
        right = column(head, shown, gap=GAP)
        right.setStretch(1, 1)
        self._right = scroll(box(right))
        whole = row(left, self._right, gap=GAP, margins=16)
        whole.setStretch(1, 1)
        self.setLayout(whole)
        self._fit()

    def _connect(self) -> None:
        bind = self._kit.actions.bind
        bind("reports.list", self.list.setFocus)
        bind("reports.reload", self.refresh)
        bind("reports.next-table", partial(self._turn, 1))
        bind("reports.period", self.spans.setFocus)
        bind("reports.sift", self.sift.setFocus)
        self.sift.textChanged.connect(self.table.sift)
        self.sift.returnPressed.connect(self.table.setFocus)
        for form in FORMS:
            bind(f"reports.{form}", partial(self.save, form))
        self.list.selectionModel().currentChanged.connect(lambda *_: self._chose())
        self.list.chosen.connect(lambda _line: self._read())
        self.spans.chosen.connect(lambda span: self._span(Span(span)))
        for field in (self.first, self.last):
            field.returnPressed.connect(self._own_days)
        self._kit.look.changed.connect(self._fit)

    def _fit(self) -> None:
        """Give the list the width of its longest line, and the table room for a few rows: a low window scrolls."""
        theme = self._kit.look.theme
        words = QFontMetrics(theme.font())
        longest = max(words.horizontalAdvance(line.text) for line in self.list.lines)
        chips = max(chip_width(line.chip, theme) for line in self.list.lines)
        self._left.setFixedWidth(longest + chips + theme.px(BESIDE_PX))
        self.table.setMinimumHeight(theme.px(LEAST_ROWS * ROW_PX))

    @property
    def name(self) -> str:
        """The report chosen."""
        return tuple(REPORTS)[max(self.list.currentIndex().row(), 0)]

    def forget(self) -> None:
        """Show nothing of what somebody else looked at."""
        self.report = self._days = None
        self.own.hide()
        self._show(None)

    def focus_default(self) -> None:
        self.list.setFocus()

    def refresh(self) -> None:
        """Count the chosen report anew; the clock may have gone on, so a quick choice means other days."""
        if self._days is None and not self.own.isVisible():
            self.spans.show_picked(self.spans.picked[0] if self.spans.picked else REPORTS[self.name].span)
        days = self._days or period_of(Span(self.spans.picked[0]), self._kit.now().date())
        self.made.setText(self._kit.words("reports.counting"))
        self._say("")
        self._kit.jobs.io(
            self,
            partial(self._kit.backend.report, self.name, days.first, days.last),
            self.show_report,
            self._not_counted,
            key="report",
        )

    def _chose(self) -> None:
        """Another report: it begins with its own period, unless days were typed."""
        if self._days is None:
            self.own.hide()
            self.spans.show_picked(REPORTS[self.name].span)
        self.refresh()

    def _span(self, span: Span) -> None:
        self._days = None
        self.own.setVisible(span is Span.OWN)
        days = period_of(span, self._kit.now().date())
        self.first.setText(days.first.isoformat())
        self.last.setText(days.last.isoformat())
        if span is Span.OWN:
            self.first.setFocus()
            self.first.selectAll()
        else:
            self.refresh()

    def _own_days(self) -> None:
        """Enter in the first field goes to the second, in the second it counts."""
        for field in (self.first, self.last):
            if _day(field.text()) is None:
                self._say(self._kit.words("reports.bad-day", day=field.text()), tone="bad")
                field.setFocus()
                field.selectAll()
                return
        if self.first.hasFocus():
            self.last.setFocus()
            self.last.selectAll()
            return
        first, last = _day(self.first.text()), _day(self.last.text())
        assert first is not None
        assert last is not None
        self._days = Period(first, last)
        self.refresh()

    def show_report(self, report: Report) -> None:
        """Show a report that was counted."""
        self.report = report
        self._show(report)

    def _show(self, report: Report | None) -> None:
        clear(self._tables)
        chart = report.charts[0] if report and report.charts else None
        self.chart.show_chart(chart)
        self.chart_title.setVisible(chart is not None)
        for saving in self.saves.values():
            saving.setEnabled(report is not None)
        if report is None:
            self.title.setText("")
            self.made.setText("")
            self.notes.setText("")
            self._show_table(None)
            return
        language = self._kit.actions.language
        self.title.setText(report.title_en if language == "en" else report.title)
        parts = (str(report.period or ""), made(report), privacy(report))
        self.made.setText(" · ".join(filter(None, parts)))
        self.chart_title.setText(chart.title if chart else "")
        if len(report.tables) > 1:
            self._choose_between(report.tables)
        self._show_table(next((table for table in report.tables if table.rows), report.tables[0]))

    def _choose_between(self, tables: tuple[Table, ...]) -> None:
        english = self._kit.actions.language == "en"
        options = tuple(
            OptionView(value=table.key, label=table.title_en if english else table.title) for table in tables
        )
        made_ = Segmented(self._kit.look, self._kit.words("reports.tables"), options)
        made_.chosen.connect(self._pick_table)
        self._tables.addWidget(made_)

    @property
    def tables(self) -> Segmented | None:
        """The choice between the tables of the report shown, where it has several."""
        item = self._tables.itemAt(0)
        widget = item.widget() if self._tables.count() else None
        return widget if isinstance(widget, Segmented) else None

    def _pick_table(self, key: str) -> None:
        if self.report is not None:
            self._show_table(next(table for table in self.report.tables if table.key == key))

    def _read(self) -> None:
        """Go to the table."""
        self.table.setFocus()
        self._right.ensureWidgetVisible(self.table)

    def _turn(self, step: int) -> None:
        """Show the next table of the report."""
        if self.report is None or self.table.shown is None:
            return
        tables = self.report.tables
        at = next((n for n, table in enumerate(tables) if table.key == self.table.shown.key), 0)
        self._show_table(tables[(at + step) % len(tables)])
        self._right.ensureWidgetVisible(self.table)

    def _show_table(self, table: Table | None) -> None:
        chooser = self.tables
        if chooser is not None and table is not None:
            chooser.show_picked(table.key)
        self.sift.clear()
        self.table.show_table(table)
        filled = table is not None and bool(table.rows)
        self.table.setVisible(filled)
        self._sifting.setVisible(filled)
        self.empty.setVisible(table is not None and not filled)
        notes = self.report.notes if self.report is not None and table is not None else ()
        self.notes.setText("\n".join(filter(None, (left_out(table) if table else "", *notes))))

    def save(self, form: ExportForm) -> None:
        """Write the report shown into the desk's folder for files: what was sifted, where rows are sifted."""
        if self.report is None:
            return
        report = self._sifted(self.report)
        self._say(self._kit.words("reports.saving"))
        self._kit.jobs.io(
            self,
            partial(self._kit.backend.save_report, report, form),
            lambda path: self._say(self._kit.words("reports.saved", path=path), tone="good"),
            self._failed,
        )

    def _sifted(self, report: Report) -> Report:
        """Return the rows in sight as a report that says so; charts and notes of all of them stay out."""
        table = self.table.sifted
        if table is None:
            return report
        said = self._kit.words("reports.sifted", text=self.sift.text().strip(), n=len(table.rows))
        return replace(report, tables=(table,), charts=(), notes=(said,), plain=None)

    def _say(self, words: str, *, tone: str = "") -> None:
        self.result.setText(words)
        self.result.setVisible(bool(words))
        restyle(self.result, tone=tone)

    def _not_counted(self, error: DeskError) -> None:
        self.made.setText("")
        self._failed(error)

    def _failed(self, error: DeskError) -> None:
        self._say("".join(self._kit.backend.sentence(error)), tone="bad")


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed.strip())
    except ValueError:
        return None
