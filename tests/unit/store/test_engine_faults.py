"""What a fault of the file is called depends on what it leaves open."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlcipher3 import dbapi2 as sqlcipher

from jinpu_desk.domain import bodies as b
from jinpu_desk.domain.errors import Unavailable
from jinpu_desk.store.engine import translated
from samples.cases import received
from samples.stores import open_store, record

PAGE, FRAME, HEADER = 4096, 24, 32
FSYNC_FAILED, WRITE_FAILED, FULL = 1034, 778, 13


@pytest.mark.parametrize(
    ("told", "code"), [(FSYNC_FAILED, "store.unsure"), (WRITE_FAILED, "store.io"), (FULL, "store.disk-full")]
)
def test_only_what_the_disk_did_not_confirm_may_have_been_saved(told: int, code: str) -> None:
    """A log whose last frame is written and not confirmed may count for whoever opens it next."""
    fault = sqlcipher.OperationalError("disk I/O error")
    fault.sqlite_errorcode = told
    with pytest.raises(Unavailable) as caught, translated(Path("desk.db")):
        raise fault
    assert caught.value.code == code


def test_pages_that_a_power_cut_tore_are_whole_again_with_the_log(tmp_path: Path) -> None:
    """The power goes while the log is folded back: what is half in the file is still whole in the log."""
    path, copy = tmp_path / "desk.db", tmp_path / "cut" / "desk.db"
    store = open_store(path)
    record(store, received())
    store.close()
    store = open_store(path)
    record(store, b.CaseNoted(text="演示"))
    log = path.with_name("desk.db-wal").read_bytes()
    file = bytearray(path.read_bytes())
    store.close()
    pages = {int.from_bytes(log[at : at + 4]) for at in range(HEADER, len(log), FRAME + PAGE)}
    torn = [number for number in sorted(pages) if 1 < number <= len(file) // PAGE]
    assert torn
    for number in torn:
        file[(number - 1) * PAGE : (number - 1) * PAGE + 512] = bytes(512)
    copy.parent.mkdir()
    copy.write_bytes(file)
    copy.with_name("desk.db-wal").write_bytes(log)
    cut = open_store(copy)
    try:
        report = cut.verify()
        assert (report.problems, report.events) == ((), 2)
    finally:
        cut.close()
