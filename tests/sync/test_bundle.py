"""Bundles in any order and repetition say what a round says; hostile ones are refused before anything is written."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
import zstandard

from jinpu_desk.app.ports.sync import SyncRound
from jinpu_desk.domain import bodies as b
from jinpu_desk.domain.errors import Refused, Unavailable
from jinpu_desk.domain.ids import CaseId
from jinpu_desk.server.centre import Centre
from jinpu_desk.server.events.bundles import Imported, receive_bundle
from jinpu_desk.server.keys import CentreKey
from jinpu_desk.server.operation.verify import verify
from jinpu_desk.store.centre import registry
from jinpu_desk.sync import bundle_format as f
from jinpu_desk.sync.bundle import Exported, Outgoing
from jinpu_desk.sync.bundle_answer import Incoming
from jinpu_desk.sync.bundle_cipher import SealedWriter, envelope_for, envelope_to
from jinpu_desk.sync.session import Enrolled, SyncSession
from jinpu_desk.sync.transport import HttpCentre
from samples.cases import CASE, CLERK, received
from samples.centres import Window, connected
from samples.memory import MemoryBlobs, MemoryRing, MemoryShelf, MemorySigning, MemoryStore
from samples.stores import StoppedClock

OTHER = CaseId("01900000-0000-7000-8000-00000000c002")


class Desk:
    """A window whose store is in memory."""

    def __init__(self, centre: Centre, folder: Path, limit: int = 1 << 30, secret: bytes = b"s" * 32) -> None:
        self.centre, self.folder, self.limit, self.secret = centre, folder, limit, secret
        self.window = Window(centre)
        self.store = MemoryStore(self.window.enrolled.replica.id)
        self.blobs, self.shelf, self.ring = MemoryBlobs(), MemoryShelf(), MemoryRing(CLERK)
        self.signing = MemorySigning(self.window.enrolled.replica.id, self.window.key)
        self.number = self.latest_grant = 0

    def enrolled(self) -> Enrolled:
        return Enrolled(centre_key=self.window.enrolled.centre_key, epoch=self.window.enrolled.epoch)

    def say(self, *said: b.Body, case: CaseId = CASE) -> None:
        self.store.own += self.window.write(*said, case=case)

    def attach(self, data: bytes) -> None:
        sha256 = self.blobs.put(data)
        self.store.blobs[sha256] = len(data)
        self.say(
            b.PagesAttached(material="application", sha256=sha256, size=len(data), media_type="image/png")
        )

    def export(self, progress: Callable[[int, int], None] = lambda _done, _all: None) -> Exported:
        self.number += 1
        return Outgoing(
            reader=self.centre.key.reader_public,
            epoch=self.window.enrolled.epoch,
            secret=self.secret,
            store=self.store,
            blobs=self.blobs,
            shelf=self.shelf,
            signing=self.signing,
            clock=StoppedClock(),
            limit=self.limit,
        ).export(self.folder / f"{self.window.id[-4:]}-{self.number}.jinpu", progress)

    def take_in(self, answer: bytes) -> SyncRound:
        path = self.folder / "answer"
        path.write_bytes(answer)
        return Incoming(
            enrolled=self.enrolled(),
            secret=self.secret,
            store=self.store,
            shelf=self.shelf,
            ring=self.ring,
            replica=self.signing.replica,
            issued=lambda _clerk: self.latest_grant,
        ).take_in(path)

    def round(self, url: str) -> SyncRound:
        with connected(self.window, url) as http:
            return SyncSession(
                centre=http,
                enrolled=self.enrolled(),
                store=self.store,
                blobs=self.blobs,
                shelf=self.shelf,
                ring=self.ring,
                signing=self.signing,
                clock=StoppedClock(),
            ).round()


def carried(centre: Centre, path: str) -> tuple[Imported, bytes]:
    out = io.BytesIO()
    with Path(path).open("rb") as file:
        return receive_bundle(centre, file, out), out.getvalue()


def refused(centre: Centre, data: bytes) -> str:
    """Hand hostile bytes in; see that nothing was written anywhere; return the code."""
    before, out = verify(centre.engine).events, io.BytesIO()
    with pytest.raises(Refused) as refusal:
        receive_bundle(centre, io.BytesIO(data), out)
    assert out.getvalue() == b""
    assert verify(centre.engine).events == before
    assert centre.sentences.of(refusal.value)[0].endswith("。")
    return refusal.value.code


@pytest.fixture
def desk(centre: Centre, tmp_path: Path) -> Desk:
    return Desk(centre, tmp_path)


def test_a_bundle_and_its_answer_say_what_a_round_says(desk: Desk, centre: Centre, tmp_path: Path) -> None:
    other = Window(centre, "JP05")
    other.say(received(case_no="210213050022026112300011"), case=OTHER)
    desk.say(received(), b.CaseNoted(text="演示"))
    desk.attach(b"scan" * 1000)
    told: list[tuple[int, int]] = []
    done = desk.export(lambda part, whole: told.append((part, whole)))
    assert (done.events, done.blobs, done.missing) == (3, 1, 0)
    assert told[-1][0] > 0
    imported, answer = carried(centre, done.files[0])
    assert (imported.events, imported.blobs) == (3, 1)
    applied = desk.take_in(answer)
    assert (applied.pushed, applied.pulled, applied.blobs, applied.pending) == (3, 4, 1, 0)
    assert desk.store.blobs == {}
    assert desk.store.held_leases
    assert set(desk.shelf.held()) >= {"trust"}
    assert centre.blobs.size(next(iter(desk.blobs.data))) == 4000
    assert desk.take_in(answer) == msgspec.structs.replace(applied, pulled=0)
    assert verify(centre.engine).ok


def test_an_answer_kept_back_brings_no_old_roles_back(desk: Desk, centre: Centre) -> None:
    with centre.engine.begin() as connection:
        registry.keep_slot(connection, desk.window.id, CLERK)
    _imported, answer = carried(centre, desk.export().files[0])
    desk.latest_grant = centre.now() + 1
    desk.take_in(answer)
    assert desk.ring.slots[CLERK] is None
    desk.latest_grant = 0
    desk.take_in(answer)
    assert desk.ring.slots[CLERK] is not None


def test_any_order_and_repetition_with_the_network(desk: Desk, centre: Centre, address: str) -> None:
    desk.say(received())
    first = desk.export().files[0]
    desk.say(b.CaseNoted(text="一"))
    second = desk.export().files[0]
    desk.round(address)
    desk.say(b.CaseNoted(text="二"))
    third = desk.export().files[0]
    answers = [carried(centre, path)[1] for path in (third, first, second, third)]
    for answer in (answers[1], answers[3], answers[0], answers[2], answers[1]):
        desk.take_in(answer)
    assert desk.store.outbox(10)[1] == ()
    assert verify(centre.engine).events == 3
    assert desk.round(address).pushed == 0


def test_another_window_carries_it_over_http(desk: Desk, centre: Centre, address: str) -> None:
    desk.say(received())
    desk.attach(b"scan" * 500_000)
    bundle = Path(desk.export().files[0]).read_bytes()
    with connected(Window(centre, "JP05"), address) as courier:
        answer = io.BytesIO()
        told = msgspec.json.decode(courier.carry(io.BytesIO(bundle), answer))
        assert (told["events"], told["blobs"]) == (2, 1)
        assert desk.take_in(answer.getvalue()).pending == 0
        nothing = io.BytesIO()
        with pytest.raises(Refused, match=r"bundle\.damaged"):
            courier.carry(io.BytesIO(bundle[:-1]), nothing)
        assert nothing.getvalue() == b""
    with HttpCentre(address, "x") as stranger, pytest.raises(Refused, match=r"auth\.token"):
        stranger.carry(io.BytesIO(bundle), nothing)


def test_a_large_outbox_takes_several_files(centre: Centre, tmp_path: Path) -> None:
    desk = Desk(centre, tmp_path, limit=400_000)
    desk.say(received())
    for n in range(4):
        desk.attach(bytes([n]) * 250_000)
    done = desk.export()
    assert len(done.files) == 4
    assert all(Path(path).stat().st_size <= 400_000 for path in done.files)
    answers = [carried(centre, path)[1] for path in done.files]
    applied = [desk.take_in(answer) for answer in answers]
    assert [one.blobs for one in applied] == [1, 1, 1, 1]
    assert [one.pushed for one in applied] == [5, 0, 0, 0]
    assert desk.store.blobs == {}


def test_the_second_bundle_before_the_first_is_a_gap(desk: Desk, centre: Centre) -> None:
    desk.say(received())
    first = desk.export().files[0]
    desk.store._settled = 1  # as if an answer to the first had come
    desk.say(b.CaseNoted(text="演示"))
    second = desk.export().files[0]
    assert refused(centre, Path(second).read_bytes()) == "bundle.gap"
    carried(centre, first)
    assert carried(centre, second)[0].events == 1


@pytest.mark.parametrize("part", range(6))
def test_damage_anywhere_is_found_before_anything_is_written(desk: Desk, centre: Centre, part: int) -> None:
    desk.say(received())
    desk.attach(b"scan")
    good = Path(desk.export().files[0]).read_bytes()
    place = len(good) * part // 6
    flipped = good[:place] + bytes([good[place] ^ 4]) + good[place + 1 :]
    for bad in (flipped, good[:place], good + b"x"):
        assert refused(centre, bad).startswith("bundle.")
    assert centre.blobs.size(next(iter(desk.blobs.data))) is None


def test_files_for_others_are_turned_away(desk: Desk, centre: Centre, tmp_path: Path) -> None:
    desk.say(received())
    bundle = Path(desk.export().files[0]).read_bytes()
    elsewhere = msgspec.structs.replace(centre, key=CentreKey(bytes(32)))
    assert refused(elsewhere, bundle) == "bundle.other-centre"
    _imported, answer = carried(centre, str(desk.folder / f"{desk.window.id[-4:]}-1.jinpu"))
    assert refused(centre, answer) == "bundle.kind"
    stranger = Desk(centre, tmp_path, secret=b"t" * 32)
    for data, code in ((answer, "bundle.other-desk"), (bundle, "bundle.kind"), (b"", "bundle.not-ours")):
        with pytest.raises(Refused) as refusal:
            stranger.take_in(data)
        assert refusal.value.code == code
    assert stranger.store.reached is None


def test_a_revoked_and_an_unknown_desk_are_turned_away(desk: Desk, centre: Centre) -> None:
    desk.say(received())
    bundle = Path(desk.export().files[0]).read_bytes()
    with centre.engine.begin() as connection:
        registry.revoke_replica(connection, desk.window.id, 1)
    assert refused(centre, bundle) == "sync.replica-revoked"


def made(centre: Centre, write: Callable[[f.RecordWriter], None]) -> bytes:
    """Return a bundle any holder of the centre's public key can make."""
    file = io.BytesIO()
    envelope, secret = envelope_to(centre.key.reader_public, "bundle", "x")
    write(f.RecordWriter(SealedWriter(file, envelope, secret)))
    return file.getvalue()


def manifest(desk: Desk, written: f.RecordWriter, **changes: object) -> bytes:
    fields = {
        "id": "x",
        "replica": desk.window.id,
        "part": 1,
        "epoch": desk.window.enrolled.epoch,
        "cursor": None,
        "lease": None,
        "held": {},
        "answer_key": bytes(32),
        "made_at": 0,
        "records": written.records,
        "content": written.content,
    }
    return msgspec.msgpack.encode(fields | changes)


def test_what_nobody_signed_is_forged(desk: Desk, centre: Centre) -> None:
    def write(written: f.RecordWriter) -> None:
        written.sign(manifest(desk, written), bytes(64))

    assert refused(centre, made(centre, write)) == "bundle.forged"


def signed(desk: Desk, written: f.RecordWriter, **changes: object) -> None:
    raw = manifest(desk, written, **changes)
    written.sign(raw, desk.signing.sign(b"jinpu-bundle-v1\n" + raw))


def hostile() -> dict[str, tuple[Callable[[Desk, f.RecordWriter], None], str]]:
    def bomb(desk: Desk, written: f.RecordWriter) -> None:
        written.add(f.RecordKind.PUSH, zstandard.ZstdCompressor().compress(bytes(65 * 1024 * 1024)))
        signed(desk, written)

    def unfinished(_desk: Desk, written: f.RecordWriter) -> None:
        written.add(f.RecordKind.BLOB, b"x")
        written.out.finish()

    def length(_desk: Desk, written: f.RecordWriter) -> None:
        written.out.write(f._HEAD.pack(2, 1 << 60, bytes(32)) + b"x")
        written.out.finish()

    def kind(_desk: Desk, written: f.RecordWriter) -> None:
        written.out.write(f._HEAD.pack(77, 1, bytes(32)) + b"x")
        written.out.finish()

    def after(desk: Desk, written: f.RecordWriter) -> None:
        raw = manifest(desk, written)
        end = f.Signed(manifest=raw, signature=desk.signing.sign(b"jinpu-bundle-v1\n" + raw))
        written.pack(f.RecordKind.SIGNED, end)
        written.add(f.RecordKind.BLOB, b"x")
        written.out.finish()

    def misnamed(desk: Desk, written: f.RecordWriter) -> None:
        written.out.write(f._HEAD.pack(2, 1, bytes(32)) + b"x")
        signed(desk, written)

    def answering(desk: Desk, written: f.RecordWriter) -> None:
        written.pack(f.RecordKind.FILES, f.Files(kind="../x", digest="y", files={"../../etc/passwd": b""}))  # type: ignore[arg-type]
        signed(desk, written)

    def nothing(desk: Desk, written: f.RecordWriter) -> None:
        written.add(f.RecordKind.BLOB, b"")
        signed(desk, written)

    def others_push(desk: Desk, written: f.RecordWriter) -> None:
        other = Window(desk.centre)
        written.pack(f.RecordKind.PUSH, other.signed(other.write(received())))
        signed(desk, written)

    def word(desk: Desk, written: f.RecordWriter) -> None:
        signed(desk, written, part="erster")

    def renamed(desk: Desk, written: f.RecordWriter) -> None:
        signed(desk, written, id="y")

    def fewer(desk: Desk, written: f.RecordWriter) -> None:
        written.add(f.RecordKind.BLOB, b"x")
        signed(desk, written, records=0)

    def stranger(desk: Desk, written: f.RecordWriter) -> None:
        signed(desk, written, replica="01900000-0000-7000-8000-0000000000ff")

    damaged = "bundle.damaged"
    return {
        "bomb": (bomb, damaged),
        "no end": (unfinished, damaged),
        "giant length": (length, damaged),
        "unknown kind": (kind, damaged),
        "after the end": (after, damaged),
        "another hash": (misnamed, damaged),
        "an answer's record": (answering, damaged),
        "an empty attachment": (nothing, damaged),
        "another desk's events": (others_push, "chain.replica"),
        "a word for a number": (word, damaged),
        "another id": (renamed, damaged),
        "fewer than there are": (fewer, damaged),
        "nobody's": (stranger, "bundle.unknown-desk"),
    }


@pytest.mark.parametrize("name", hostile())
def test_hostile_bundles_of_an_enrolled_desk(desk: Desk, centre: Centre, name: str) -> None:
    write, code = hostile()[name]
    assert refused(centre, made(centre, lambda written: write(desk, written))) == code


def answer_with(desk: Desk, centre: Centre, *parts: msgspec.Struct, key: CentreKey | None = None) -> bytes:
    """Return an answer to a bundle of this desk, signed by ``key``."""
    from jinpu_desk.sync.bundle import answer_key

    file, secret = io.BytesIO(), answer_key(desk.secret, "x")
    written = f.RecordWriter(SealedWriter(file, envelope_for(secret, "answer", "x"), secret))
    for part in parts:
        kinds = {f.Answer: f.RecordKind.ANSWER, f.Files: f.RecordKind.FILES}
        written.pack(kinds.get(type(part), f.RecordKind.FEED), part)
    told = f.AnswerManifest(
        id="x",
        replica=desk.signing.replica,
        part=1,
        epoch=desk.window.enrolled.epoch,
        now=0,
        records=written.records,
        content=written.content,
    )
    raw = msgspec.msgpack.encode(told)
    written.sign(raw, (key or centre.key).sign(told.statement(raw)))
    return file.getvalue()


def test_an_answer_is_the_centres_or_nothing(desk: Desk, centre: Centre) -> None:
    empty = f.Answer(outcomes=[], blobs=[])
    assert desk.take_in(answer_with(desk, centre, empty)).pushed == 0
    traversal = f.Files(kind="catalogue", digest="0" * 64, files={"../../x": b""})  # type: ignore[arg-type]
    for parts, key, code in (
        ([empty], CentreKey(bytes(32)), "bundle.forged"),
        ([], None, "bundle.damaged"),
        ([empty, empty], None, "bundle.damaged"),
        ([traversal, empty], None, "bundle.damaged"),
        ([msgspec.structs.replace(empty, rewound=True)], None, "bundle.rewound"),
    ):
        with pytest.raises(Refused) as refusal:
            desk.take_in(answer_with(desk, centre, *parts, key=key))
        assert refusal.value.code == code
    # A version the centre does not name in its signed index is not looked at, whatever its files are called.
    desk.take_in(answer_with(desk, centre, empty, traversal))
    assert desk.shelf.kept == {}


def test_a_full_stick_leaves_nothing_behind(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.say(received())

    def full(_self: SealedWriter) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(SealedWriter, "finish", full)
    with pytest.raises(Unavailable, match=r"bundle\.unwritable"):
        desk.export()
    assert list(tmp_path.glob("*.jinpu*")) + list(tmp_path.glob(".*")) == []


def test_without_the_centres_key_nothing_is_written(desk: Desk, tmp_path: Path) -> None:
    out = Outgoing(
        reader=b"",
        epoch="e",
        secret=b"",
        store=desk.store,
        blobs=desk.blobs,
        shelf=desk.shelf,
        signing=desk.signing,
        clock=StoppedClock(),
    )
    with pytest.raises(Unavailable, match=r"bundle\.no-key"):
        out.export(tmp_path / "x")
