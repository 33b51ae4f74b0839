"""A case is taken in with the keyboard alone; whatever is not possible says why."""

from __future__ import annotations

import threading

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtWidgets import QApplication

from jinpu_desk.domain.decision import Outcome
from jinpu_desk.domain.materials import MaterialState

from .conftest import Opener, Person

KEY = Qt.Key
ALT, CTRL, SHIFT = (
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
)


def fill(person: Person) -> None:
    """Type a complete application up to the checklist, with Enter between the fields."""
    person.choose_item()
    person.type("王䶮").keys(KEY.Key_Return)
    person.type("210213199003070016").keys(KEY.Key_Return)
    person.type("13900000000").keys(KEY.Key_Return)
    person.keys(KEY.Key_Right, KEY.Key_Right, KEY.Key_Return)
    person.keys(KEY.Key_Right, KEY.Key_Return, KEY.Key_Right, KEY.Key_Return)
    for words in ("演示小馆", "演示路 18 号", "热食类食品制售", "10", None, "经营说明", None, "备注", ""):
        if words:
            person.type(words)
        person.keys(KEY.Key_Return)
    person.settle()


def test_a_case_is_accepted_without_the_mouse(person: Person) -> None:
    fill(person)
    assert person.intake.checklist.table.hasFocus()
    person.keys(*[KEY.Key_Space] * 7, KEY.Key_F9)
    person.until(person.intake.done.isVisible)
    _, outcome, draft = next(call for call in person.backend.calls if call[0] == "submit")
    assert outcome is Outcome.ACCEPT
    assert draft.applicant.name == "王䶮"
    assert draft.answers == {"address_mode": "lease", "area": "small", "cold": True}
    assert draft.form["scope"] == "热食类食品制售"
    assert {tick.state for tick in draft.materials.values()} == {MaterialState.RECEIVED}
    assert person.intake.done.number.text() == "210213 00 001 20261123 0001 7"
    assert person.intake.done.papers[0].hasFocus()
    person.keys(KEY.Key_Return)
    person.until(lambda: not person.shell.preview.picture.pixmap().isNull())
    person.keys((KEY.Key_P, CTRL)).settle()
    assert ("print", "p1", "A4-演示", 1) in person.backend.calls
    person.keys(KEY.Key_Escape)
    assert person.intake.isVisible()
    person.keys((KEY.Key_N, CTRL)).settle()
    assert person.focus is person.intake.item.field
    assert person.intake.desk.draft.applicant.name == ""


def test_shift_enter_goes_back(person: Person) -> None:
    person.choose_item()
    name = person.focus
    person.keys(KEY.Key_Return)
    assert person.focus is person.intake.applicant.entries["id_no"].field
    person.keys((KEY.Key_Return, SHIFT))
    assert person.focus is name


def test_what_is_finished_is_masked_until_it_is_entered_again(person: Person) -> None:
    person.choose_item()
    person.keys(KEY.Key_Return).type("210213199003070016").settle()
    field = person.intake.applicant.entries["id_no"].field
    assert field.text() == "210213199003070016"
    person.keys(KEY.Key_Return)
    assert field.text() == "2102**********0016"
    assert field.value == "210213199003070016"
    field.setFocus()
    assert field.text() == "210213199003070016"


def test_a_doubtful_number_goes_on_with_a_reason(person: Person) -> None:
    person.choose_item()
    person.keys(KEY.Key_Return).type("210213199003070017").settle()
    entry = person.intake.applicant.entries["id_no"]
    assert "校验码" in entry.sentence.text()
    assert entry.reason.isVisible()
    person.keys(KEY.Key_Return)
    assert person.focus is entry.reason
    person.type("证件原件无误").settle()
    assert person.intake.desk.draft.overrides == {"applicant.id_no": "证件原件无误"}


def test_a_state_that_is_not_allowed_says_why_and_changes_nothing(person: Person) -> None:
    fill(person)
    person.keys(KEY.Key_R)
    assert "不能容缺" in person.intake.bar.verdict.text()
    assert person.intake.desk.draft.materials == {}


@pytest.mark.parametrize(
    ("key", "row", "state"),
    [
        (KEY.Key_Space, 0, MaterialState.RECEIVED),
        (KEY.Key_R, 4, MaterialState.TOLERATED),
        (KEY.Key_C, 5, MaterialState.PLEDGED),
        (KEY.Key_S, 2, MaterialState.SHARED),
        (KEY.Key_U, 1, MaterialState.REUSED),
        (KEY.Key_D, 3, MaterialState.DEFECTIVE),
    ],
)
def test_one_key_is_one_state(person: Person, key: Qt.Key, row: int, state: MaterialState) -> None:
    person.choose_item()
    person.keys((KEY.Key_K, CTRL), *[KEY.Key_Down] * row, key).settle()
    line = person.intake.checklist.table.lines.lines[row]
    assert line.state is state
    assert person.intake.checklist.table.row == row + 1, "the next material is ready"
    person.keys(KEY.Key_Up, KEY.Key_X).settle()
    assert person.intake.checklist.table.lines.lines[row].state is MaterialState.LACKING


def test_digits_count_pages_and_a_new_row_starts_a_new_number(person: Person) -> None:
    person.choose_item()
    person.keys((KEY.Key_K, CTRL), KEY.Key_1, KEY.Key_2, KEY.Key_Return, KEY.Key_3).settle()
    assert [line.pages for line in person.intake.checklist.table.lines.lines[:2]] == [12, 3]
    assert person.intake.checklist.table.lines.lines[0].state is MaterialState.RECEIVED


def test_letters_act_in_the_checklist_only_and_there_no_input_method_is_on(person: Person) -> None:
    person.choose_item()
    person.type("rcx")
    assert person.intake.desk.draft.applicant.name == "rcx"
    assert not person.intake.desk.draft.materials
    table = person.intake.checklist.table
    assert not table.testAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled)


def test_a_closed_outcome_says_why(person: Person) -> None:
    fill(person)
    bar = person.intake.bar
    accept = bar.buttons[Outcome.ACCEPT]
    assert accept.toolTip() == "缺少必要材料“食品经营许可申请书”"
    assert accept.property("off") == "true"
    person.keys(KEY.Key_F9)
    assert bar.verdict.text() == "不能受理：缺少必要材料“食品经营许可申请书”"
    assert not any(call[0] == "submit" for call in person.backend.calls)
    accept.setFocus()
    assert bar.verdict.text().startswith("不能受理")
    assert bar.print.toolTip()


def test_a_correction_lists_every_fault_at_once(person: Person) -> None:
    fill(person)
    person.keys(*[KEY.Key_Space] * 5, KEY.Key_D).settle()
    person.keys((KEY.Key_M, CTRL))
    asking = person.intake.asking
    assert [field.accessibleName() for field in asking.fields] == [
        "6 从业人员健康证明（瑕疵）",
        "7 房屋租赁合同（缺）",
    ]
    assert person.focus is asking.fields[0]
    person.type("证明已过期").keys(KEY.Key_Return).type("请提交合同").keys(KEY.Key_Return, KEY.Key_Return)
    person.until(person.intake.done.isVisible)
    _, outcome, draft = next(call for call in person.backend.calls if call[0] == "submit")
    assert outcome is Outcome.CORRECT
    assert {f.material: f.problem for f in draft.correction} == {
        "health": "证明已过期",
        "lease": "请提交合同",
    }


def test_esc_puts_the_strip_away_and_keeps_what_was_written(person: Person) -> None:
    fill(person)
    person.keys((KEY.Key_D, CTRL)).type("不属本机关职权").keys(KEY.Key_Escape)
    assert person.intake.bar.isVisible()
    assert person.focus is person.intake.checklist.table
    assert person.intake.desk.draft.refusal_reason == "不属本机关职权"
    person.keys((KEY.Key_D, CTRL))
    assert person.intake.asking.fields[0].text() == "不属本机关职权"  # type: ignore[attr-defined]


def test_tolerance_needs_the_signature(person: Person) -> None:
    fill(person)
    person.keys(*[KEY.Key_Space] * 4, KEY.Key_R, KEY.Key_Space, KEY.Key_Space).settle()
    person.keys(KEY.Key_F9, (KEY.Key_Return, CTRL))
    assert not any(call[0] == "submit" for call in person.backend.calls)
    assert "签字" in person.intake.asking.advice.text()
    person.keys(KEY.Key_Space, (KEY.Key_Return, CTRL))
    person.until(person.intake.done.isVisible)
    assert next(c for c in person.backend.calls if c[0] == "submit")[2].tolerance_signed


def test_a_small_error_is_fixed_on_the_spot_and_signed_for(person: Person) -> None:
    fill(person)
    person.keys((KEY.Key_E, CTRL)).settle()
    assert "再按 Ctrl E" in person.intake.bar.corrections.text()
    person.intake.form.editors["form.name"].setFocus()
    person.type("二店").settle()
    assert "演示小馆 → 演示小馆二店" in person.intake.bar.corrections.text()
    person.keys((KEY.Key_E, CTRL)).settle()
    assert person.intake.desk.draft.spot.signed == {"form.name": ("演示小馆", "演示小馆二店")}
    assert not person.intake.bar.corrections.isVisible()
    assert not any(call[0] == "submit" for call in person.backend.calls)


def test_a_refused_submission_keeps_the_page(person: Person) -> None:
    fill(person)
    person.intake.applicant.first.setFocus()
    person.intake.applicant.entries["name"].field.selectAll()
    person.type("退回").settle()
    person.keys(KEY.Key_F8).settle()
    assert person.shell.notice.isVisible()
    assert not person.intake.done.isVisible()
    assert person.intake.desk.draft.form["name"] == "演示小馆"


def test_two_presses_submit_once(person: Person) -> None:
    fill(person)
    person.backend.gate = threading.Event()
    person.keys(KEY.Key_F8, KEY.Key_F8)
    person.backend.gate.set()
    person.until(person.intake.done.isVisible).settle()
    assert sum(call[0] == "submit" for call in person.backend.calls) == 1


def test_the_archive_fills_in_while_the_clerk_goes_on_typing(person: Person) -> None:
    person.choose_item()
    person.type("王")
    person.backend.gate = threading.Event()
    person.keys(KEY.Key_F7).type("䶮")
    person.backend.gate.set()
    person.settle()
    draft = person.intake.desk.draft
    assert (draft.applicant.name, draft.applicant.phone) == ("王䶮", "13900000000")
    assert person.intake.checklist.table.lines.lines[1].state is MaterialState.REUSED


def test_scanned_pages_go_to_the_current_material_and_show(person: Person) -> None:
    person.choose_item()
    person.keys((KEY.Key_K, CTRL), KEY.Key_Down, KEY.Key_F5).settle()
    card = person.intake.checklist
    assert card.current is not None
    assert card.current.pages == 2
    assert len(card.thumbs._thumbs) == 2
    person.until(lambda: not card.thumbs._thumbs[0].picture.pixmap().isNull())
    person.keys(KEY.Key_Delete).settle()
    assert len(person.intake.desk.draft.materials["id-card"].files) == 1


def test_a_missing_reader_is_told_and_nothing_is_lost(person: Person) -> None:
    person.choose_item()
    person.type("王").keys(KEY.Key_F4).settle()
    assert "读卡器" in person.shell.notice.sentence.text()
    assert person.intake.desk.draft.applicant.name == "王"


def test_an_agent_comes_and_goes(person: Person) -> None:
    person.choose_item()
    person.keys((KEY.Key_G, CTRL))
    assert person.focus is person.intake.agent.first
    person.type("代办").settle()
    assert getattr(person.intake.desk.draft.agent, "name", "") == "代办"
    person.keys((KEY.Key_G, CTRL)).settle()
    assert person.intake.desk.draft.agent is None
    assert not person.intake.agent.isVisible()


def test_an_organisation_has_its_own_entries(person: Person) -> None:
    person.choose_item()
    person.intake.applicant.type.setFocus()
    person.keys(KEY.Key_Right).settle()
    shown = [name for name, entry in person.intake.applicant.entries.items() if entry.field.isVisible()]
    assert shown == ["name", "uscc", "phone", "contact"] or set(shown) == {"name", "uscc", "contact", "phone"}
    assert person.intake.desk.draft.applicant.type == "organisation"


def test_what_an_input_method_is_composing_survives_an_answer(person: Person) -> None:
    person.choose_item()
    person.type("王")
    field = person.focus
    QApplication.sendEvent(field, QInputMethodEvent("yan", []))
    person.settle()
    commit = QInputMethodEvent("", [])
    commit.setCommitString("䶮")
    QApplication.sendEvent(field, commit)
    person.settle()
    assert person.intake.desk.draft.applicant.name == "王䶮"
    assert person.intake.applicant.entries["name"].field.text() == "王䶮"


def test_an_item_not_taken_here_says_so_in_the_list(person: Person) -> None:
    person.keys((KEY.Key_2, ALT)).settle()
    person.type("jzgc").settle()
    person.until(lambda: "住建窗口" in person.intake.item.field.dropdown.current.why_not)
    person.keys(KEY.Key_Escape)
    assert not person.intake.item.field.is_open


def test_a_draft_is_dropped_only_when_asked_twice(person: Person) -> None:
    person.choose_item()
    person.type("王").settle()
    first = person.intake.desk.draft.id
    person.keys((KEY.Key_Delete, CTRL))
    assert person.intake.desk.draft.id == first
    person.keys((KEY.Key_Delete, CTRL)).settle()
    assert person.intake.desk.draft.id != first
    assert ("drop", first) in person.backend.calls
    assert first not in person.backend.saved


def test_typing_is_saved_when_it_rests_and_when_the_field_is_left(person: Person) -> None:
    person.choose_item()
    person.type("王䶮")
    person.until(lambda: any(d.applicant.name == "王䶮" for d in person.backend.saved.values()))
    person.until(lambda: "10:42:07" in person.intake.item.saved.text())
    person.keys(KEY.Key_Return).type("2102")
    person.intake.checklist.table.setFocus()
    assert not person.intake.desk._pause.isActive(), "leaving a field saves without waiting"
    person.settle()
    assert next(iter(person.backend.saved.values())).applicant.id_no == "2102"


def test_after_a_kill_the_draft_is_offered(open_desk: Opener) -> None:
    first = open_desk().enter()
    first.choose_item()
    first.type("王䶮").until(lambda: first.backend.saved)
    first.settle()
    first.window.close()
    again = open_desk().enter()
    assert [line.text for line in again.shell.workbench.drafts.lines] == ["food-business-new · 王䶮"]
    again.shell.workbench.drafts.setFocus()
    again.keys(KEY.Key_Return).settle()
    assert again.intake.applicant.entries["name"].field.text() == "王䶮"
    assert again.focus is again.intake.checklist.table


def test_closing_saves_what_was_typed_a_moment_ago(open_desk: Opener) -> None:
    person = open_desk().enter()
    person.choose_item()
    person.type("王䶮")
    person.window.close()
    assert next(iter(person.backend.saved.values())).applicant.name == "王䶮"
