"""Files of other windows come to the desk when they are asked for, and only as what they say they are."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from jinpu_desk.domain import bodies as b
from jinpu_desk.domain.errors import DeskError, Refused, Unavailable
from jinpu_desk.domain.ids import CaseId, CaseNo, Digest
from jinpu_desk.domain.parties import Applicant
from jinpu_desk.entry.home.far_files import LARGEST, FarFiles, Files
from samples.counter import Counter, open_counter, sentences
from samples.stores import record

PAGES = {f"演示{n}".encode(): Digest(hashlib.sha256(f"演示{n}".encode()).hexdigest()) for n in range(3)}
FIRST, SECOND, THIRD = PAGES


class Far:
    """A centre with files, and with what goes wrong for some of them."""

    def __init__(self, **wrong: DeskError | bytes) -> None:
        self.asked: list[Digest] = []
        self.held: dict[Digest, bytes | DeskError] = {digest: data for data, digest in PAGES.items()}
        for name, instead in wrong.items():
            self.held[PAGES[{"first": FIRST, "second": SECOND}[name]]] = instead

    def blob_from(self, sha256: Digest, offset: int) -> Iterator[bytes]:
        self.asked.append(sha256)
        found = self.held[sha256]
        if isinstance(found, DeskError):
            raise found
        yield found[offset:]


@pytest.fixture
def counter(tmp_path: Path) -> Iterator[Counter]:
    opened = open_counter(tmp_path)
    yield opened
    opened.store.close()


def fetch(counter: Counter, far: Files) -> int:
    return FarFiles(lambda: counter.desk, lambda: far).pages_of_pre_applications()


def waits(counter: Counter, number: int, *pages: bytes, station: str = "00", size: int = 10) -> CaseId:
    """Let a pre-application with these pages wait for a station."""
    case = CaseId(f"01900000-0000-7000-8000-00000000e00{number}")
    opening = b.CasePreApplied(
        case_no=CaseNo(f"演示{number}"),
        query_code="123456",
        item="small-catering",
        applicant=Applicant(type="person", name="演示甲"),
        terms=b.Terms(item_name="小餐饮经营许可"),
        station=station,
        applied_on=date(2026, 9, 18),
        source="演示",
    )
    attached = [
        b.PagesAttached(material="application", sha256=PAGES[page], media_type="image/png", size=size)
        for page in pages
    ]
    record(counter.store, opening, *attached, case=case)
    return case


def test_pages_come_once(counter: Counter) -> None:
    waits(counter, 1, FIRST, SECOND)
    far = Far()
    assert fetch(counter, far) == 2
    assert [counter.desk.blobs.get(PAGES[page]) for page in (FIRST, SECOND)] == [FIRST, SECOND]
    assert fetch(counter, far) == 0
    assert far.asked == [PAGES[FIRST], PAGES[SECOND]]


def test_other_stations_and_cases_taken_in_are_left_alone(counter: Counter) -> None:
    waits(counter, 1, FIRST, station="03")
    taken = waits(counter, 2, SECOND)
    record(counter.store, b.CaseVoided(reason="演示"), case=taken)
    waits(counter, 3, THIRD, size=LARGEST + 1)
    assert fetch(counter, Far()) == 0


@pytest.mark.parametrize("wrong", [Unavailable("blob.missing"), Refused("blob.name"), b"other bytes"])
def test_one_that_cannot_be_had_does_not_keep_the_others(counter: Counter, wrong: DeskError | bytes) -> None:
    waits(counter, 1, FIRST, SECOND)
    assert fetch(counter, Far(first=wrong)) == 1
    assert not counter.desk.blobs.has(PAGES[FIRST])
    assert fetch(counter, Far()) == 1


def test_without_a_network_the_rest_waits(counter: Counter) -> None:
    waits(counter, 1, FIRST, SECOND)
    far = Far(first=Unavailable("sync.offline"))
    assert fetch(counter, far) == 0
    assert far.asked == [PAGES[FIRST]]


def files(counter: Counter, far: Files) -> FarFiles:
    return FarFiles(lambda: counter.desk, lambda: far)


def test_a_scan_of_another_window_is_fetched_once_and_kept(counter: Counter) -> None:
    far = Far()
    for _ in range(2):
        assert files(counter, far).scan(PAGES[FIRST]) == FIRST
    assert far.asked == [PAGES[FIRST]]
    assert counter.desk.blobs.has(PAGES[FIRST])


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (Unavailable("sync.offline"), "blob.elsewhere"),
        (Unavailable("blob.missing"), "blob.not-sent"),
        (b"other bytes", "blob.damaged-there"),
        (Refused("auth.token"), "auth.token"),
    ],
)
def test_what_keeps_a_scan_away_is_said(counter: Counter, wrong: DeskError | bytes, said: str) -> None:
    with pytest.raises(DeskError) as caught:
        files(counter, Far(first=wrong)).scan(PAGES[FIRST])
    assert caught.value.code == said
    assert sentences().of(caught.value)[0].endswith("。")
    assert not counter.desk.blobs.has(PAGES[FIRST])


def test_a_paper_of_another_window_is_fetched_into_the_store(counter: Counter) -> None:
    far = Far()
    for _ in range(2):
        assert files(counter, far).paper("D2", PAGES[FIRST]) == FIRST
    assert counter.store.paper(PAGES[FIRST]) == FIRST
    assert far.asked == [PAGES[FIRST]]
    assert not counter.desk.blobs.has(PAGES[FIRST])
    assert list(counter.store.sync.blobs_to_send()) == []  # it is not ours to send
    assert counter.store.verify().ok


@pytest.mark.parametrize("wrong", [Unavailable("sync.offline"), Unavailable("blob.missing"), b"other bytes"])
def test_a_paper_that_cannot_be_had_says_where_it_is(counter: Counter, wrong: DeskError | bytes) -> None:
    with pytest.raises(Unavailable, match=r"paper\.bytes-elsewhere"):
        files(counter, Far(first=wrong)).paper("D2", PAGES[FIRST])
    assert counter.store.paper(PAGES[FIRST]) is None


def test_a_centre_that_sends_without_end_is_not_believed(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jinpu_desk.entry.home.far_files.LARGEST", 5)
    case = waits(counter, 1, FIRST, size=5)
    assert fetch(counter, Far()) == 0
    assert not counter.desk.blobs.has(PAGES[FIRST])
    assert counter.store.case(case) is not None
