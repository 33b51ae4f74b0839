"""``verify``: each way in which a centre's tables can be wrong is found and named, and a sound one is not accused."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from jinpu_desk.domain import bodies as b
from jinpu_desk.domain.ids import CaseId, Digest
from jinpu_desk.server.centre import Centre
from jinpu_desk.server.files.blobs import in_folder
from jinpu_desk.server.leasing import refill
from jinpu_desk.server.operation.verify import OVERDUE, examine, verify
from jinpu_desk.sync.wire import LeaseRequest
from samples.cases import CASE, received
from samples.centres import Window

OTHER = CaseId("01900000-0000-7000-8000-00000000c002")
SCAN = Digest("5" * 64)
RENAMED = (
    "UPDATE case_state SET state = convert_to(replace(convert_from(state, 'UTF8'), '甲', '丙'), 'UTF8')"
    f" WHERE case_id = '{CASE}'"
)
NO_MARK = (
    "UPDATE case_state SET state = convert_to(jsonb_set(convert_from(state, 'UTF8')::jsonb, '{parked}', '[]')::text,"
    f" 'UTF8') WHERE case_id = '{CASE}'"
)
OVERLAP = (
    "INSERT INTO lease SELECT gen_random_uuid(), replica, template, kind, year, last, last + 9, leased_at"
    " FROM lease WHERE kind = 'D2'"
)


@pytest.fixture
def told(centre: Centre) -> Centre:
    """A centre that was told of two cases by two windows, with a conflict, a dead event, a scan and numbers."""
    one, two = Window(centre), Window(centre, "JP05")
    one.say(received(), received(), b.CaseNoted(text="演示"))
    edited = b.FieldsEdited(changes={"form.name": ("演示小馆", "甲记")})
    one.say(edited)
    two.say(b.FieldsEdited(changes={"form.name": ("演示小馆", "乙记")}), base={one.id: 3})
    one.say(
        received(query_code="654321"),
        b.PagesAttached(material="application", sha256=SCAN, media_type="image/jpeg", size=3),
        case=OTHER,
    )
    refill(centre, one.row(), LeaseRequest(left={}))
    return centre


@pytest.fixture
def work(told: Centre) -> Iterator[Connection]:
    """A transaction in which a test may do harm."""
    with told.engine.connect() as connection:
        yield connection


def harm(work: Connection, statement: str) -> tuple[str, ...]:
    """Do it, and return what verification says."""
    assert work.execute(sa.text(statement)).rowcount == 1
    report = examine(work)
    assert report.ok is False
    return report.problems


def test_a_sound_centre_is_not_accused(told: Centre) -> None:
    report = verify(told.engine, told.blobs)
    assert (report.ok, report.problems) == (True, ())
    assert (report.events, report.cases, len(report.heads)) == (7, 2, 2)
    assert (report.blobs, report.blobs_pending) == (1, 1)


def test_a_file_that_does_not_come_or_was_lost_is_named_after_three_days(told: Centre) -> None:
    soon, late = (verify(told.engine, told.blobs, told.now() + OVERDUE + more) for more in (-1, 1))
    assert soon.ok
    assert (late.ok, late.blobs_pending) == (False, 1)
    (problem,) = late.problems
    assert SCAN in problem


def test_a_file_that_is_not_what_its_name_says_is_named(told: Centre, tmp_path: Path) -> None:
    blobs = in_folder(tmp_path)
    scan = hashlib.sha256(b"scan").hexdigest()
    blobs.put(scan, [b"scan"])
    assert verify(told.engine, blobs).ok
    (tmp_path / scan[:2] / scan).write_bytes(b"scam")
    assert verify(told.engine, blobs).problems == (f"附件 {scan} 已损坏，与其名称不符",)


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("DELETE FROM event WHERE position = 3", "总序 3 缺失"),
        ("UPDATE event SET reason = 'x' WHERE position = 2", "总序 2：链不相符"),
        ("UPDATE event SET outcome = 0 WHERE position = 5", "总序 5：链不相符"),
        ("UPDATE event SET header = header || ' ' WHERE position = 2", "总序 2：事件头不是规范形式"),
        ("UPDATE event SET header = 'x' WHERE position = 2", "总序 2：事件头不可读"),
        ("UPDATE event SET seq = 9 WHERE position = 4", "总序 4：索引列与事件头不一致"),
        ("UPDATE event SET body = body || ' ' WHERE position = 5", "总序 5：chain.body"),
        ("UPDATE feed SET epoch = gen_random_uuid()", "不是最新的一个"),
        ("UPDATE epoch SET bumped_at = 7", "从第一个纪元"),
        ("UPDATE feed SET position = 8", "总序终点应为 8，实为 7"),
        ("UPDATE replica SET seq = 5 WHERE seq = 6", "的终点应为 5，实为 6"),
        ("UPDATE replica SET seq = 0 WHERE seq = 1", "的终点应为 0，实为 1"),
        (f"DELETE FROM case_state WHERE case_id = '{CASE}'", f"办件 {CASE} 不在表中"),
        (f"DELETE FROM case_state WHERE case_id = '{OTHER}'", f"办件 {OTHER} 不在表中"),
        (RENAMED, f"办件 {CASE} 与其记录不相符"),
        (NO_MARK, f"办件 {CASE} 与其记录不相符"),
        (
            f"UPDATE case_state SET case_id = '01900000-0000-7000-8000-00000000b000' WHERE case_id = '{OTHER}'",
            "办件 01900000-0000-7000-8000-00000000b000 没有任何记录",
        ),
        (
            f"UPDATE case_state SET case_id = '01900000-0000-7000-8000-00000000f000' WHERE case_id = '{OTHER}'",
            "办件 01900000-0000-7000-8000-00000000f000 没有任何记录",
        ),
        ("UPDATE lease_counter SET next = 10 WHERE template LIKE '%受字%' AND next = 241", "超出计数"),
        (OVERLAP, "与前一号段重叠"),
        ("DELETE FROM lease WHERE kind = 'D2'", "未发给任何终端，也没有作废记录"),
    ],
)
def test_harm_is_found_and_named(work: Connection, statement: str, problem: str) -> None:
    found = harm(work, statement)
    assert any(problem in told for told in found), found


def test_a_body_that_was_erased_leaves_a_chain_that_verifies(work: Connection) -> None:
    work.execute(sa.text("UPDATE event SET body = NULL, salt = NULL WHERE position = 3"))
    assert examine(work).problems == ()


def test_a_million_faults_are_counted_not_kept(work: Connection) -> None:
    rows = "SELECT gen_random_uuid(), '', '', '', 0, 0, '{}', '' FROM generate_series(1, 500)"
    work.execute(sa.text(f"INSERT INTO case_state {rows}"))
    assert len(examine(work).problems) == 100
