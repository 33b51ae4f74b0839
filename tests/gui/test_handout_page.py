"""出件 by keys: choose, hand out, go on; cards, scans, pictures, parcels."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from jinpu_desk.app.screens.delivery_views import Person, ResultFilter
from jinpu_desk.app.verbs.recipients import SELF
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.ids import CaseId
from jinpu_desk.ui.pages.handout.page import HandoutPage

from .conftest import Opener
from .conftest import Person as Clerk

KEY = Qt.Key
ALT, CTRL = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ControlModifier
CONFIRM = (KEY.Key_Return, CTRL)


def opened(person: Clerk) -> HandoutPage:
    person.keys((KEY.Key_5, ALT)).settle()
    page = person.shell.page("go.handout")
    assert isinstance(page, HandoutPage)
    person.until(lambda: page.list.lines).settle()
    assert page.result.ways is not None
    person.until(page.result.ways.isVisible)  # a layout shows what it was given only with the next event
    return page


def at(person: Clerk, widget: QWidget) -> bool:
    """Tell whether the keys go to ``widget``."""
    return person.focus is widget


def acts(person: Clerk) -> list[tuple[object, ...]]:
    return [call for call in person.backend.calls if call[0] in ("hand-out", "post")]


def test_the_list_shows_the_result_it_stands_on(person: Clerk) -> None:
    page = opened(person)
    assert at(person, page.list)
    assert page.result.page is not None
    assert page.result.page.case_id == "result-1"
    person.keys(KEY.Key_Down).settle()
    assert page.result.page.case_id == "result-2"
    assert page.listing.filters[ResultFilter.WAITING].text() == "待交付 3"


def test_the_applicant_takes_it_in_three_keys_and_the_next_one_follows(person: Clerk) -> None:
    page = opened(person)
    person.keys(KEY.Key_Return).settle()
    assert not page.result.fields.editors["recipient"].isVisible(), "the applicant is known"
    person.keys(CONFIRM).settle()
    assert acts(person) == [("hand-out", "result-1", "pick-up", {"relation": SELF, "copies": "1"})]
    assert page.result.done.sentence.text() == "已交付 · 张*三"
    assert at(person, page.result.done.next)
    person.keys(KEY.Key_Return).settle()
    assert page.result.page is not None
    assert page.result.page.case_id == "result-2"
    assert at(person, page.list)


def test_somebody_else_needs_a_mandate_and_what_is_typed_stays(person: Clerk) -> None:
    page = opened(person)
    person.keys(KEY.Key_Return).settle()
    person.keys(KEY.Key_Right, KEY.Key_Right)  # 亲属
    assert page.result.fields.editors["recipient"].isVisible()
    person.keys(KEY.Key_Return)
    person.type("演示丁").keys(CONFIRM).settle()
    assert "delivery.not-authorised" in page.result.problem.text()
    assert at(person, page.result.fields.editors["authorised"])
    person.keys(KEY.Key_Right, CONFIRM).settle()
    assert acts(person)[-1][3] == {
        "relation": "亲属",
        "recipient": "演示丁",
        "authorised": "true",
        "copies": "1",
    }


def test_a_failed_check_digit_asks_for_its_reason(person: Clerk) -> None:
    page = opened(person)
    page.result.fields.fill("relation", "亲属")
    page.result.fields.fill("authorised", "true")
    page.result.fields.fill("id_no", "坏")
    person.keys(CONFIRM).settle()
    assert page.result.fields.editors["override_reason"].isVisible()
    assert at(person, page.result.fields.editors["id_no"])


def test_the_card_knows_the_applicant_and_asks_about_others(person: Clerk) -> None:
    page = opened(person)
    person.keys(KEY.Key_F4).settle()
    assert "没有接好的读卡器" in page.result.problem.text()
    person.backend.card = Person(name="张小三", id_type="111", id_no="1", relation=SELF)
    person.keys(KEY.Key_F4).settle()
    assert page.result.fields.values["relation"] == SELF
    assert at(person, page.result.confirm)
    person.backend.card = Person(name="演示丁", id_type="111", id_no="2")
    person.keys(KEY.Key_F4).settle()
    assert "relation" not in page.result.fields.values, "the clerk says what they are"
    assert page.result.fields.values["recipient"] == "演示丁"
    assert at(person, page.result.fields.editors["relation"])


def test_a_picture_and_originals_go_with_it(person: Clerk) -> None:
    page = opened(person)
    person.keys(KEY.Key_F5).settle()
    assert page.result.proof_text.text() == "已留存"
    assert page.result.originals is not None
    page.result.originals.setFocus()
    person.keys(KEY.Key_Space, CONFIRM).settle()
    typed = acts(person)[-1][3]
    assert typed == {"relation": SELF, "copies": "1", "originals": ("lease",), "proof": "7" * 64}


def test_a_papers_barcode_opens_its_result_and_a_parcels_fills_the_number(person: Clerk) -> None:
    page = opened(person)
    assert page.take_scan("210213000012026112300017")
    person.settle()
    assert page.result.page is not None
    assert page.result.page.case_id == "case-3"
    assert at(person, page.result.fields.editors["relation"])
    assert page.take_scan("EB123456789CS")
    assert page.result.way is not None
    assert page.result.way.key == "post"
    person.keys(CONFIRM).settle()
    assert acts(person)[-1][2:] == ("post", {"tracking_no": "EB123456789CS"})


def test_a_missing_number_is_asked_for(person: Clerk) -> None:
    page = opened(person)
    assert page.result.ways is not None
    page.result.ways.setFocus()
    person.keys(KEY.Key_Right, CONFIRM).settle()
    assert "邮件号" in page.result.problem.text()
    assert not acts(person)


def test_what_was_posted_is_signed_for(person: Clerk) -> None:
    page = opened(person)
    person.keys((KEY.Key_Right, CTRL)).settle()
    assert page.listing.only is ResultFilter.POSTED
    assert page.result.way is not None
    assert page.result.way.key == "delivered"
    person.keys(KEY.Key_Return).settle()
    person.type("张小三").keys(CONFIRM).settle()
    assert acts(person)[-1] == ("hand-out", "result-9", "delivered", {"signed_by": "张小三"})


def test_parcels_are_scanned_one_by_one_and_posted_at_once(person: Clerk) -> None:
    page = opened(person)
    person.keys(KEY.Key_F6).settle()
    assert [one.number.isEnabled() for one in page.parcels.rows] == [True, False]
    assert page.take_scan("210213000012026112300017")
    person.settle()
    assert page.parcels.cases[-1] == "case-3"
    page.parcels.rows[0].number.setFocus()
    for number in ("EB123456789CS", "1234567890123"):
        assert page.take_scan(number)
    assert at(person, page.parcels.confirm)
    person.keys(CONFIRM).settle()
    assert acts(person) == [
        ("post", ((CaseId("result-1"), "EB123456789CS"), (CaseId("case-3"), "1234567890123")))
    ]
    assert page.parcels.said.text() == "寄出 2 件，0 件没有寄成。"
    person.keys(KEY.Key_F10).settle()
    assert [call for call in person.backend.calls if call[0] == "print"] == [
        ("print", "lresult-1", "A4-演示", 1),
        ("print", "lcase-3", "A4-演示", 1),
    ]
    person.keys((KEY.Key_S, CTRL)).settle()
    assert "寄件清单.csv" in page.parcels.said.text()
    person.keys(KEY.Key_Escape).settle()
    assert at(person, page.list)


def test_a_parcel_that_was_not_taken_says_why(person: Clerk) -> None:
    page = opened(person)
    person.keys(KEY.Key_F6).settle()
    person.type("坏").keys(CONFIRM).settle()
    assert page.parcels.rows[0].problem.text() == "邮件号不对。"
    assert not page.parcels.rows[0].sent


def test_slips_are_printed_where_printers_are(person: Clerk) -> None:
    page = opened(person)
    person.keys(CONFIRM).settle()
    person.keys(KEY.Key_F10).settle()
    assert [call[1] for call in person.backend.calls if call[0] == "print"] == ["p9", "p10"]
    assert "2 份" in page.result.done.hint.text()


def test_searching_looks_everywhere_and_escape_ends_it(person: Clerk) -> None:
    page = opened(person)
    person.keys(KEY.Key_F3).type("result-9")
    person.until(lambda: [line.case_id for line in page.list.lines] == ["result-9"])
    person.keys(KEY.Key_Return)
    assert at(person, page.list)
    person.keys(KEY.Key_Escape).settle()
    assert len(page.list.lines) == 3


def test_personal_data_is_shown_when_asked_for(person: Clerk) -> None:
    page = opened(person)
    person.keys((KEY.Key_H, CTRL)).settle()
    assert ("result", "result-1", True) in person.backend.calls
    assert page.result.page is not None
    assert page.result.page.revealed


def test_another_clerk_sees_nothing_of_the_one_before(open_desk: Opener) -> None:
    person = open_desk().enter()
    page = opened(person)
    page.forget()
    assert page.result.page is None
    assert not page.list.lines
    assert not page.parcels.rows


def test_a_required_field_is_named_in_the_clerks_words(person: Clerk) -> None:
    page = opened(person)
    person.keys(KEY.Key_Return).settle()
    page.result.refused(Refused("intake.missing", "data.copies", key="copies"))
    assert page.result.problem.text() == "请填写“份数”。"
    assert at(person, page.result.fields.editors["copies"])
