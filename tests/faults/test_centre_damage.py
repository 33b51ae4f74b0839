"""The centre's files with bits flipped, cut short or gone: it is noticed and named, and no desk is handed wrong bytes."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import cast

import pytest

from faults.centre import FragileCentre, kill, until
from faults.pushing import DONE, Pushing, round_told
from faults.reopening import Door
from jinpu_desk.app.desk import Desk
from jinpu_desk.domain.errors import Unavailable
from jinpu_desk.domain.ids import Digest
from jinpu_desk.entry.home.far_files import FarFiles
from jinpu_desk.entry.server import main
from jinpu_desk.server.files.blobs import in_folder
from jinpu_desk.store.blobs import FileBlobs
from samples.programs import CLOCK, PASSWORD, Finished, run

LATER = "2026-09-25T10:00:00+08:00"
"""When a file that has not come is overdue."""
Damage = Callable[[bytes, Random], bytes]


def flipped(data: bytes, rng: Random) -> bytes:
    """One bit is another."""
    at = rng.randrange(len(data))
    return data[:at] + bytes([data[at] ^ 1 << rng.randrange(8)]) + data[at + 1 :]


def cut(data: bytes, rng: Random) -> bytes:
    """The end is missing."""
    return data[: rng.randrange(len(data))]


def zeroed(data: bytes, rng: Random) -> bytes:
    """The length is right, and from somewhere on there is nothing, as after a power cut without a sync."""
    at = rng.randrange(len(data))
    return data[:at] + b"\0" * (len(data) - at)


DAMAGES = (flipped, cut, zeroed)


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_named_and_never_handed_out_as_good(tmp_path: Path, damage: Damage) -> None:
    rng = Random(7)
    here = FileBlobs(tmp_path / "desk", bytes(32))
    store = in_folder(tmp_path / "centre")
    scans = [rng.randbytes(rng.randrange(1, 4000)) for _ in range(12)]
    names = [Digest(hashlib.sha256(scan).hexdigest()) for scan in scans]
    for name, scan in zip(names, scans, strict=True):
        store.put(name, [scan])

    class Near:
        """The centre without a network between."""

        def blob_from(self, sha256: Digest, offset: int) -> Iterator[bytes]:
            return store.read(sha256, offset, store.size(sha256))

    desk = FarFiles(lambda: cast("Desk", SimpleNamespace(blobs=here)), Near)
    for name, scan in zip(names, scans, strict=True):
        file = tmp_path / "centre" / name[:2] / name
        file.write_bytes(damage(scan, rng))
        assert list(store.damaged()) == [name]
        with pytest.raises(Unavailable, match=r"blob\.damaged-there"):
            desk.scan(name)
        assert not here.has(name)
        file.write_bytes(scan)
        assert desk.scan(name) == scan
    assert list(store.damaged()) == []


@pytest.fixture
def pushing() -> Iterator[Pushing]:
    folder = Path(tempfile.mkdtemp(prefix="jinpu-damage-"))
    centre = FragileCentre(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JINPU_CLOCK", CLOCK)
        try:
            centre.make()
            made = Pushing(centre, Door.of(centre.desk().home))
            for _ in range(12):
                made.write(scan=True)
            assert made.push() == DONE
            yield made
        finally:
            with contextlib.suppress(AssertionError):
                centre.stop()
            shutil.rmtree(folder, ignore_errors=True)


def verified(centre: FragileCentre, clock: str = CLOCK) -> Finished:
    """Run ``jinpu-server verify``."""
    environment = {"JINPU_PASSWORD": PASSWORD, "JINPU_CLOCK": clock}
    return run(main, "--data", str(centre.data), "verify", **environment)


def fetched(door: Door, name: Digest) -> str:
    """Return what a clerk sees who opens a scan of another window."""
    with door.opened() as desk:
        told = round_told(desk, lambda opened: opened.files.scan(name))
        with contextlib.suppress(Unavailable):
            desk.desk.blobs.remove(name)
    return told


@pytest.mark.slow
def test_damaged_blobs_of_a_real_centre(pushing: Pushing) -> None:
    rng = Random(11)
    centre = pushing.centre
    other = Door.of(centre.desk().home)
    blobs = centre.data / "blobs"
    ends: Counter[str] = Counter()
    for number in range(60):
        name = Digest(rng.choice(sorted(pushing.witness.scans)))
        file = blobs / name[:2] / name
        kept = file.read_bytes()
        damage = (*DAMAGES, None)[number % 4]
        if damage is None:
            file.unlink()
        else:
            file.write_bytes(damage(kept, rng))
        ended = verified(centre, CLOCK if damage else LATER)
        assert name in ended.out
        assert ended.code == 2
        told = fetched(other, name)
        assert told in {"blob.damaged-there", "blob.not-sent"}
        ends[f"{damage.__name__ if damage else 'gone'}: {told}"] += 1
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(kept)
        assert fetched(other, name) == DONE
    print("\n", dict(ends))
    pushing.finish()


@pytest.mark.slow
def test_flipped_bits_in_the_files_of_postgresql(pushing: Pushing) -> None:
    """Whatever nobody notices must do no harm: every event is there as it was."""
    rng = Random(13)
    centre = pushing.centre
    with centre.database() as database:
        assert database.execute("SHOW data_checksums").fetchone() == ("on",)
        tables = (
            "SELECT pg_relation_filepath(oid) FROM pg_class WHERE relkind IN ('r', 't', 'i')"
            " AND relnamespace IN ('public'::regnamespace, 'pg_toast'::regnamespace) AND oid > 16383"
        )
        ours = {Path(path) for (path,) in database.execute(tables)}
    centre.stop()
    pg, kept = centre.data / "pg", centre.folder / "kept"
    _copy(pg, kept)
    ends: Counter[str] = Counter()
    for number in range(60):
        files = [path for path in sorted(kept.rglob("*")) if path.is_file() and path.stat().st_size]
        tried = [path for path in files if (path.relative_to(kept) in ours) == (number % 4 > 0)]
        file = rng.choice(tried).relative_to(kept)
        (pg / file).write_bytes(flipped((kept / file).read_bytes(), rng))
        ended = verified(centre)
        kind = "tables and indexes" if file in ours else file.parts[0]
        if ended.code == 0:
            pushing.compare(whole=True)
            ends[f"{kind}: not noticed, no harm"] += 1
        else:
            assert (ended.code, ended.complaint["code"]) in NOTICED, (file, ended)
            ends[f"{kind}: {ended.complaint['code']}"] += 1
        shutil.rmtree(pg)
        _copy(kept, pg)
    for end, count in sorted(ends.items()):
        print(f"\n  {end}: {count}", end="")
    assert pushing.wrong == []
    centre.start()
    pushing.finish()


NOTICED = {
    (2, "server.verify"),
    (3, "server.database-damaged"),
    (3, "server.postgres"),
    (3, "server.database"),
}


def _copy(source: Path, target: Path) -> None:
    subprocess.run(["cp", "-a", "--reflink=auto", str(source), str(target)], check=True)


@pytest.mark.slow
def test_a_flipped_bit_in_the_log_of_a_killed_postgresql_loses_nothing(pushing: Pushing) -> None:
    """PostgreSQL takes a bad record for the end of its log. What that cost, the desks give back in a new epoch."""
    rng = Random(17)
    centre = pushing.centre
    ends: Counter[str] = Counter()
    for number in range(8):
        pushing.checkpoint()
        for _ in range(3):
            pushing.write(scan=False)
            assert pushing.push() == DONE
        with centre.database() as database:
            row = database.execute(
                "SELECT file_name, file_offset FROM pg_walfile_name_offset(pg_current_wal_insert_lsn())"
            ).fetchone()
            assert row is not None
        kill(centre.postmaster)
        assert centre.process.wait(60) == 3
        until(lambda: not centre.workers("") if (centre.data / "pg" / "postmaster.pid").exists() else True)
        log = centre.data / "pg" / "pg_wal" / row[0]
        data = bytearray(log.read_bytes())
        data[max(row[1] - rng.randrange(1, 12_000), 40)] ^= 1 << rng.randrange(8)
        log.write_bytes(data)
        centre.revive()
        told = pushing.push()
        if told != DONE:
            assert "sync.rewound" in told
            ends["sync.rewound"] += 1
            centre.admin("epoch", "bump")
            pushing.witness.acknowledged.clear()  # positions after the common point are given anew
            pushing.witness.epoch = ""
        else:
            ends["nothing lost"] += 1
        assert pushing.repeated(), pushing.wrong
        pushing.compare(whole=True)
        assert pushing.wrong == [], number
    print("\n", dict(ends))
    pushing.finish()
