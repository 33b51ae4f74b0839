"""Exports do not stay: what lies open is gone after a day."""

from __future__ import annotations

from pathlib import Path

from jinpu_desk.entry.home.exports import KEEP_SECONDS, tidy


def test_exports_of_yesterday_go_and_those_of_today_stay(tmp_path: Path) -> None:
    old = tmp_path / "print" / "演示.pdf"
    old.parent.mkdir()
    old.write_bytes(b"%PDF-1.7")
    written = old.stat().st_mtime
    assert tidy(tmp_path, written + KEEP_SECONDS - 1) == 0
    assert old.exists()
    assert tidy(tmp_path, written + KEEP_SECONDS + 1) == 1
    assert not old.exists()
