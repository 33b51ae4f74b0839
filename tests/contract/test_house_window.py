"""The window's own calls for sticks, counting and the end of a day, on a real home and a real centre."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from jinpu_desk.app.duty.offices import PruningRule
from jinpu_desk.devices.printers import FolderPrinter
from jinpu_desk.domain.errors import Refused
from jinpu_desk.entry.demo_cases import small_catering
from jinpu_desk.entry.home.enrolment import Enrolment
from jinpu_desk.entry.parts import Parts, load_parts
from jinpu_desk.entry.window.backend import DeskBackend
from jinpu_desk.store.home import Home
from samples.programs import CLERK, CLOCK, PASSWORD, TrainingCentre

PEOPLE = itertools.count(500)


@pytest.fixture
def backend(training: TrainingCentre, monkeypatch: pytest.MonkeyPatch) -> Iterator[DeskBackend]:
    hall = training.desk()  # its day is closed
    hall.take(small_catering(next(PEOPLE)))
    monkeypatch.setenv("JINPU_CLOCK", CLOCK)
    with Home(hall.home) as held:
        enrolment = Enrolment(held, pruning_parts())
        window = DeskBackend(
            enrolment, printers=FolderPrinter(held.folder("out")), reader=None, scan_folder=None
        )
        window.login(CLERK, PASSWORD)
        try:
            yield window
        finally:
            window.close()


def pruning_parts() -> Parts:
    """Return what ships with us, at an office whose hall prunes at the end of a day."""
    parts = load_parts()
    rule = PruningRule(after_days=180, stations=("00",))
    return dataclasses.replace(parts, offices=replace(parts.offices, pruning=rule))


def test_a_day_at_a_window_with_a_stick(
    training: TrainingCentre, backend: DeskBackend, tmp_path: Path
) -> None:
    out = backend.export_bundle(tmp_path / "上报.jinpu")
    answer = training.admin("bundle", "import", out.file)["answer"]
    assert "回执已导入" in backend.import_bundle(Path(answer)).text
    carried = backend.import_bundle(Path(out.file))  # any window hands any bundle in, its own too
    assert Path(carried.file).exists()
    cut = tmp_path / "x.jinpu"
    cut.write_bytes(Path(answer).read_bytes()[:-1])
    with pytest.raises(Refused, match=r"bundle\.damaged"):
        backend.import_bundle(cut)
    page = backend.reconcile()
    assert (page.counted.tone, page.sheets[0].kind) == ("good", "reconciliation")
    assert backend.preview(page.sheets[0].id).pages == 1  # type: ignore[arg-type]
    reasons = {concern.key: "演示" for concern in page.concerns if concern.count}
    closed = backend.close_day(reasons, {}, "演示", "")
    assert closed.page.counted.tone == "good"
    assert "一致" in backend.sync_page().counted.text
