"""A draft is changed by one keystroke at a time; late answers never undo newer typing."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from jinpu_desk.app.intake.drafts import Draft, PartyDraft
from jinpu_desk.domain.materials import MaterialState, MaterialTick
from jinpu_desk.ui.pages.intake import edits

WORDS = st.text("甲乙丙𬬻ab1", max_size=3)
FORMS = st.dictionaries(
    st.sampled_from("abc"), WORDS | st.dictionaries(st.sampled_from("xy"), WORDS, max_size=2), max_size=3
)
DRAFTS = st.builds(
    Draft,
    id=st.just("d"),
    applicant=st.builds(PartyDraft, name=WORDS, phone=WORDS),
    form=FORMS,
    note=WORDS,
    materials=st.dictionaries(
        st.sampled_from("mn"), st.builds(MaterialTick, pages=st.integers(0, 9)), max_size=2
    ),
)


@given(DRAFTS, DRAFTS)
def test_an_answer_to_an_unchanged_draft_is_taken_whole(base: Draft, theirs: Draft) -> None:
    assert edits.merge(base, theirs, base) == theirs


@given(DRAFTS, DRAFTS)
def test_an_answer_that_changed_nothing_changes_nothing(base: Draft, mine: Draft) -> None:
    assert edits.merge(base, base, mine) == mine


@given(DRAFTS, DRAFTS, WORDS)
def test_what_was_typed_meanwhile_stays(base: Draft, theirs: Draft, typed: str) -> None:
    mine = edits.with_party(base, "applicant", name=base.applicant.name + typed + "新")
    merged = edits.merge(base, theirs, mine)
    assert merged.applicant.name == mine.applicant.name
    assert merged.applicant.phone == theirs.applicant.phone
    assert merged.note == theirs.note


def test_choosing_another_item_keeps_the_person() -> None:
    draft = Draft(
        id="d", target="a", applicant=PartyDraft(name="王䶮"), form={"name": "x"}, answers={"q": True}
    )
    chosen = edits.with_item(draft, "b", package=True)
    assert (chosen.applicant.name, chosen.target, chosen.package) == ("王䶮", "b", True)
    assert not chosen.form
    assert not chosen.answers
    assert edits.with_item(chosen, "b", package=True) is chosen


def test_a_field_inside_a_group_is_set_beside_its_neighbours() -> None:
    draft = Draft(id="d", form={"shareholder": {"id_no": "1"}})
    assert edits.with_field(draft, "form.shareholder.name", "甲").form == {
        "shareholder": {"id_no": "1", "name": "甲"}
    }


def test_counted_paper_has_been_handed_in_and_lacking_paper_is_not_counted() -> None:
    counted = edits.with_pages(Draft(id="d"), "m", 4)
    assert edits.tick_of(counted, "m") == MaterialTick(state=MaterialState.RECEIVED, pages=4)
    lacking = edits.with_state(counted, "m", MaterialState.TOLERATED)
    assert edits.tick_of(lacking, "m") == MaterialTick(state=MaterialState.TOLERATED)


def test_removing_a_page_leaves_the_others_in_order() -> None:
    tick = MaterialTick(state=MaterialState.RECEIVED, pages=3, files=("a", "b", "c"))
    draft = msgspec.structs.replace(Draft(id="d"), materials={"m": tick})
    assert edits.tick_of(edits.without_page(draft, "m", 1), "m").files == ("a", "c")


def test_an_override_without_a_reason_is_none() -> None:
    given_reason = edits.with_override(Draft(id="d"), "applicant.id_no", "证件原件无误")
    assert given_reason.overrides == {"applicant.id_no": "证件原件无误"}
    assert edits.with_override(given_reason, "applicant.id_no", " ").overrides == {}
