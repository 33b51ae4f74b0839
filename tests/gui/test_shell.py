"""The frame tells the truth, every page can be reached by key, and large type cuts nothing off."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFont, QFontInfo, QFontMetrics
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from jinpu_desk.domain.errors import Unavailable
from jinpu_desk.ui.pages.intake.checklist import NAME, NAME_MARGIN_PX, WRAPPED
from jinpu_desk.ui.theme import FAMILIES

from .conftest import RESOURCES, Opener, Person

KEY = Qt.Key
ALT, CTRL = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ControlModifier
PAGES = ((KEY.Key_1, ALT), (KEY.Key_2, ALT), (KEY.Key_3, ALT), (KEY.Key_9, ALT), (KEY.Key_Comma, CTRL))


def test_the_frame_says_where_who_and_how_it_stands(person: Person) -> None:
    top, side = person.shell.top, person.shell.side
    person.until(top.pill._words.text)
    assert top._place.text() == "金普新区政务服务大厅 · 综合窗口 07 · 李敏"
    assert top.pill._words.text() == "离线 12 分钟 · 待传 3 件 · 今日已确认 128 件"
    badges = {name: e._badge.text() for name, e in side.entries.items() if not e._badge.isHidden()}
    assert badges == {"go.workbench": "2", "go.cases": "41", "go.sync": "3"}
    assert person.shell.status._time.text() == "2026-11-23 周一 10:42"


def test_every_page_is_a_key_away_and_has_a_default_focus(person: Person) -> None:
    for page in PAGES:
        person.keys(page).settle()
        current = person.shell._stack.currentWidget()
        assert current is not None
        assert current.isAncestorOf(person.focus), page


def test_help_and_keys_come_and_go(person: Person) -> None:
    person.choose_item()
    person.keys(KEY.Key_F1)
    assert "一次性补正" in person.shell.help.browser.toPlainText()
    person.keys(KEY.Key_Escape)
    assert person.shell.intake.isVisible()
    person.keys((KEY.Key_Slash, CTRL))
    shown = {label.text() for label in person.shell.keys.findChildren(QLabel)}
    assert {action.title("zh") for action in person.window.kit.actions.data.values()} <= shown
    person.keys(KEY.Key_Escape)
    assert person.shell.intake.isVisible()


def test_sync_now_says_what_it_did(person: Person) -> None:
    person.keys((KEY.Key_9, ALT)).settle()
    person.keys((KEY.Key_R, CTRL)).settle()
    assert person.shell.sync.result.text() == "上传 7 条，下载 3 条，附件 5 个，还有 0 条待传。"
    assert [line.text for line in person.shell.sync.problems.lines] == [
        "修改内容 · 演示乙",
        "暂停计时 · 演示甲",
    ]


def test_a_failed_sync_is_a_sentence_not_a_dialog(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    def offline() -> None:
        raise Unavailable("sync.offline")

    monkeypatch.setattr(person.backend, "sync_now", offline)
    person.keys((KEY.Key_9, ALT)).settle()
    person.keys((KEY.Key_R, CTRL)).settle()
    assert "sync.offline" in person.shell.sync.result.text()


def test_the_backlog_shows_how_far_it_has_come(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    person.keys((KEY.Key_9, ALT)).settle()
    backlog, truth = person.shell.sync.backlog, person.backend.truth()
    assert backlog.sentence.text() == "补传：还有 7 条记录、5 个附件待传"
    assert not backlog.bar.isVisible()
    fewer = replace(truth, pending_events=0, blobs_pending=3)
    monkeypatch.setattr(person.backend, "truth", lambda: fewer)
    person.shell.look_round()
    person.settle()
    assert backlog.sentence.text() == "补传：还有 0 条记录、3 个附件待传，已传 9 / 12"
    assert (backlog.bar.value(), backlog.bar.maximum()) == (9, 12)
    fewer = replace(fewer, blobs_pending=0)
    person.shell.look_round()
    person.settle()
    assert not backlog.isVisible()


def test_the_day_is_counted_from_the_sync_page_too(person: Person) -> None:
    person.keys((KEY.Key_9, ALT)).settle()
    assert person.shell.sync.counted.text().startswith("今天未对账；上次")
    person.keys(KEY.Key_F4).settle()
    assert ("reconcile",) in person.backend.calls
    assert person.shell.sync.result.property("tone") == "good"


def test_a_failed_print_is_told_beside_the_button(person: Person) -> None:
    person.backend.printer_fails = True
    person.shell._preview("p1", "D2")
    person.settle()
    person.keys((KEY.Key_P, CTRL)).settle()
    assert "printer.stopped" in person.shell.preview.result.text()


def test_each_kind_of_paper_goes_to_its_own_printer(open_desk: Opener) -> None:
    person = open_desk(printers={"": "A4-演示", "D1": "热敏-演示"}).enter()
    person.shell._preview("p2", "D1")
    person.settle()
    assert person.shell.preview.printer.currentText() == "热敏-演示"
    person.keys(KEY.Key_Escape)
    person.shell._preview("p1", "D2")
    person.settle()
    assert person.shell.preview.printer.currentText() == "A4-演示"


def test_pages_of_a_paper_turn_and_zoom(person: Person) -> None:
    person.shell._preview("p1", "D2")
    person.settle()
    preview = person.shell.preview
    width = preview.picture.pixmap().width()
    person.keys(KEY.Key_PageDown).settle()
    assert preview.pages.text() == "第 2 页，共 2 页"
    person.keys(KEY.Key_PageDown).settle()
    assert preview.pages.text() == "第 2 页，共 2 页"
    preview.zoom(1)
    person.settle()
    assert preview.picture.pixmap().width() > width


def test_settings_take_effect_and_are_kept(person: Person) -> None:
    choices = person.window.kit.choices
    person.keys((KEY.Key_Comma, CTRL)).settle()
    person.keys(KEY.Key_Right)
    assert choices.now.theme == "contrast"
    assert person.window.kit.look.theme.name == "contrast"
    person.keys(KEY.Key_Return, KEY.Key_Right)
    assert choices.now.scale == "large"
    assert QApplication.font().pixelSize() == 18


def test_a_bug_saves_the_draft_and_says_so(person: Person) -> None:
    person.choose_item()
    person.type("王䶮")
    person.shell.report_bug()
    person.settle()
    assert next(iter(person.backend.saved.values())).applicant.name == "王䶮"
    assert person.shell.notice.isVisible()


def test_english_is_complete_on_every_page(open_desk: Opener) -> None:
    person = open_desk(language="en").enter()
    assert person.shell.side.entries["go.intake"].accessibleName().startswith("Intake")
    person.keys(KEY.Key_F1)
    assert "Look here first" in person.shell.help.browser.toPlainText()
    person.keys(KEY.Key_Escape)


def test_rare_names_have_glyphs(person: Person) -> None:
    font = person.window.kit.look.theme.font()
    assert font.families() == FAMILIES
    for family in FAMILIES:
        assert QFontInfo(QFont(family)).family() == family
    covered = [QFontMetrics(QFont(family)) for family in FAMILIES]
    for character in "王䶮𫖯𬬻𠮷":
        assert any(metrics.inFontUcs4(ord(character)) for metrics in covered), character


BOXES = """
import sys
from pathlib import Path
from PySide6.QtGui import QTextLayout
from PySide6.QtWidgets import QApplication
from jinpu_desk.ui.preferences import SCALES
from jinpu_desk.ui.theme import load_fonts, load_theme

resources = Path(sys.argv[1])
application = QApplication([])
assert load_fonts(resources / "fonts") == ()
layout = QTextLayout("王䶮𫖯𬻬𠮷", load_theme(resources / "themes", "light", SCALES["normal"]).font())
layout.beginLayout()
layout.createLine()
layout.endLayout()
glyphs = [glyph for run in layout.glyphRuns() for glyph in run.glyphIndexes()]
print(len(glyphs), glyphs.count(0))
"""


def test_rare_names_are_no_boxes_where_somebody_installed_other_fonts(tmp_path: Path) -> None:
    (tmp_path / ".fonts").mkdir()
    shutil.copy(RESOURCES / "fonts" / "NotoSerifSC-Bold.ttf", tmp_path / ".fonts")
    installed = {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path), "QT_QPA_PLATFORM": "offscreen"}
    said = subprocess.run(
        [sys.executable, "-c", BOXES, str(RESOURCES)],
        env=os.environ | installed,
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.split() == ["5", "0"]


def cut_off(person: Person) -> list[str]:
    """Return the texts of visible labels and buttons that have less room than they need, once layouts rest."""
    for _ in range(6):
        QApplication.processEvents()
    found = []
    for label in person.shell.findChildren(QLabel):
        if not label.isVisible() or not label.text():
            continue
        need = label.sizeHint().width() if not label.wordWrap() else label.minimumSizeHint().width()
        height = label.heightForWidth(label.width()) if label.wordWrap() else label.sizeHint().height()
        if label.width() < need or label.height() < height - 1:
            found.append(f"{label.text()} {label.width()}<{need} {label.height()}<{height}")
    for button in person.shell.findChildren(QPushButton):
        if button.isVisible() and button.width() < button.sizeHint().width():
            found.append(button.text() or button.accessibleName())
    return found


@pytest.mark.parametrize(
    ("scale", "theme", "size"),
    [
        ("normal", "light", (1280, 720)),
        ("large", "light", (1280, 720)),
        ("largest", "contrast", (1280, 720)),
        ("largest", "light", (1600, 1000)),
    ],
)
def test_no_words_are_cut_off(open_desk: Opener, scale: str, theme: str, size: tuple[int, int]) -> None:
    person = open_desk(size=size, scale=scale, theme=theme).enter()
    for page in PAGES:
        person.keys(page).settle()
        assert not cut_off(person), page
    person.choose_item("wyk")
    assert not cut_off(person)
    person.shell.open_case("case-3")
    person.settle()
    assert not cut_off(person)
    assert (person.shell.width(), person.shell.height()) == size, "the window keeps its size"


@pytest.mark.parametrize(
    ("room", "shown", "whole"),
    [
        ((1366, 728), (1350, 680), True),
        ((1600, 1000), (1584, 952), True),
        ((1920, 1080), (1600, 1000), False),
    ],
)
def test_it_fits_the_screen(
    person: Person,
    monkeypatch: pytest.MonkeyPatch,
    room: tuple[int, int],
    shown: tuple[int, int],
    whole: bool,
) -> None:
    screen = SimpleNamespace(availableSize=lambda: QSize(*room))
    filled: list[bool] = []
    monkeypatch.setattr(person.shell, "screen", lambda: screen)
    monkeypatch.setattr(person.shell, "showMaximized", lambda: filled.append(True))
    person.shell.show_fitting()
    assert person.shell.size() == QSize(*shown)
    assert filled == [True] * whole


def test_long_names_of_materials_are_read_whole(open_desk: Opener) -> None:
    person = open_desk(size=(1280, 720), scale="largest").enter()
    person.choose_item("wyk")
    table = person.intake.checklist.table
    metrics = QFontMetrics(person.window.kit.look.theme.font())
    heights = []
    for row, line in enumerate(table.lines.lines):
        room = QRect(0, 0, table.columnWidth(NAME) - NAME_MARGIN_PX, 0)
        needed = metrics.boundingRect(room, WRAPPED, line.name).height()
        assert table.rowHeight(row) >= needed, line.name
        heights.append(table.rowHeight(row))
    assert max(heights) > min(heights), "one of them takes two lines"
    assert table.maximumHeight() >= sum(heights)
