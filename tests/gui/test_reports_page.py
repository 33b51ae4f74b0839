"""统计: by keys alone, off the UI thread, and honest when there is nothing."""

from __future__ import annotations

from datetime import date

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from jinpu_desk.app.reports.model import Chart, Series
from jinpu_desk.app.reports.registry import REPORTS
from jinpu_desk.ui.pages.reports import ReportsPage
from jinpu_desk.ui.theme import TONES, load_theme
from jinpu_desk.ui.widgets.chart import ChartView

from .conftest import RESOURCES, Opener, Person
from .test_data import contrast
from .test_shell import cut_off

KEY, CTRL, ALT = Qt.Key, Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


def reports(person: Person) -> ReportsPage:
    person.keys((KEY.Key_8, ALT)).settle()
    page = person.shell.page("go.reports")
    assert isinstance(page, ReportsPage)
    return page


def asked(person: Person) -> tuple[str, ...]:
    return [call[1:] for call in person.backend.calls if call[0] == "report"][-1]


def cells(page: ReportsPage) -> list[list[str]]:
    model = page.table.model()
    return [
        [str(model.index(row, at).data()) for at in range(model.columnCount())]
        for row in range(model.rowCount())
    ]


def test_the_first_report_is_there_at_once(person: Person) -> None:
    page = reports(person)
    assert asked(person) == ("today", "2026-11-23", "2026-11-23")
    assert cells(page) == [
        ["小餐饮许可（演示）", "12", "91.67%（11/12）"],
        ["个独设立（演示）", "7", "100.00%（7/7）"],
        ["合计", "19", "94.74%（18/19）"],
    ]
    assert page.chart.isVisible()
    assert "个独设立（演示） 7" in page.chart.accessibleDescription()
    assert page.notes.text() == "按取得办件编号的日期统计。"


def test_arrows_choose_a_report_with_its_own_days(person: Person) -> None:
    page = reports(person)
    for name, kind in list(REPORTS.items())[1:6]:
        person.keys(KEY.Key_Down).settle()
        assert (page.name, page.title.text()) == (name, kind.title)
    assert asked(person) == ("windows", "2026-11-01", "2026-11-30")
    assert page.spans.picked == ("this-month",)


def test_quick_days_and_own_days(person: Person) -> None:
    page = reports(person)
    person.keys((KEY.Key_D, CTRL), KEY.Key_Right).settle()
    assert asked(person)[1:] == ("2026-11-22", "2026-11-22")
    person.keys(KEY.Key_Right, KEY.Key_Right).settle()
    assert asked(person)[1:] == ("2026-11-16", "2026-11-22")
    person.keys(KEY.Key_Right, KEY.Key_Right).settle()
    assert asked(person)[1:] == ("2026-10-01", "2026-10-31")
    person.keys(KEY.Key_Right).settle()
    assert person.focus is page.first
    person.type("2026-13-01").keys(KEY.Key_Return)
    assert "2026-13-01" in page.result.text()
    person.type("2026-02-03").keys(KEY.Key_Return)
    assert person.focus is page.last
    person.type("2026-04-05").keys(KEY.Key_Return).settle()
    assert asked(person)[1:] == ("2026-02-03", "2026-04-05")
    person.keys((KEY.Key_K, CTRL), KEY.Key_Down).settle()  # typed days stay for the next report
    assert asked(person) == ("day", "2026-02-03", "2026-04-05")


def test_tables_take_turns(person: Person) -> None:
    page = reports(person)
    page.list.setCurrentIndex(page.list.model().index(list(REPORTS).index("on-time"), 0))
    person.settle()
    assert page.table.shown is not None
    assert page.table.shown.key == "items"
    person.keys((KEY.Key_T, CTRL))
    assert page.tables is not None
    assert page.tables.picked == ("cards",)
    assert cells(page) == [["黄牌", "1"], ["合计", "1"]]
    person.keys((KEY.Key_T, CTRL))
    assert page.tables.picked == ("items",)


def test_saving_says_where_or_what_went_wrong(person: Person) -> None:
    page = reports(person)
    for key, form in (
        ((KEY.Key_S, CTRL), "xlsx"),
        ((KEY.Key_P, CTRL), "pdf"),
        ((KEY.Key_S, CTRL | SHIFT), "csv"),
    ):
        person.keys(key).settle()
        assert person.backend.calls[-1] == ("save-report", "today", form)
        assert page.result.text() == f"已保存到 out/today.{form}"
    person.backend.disk_full = True
    person.keys((KEY.Key_S, CTRL)).settle()
    assert (page.result.text()[:4], page.result.property("tone")) == ("没有成功", "bad")


def test_nothing_is_said_plainly(person: Person) -> None:
    person.backend.nothing = True
    page = reports(person)
    assert page.empty.isVisible()
    assert page.empty.text() == "所选日期内没有数据。"
    assert not page.chart.isVisible()
    assert not page.table.isVisible()


def test_refreshing_counts_again_and_somebody_else_starts_afresh(person: Person) -> None:
    page = reports(person)
    before = len(person.backend.calls)
    person.keys(KEY.Key_F5).settle()
    assert asked(person) == ("today", "2026-11-23", "2026-11-23")
    assert len(person.backend.calls) == before + 1
    page.forget()
    assert (page.report, page.title.text(), cells(page)) == (None, "", [])


def test_english_and_large_type(open_desk: Opener) -> None:
    person = open_desk(language="en", scale="largest", theme="contrast", size=(1280, 720)).enter()
    page = reports(person)
    assert page.title.text() == "Today"
    assert page.table.model().headerData(1, Qt.Orientation.Horizontal) == "Received"
    assert not cut_off(person)
    page.list.setCurrentIndex(page.list.model().index(list(REPORTS).index("on-time"), 0))
    person.settle()
    assert not cut_off(person)


def test_every_kind_of_chart_is_painted(person: Person) -> None:
    view = ChartView(person.window.kit.look)
    view.resize(600, 300)
    empty = view.grab().toImage()
    seen = []
    for kind in ("bar", "column", "line", "share"):
        series = (Series("收件", (3, 0, 5)), Series("决定", (1, 2, 2)))[
            : 2 if kind in ("column", "line") else 1
        ]
        view.show_chart(Chart(kind=kind, title="演示", labels=("一", "二", "三"), series=series))
        QApplication.processEvents()
        seen.append(view.grab().toImage())
    assert all(image != empty for image in seen)
    assert len({bytes(image.constBits()) for image in seen}) == len(seen)
    view.hide()
    view.deleteLater()


def test_days_are_those_of_the_counters_clock(person: Person) -> None:
    reports(person)
    assert date.fromisoformat(asked(person)[1]) == person.window.kit.now().date()


@pytest.mark.parametrize("name", ["light", "contrast"])
def test_the_colours_of_charts_stand_out_from_the_page(name: str) -> None:
    colours = load_theme(RESOURCES / "themes", name, 1.0).colours
    weak = {tone for tone in TONES if contrast(colours[f"chart-{tone}"], colours["card"]) < 3}
    assert not weak, "WCAG 2.2, 1.4.11 asks 3 : 1 of graphics"


def test_rows_are_sifted_by_words_and_totals_step_aside(person: Person) -> None:
    page = reports(person)
    person.keys(KEY.Key_F3).type("个独")
    assert cells(page) == [["个独设立（演示）", "7", "100.00%（7/7）"]]
    person.keys((KEY.Key_S, CTRL)).settle()
    saved = person.backend.filed
    assert saved is not None
    assert (len(saved.tables[0].rows), saved.tables[0].totals, saved.charts) == (1, None, ())
    assert "个独" in saved.notes[0], "the file says what was left out"
    person.type(" 没有")
    assert cells(page) == []
    page.sift.clear()
    assert len(cells(page)) == 3
    person.keys(KEY.Key_Return)
    assert person.focus is page.table
