"""No scan is lost, none is taken before it is finished, and the spool tells nobody's name."""

from __future__ import annotations

import hashlib
import os
import stat
from io import BytesIO
from pathlib import Path

import pytest

from jinpu_desk.app.ports.devices import IncomingPage, MediaType, ScanInbox, TurnedAway
from jinpu_desk.devices import spool
from jinpu_desk.devices.hot_folder import HotFolder
from jinpu_desk.devices.inspection import Inspected, ScanLimits, inspect
from jinpu_desk.devices.spool import Spool
from jinpu_desk.domain.errors import Refused, Unavailable
from jinpu_desk.store.spooling import SpoolSealing
from samples.stores import SEALING

from .conftest import Page


def _png(page: Page, seed: int = 0) -> bytes:
    buffer = BytesIO()
    page(5, seed).save(buffer, "PNG", dpi=(200, 200))
    return buffer.getvalue()


def _names(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()} if folder.exists() else set()


def test_a_finished_scan_moves_to_the_spool_under_its_hash(
    hot_folder: ScanInbox, inbox: Path, spool_folder: Path, page: Page
) -> None:
    content = _png(page)
    (inbox / "演示张三身份证.png").write_bytes(content)
    assert hot_folder.poll(0) == []
    (taken,) = hot_folder.poll(500)
    sha256 = hashlib.sha256(content).hexdigest()
    assert isinstance(taken, IncomingPage)
    assert taken == IncomingPage(sha256, MediaType.PNG, len(content), taken.taken_ns, 827, 1169, 200, 1)
    assert hot_folder.read(sha256) == content
    assert stat.S_IMODE(spool_folder.stat().st_mode) == 0o700
    assert _names(inbox) == set()
    kept = list(spool_folder.iterdir())
    assert {file.suffix for file in kept} == {".scan", ".page"}
    for file in kept:
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert sha256 not in file.name
        assert content[:32] not in file.read_bytes()
        assert sha256.encode() not in file.read_bytes()
    assert hot_folder.poll(1000) == []


def test_a_scan_that_still_grows_is_not_touched(hot_folder: HotFolder, inbox: Path, page: Page) -> None:
    content, file = _png(page), inbox / "scan.png"
    for part in (1000, 2000, len(content)):
        file.write_bytes(content[:part])
        assert hot_folder.poll(part * 1000) == []
    assert len(hot_folder.poll(len(content) * 1000 + 500)) == 1


def test_a_scan_written_to_during_the_copy_stays(
    monkeypatch: pytest.MonkeyPatch, hot_folder: HotFolder, inbox: Path, spool_folder: Path, page: Page
) -> None:
    content, file = _png(page), inbox / "scan.png"
    file.write_bytes(content)
    hot_folder.poll(0)

    def slow_look(data: bytes, limits: ScanLimits) -> Inspected:
        file.write_bytes(content + b"more")
        return inspect(data, limits)

    monkeypatch.setattr(spool, "inspect", slow_look)
    assert hot_folder.poll(500) == []
    assert (_names(inbox), _names(spool_folder)) == ({"scan.png"}, set())
    monkeypatch.undo()
    hot_folder.poll(1000)
    (taken,) = hot_folder.poll(1500)
    assert isinstance(taken, IncomingPage)
    assert hot_folder.read(taken.sha256) == content + b"more"


def test_what_is_no_scan_stays_and_is_reported_once_until_it_changes(
    hot_folder: HotFolder, inbox: Path, spool_folder: Path, page: Page
) -> None:
    file = inbox / "scan.jpg"
    file.write_bytes(b"not a picture")
    hot_folder.poll(0)
    assert hot_folder.poll(500) == [TurnedAway(file, "device.scan.unknown-type")]
    assert hot_folder.poll(1000) == []
    assert (file.read_bytes(), _names(spool_folder)) == (b"not a picture", set())
    file.write_bytes(_png(page))
    hot_folder.poll(1500)
    (taken,) = hot_folder.poll(2000)
    assert isinstance(taken, IncomingPage)


def test_other_files_links_and_folders_are_none_of_our_business(
    hot_folder: HotFolder, inbox: Path, tmp_path: Path, page: Page
) -> None:
    target = tmp_path / "elsewhere.png"
    target.write_bytes(_png(page))
    (inbox / "link.png").symlink_to(target)
    (inbox / "folder.png").mkdir()
    (inbox / ".half.png").write_bytes(_png(page))
    (inbox / "scan.png.part").write_bytes(_png(page))
    (inbox / "empty.png").touch()
    before = _names(inbox)
    assert [*hot_folder.poll(0), *hot_folder.poll(500)] == []
    assert _names(inbox) == before


def test_scans_come_in_the_order_they_were_made(inbox: Path, spool_folder: Path, page: Page) -> None:
    folder = HotFolder(inbox, Spool(spool_folder, SEALING), settle_ms=500, at_most=2)
    for number in (2, 0, 1):
        file = inbox / f"{9 - number}.png"
        file.write_bytes(_png(page, number))
        os.utime(file, ns=(10**18 + number, 10**18 + number))
    wanted = [hashlib.sha256(_png(page, number)).hexdigest() for number in range(3)]
    folder.poll(0)
    taken = [*folder.poll(500), *folder.poll(600)]
    assert [found.sha256 for found in taken if isinstance(found, IncomingPage)] == wanted


def test_a_full_disk_loses_nothing_and_is_reported_once(
    monkeypatch: pytest.MonkeyPatch, hot_folder: HotFolder, inbox: Path, spool_folder: Path, page: Page
) -> None:
    file = inbox / "scan.png"
    file.write_bytes(_png(page))
    hot_folder.poll(0)

    def no_space(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", no_space)
    reason = {"reason": "No space left on device"}
    assert hot_folder.poll(500) == [TurnedAway(file, "device.spool.unwritable", reason)]
    assert hot_folder.poll(1000) == []
    assert (_names(inbox), _names(spool_folder)) == ({"scan.png"}, set())
    monkeypatch.undo()
    assert len(hot_folder.poll(1500)) == 1


def test_after_a_crash_the_spool_gives_back_what_was_never_released(
    hot_folder: HotFolder, inbox: Path, spool_folder: Path, page: Page
) -> None:
    (inbox / "scan.png").write_bytes(_png(page))
    hot_folder.poll(0)
    (taken,) = hot_folder.poll(500)
    assert isinstance(taken, IncomingPage)
    (spool_folder / "0123.part").write_bytes(b"cut short")
    (spool_folder / "0123.scan").write_bytes(b"without its page")
    (spool_folder / "readme.txt").write_bytes(b"not ours")
    again = HotFolder(inbox, Spool(spool_folder, SEALING))
    assert again.unreleased() == [taken]
    assert {Path(name).suffix for name in _names(spool_folder)} == {".scan", ".page", ".txt"}
    again.release(taken.sha256)
    again.release(taken.sha256)
    assert again.unreleased() == []


def test_a_crash_before_the_original_is_gone_takes_the_same_scan_again(
    monkeypatch: pytest.MonkeyPatch, hot_folder: HotFolder, inbox: Path, spool_folder: Path, page: Page
) -> None:
    (inbox / "scan.png").write_bytes(_png(page))
    hot_folder.poll(0)

    def read_only(path: Path, missing_ok: bool = False) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "unlink", read_only)
    first = hot_folder.poll(500)
    assert hot_folder.poll(1000) == []
    monkeypatch.undo()
    again = HotFolder(inbox, Spool(spool_folder, SEALING), settle_ms=500)
    again.poll(0)
    assert again.poll(500) == first
    assert len(_names(spool_folder)) == 2


def test_a_scan_of_another_desk_or_an_altered_one_is_not_read(
    hot_folder: HotFolder, tmp_path: Path, spool_folder: Path, page: Page
) -> None:
    file = tmp_path / "picked.png"
    file.write_bytes(_png(page))
    picked = hot_folder.import_file(file)
    stranger = Spool(spool_folder, SpoolSealing(bytes(32)))
    for reader in (stranger.read, hot_folder.read):
        with pytest.raises(Unavailable) as caught:
            reader(picked.sha256)
        assert caught.value.code == "device.spool.damaged"
        (scan,) = spool_folder.glob("*.scan")
        scan.write_bytes(scan.read_bytes()[:-1] + b"?")


def test_a_folder_that_is_gone_is_said_to_be(spool_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(Unavailable) as caught:
        HotFolder(tmp_path / "unplugged", Spool(spool_folder, SEALING)).poll(0)
    assert caught.value.code == "device.scan.no-folder"


def test_a_file_the_clerk_picks_is_copied(
    hot_folder: HotFolder, tmp_path: Path, spool_folder: Path, page: Page
) -> None:
    file = tmp_path / "picked.jpg"
    page().save(file)
    picked = hot_folder.import_file(file)
    assert hot_folder.read(picked.sha256) == file.read_bytes()
    assert picked.media_type is MediaType.JPEG


def test_what_is_no_file_is_refused(hot_folder: HotFolder, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.png"
    os.mkfifo(pipe)
    for path in (tmp_path, tmp_path / "nothing.png", pipe):
        with pytest.raises(Refused) as caught:
            hot_folder.import_file(path)
        assert caught.value.code == "device.scan.not-a-file"


@pytest.mark.parametrize(
    ("content", "code"), [(bytes(2000), "device.scan.too-many-bytes"), (b"", "device.scan.empty")]
)
def test_size_is_checked_before_anything_is_opened(
    tmp_path: Path, spool_folder: Path, content: bytes, code: str
) -> None:
    file = tmp_path / "big.png"
    file.write_bytes(content)
    with pytest.raises(Refused) as caught:
        Spool(spool_folder, SEALING, ScanLimits(max_bytes=1999)).take(file)
    assert caught.value.code == code
    assert _names(spool_folder) == set()
