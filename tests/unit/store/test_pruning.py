"""What the centre keeps for good leaves the station, and nothing of the people in it stays behind."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from jinpu_desk.app.ports import PrintJob, SavedDraft
from jinpu_desk.app.ports.sync import Cursor, FeedItem, Settled
from jinpu_desk.domain import bodies as b
from jinpu_desk.domain.events import GENESIS, Event
from jinpu_desk.domain.ids import CaseId, CaseNo, Digest, EventId, ReplicaId
from jinpu_desk.domain.instants import utc
from jinpu_desk.domain.parties import Applicant
from jinpu_desk.store.blobs import FileBlobs
from jinpu_desk.store.desk import SqlDeskStore
from samples.cases import CASE, CLERK, NOON, Chain, received
from samples.stores import KEY, open_store, record

DAY = date(2026, 9, 18)
LATER = date(2027, 6, 1)
OTHER = CaseId("01900000-0000-7000-8000-00000000c002")
CHILD = CaseId("01900000-0000-7000-8000-00000000c003")
NUMBER = received().case_no
OTHER_NO = CaseNo("210213030022026112300029")
SCAN = b"scan of 210213199003070016"
PAPER = "受理通知书 演示甲乙丙 13900000000".encode()
NAME = "演示甲乙丙"


@pytest.fixture
def blobs(tmp_path: Path) -> FileBlobs:
    return FileBlobs(tmp_path / "blobs", KEY)


@pytest.fixture
def store(tmp_path: Path, blobs: FileBlobs) -> SqlDeskStore:
    return open_store(tmp_path / "desk.db", blobs=blobs)


def person(**changes: object) -> b.CaseReceived:
    applicant = Applicant(
        type="person", name=NAME, id_type="111", id_no="210213199003070016", phone="13912345678"
    )
    return received(applicant=applicant, form={"name": f"{NAME}小馆", "address": "演示路1号"}, **changes)


def attached(data: bytes = SCAN) -> b.PagesAttached:
    sha256 = Digest(hashlib.sha256(data).hexdigest())
    return b.PagesAttached(material="application", sha256=sha256, size=len(data), media_type="image/jpeg")


def ended(store: SqlDeskStore, blobs: FileBlobs, case: CaseId = CASE, **changes: object) -> list[Event]:
    """Record a case that was withdrawn, with a scan, a paper, a print job and a draft that is gone."""
    blobs.put(SCAN)
    sha256 = Digest(hashlib.sha256(PAPER).hexdigest())
    now = utc(NOON)
    with store.transaction() as work:
        work.keep_draft(SavedDraft(id="d", title=NAME, clerk=CLERK, saved_at=NOON, state=NAME.encode() * 50))
    written = record(
        store,
        person(**changes),
        attached(),
        b.PaperIssued(kind="D1", sha256=sha256, facts_digest=sha256, pages=1),
        b.CaseWithdrawn(reason=f"{NAME}本人申请"),
        case=case,
    )
    with store.transaction() as work:
        work.drop_draft("d")
        work.keep_paper(sha256, PAPER)
        work.keep_job(
            PrintJob(
                id=case, case_id=case, case_no=NUMBER, paper=EventId("p"), kind="D1", printer="演示",
                copies=1, state="printed", at=NOON,
            )
        )  # fmt: skip
        work.log_reveal(CLERK, "演示", case, now)
    return written


def acknowledged(store: SqlDeskStore, horizon: int = 10**6) -> None:
    """Let the centre answer for everything, attachments too, and have it backed up to ``horizon``."""
    _head, waiting = store.sync.outbox(1000)
    store.sync.settle(
        [
            Settled(id=e.header.id, seq=e.header.seq, position=100 + e.header.seq, outcome="applied")
            for e in waiting
        ]
    )
    for sha256, _size in store.sync.blobs_to_send():
        store.sync.blob_sent(sha256)
    store.sync.contact(NOON, 0, horizon)


def decrypted(path: Path) -> bytes:
    """Return every page of the file as SQLite sees it, free ones and leftovers within pages too."""
    raw, size, reserve = path.read_bytes(), 4096, 80
    found = bytearray()
    for start in range(0, len(raw), size):
        page = raw[start : start + size]
        vector = page[size - reserve : size - reserve + 16]
        cipher = Cipher(algorithms.AES(KEY), modes.CBC(vector)).decryptor()
        sealed = page[16 if start == 0 else 0 : size - reserve]
        found += cipher.update(sealed) + cipher.finalize()
    assert b"CREATE TABLE" in found
    return bytes(found)


def traces(path: Path) -> list[str]:
    """Return what of the person can be found in the file, or among the files beside it."""
    database = decrypted(path)
    words = {
        "name": NAME.encode(),
        "number": b"210213199003070016",
        "phone": b"13912345678",
        "scan": SCAN,
        "paper": PAPER,
        "word of the name": b"c" + f"{ord(NAME[2]):05x}".encode() + f"{ord(NAME[3]):05x}".encode(),
        "end of the number": b"t610070309913",
    }
    return [what for what, text in words.items() if text in database]


def test_a_case_that_ended_and_is_backed_up_goes_without_a_trace(
    store: SqlDeskStore, blobs: FileBlobs, tmp_path: Path
) -> None:
    written = ended(store, blobs)
    acknowledged(store)
    heads = store.verify().heads
    done = store.prune(LATER, LATER)
    assert (done.cases, done.events, done.papers, done.blobs, done.more) == (1, 4, 1, 1, False)
    assert store.case(CASE) is None
    assert store.case_by_no(NUMBER) is None
    assert store.search(NAME) == ()
    assert store.jobs() == ()
    assert store.pruned_on(NUMBER) == LATER
    assert store.paper(Digest(hashlib.sha256(PAPER).hexdigest())) is None
    assert list(tmp_path.rglob("blobs/*/*")) == []
    kept = store.events_of(CASE)
    assert [stored.event.header for stored in kept] == [event.header for event in written]
    assert {(stored.event.body, stored.event.salt) for stored in kept} == {(None, None)}
    report = store.verify()
    assert report.ok, report.problems
    assert report.heads == heads
    store.rebuild()
    assert store.verify().ok
    assert store.status().cases == 0
    store.close()
    assert traces(tmp_path / "desk.db") == []


def test_the_search_for_traces_finds_them(store: SqlDeskStore, blobs: FileBlobs, tmp_path: Path) -> None:
    """The check above can fail: the same case is all over the file before."""
    ended(store, blobs)
    acknowledged(store)
    store.close()
    assert set(traces(tmp_path / "desk.db")) >= {"name", "number", "phone", "paper"}


@pytest.mark.parametrize(
    "why", ["open", "recent", "touched", "unsent", "not backed up", "scan unsent", "parked", "waiting"]
)
def test_what_is_still_needed_stays(store: SqlDeskStore, blobs: FileBlobs, why: str) -> None:
    before = LATER
    if why == "open":
        record(store, person())
    elif why == "waiting":
        decided = b.CaseDecided(approved=True, decided_on=DAY)
        record(store, person(), b.CaseAccepted(accepted_on=DAY), decided, b.CaseClosed(closed_on=DAY))
    else:
        ended(store, blobs)
    if why == "recent":
        before = DAY
    if why == "touched":
        record(store, b.CaseNoted(text="演示"), at=NOON + 200 * 86_400_000)
        before = DAY + timedelta(days=30)
    if why == "scan unsent":
        acknowledged(store)
        blobs.put(b"other")
        record(store, attached(b"other"))
        _head, waiting = store.sync.outbox(10)
        store.sync.settle([Settled(id=waiting[0].header.id, seq=5, position=300, outcome="applied")])
    elif why == "parked":
        last = record(store, b.CaseNoted(text="演示"))[0].header
        acknowledged(store)
        store.sync.settle([Settled(id=last.id, seq=last.seq, position=105, outcome="parked", reason="演示")])
    elif why != "unsent":
        acknowledged(store, horizon=103 if why == "not backed up" else 10**6)
    assert store.prune(before, before, dry_run=True).cases == 0
    assert store.prune(before, before).cases == 0
    assert store.case(CASE) is not None
    assert store.pruned_on(NUMBER) is None


def test_a_dry_run_counts_and_erases_nothing(store: SqlDeskStore, blobs: FileBlobs) -> None:
    ended(store, blobs)
    acknowledged(store)
    told = store.prune(LATER, LATER, dry_run=True)
    assert store.case(CASE) is not None
    assert store.prune(LATER, LATER) == told


def test_a_package_goes_as_a_whole(store: SqlDeskStore, blobs: FileBlobs) -> None:
    ended(store, blobs, case=CASE, package=True, children=(CHILD,))
    record(store, person(parent=CASE, case_no=OTHER_NO), case=CHILD)
    acknowledged(store)
    assert store.prune(LATER, LATER).cases == 0
    record(store, b.CaseWithdrawn(reason="演示"), case=CHILD)
    acknowledged(store)
    assert store.prune(LATER, LATER).cases == 2
    assert store.verify().ok


def test_what_another_case_shows_stays_for_it(store: SqlDeskStore, blobs: FileBlobs) -> None:
    ended(store, blobs)
    slip = Digest(hashlib.sha256(PAPER).hexdigest())
    record(
        store,
        person(case_no=OTHER_NO),
        attached(),
        b.PaperIssued(kind="D14", sha256=slip, facts_digest=slip, pages=1),
        case=OTHER,
    )
    acknowledged(store)
    done = store.prune(LATER, LATER)
    assert (done.cases, done.papers, done.blobs) == (1, 0, 0)
    assert store.paper(slip) == PAPER
    assert blobs.get(attached().sha256) == SCAN
    assert store.verify().ok


def test_the_feed_does_not_bring_a_body_back(store: SqlDeskStore, blobs: FileBlobs) -> None:
    chain = Chain(replica=ReplicaId("01900000-0000-7000-8000-0000000000aa"))
    events = [
        chain.write(person()),
        chain.write(b.CaseWithdrawn(reason="演示")),
    ]
    items = [FeedItem(position=n, event=event, outcome="applied") for n, event in enumerate(events, 1)]
    end = Cursor(epoch="e", position=2, hash=GENESIS)
    store.sync.absorb(items, end, b"")
    store.sync.contact(NOON, 0, 2)
    assert store.prune(LATER, LATER).cases == 1
    again = [FeedItem(position=n + 5, event=event, outcome="applied") for n, event in enumerate(events, 1)]
    store.sync.absorb(again, Cursor(epoch="e", position=7, hash=GENESIS), b"")
    assert {stored.event.body for stored in store.events_of(CASE)} == {None}
    assert store.case(CASE) is None
    late = chain.write(b.CaseNoted(text=f"{NAME}来电"))
    store.sync.absorb(
        [FeedItem(position=8, event=late, outcome="applied")],
        Cursor(epoch="e", position=8, hash=GENESIS),
        b"",
    )
    assert {stored.event.body for stored in store.events_of(CASE)} == {None}
    assert store.verify().ok


def test_a_run_takes_a_bounded_number(
    store: SqlDeskStore, blobs: FileBlobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended(store, blobs)
    ended(store, blobs, case=OTHER, case_no=OTHER_NO)
    acknowledged(store)
    monkeypatch.setattr("jinpu_desk.store.pruning.MOST", 1)
    first = store.prune(LATER, LATER)
    assert (first.cases, first.papers, first.more) == (1, 0, True)  # the other case still shows the paper
    second = store.prune(LATER, LATER)
    assert (second.cases, second.papers, second.blobs, second.more) == (1, 1, 1, False)


def test_files_that_outlived_a_crash_go_with_the_next_run(
    store: SqlDeskStore, blobs: FileBlobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended(store, blobs)
    acknowledged(store)

    def dies(_blobs: FileBlobs, _sha256: Digest) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(FileBlobs, "remove", dies)
        with pytest.raises(KeyboardInterrupt):
            store.prune(LATER, LATER)
    assert blobs.has(attached().sha256)
    assert store.prune(LATER, LATER).cases == 0
    assert not blobs.has(attached().sha256)
