"""What a clerk records is there, numbered, listed and found, after the file was closed and opened again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from random import Random

import pytest

from jinpu_desk.app.ports import CaseQuery, Lease, PrintJob, SavedDraft
from jinpu_desk.domain import bodies as b
from jinpu_desk.domain.case import Status
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.events import first_head, verify_chain
from jinpu_desk.domain.ids import CaseId, CaseNo, Digest, EventId
from jinpu_desk.domain.instants import utc
from jinpu_desk.domain.parties import Applicant
from jinpu_desk.store.desk import SqlDeskStore
from samples.cases import CASE, CATALOGUE, CLERK, NOON, REPLICA, received
from samples.population import bodies, case_id
from samples.stores import record, replica

Opener = Callable[..., SqlDeskStore]
NOW = utc(NOON)
OTHER = CaseId("01900000-0000-7000-8000-00000000c002")


def test_recorded_case_survives_closing(opened: Opener) -> None:
    first = opened()
    record(first, received(), b.CaseAccepted(accepted_on=date(2026, 9, 18)))
    first.close()
    again = opened()
    case = again.case(CASE)
    assert case is not None
    assert case.status is Status.ACCEPTED
    assert again.case_by_no(case.case_no) == case
    row = again.row(CASE)
    assert row is not None
    assert (row.applicant_name, row.entity_name, row.events) == ("演示甲", "演示小馆", 2)
    assert again.verify().ok


def test_own_events_chain_and_wait_in_the_outbox(store: SqlDeskStore) -> None:
    events = record(store, received(), b.CaseNoted(text="演示"))
    head, waiting = store.sync.outbox(10)
    assert waiting == tuple(events)
    assert head == first_head(REPLICA)
    assert verify_chain(waiting, head).seq == 2
    assert store.status().pending == 2


def test_failed_transaction_leaves_nothing(store: SqlDeskStore) -> None:
    record(store, received())
    before = store.events_of(CASE)

    def fail_late() -> None:
        with store.transaction() as work:
            work.next_serial(date(2026, 9, 18))
            work.record(CASE, b.CaseNoted(text="演示"), actor=CLERK, at=NOW, catalogue=CATALOGUE)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_late()
    assert store.events_of(CASE) == before
    with store.transaction() as work:
        assert work.next_serial(date(2026, 9, 18)) == 1
        assert work.next_seq() == 2


def test_refused_record_writes_nothing(store: SqlDeskStore) -> None:
    with store.transaction() as work:
        with pytest.raises(Refused, match=r"fold\.no-case"):
            work.record(CASE, b.CaseNoted(text="演示"), actor=CLERK, at=NOW, catalogue=CATALOGUE)
        assert work.next_seq() == 1
    assert store.events_of(CASE) == ()
    assert store.verify().ok


def test_transaction_sees_its_own_case(store: SqlDeskStore) -> None:
    with store.transaction() as work:
        assert work.case(CASE) is None
        work.record(CASE, received(), actor=CLERK, at=NOW, catalogue=CATALOGUE)
        case = work.case(CASE)
        assert case is not None
        assert case.status is Status.RECEIVED
    assert store.case(CASE) == case


def test_nested_transaction_is_a_bug_and_not_a_deadlock(store: SqlDeskStore) -> None:
    with store.transaction(), pytest.raises(RuntimeError), store.transaction():
        pass


def test_serials_count_per_day(store: SqlDeskStore) -> None:
    with store.transaction() as work:
        drawn = [work.next_serial(date(2026, 9, 18)) for _ in range(3)]
        assert work.next_serial(date(2026, 9, 19)) == 1
        # A clock that was set back goes on counting that earlier day.
        assert work.next_serial(date(2026, 9, 18)) == 4
    assert drawn == [1, 2, 3]


def test_new_series_counts_from_one(opened: Opener) -> None:
    first = opened()
    with first.transaction() as work:
        work.next_serial(date(2026, 9, 18))
    first.close()
    other = opened(replica=replica(id="01900000-0000-7000-8000-000000000009", series="003"))
    with other.transaction() as work:
        assert work.next_serial(date(2026, 9, 18)) == 1


def test_leased_numbers_are_burned_in_order(store: SqlDeskStore) -> None:
    leases = [
        Lease(
            id=f"l{first}",
            kind="D2",
            template="演示受字〔{yyyy}〕{n}号",
            year=2026,
            first=first,
            last=first + 1,
            next=first,
        )
        for first in (11, 5)
    ]
    store.sync.keep_leases(leases)
    with store.transaction() as work:
        numbers = [work.next_doc_no("D2", 2026) for _ in range(5)]
        assert work.next_doc_no("D3", 2026) is None
    assert [n and n[1] for n in numbers] == [5, 6, 11, 12, None]
    store.sync.keep_leases(leases)
    assert [lease.next for lease in store.leases()] == [7, 13]


def test_pages_follow_each_other_without_gap_or_repeat(store: SqlDeskStore) -> None:
    random = Random(3)
    ids = [case_id(number, random) for number in range(25)]
    for number, identity in enumerate(ids):
        record(store, *bodies(number, random), case=identity, at=NOON + number % 5)
    for query in (
        CaseQuery(),
        CaseQuery(order="due"),
        CaseQuery(open_only=True),
        CaseQuery(flag="tolerated"),
    ):
        seen: list[CaseId] = []
        after = None
        while True:
            page = store.page(query, after=after, limit=4)
            seen += [row.case_id for row in page.rows]
            after = page.after
            if after is None:
                break
        assert len(seen) == len(set(seen)) == store.count(query)
    assert set(ids) >= set(seen)
    assert len(seen) == store.count(CaseQuery(flag="tolerated")) > 0
    with pytest.raises(Refused, match=r"store\.page-key"):
        store.page(CaseQuery(), after="x")


def test_due_order_puts_the_earliest_running_term_first(store: SqlDeskStore) -> None:
    late = {"layout": date(2026, 12, 1)}
    record(store, received(), b.CaseAccepted(accepted_on=date(2026, 11, 2), supplement_by=late))
    record(store, received(), b.CaseAccepted(accepted_on=date(2026, 9, 18)), case=OTHER)
    rows = store.page(CaseQuery(order="due")).rows
    assert [row.case_id for row in rows] == [OTHER, CASE]


def test_queries_filter(store: SqlDeskStore) -> None:
    child = received(parent=CASE, station="00", item="seal-filing", received_on=date(2026, 9, 20))
    record(store, received(), b.CaseRefused(reason="演示"))
    record(store, child, case=OTHER)
    wanted = {
        CaseQuery(status=26): {OTHER},
        CaseQuery(open_only=True): {OTHER},
        CaseQuery(station="00"): {OTHER},
        CaseQuery(item="seal-filing"): {OTHER},
        CaseQuery(parent=CASE): {OTHER},
        CaseQuery(top_only=True): {CASE},
        CaseQuery(flag="child"): {OTHER},
        CaseQuery(clerk=CLERK): {CASE, OTHER},
        CaseQuery(received_to=date(2026, 9, 19)): {CASE},
        CaseQuery(received_from=date(2026, 9, 19)): {OTHER},
        CaseQuery(due_to=date(2026, 9, 24)): set(),
        CaseQuery(due_to=date(2026, 12, 24)): {OTHER},
        CaseQuery(deliver_state="none"): {CASE, OTHER},
        CaseQuery(deliver_state="waiting"): set(),
        CaseQuery(pending=True): {CASE, OTHER},
    }
    for query, ids in wanted.items():
        assert {row.case_id for row in store.page(query).rows} == ids, query
        assert store.count(query) == len(ids)
        assert store.count(query, at_most=2) == min(len(ids), 2)


def test_applicant_file_is_newest_first(store: SqlDeskStore) -> None:
    record(store, received())
    record(store, received(form={"name": "演示二馆"}), case=OTHER, at=NOON + 1000)
    held = store.applicant_file("111", "210213199003070016")
    assert [row.case_id for row in held.cases] == [OTHER, CASE]
    assert held.latest is not None
    assert held.latest.form == {"name": "演示二馆"}
    assert store.applicant_file("111", "").cases == ()
    assert store.applicant_file("001", "210213199003070016").latest is None


def test_drafts_jobs_and_papers_are_kept(store: SqlDeskStore) -> None:
    draft = SavedDraft(id="d1", title="演示", clerk=CLERK, saved_at=NOON, state=b"{}")
    job = PrintJob(
        id="j1", case_id=CASE, case_no=CaseNo("1"), paper=EventId("e"), kind="D1", printer="演示", copies=2,
        state="queued", at=NOON,
    )  # fmt: skip
    paper = Digest("7a" * 32)
    with store.transaction() as work:
        work.keep_draft(draft)
        work.keep_job(job)
        work.keep_paper(paper, b"%PDF")
        work.log_reveal(CLERK, "login", None, NOW)
    assert store.drafts() == (draft,)
    assert store.draft("d1") == draft
    assert store.jobs(case_id=CASE) == (job,)
    assert store.jobs(case_id=OTHER) == ()
    assert store.paper(paper) == b"%PDF"
    assert store.paper(Digest("0" * 64)) is None
    with store.transaction() as work:
        work.drop_draft("d1")
        work.drop_draft("d1")
    assert store.draft("d1") is None


def test_tally_counts_the_local_day(store: SqlDeskStore) -> None:
    # 16:30 UTC on the 17th is half past midnight on the 18th at the counter.
    night = int(datetime(2026, 9, 17, 16, 30, tzinfo=UTC).timestamp() * 1000)
    record(store, received(), b.CaseDecided(approved=True, decided_on=date(2026, 9, 18)), at=night)
    record(store, received(item="seal-filing"), case=OTHER, at=night - 3_600_000)
    counts = store.tally(date(2026, 9, 18))
    assert counts["received"] == 1
    assert counts["received_by_hour"][0] == 1
    assert counts["by_item"] == {"small-catering": 1}
    assert counts["by_status"] == {50: 1}
    assert counts["by_clerk"] == {CLERK: 1}
    assert (counts["decided"], counts["printed"], counts["offline"]) == (1, 0, 1)


@pytest.mark.parametrize(
    "text",
    ["王䶮", "䶮", "wy", "WY", "0016", "13900000000", "0000 wy", "210213030022026112300011", "300011", "演示𬬻",
     "ｙｓｌｘｇ", "139", "2102130300220261123", "21021319900307001", "210213030022026112", "王䶮 0016"],
)  # fmt: skip
def test_search_finds(store: SqlDeskStore, text: str) -> None:
    who = Applicant(
        type="person", name="王䶮", id_type="111", id_no="210213199003070016", phone="13900000000"
    )
    record(store, received(applicant=who, form={"name": "演示𬬻小馆"}))
    other = Applicant(
        type="person", name="李四", id_type="111", id_no="110101198001012222", phone="13711112222"
    )
    decoy = received(applicant=other, form={"name": "另一家"}, case_no=CaseNo("990000070032025010100027"))
    record(store, decoy, case=OTHER)
    assert [row.case_id for row in store.search(text)] == [CASE]


@pytest.mark.parametrize("text", ["", "  ", "王四", "0017", "*", '"', "AND", "1", "123456", "王䶮 0017"])
def test_search_finds_nothing(store: SqlDeskStore, text: str) -> None:
    who = Applicant(
        type="person", name="王䶮", id_type="111", id_no="210213199003070016", phone="13900000000"
    )
    record(store, received(applicant=who))
    assert store.search(text) == ()


def test_search_knows_every_reading(store: SqlDeskStore) -> None:
    who = Applicant(type="person", name="单曾", id_type="111", id_no="210213199003070016")
    record(store, received(applicant=who))
    assert all(store.search(text) for text in ("sz", "dz", "sc", "c"))


def test_search_follows_an_edit(store: SqlDeskStore) -> None:
    record(store, received())
    record(store, b.FieldsEdited(changes={"applicant.name": ("演示甲", "欧阳乙")}))
    assert store.search("欧阳")
    assert not store.search("演示甲")
