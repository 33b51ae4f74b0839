"""Attachments, reference data, the replica's key and the home folder on disk."""

from __future__ import annotations

import errno
import hashlib
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from jinpu_desk.catalogue.load import digest_of
from jinpu_desk.domain.errors import Refused, Unavailable
from jinpu_desk.domain.ids import Digest
from jinpu_desk.store.blobs import CHUNK, FileBlobs
from jinpu_desk.store.home import FOLDERS, Home
from jinpu_desk.store.shelf import FileShelf
from jinpu_desk.store.signing import load_signer, save_signer
from samples.cases import REPLICA
from samples.stores import KEY, replica

ONE, TWO = Digest("1" * 64), Digest("2" * 64)


def files_in(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*")) if path.is_file()]


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK])
def test_blobs_come_back_whole(tmp_path: Path, size: int) -> None:
    blobs = FileBlobs(tmp_path, KEY)
    data = os.urandom(size)
    sha256 = blobs.put(data)
    assert sha256 == hashlib.sha256(data).hexdigest()
    assert blobs.put(data) == sha256
    assert FileBlobs(tmp_path, KEY).get(sha256) == data
    assert blobs.has(sha256)
    assert len(files_in(tmp_path)) == 1


def test_blob_files_show_neither_content_nor_hash(tmp_path: Path) -> None:
    sha256 = FileBlobs(tmp_path, KEY).put("演示身份证".encode() * 100)
    (file,) = files_in(tmp_path)
    assert "演示".encode() not in file.read_bytes()
    assert sha256[:8] not in str(file.relative_to(tmp_path))
    assert file.stat().st_mode & 0o777 == 0o600


def test_absent_blob_is_missing(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=r"blob\.missing"):
        FileBlobs(tmp_path, KEY).get(ONE)


def test_altered_cut_and_swapped_blobs_are_damaged(tmp_path: Path) -> None:
    blobs = FileBlobs(tmp_path, KEY)
    sha256 = blobs.put(os.urandom(2 * CHUNK + 5))
    (file,) = files_in(tmp_path)
    raw = file.read_bytes()
    sealed = CHUNK + 16
    swapped = raw[:11] + raw[11 + sealed : 11 + 2 * sealed] + raw[11 : 11 + sealed] + raw[11 + 2 * sealed :]
    flipped = raw[:500] + bytes([raw[500] ^ 1]) + raw[501:]
    for bad in (swapped, flipped, raw[: 11 + 2 * sealed], raw[: 11 + sealed], raw[:11], b"", raw + b"x"):
        file.write_bytes(bad)
        with pytest.raises(Unavailable, match=r"blob\.damaged"):
            blobs.get(sha256)
    with pytest.raises(Unavailable, match=r"blob\.(damaged|missing)"):
        FileBlobs(tmp_path, b"z" * 32).get(sha256)


def test_full_disk_leaves_no_blob_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    blobs = FileBlobs(tmp_path, KEY)
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Unavailable, match=r"store\.disk-full"):
        blobs.put(b"data")
    assert files_in(tmp_path) == []


def test_shelf_keeps_versions_and_points_to_the_last(tmp_path: Path) -> None:
    shelf = FileShelf(tmp_path)
    assert shelf.held() == {}
    with pytest.raises(Unavailable, match=r"shelf\.missing"):
        shelf.files("catalogue")
    first, second = {"items/a.toml": b"a", "b.toml": b"b"}, {"items/a.toml": b"c"}
    one, two = put(shelf, first), put(shelf, second)
    assert FileShelf(tmp_path).held() == {"catalogue": two}
    assert shelf.files("catalogue") == second
    assert shelf.files("catalogue", one) == first
    assert shelf.versions("catalogue") == (two, one)
    assert shelf.versions("calendars") == ()
    shelf.keep("catalogue", one, {"ignored": b""})
    assert shelf.versions("catalogue") == (one, two)
    assert shelf.files("catalogue") == first


def put(shelf: FileShelf, files: dict[str, bytes]) -> Digest:
    digest = Digest(digest_of(files))
    shelf.keep("catalogue", digest, files)
    return digest


def test_shelf_notices_damage_and_takes_the_version_anew(tmp_path: Path) -> None:
    shelf, files = FileShelf(tmp_path), {"a.toml": b"days = 5"}
    digest = put(shelf, files)
    (tmp_path / "catalogue" / digest / "a.toml").write_bytes(b"days = 7")
    with pytest.raises(Unavailable, match=r"shelf\.damaged"):
        shelf.files("catalogue")
    assert (shelf.held(), shelf.sound()) == ({"catalogue": digest}, {})
    put(shelf, files)
    assert shelf.sound() == {"catalogue": digest}
    assert shelf.files("catalogue") == files
    for broken in (b"\xff" * 64, b"0" * 64, b""):
        (tmp_path / "catalogue" / "current").write_bytes(broken)
        with pytest.raises(Unavailable, match=r"shelf\.damaged"):
            shelf.held()
    put(shelf, files)
    assert shelf.held() == {"catalogue": digest}


@pytest.mark.parametrize("name", ["../x", "/x", "a/../../x", "", "a//b", ".hidden", "a\\b", "a/"])
def test_shelf_files_stay_on_the_shelf(tmp_path: Path, name: str) -> None:
    with pytest.raises(Refused, match=r"shelf\.name"):
        FileShelf(tmp_path).keep("catalogue", ONE, {name: b""})
    assert files_in(tmp_path) == []


@pytest.mark.parametrize(("kind", "digest"), [("..", ONE), ("Cat", ONE), ("catalogue", Digest("../x"))])
def test_shelf_kinds_stay_on_the_shelf(tmp_path: Path, kind: str, digest: Digest) -> None:
    with pytest.raises(Refused, match=r"shelf\.name"):
        FileShelf(tmp_path).keep(kind, digest, {"a": b""})


def certificate(key: Ed25519PrivateKey) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "演示窗口")])
    start = datetime(2026, 1, 1, tzinfo=UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, start, start + timedelta(days=365))
    return builder.sign(key, None).public_bytes(Encoding.DER)


@pytest.mark.parametrize("encoding", [Encoding.PEM, Encoding.DER])
def test_signer_is_kept_sealed(tmp_path: Path, encoding: Encoding) -> None:
    key = Ed25519PrivateKey.generate()
    path = tmp_path / "replica.key"
    plain = key.private_bytes(encoding, PrivateFormat.PKCS8, NoEncryption())
    save_signer(path, KEY, REPLICA, plain, certificate(key))
    signer = load_signer(path, KEY)
    key.public_key().verify(signer.sign(b"head"), b"head")
    assert (signer.replica, signer.certificate) == (REPLICA, certificate(key))
    assert key.private_bytes_raw() not in path.read_bytes()
    with pytest.raises(Unavailable, match=r"replica\.key"):
        load_signer(path, b"z" * 32)
    path.write_text(path.read_text().replace(REPLICA, REPLICA[:-1] + "2"))
    with pytest.raises(Unavailable, match=r"replica\.key"):
        load_signer(path, KEY)


def test_signer_and_certificate_belong_together(tmp_path: Path) -> None:
    key = Ed25519PrivateKey.generate()
    plain = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    with pytest.raises(Unavailable, match=r"replica\.key"):
        save_signer(tmp_path / "k", KEY, REPLICA, plain, certificate(Ed25519PrivateKey.generate()))


def test_home_is_private_and_remembers_the_replica(tmp_path: Path) -> None:
    with Home(tmp_path / "home") as home:
        assert not home.enrolled
        with pytest.raises(Unavailable, match=r"home\.not-enrolled"):
            home.load_replica()
        home.save_replica(replica())
    with Home(tmp_path / "home") as home:
        assert home.load_replica() == replica()
        assert home.path.stat().st_mode & 0o777 == 0o700
        assert all(home.folder(name).is_dir() for name in FOLDERS)
        home.replica_file.write_text("{}")
        with pytest.raises(Unavailable, match=r"home\.replica"):
            home.load_replica()


def test_second_process_is_told_the_home_is_taken(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path\n"
        "from jinpu_desk.domain.errors import Unavailable\n"
        "from jinpu_desk.store.home import Home\n"
        "try: Home(Path(sys.argv[1]))\n"
        "except Unavailable as error: print(error.code)\n"
        "else: print('free')\n"
    )

    def second() -> str:
        command = [sys.executable, "-c", script, str(tmp_path)]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    with Home(tmp_path):
        assert second() == "home.locked"
    assert second() == "free"


def test_home_clears_away_what_a_kill_left_half_written(tmp_path: Path) -> None:
    with Home(tmp_path / "home") as home:
        FileShelf(home.folder("shelf")).keep("catalogue", Digest(digest_of({"a": b"a"})), {"a": b"a"})
    half = [home.path / name for name in (".keys.json.7.new", "trust/.token.7.new", "blobs/.ab.7.new")]
    for path in half:
        path.write_bytes(b"half")
    draft = home.path / "shelf" / "catalogue" / ".version.7.new"
    draft.mkdir()
    (draft / "a").write_bytes(b"half")
    with Home(home.path):
        assert not [path for path in (*half, draft) if path.exists()]
        assert FileShelf(home.folder("shelf")).files("catalogue") == {"a": b"a"}
