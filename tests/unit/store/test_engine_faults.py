"""What a power cut leaves of the file is judged as SQLite reads it: together with the log."""

from __future__ import annotations

from pathlib import Path

from jinpu_desk.domain import bodies as b
from samples.cases import received
from samples.stores import open_store, record

PAGE, FRAME, HEADER = 4096, 24, 32


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
