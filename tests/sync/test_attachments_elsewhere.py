"""What one window scanned and issued is opened at another, even when the first PC is gone; until then it is said so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import msgspec
import pytest

from jinpu_desk.app.intake import taking
from jinpu_desk.app.intake.application import from_file
from jinpu_desk.app.intake.file import decode_intake
from jinpu_desk.app.papers import paperwork
from jinpu_desk.app.screens.case_view import case_page
from jinpu_desk.domain import bodies as b
from jinpu_desk.domain.case import Case
from jinpu_desk.domain.errors import Unavailable
from jinpu_desk.domain.ids import CaseId
from jinpu_desk.entry.home.enrolling import enrol
from jinpu_desk.entry.home.unlocked import OpenDesk
from jinpu_desk.entry.parts import load_parts
from jinpu_desk.store.home import Home
from samples.applications import application
from samples.programs import CLERK, CLOCK, PASSWORD, TrainingCentre
from samples.proxy import SlowLine
from samples.scans import scans

SCAN, ANOTHER = scans(2, seed=9)


class Place:
    """A desk behind a line that can be cut for good."""

    def __init__(self, training: TrainingCentre, folder: Path, held: ExitStack, number: int) -> None:
        self.line = held.enter_context(SlowLine(training.url))
        home = held.enter_context(Home(folder / f"home-{number}"))
        self.opened: OpenDesk = enrol(
            home,
            load_parts(),
            url=self.line.url,
            code=training.admin("enroll", "--station", "HALL")["code"],
            clerk=CLERK,
            password=PASSWORD,
            window=f"演示窗口{number}",
        )
        held.callback(self.opened.close)

    def take(self, scan: bytes = SCAN) -> CaseId:
        """Take a case in, with a scan and its receipt."""
        desk = self.opened.desk
        file = application(desk.catalogue, "small-catering") | {"action": "receive"}
        read = decode_intake(msgspec.json.encode(file))
        ticks = {key: entry.tick() for key, entry in read.materials.items()}
        case = taking.take_in(desk, from_file(read, ticks, {})).case
        page = b.PagesAttached(
            material="application",
            sha256=desk.blobs.put(scan),
            media_type="image/jpeg",
            size=len(scan),
        )
        with desk.store.transaction() as tx:
            tx.record(case.id, page, actor=desk.clerk.id, at=desk.now(), catalogue=case.catalogue)
        return case.id

    def unplug(self) -> None:
        """Cut the desk off."""
        self.line.unplugged = True
        self.line.drop()

    def case(self, case: CaseId) -> Case:
        found = self.opened.store.case(case)
        assert found is not None
        return found

    def said(self, case: CaseId) -> list[str]:
        """Return what the case page says of its files."""
        return [chip.text for chip in case_page(self.opened.desk, case).files]


@pytest.fixture
def place(
    training: TrainingCentre, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], Place]]:
    monkeypatch.setenv("JINPU_CLOCK", CLOCK)
    numbers = iter(range(1, 9))
    with ExitStack() as held:
        yield lambda: Place(training, tmp_path, held, next(numbers))


def test_a_scan_and_a_paper_of_a_window_that_is_gone(place: Callable[[], Place]) -> None:
    one, other = place(), place()
    case_id = one.take()
    papers = one.case(case_id).papers
    assert papers
    assert one.said(case_id) == [f"附件待传 {1 + len(papers)}"]
    done = one.opened.session.round()
    assert (done.blobs, done.blobs_left) == (1 + len(papers), 0)
    assert one.said(case_id) == []
    issued = one.opened.store.paper(papers[0].sha256)

    other.opened.session.round()
    case = other.case(case_id)
    (page,) = case.attachments
    paper = case.papers[0]
    assert other.said(case_id) == ["附件未下载 1"]
    other.unplug()
    with pytest.raises(Unavailable, match=r"blob\.elsewhere"):
        other.opened.files.scan(page.sha256)
    with pytest.raises(Unavailable, match=r"paper\.bytes-elsewhere"):
        other.opened.files.paper(paper.kind, paper.sha256)
    with pytest.raises(Unavailable, match=r"paper\.bytes-elsewhere"):
        paperwork.reprint(other.opened.desk, case, paper, "演示补打")

    one.unplug()  # for good
    other.line.unplugged = False
    assert other.opened.files.scan(page.sha256) == SCAN
    assert other.opened.files.paper(paper.kind, paper.sha256) == issued
    other.unplug()
    assert other.opened.files.scan(page.sha256) == SCAN
    after, data = paperwork.reprint(other.opened.desk, case, paper, "演示补打")
    assert data.startswith(b"%PDF")
    assert after.papers[0].reprints == 1
    assert other.said(case_id) == []
    assert other.opened.store.verify().problems == ()


def test_what_its_own_window_has_not_sent_yet_is_said(place: Callable[[], Place]) -> None:
    one, other = place(), place()
    case_id = one.take(ANOTHER)
    one.opened.session.push()
    other.opened.session.round()
    (page,) = other.case(case_id).attachments
    with pytest.raises(Unavailable, match=r"blob\.not-sent"):
        other.opened.files.scan(page.sha256)
    one.opened.session.round()
    assert other.opened.files.scan(page.sha256) == ANOTHER
