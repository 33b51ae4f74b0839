"""档案: an applicant's file, electronic licences, and scans joined to a recorded case."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from msgspec.structs import replace
from PIL import Image

from jinpu_desk.app.intake import licences, scanning
from jinpu_desk.app.intake.application import from_draft
from jinpu_desk.app.intake.assess import assess
from jinpu_desk.app.ports.devices import IncomingPage
from jinpu_desk.app.ports.licences import Licence
from jinpu_desk.app.screens import applicant_view
from jinpu_desk.devices.hot_folder import HotFolder
from jinpu_desk.devices.spool import Spool
from jinpu_desk.domain import bodies as b
from jinpu_desk.domain.case import Case, Status
from jinpu_desk.domain.decision import Outcome
from jinpu_desk.domain.errors import Refused, Unavailable
from jinpu_desk.domain.ids import CaseId
from jinpu_desk.domain.materials import MaterialState
from jinpu_desk.entry import demo_cases as demo
from samples.counter import Counter, draft_of
from samples.stores import SEALING


def card(**changes: object) -> Licence:
    fields: dict[str, object] = {
        "mark": "演示标识",
        "kind": "id-card",
        "name": "身份证电子证照（演示）",
        "number": "演示",
        "holder_type": "111",
        "holder_no": demo.person_id(1),
        "holder_name": "演示甲",
        "issuer": "演示机关",
        "issued_on": date(2020, 1, 1),
    }
    return Licence(**(fields | changes))  # type: ignore[arg-type]


class Platform:
    """A look-up that knows what it is given."""

    def __init__(self, *known: Licence) -> None:
        self.known = known

    def find(self, holder_type: str, holder_no: str) -> tuple[Licence, ...]:
        return tuple(
            one for one in self.known if (one.holder_type, one.holder_no) == (holder_type, holder_no)
        )


def write(counter: Counter, case: Case, body: b.Body) -> None:
    desk = counter.desk
    with desk.store.transaction() as tx:
        tx.record(case.id, body, actor=desk.clerk.id, at=desk.now(), catalogue=case.catalogue)


class TestFile:
    def test_holds_every_case_of_one_person_and_nobody_elses(self, counter: Counter) -> None:
        first = counter.take(demo.small_catering(1)).case
        second = counter.take(demo.food_business(1)).case
        counter.take(demo.small_catering(2))
        page = applicant_view.applicant_page(counter.desk, first.id)
        assert {line.case_id for line in page.cases} == {first.id, second.id}
        assert page.figures[0].value == "2"

    def test_is_masked_until_revealed_and_the_reveal_is_logged(self, counter: Counter) -> None:
        case = counter.take(demo.small_catering(1)).case
        number = demo.person_id(1)
        hidden = applicant_view.applicant_page(counter.desk, case.id)
        assert all(number not in pair.value for pair in hidden.facts)
        shown = applicant_view.applicant_page(counter.desk, case.id, reveal=True)
        assert number in {pair.value for pair in shown.facts}

    def test_tells_which_papers_may_be_used_again_and_until_when(self, counter: Counter) -> None:
        case = counter.take(demo.small_catering(1)).case
        papers = {one.name: one for one in applicant_view.applicant_page(counter.desk, case.id).papers}
        identity = next(paper for name, paper in papers.items() if "身份证" in name)
        assert (identity.good, identity.taken_on, identity.until) == (True, "2026-09-18", "2027-09-18")
        counter.wait(days=366)
        later = applicant_view.applicant_page(counter.desk, case.id).papers
        assert not any(paper.good for paper in later)

    def test_lists_the_results_we_gave(self, counter: Counter) -> None:
        case = counter.take(demo.small_catering(1)).case
        counter.sit("reviewer")
        counter.act(case, "decide", {"approved": True, "result_name": "演示许可证", "result_no": "演示 1"})
        (given,) = applicant_view.applicant_page(counter.desk, case.id).licences
        assert (given.name, given.number, given.source) == ("演示许可证", "演示 1", case.case_no)
        assert given.state.tone == "good"

    def test_is_found_by_name_once_however_many_cases(self, counter: Counter) -> None:
        counter.take(demo.small_catering(1))
        counter.take(demo.food_business(1))
        found = applicant_view.find(counter.desk, demo.PEOPLE[1])
        assert len(found) == 1
        assert demo.person_id(1) not in found[0].identity

    def test_starts_a_page_with_the_applicant_and_nothing_else(self, counter: Counter) -> None:
        case = counter.take(demo.small_catering(1)).case
        draft = applicant_view.new_draft(counter.desk, case.id)
        assert (draft.applicant.name, draft.applicant.id_no) == (demo.PEOPLE[1], demo.person_id(1))
        assert (draft.target, draft.form, draft.materials) == ("", {}, {})

    def test_warns_of_a_false_pledge_until_it_is_repaired(self, counter: Counter) -> None:
        case = counter.take(demo.sole_prop(1, address_proof="pledged")).case
        today = counter.desk.today()
        write(counter, case, b.PledgeChecked(materials=("address-proof",), kept=False, checked_on=today))
        assert case.case_no in applicant_view.applicant_page(counter.desk, case.id).warnings[0]
        write(counter, case, b.CreditRepaired(repaired_on=today, reason="演示", approver="演示"))
        assert applicant_view.applicant_page(counter.desk, case.id).warnings == ()

    def test_of_no_case_there_is_no_file(self, counter: Counter) -> None:
        with pytest.raises(Refused, match="unknown"):
            applicant_view.applicant_page(counter.desk, CaseId("nobody"))


class TestLicences:
    def test_prove_a_material_and_say_by_what(self, counter: Counter) -> None:
        draft = draft_of(demo.small_catering(1), materials={})
        seen = assess(counter.desk, from_draft(draft, Outcome.RECEIVE))
        done = licences.verified(draft, seen.subject, (card(),), counter.desk.today())
        assert done.proved == ("id-card",)
        tick = done.draft.materials["id-card"]
        assert tick.state is MaterialState.SHARED
        assert "演示标识" in tick.note

    @pytest.mark.parametrize("changes", [{"state": "revoked"}, {"valid_to": date(2026, 9, 17)}])
    def test_one_that_is_over_proves_nothing(self, counter: Counter, changes: dict[str, object]) -> None:
        draft = draft_of(demo.small_catering(1), materials={})
        seen = assess(counter.desk, from_draft(draft, Outcome.RECEIVE))
        with pytest.raises(Refused, match="nothing"):
            licences.verified(draft, seen.subject, (card(**changes),), counter.desk.today())

    def test_fill_what_is_empty_and_leave_what_was_typed(self, counter: Counter) -> None:
        filled = card(fields={"name": "演示照面名称", "address": "演示路9号", "capital": "1"})
        draft = draft_of(demo.small_catering(1), form={"name": "窗口已填"}, materials={})
        seen = assess(counter.desk, from_draft(draft, Outcome.RECEIVE))
        done = licences.verified(draft, seen.subject, (filled,), counter.desk.today())
        assert done.draft.form == {"name": "窗口已填", "address": "演示路9号"}
        assert done.filled == ("address",)

    def test_a_received_paper_is_not_undone(self, counter: Counter) -> None:
        draft = draft_of(demo.small_catering(1))
        seen = assess(counter.desk, from_draft(draft, Outcome.RECEIVE))
        with pytest.raises(Refused, match="nothing"):
            licences.verified(draft, seen.subject, (card(),), counter.desk.today())

    def test_are_looked_up_by_the_applicants_own_number(self, counter: Counter) -> None:
        applicant = counter.take(demo.small_catering(1)).case.applicant
        platform = Platform(card(), card(holder_no=demo.person_id(2), mark="他人"))
        assert [one.mark for one in licences.look_up(counter.desk, platform, applicant)] == ["演示标识"]

    def test_a_desk_without_a_source_says_so(self, counter: Counter) -> None:
        applicant = counter.take(demo.small_catering(1)).case.applicant
        with pytest.raises(Unavailable, match="none"):
            licences.look_up(counter.desk, None, applicant)
        with pytest.raises(Refused, match="nobody"):
            licences.look_up(counter.desk, Platform(), replace(applicant, id_no=""))


@pytest.fixture(name="inbox")
def _inbox(tmp_path: Path) -> HotFolder:
    for folder in ("hot", "spool"):
        (tmp_path / folder).mkdir()
    return HotFolder(tmp_path / "hot", Spool(tmp_path / "spool", SEALING))


def scanned(inbox: HotFolder, folder: Path, shade: int) -> IncomingPage:
    path = folder / f"{shade}.png"
    Image.new("L", (900, 1200), shade).save(path)
    return inbox.import_file(path)


class TestScans:
    def join(
        self, counter: Counter, inbox: HotFolder, case: Case, material: str, *pages: IncomingPage
    ) -> Case:
        return scanning.attach(counter.desk, inbox, case.id, material, pages)

    def test_a_lacking_material_is_then_there(
        self, counter: Counter, inbox: HotFolder, tmp_path: Path
    ) -> None:
        case = counter.take(demo.small_catering(1, "receive", layout="lacking")).case
        page = scanned(inbox, tmp_path, 200)
        after = self.join(counter, inbox, case, "layout", page)
        assert after.materials["layout"].state is MaterialState.RECEIVED
        assert after.materials["layout"].files == (page.sha256,)
        assert counter.desk.blobs.has(after.attachments[0].sha256)
        assert not inbox.unreleased()
        assert counter.store.verify().ok

    def test_a_tolerated_one_stays_so_until_it_is_supplemented(
        self, counter: Counter, inbox: HotFolder, tmp_path: Path
    ) -> None:
        case = counter.take(demo.small_catering(1, layout="tolerated")).case
        after = self.join(counter, inbox, case, "layout", scanned(inbox, tmp_path, 200))
        assert after.materials["layout"].state is MaterialState.TOLERATED
        assert after.supplement_by

    def test_a_closed_case_gains_pages_and_nothing_else(
        self, counter: Counter, inbox: HotFolder, tmp_path: Path
    ) -> None:
        case = counter.take(demo.sole_prop(1)).case
        assert case.status is Status.CLOSED
        after = self.join(counter, inbox, case, "", scanned(inbox, tmp_path, 200))
        assert (after.status, after.materials, len(after.attachments)) == (case.status, case.materials, 1)

    def test_the_same_page_twice_is_joined_once(
        self, counter: Counter, inbox: HotFolder, tmp_path: Path
    ) -> None:
        case = counter.take(demo.small_catering(1)).case
        for _ in range(2):
            after = self.join(counter, inbox, case, "layout", scanned(inbox, tmp_path, 200))
        assert len(after.attachments) == 1

    def test_nothing_is_written_for_an_unknown_material_or_no_page(
        self, counter: Counter, inbox: HotFolder, tmp_path: Path
    ) -> None:
        case = counter.take(demo.small_catering(1)).case
        before = counter.store.status().events
        page = scanned(inbox, tmp_path, 200)
        for material, pages, code in (("nonsense", (page,), "unknown-material"), ("layout", (), "no-pages")):
            with pytest.raises(Refused, match=code):
                self.join(counter, inbox, case, material, *pages)
        counter.sit("auditor")
        with pytest.raises(Refused, match="may-not"):
            self.join(counter, inbox, case, "layout", page)
        assert counter.store.status().events == before
        assert len(inbox.unreleased()) == 1
