"""Backups: whole or not there, the same centre again after a restore, and every damage refused by the file's name."""

from __future__ import annotations

import hashlib
import shutil
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from jinpu_desk.domain import bodies as b
from jinpu_desk.domain.errors import Refused, Unavailable
from jinpu_desk.domain.ids import CaseId, Digest
from jinpu_desk.server.centre import Centre
from jinpu_desk.server.files.blobs import in_folder
from jinpu_desk.server.keys import CentreKey
from jinpu_desk.server.leasing import refill
from jinpu_desk.server.operation import backup_files, restore
from jinpu_desk.server.operation.backup import Backup, Taken
from jinpu_desk.server.operation.backup_blobs import TURNS
from jinpu_desk.server.operation.standing import standing
from jinpu_desk.server.operation.verify import verify
from jinpu_desk.store.centre import copying, epochs, operating
from jinpu_desk.store.centre.engine import connect
from jinpu_desk.sync.wire import LeaseRequest
from samples.cases import received
from samples.centres import Window

SCAN = "扫描件\t演示\n".encode()
NAME = Digest(hashlib.sha256(SCAN).hexdigest())
LATE = Digest("5" * 64)
DAY = 86_400_000
_BEFORE_LATE = 3
"""Position before the event that names the file which did not come."""


@pytest.fixture
def told(centre: Centre) -> Centre:
    """A centre with two windows' cases, awkward characters, a dead event, a scan that came and one that did not."""
    one, two = Window(centre), Window(centre, "JP05")
    centre.blobs.put(NAME, [SCAN])
    one.say(received(), received(), *(page(name) for name in (NAME, LATE)))
    two.say(b.CaseNoted(text="制表\t换行\n反斜\\ \\N 𬬻"), base={one.id: 4})
    two.say(received(query_code="654321"), case=CaseId("01900000-0000-7000-8000-00000000c002"))
    refill(centre, one.row(), LeaseRequest(left={}))
    return centre


def page(name: Digest) -> b.PagesAttached:
    return b.PagesAttached(material="application", sha256=name, media_type="image/jpeg", size=3)


def take(
    centre: Centre,
    folder: Path,
    *,
    days: int = 0,
    keep: int = 0,
    password: str = "",
    key: CentreKey | None = None,
) -> Taken:
    return Backup(
        centre.engine,
        key or centre.key,
        centre.blobs,
        folder,
        now=centre.now() + days * DAY,
        password=password,
    ).take(keep)


@pytest.fixture
def elsewhere(postgres: Callable[[str], str], database: str) -> Iterator[Engine]:
    """An empty database on the same cluster."""
    name = database.rpartition("/")[2].partition("?")[0] + "_restored"
    with psycopg.connect(postgres("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
        engine = connect(postgres(name))
        yield engine
        engine.dispose()
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def rows(engine: Engine, table: copying.Table) -> bytes:
    with engine.connect() as connection:
        return b"".join(copying.copy_out(connection, table))


def test_a_restored_centre_is_the_one_that_was_backed_up(
    told: Centre, elsewhere: Engine, tmp_path: Path
) -> None:
    before = {table.name: rows(told.engine, table) for table in copying.tables()}
    taken = take(told, tmp_path / "backups")
    assert taken.manifest.blobs == backup_files.BlobCount(named=2, pending=1, damaged=0)
    with told.engine.connect() as connection:
        assert (epochs.restored_at(connection), operating.horizon(connection)) == (None, _BEFORE_LATE)
    source = restore.open_backup(tmp_path / "backups", "", told.key.public.hex())
    assert source.key.seed == told.key.seed
    restore.load(elsewhere, source, 5)
    after = {table.name: rows(elsewhere, table) for table in copying.tables()}
    changed = {name for name, held in before.items() if held != after[name]}
    assert changed == {"centre"}
    with elsewhere.connect() as connection:
        assert (epochs.restored_at(connection), operating.horizon(connection)) == (5, _BEFORE_LATE)
    blobs = in_folder(tmp_path / "other")
    done = restore.put_back(source, blobs)
    assert (done.blobs, done.blobs_missing) == (1, 0)
    report = verify(elsewhere, blobs)
    assert (report.ok, report.blobs, report.blobs_pending) == (True, 2, 1)
    assert report == verify(told.engine, told.blobs)


def test_a_paper_comes_back_as_it_was_issued(told: Centre, elsewhere: Engine, tmp_path: Path) -> None:
    """A station prunes what is backed up, its papers too, and a paper is never rendered twice."""
    paper = b"%PDF as it was issued"
    sha256 = Digest(hashlib.sha256(paper).hexdigest())
    issued = b.PaperIssued(kind="D1", sha256=sha256, facts_digest=LATE, pages=1)
    told.blobs.put(sha256, [paper])
    Window(told).say(received(), issued, case=CaseId("01900000-0000-7000-8000-00000000c003"))
    taken = take(told, tmp_path / "backups")
    assert taken.manifest.blobs == backup_files.BlobCount(named=3, pending=1, damaged=0)
    stands = standing(told.engine, told.blobs)
    assert (stands.blobs, stands.blobs_pending) == (3, 1)
    source = restore.open_backup(tmp_path / "backups", "")
    restore.load(elsewhere, source, 5)
    blobs = in_folder(tmp_path / "other")
    restore.put_back(source, blobs)
    assert b"".join(blobs.read(sha256)) == paper
    report = verify(elsewhere, blobs)
    assert (report.ok, report.blobs, report.blobs_pending) == (True, 3, 1)


def test_only_an_empty_place_is_filled(told: Centre, elsewhere: Engine, tmp_path: Path) -> None:
    take(told, tmp_path / "backups")
    source = restore.open_backup(tmp_path / "backups", "")
    with pytest.raises(Refused, match=r"restore\.database-not-empty"):
        restore.load(told.engine, source, 5)
    with pytest.raises(Refused) as refused:
        restore.require_empty(tmp_path)
    assert (refused.value.code, refused.value.where) == ("restore.not-empty", "backups")
    restore.require_empty(tmp_path / "nowhere")
    with elsewhere.begin() as connection:
        connection.execute(sa.text("CREATE TABLE other (n int)"))
    with pytest.raises(Refused, match=r"restore\.database-not-empty"):
        restore.load(elsewhere, source, 5)


def test_every_damage_is_refused_by_the_files_name(told: Centre, tmp_path: Path) -> None:
    folder = take(told, tmp_path).folder
    names = sorted(path.name for path in folder.iterdir())
    assert set(names) == {*backup_files.open_manifest(folder).files, "manifest.json", "manifest.sig"}
    for name in names:
        path = folder / name
        whole = path.read_bytes()
        spoiled = bytearray(whole)
        spoiled[len(whole) // 2] ^= 1
        for bad in (bytes(spoiled), whole[:-1], None):
            path.unlink()
            if bad is not None:
                path.write_bytes(bad)
            with pytest.raises(Refused) as refused:
                restore.open_backup(folder, "")
            expected = (
                {"DIR"} if (name, bad) == ("manifest.json", None) else {name, name.replace("sig", "json")}
            )
            assert refused.value.code.startswith("backup."), name
            assert refused.value.where in expected
            path.write_bytes(whole)
    assert restore.open_backup(folder, "").folder == folder


def test_a_manifest_anybody_else_wrote_is_forged(told: Centre, tmp_path: Path) -> None:
    folder = take(told, tmp_path).folder
    manifest = backup_files.open_manifest(folder)
    stranger = CentreKey(bytes(32))
    backup_files.seal_manifest(folder, msgspec.structs.replace(manifest, position=1), stranger)
    with pytest.raises(Refused, match=r"backup\.forged"):
        restore.open_backup(folder, "")
    backup_files.seal_manifest(
        folder, msgspec.structs.replace(manifest, centre_key=stranger.public.hex()), stranger
    )
    with pytest.raises(Refused, match=r"backup\.other-key"):
        restore.open_backup(folder, "", told.key.public.hex())
    with pytest.raises(Refused) as refused:
        restore.open_backup(folder, "")
    assert (refused.value.code, refused.value.where) == ("backup.forged", "centre.key")
    outside = msgspec.structs.replace(
        manifest, files=manifest.files | {"../x": manifest.files[backup_files.KEY]}
    )
    backup_files.seal_manifest(folder, outside, told.key)
    with pytest.raises(Refused, match=r"backup\.forged"):
        restore.open_backup(folder, "")


def test_the_key_is_private_and_can_be_sealed(told: Centre, tmp_path: Path) -> None:
    plain = take(told, tmp_path / "plain").folder
    assert {stat.S_IMODE(path.stat().st_mode) for path in plain.iterdir()} == {0o600}
    assert stat.S_IMODE(plain.stat().st_mode) == 0o700
    sealed = take(told, tmp_path / "sealed", password="演示口令").folder
    assert told.key.seed not in (sealed / backup_files.KEY).read_bytes()
    assert restore.open_backup(sealed, "演示口令").key.seed == told.key.seed
    for wrong in ("", "别的"):
        with pytest.raises(Refused, match=r"backup\.password"):
            restore.open_backup(sealed, wrong)


def test_an_interrupted_backup_is_none_and_leaves_no_horizon(
    told: Centre, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def power_cut(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", power_cut)
        with pytest.raises(Unavailable, match=r"store\.disk-full"):
            take(told, tmp_path)
    left = tmp_path / "backup.new"
    shutil.copytree(take(told, tmp_path / "whole").folder, left)
    assert backup_files.every(tmp_path) == []
    with pytest.raises(Refused, match=r"backup\.none"):
        restore.open_backup(tmp_path, "")
    assert backup_files.every(tmp_path) == []
    assert [take(told, tmp_path).folder] == backup_files.every(tmp_path)
    assert not left.exists()


def test_events_that_are_no_whole_feed_make_no_backup(told: Centre, tmp_path: Path) -> None:
    with told.engine.begin() as connection:
        connection.execute(sa.text("UPDATE event SET body = body || ' ' WHERE position = 3"))
    with pytest.raises(Refused) as refused:
        take(told, tmp_path)
    assert (refused.value.code, refused.value.params["position"]) == ("backup.unsound", 3)
    assert backup_files.every(tmp_path) == []
    with told.engine.connect() as connection:
        assert operating.horizon(connection) == 0


def test_nobody_erases_what_a_backup_waits_for_until_it_is_overdue(told: Centre, tmp_path: Path) -> None:
    for days, horizon in ((0, _BEFORE_LATE), (2, _BEFORE_LATE), (4, None)):
        manifest = take(told, tmp_path, days=days).manifest
        assert manifest.erasable == (manifest.position if horizon is None else horizon)
        with told.engine.connect() as connection:
            assert operating.horizon(connection) == manifest.erasable


def test_attachments_are_copied_once_and_mended_in_their_turn(told: Centre, tmp_path: Path) -> None:
    assert take(told, tmp_path).copied == 1
    copy = tmp_path / "blobs" / NAME[:2] / NAME
    copy.write_bytes(SCAN[::-1])
    turn = (int(NAME[:2], 16) - told.now() // DAY) % TURNS or TURNS
    other, mine = take(told, tmp_path, days=turn + 1), take(told, tmp_path, days=turn)
    assert (other.copied, other.renewed, mine.copied, mine.renewed) == (0, 0, 0, 1)
    assert copy.read_bytes() == SCAN


def test_a_damaged_copy_is_told_and_holds_up_no_other(told: Centre, tmp_path: Path) -> None:
    source = restore.open_backup(take(told, tmp_path).folder, "")
    (tmp_path / "blobs" / NAME[:2] / NAME).write_bytes(b"x")
    done = restore.put_back(source, in_folder(tmp_path / "other"))
    assert (done.blobs, done.blobs_missing, done.missing) == (0, 1, (NAME,))


def test_old_backups_are_dropped_and_the_folder_is_one_centres(told: Centre, tmp_path: Path) -> None:
    first, second, third = (take(told, tmp_path, days=day, keep=2) for day in range(3))
    assert third.dropped == (first.folder.name,)
    assert backup_files.every(tmp_path) == [second.folder, third.folder]
    assert restore.open_backup(tmp_path, "").folder == third.folder
    with pytest.raises(Refused, match=r"backup\.other-centre"):
        take(told, tmp_path, days=4, key=CentreKey(bytes(32)))


def test_two_backups_at_once_are_one_too_many(told: Centre, tmp_path: Path) -> None:
    with copying.only_one(told.engine) as alone:
        assert alone
        with pytest.raises(Unavailable, match=r"backup\.running"):
            take(told, tmp_path)
    take(told, tmp_path)


def test_the_horizon_never_goes_back(told: Centre) -> None:
    with told.engine.begin() as connection:
        for position in (3, 5, 4):
            operating.publish_horizon(connection, position)
        assert operating.horizon(connection) == 5
