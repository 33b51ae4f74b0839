"""The special cases of the intake page by keys: eligibility, registers, strands, 补录, decisions at once."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from jinpu_desk.domain.decision import Outcome
from jinpu_desk.ui.pages.intake.register import RegisterField

from .conftest import Person

KEY = Qt.Key
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def test_eligibility_is_answered_key_by_key(person: Person) -> None:
    person.choose_item("jyzxdj")
    guide = person.intake.entries.guide
    person.until(guide.isVisible)
    first, second, third = guide.answers.values()
    person.until(first.isVisible)
    first.setFocus()
    person.keys(KEY.Key_N).settle()
    assert person.focus is second
    person.keys(KEY.Key_Y).settle()
    assert person.focus is third
    assert person.intake.desk.draft.answers == {"unsettled": False, "bad_list": True}
    assert guide.checked.text() == "已核对 2 / 3"
    assert "不适用简易注销" in guide.verdict.text()
    assert [first.picked, second.picked, third.picked] == [("false",), ("true",), ()]


def test_the_dates_of_the_notice_are_computed_while_one_types(person: Person) -> None:
    person.choose_item("jyzxdj")
    guide = person.intake.entries.guide
    field = guide.editors["form.notice_from"]
    person.until(field.isVisible)
    field.setFocus()
    person.type("2026-09-10").settle()
    assert person.intake.desk.draft.form == {"notice_from": "2026-09-10"}
    shown = {label.text() for label in guide.findChildren(QLabel)}
    assert {"2026-09-10 至 2026-09-30", "最早 2026-10-01，最晚 2026-10-20"} <= shown


def test_other_items_have_no_guided_block(person: Person) -> None:
    person.choose_item("spjyxk")
    assert not person.intake.entries.guide.isVisible()
    assert not person.intake.entries.branches.isVisible()


def test_a_place_is_chosen_from_its_register_and_fills_the_address(person: Person) -> None:
    person.choose_item("spjyxk")
    person.intake.situation.questions["address_mode"].setFocus()
    person.keys(KEY.Key_Right, KEY.Key_Right, KEY.Key_Right).settle()
    field = person.intake.form.editors["form.cluster_place"]
    assert isinstance(field, RegisterField)
    field.seek.setFocus()
    person.type("社区").settle()
    person.until(lambda: field.seek.is_open).keys(KEY.Key_Return).settle()
    form = person.intake.desk.draft.form
    assert (form["cluster_place"], form["address"]) == ("cp-02", "演示路 2 号")
    assert field.chosen.text() == "演示社区集中登记场所"
    assert person.focus is not field.seek
    assert person.intake.entries.remarks.isVisible()


def test_strands_of_a_package_stand_on_the_page(person: Person) -> None:
    person.choose_item("wykcg")
    card = person.intake.entries.branches
    person.until(card.isVisible)
    assert "最长" in card.total.text()


def test_a_case_taken_in_elsewhere_is_entered_with_its_true_times(person: Person) -> None:
    person.choose_item("spjyxk")
    arrival = person.intake.entries.arrival
    assert not arrival.isVisible()
    person.keys((KEY.Key_T, CTRL))
    assert person.focus is arrival.fields["ticket"]
    person.type("A018").keys(KEY.Key_Return).type("七十岁以上老人").keys(KEY.Key_Return, KEY.Key_Return)
    assert arrival.late.hasFocus()
    assert not arrival.fields["received_at"].isVisible()
    person.keys(KEY.Key_Right).settle()
    person.keys(KEY.Key_Return).type("2026-12-01 09:30").settle()
    assert "将来" in arrival._sentences["received_at"].text()
    arrival.fields["received_at"].selectAll()
    person.type("2026-11-10 09:30").keys(KEY.Key_Return, KEY.Key_Return).type("系统故障").settle()
    draft = person.intake.desk.draft
    assert (draft.ticket, draft.green) == ("A018", "七十岁以上老人")
    assert draft.backfill is not None
    assert (draft.backfill.received_at, draft.backfill.reason) == ("2026-11-10 09:30", "系统故障")
    assert not arrival._sentences["received_at"].isVisible()


def test_what_is_said_of_the_arrival_stays_in_sight_and_the_next_starts_afresh(person: Person) -> None:
    person.choose_item("spjyxk")
    arrival = person.intake.entries.arrival
    person.keys((KEY.Key_T, CTRL), (KEY.Key_T, CTRL))
    assert not arrival.isVisible()
    person.keys((KEY.Key_T, CTRL)).type("A1").settle()
    person.keys((KEY.Key_T, CTRL))
    assert arrival.isVisible()
    person.keys((KEY.Key_N, CTRL)).settle()
    assert not arrival.isVisible()


def test_f9_files_what_is_filed_and_decides_what_may_be_decided(person: Person) -> None:
    for initials, key, outcome in (
        ("jxsyb", KEY.Key_F9, Outcome.DECIDE),
        ("xfaq", KEY.Key_F9, Outcome.DECIDE),
        ("xfaq", (KEY.Key_F9, SHIFT), Outcome.ACCEPT),
    ):
        person.backend.calls.clear()
        person.choose_item(initials)
        person.keys(key)
        person.until(person.intake.done.isVisible)
        assert [call[1] for call in person.backend.calls if call[0] == "submit"] == [outcome]
        person.keys((KEY.Key_N, CTRL)).settle()
