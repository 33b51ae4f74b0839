"""Passwords open the store, guessing does not, and only the centre says who may."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec.structs import replace

from jinpu_desk.app.ports.entering import Clerk, Grant
from jinpu_desk.domain.errors import Refused, Unavailable
from jinpu_desk.domain.ids import ClerkId, ReplicaId
from jinpu_desk.domain.instants import utc
from jinpu_desk.store.checked import read_checked, write_checked
from jinpu_desk.store.keys import Cost, FileKeyRing
from samples.cases import NOON, REPLICA

CENTRE = Ed25519PrivateKey.from_private_bytes(b"c" * 32)
CHEAP = Cost(memory_kib=64, passes=1, lanes=1)
DATA_KEY = b"k" * 32
DEMO = ClerkId("demo")
NOW = utc(NOON)
THREE_DAYS = 72 * 3_600_000


def grant(name: ClerkId = DEMO, replica: ReplicaId = REPLICA, *, issued: int = NOON) -> Grant:
    clerk = Clerk(id=name, display_name="演示员", roles=("clerk",), station="03")
    unsigned = Grant(clerk=clerk, replica=replica, issued=issued, expires=issued + THREE_DAYS, signature=b"")
    return replace(unsigned, signature=CENTRE.sign(unsigned.statement()))


def ring_at(path: Path) -> FileKeyRing:
    key = CENTRE.public_key().public_bytes_raw()
    return FileKeyRing(path / "keys.json", centre_key=key, replica=REPLICA, cost=CHEAP)


@pytest.fixture
def ring(tmp_path: Path) -> FileKeyRing:
    made = ring_at(tmp_path)
    made.add(DEMO, "演示demo", DATA_KEY, grant())
    return made


def refused(ring: FileKeyRing, password: str, at: datetime = NOW) -> Refused:
    with pytest.raises(Refused) as caught:
        ring.unlock(DEMO, password, at)
    return caught.value


def test_password_opens_after_restart(ring: FileKeyRing, tmp_path: Path) -> None:
    assert ring_at(tmp_path).unlock(DEMO, "演示demo", NOW) == (DATA_KEY, grant())
    assert (tmp_path / "keys.json").stat().st_mode & 0o777 == 0o600
    assert DATA_KEY not in (tmp_path / "keys.json").read_bytes()


def test_a_new_slot_costs_a_guesser_what_rfc_9106_asks(tmp_path: Path) -> None:
    """The second recommended choice of section 4: 64 MiB and three passes."""
    key = CENTRE.public_key().public_bytes_raw()
    dear = FileKeyRing(tmp_path / "keys.json", centre_key=key, replica=REPLICA)
    dear.add(DEMO, "演示demo", DATA_KEY, grant())
    kept = json.loads(read_checked(tmp_path / "keys.json"))["slots"][DEMO]["cost"]
    assert kept["memory_kib"] >= 64 * 1024
    assert kept["passes"] >= 3
    assert ring_at(tmp_path).unlock(DEMO, "演示demo", NOW)[0] == DATA_KEY


def test_password_is_the_same_however_it_is_composed(ring: FileKeyRing) -> None:
    ring.add(DEMO, "café", DATA_KEY, grant())
    assert ring.unlock(DEMO, "cafe\u0301", NOW)[0] == DATA_KEY


def test_every_clerk_opens_the_same_key_with_their_own_password(ring: FileKeyRing) -> None:
    other = ClerkId("demo-2")
    ring.add(other, "另一个", DATA_KEY, grant(other))
    assert ring.clerks() == (DEMO, other)
    assert ring.unlock(other, "另一个", NOW)[0] == ring.unlock(DEMO, "演示demo", NOW)[0]
    ring.remove(DEMO)
    assert refused(ring, "演示demo").code == "login.no-slot"
    assert ring.unlock(other, "另一个", NOW)[0] == DATA_KEY


def test_wrong_tries_shut_the_slot_longer_and_longer(ring: FileKeyRing, tmp_path: Path) -> None:
    assert [refused(ring, "x").params["left"] for _ in range(4)] == [4, 3, 2, 1]
    now = NOW
    for minutes in (1, 5, 15, 60, 60):
        shut = refused(ring_at(tmp_path), "x", now)
        assert (shut.code, shut.params["minutes"]) == ("login.locked", minutes)
        almost = now + timedelta(minutes=minutes, milliseconds=-1)
        assert refused(ring_at(tmp_path), "演示demo", almost).code == "login.locked"
        now += timedelta(minutes=minutes)
    assert ring.unlock(DEMO, "演示demo", now)[0] == DATA_KEY
    assert refused(ring, "x", now).params["left"] == 4


def test_clock_set_back_does_not_open_a_shut_slot(ring: FileKeyRing) -> None:
    for _ in range(5):
        refused(ring, "x")
    back = NOW - timedelta(days=3)
    assert refused(ring, "演示demo", back).params["minutes"] == 1
    assert ring.unlock(DEMO, "演示demo", back + timedelta(minutes=1))[0] == DATA_KEY


def test_grant_ends_and_a_clock_set_back_does_not_revive_it(ring: FileKeyRing) -> None:
    end = NOW + timedelta(milliseconds=THREE_DAYS)
    assert ring.unlock(DEMO, "演示demo", end - timedelta(milliseconds=1))[0] == DATA_KEY
    assert refused(ring, "演示demo", end).code == "login.grant-expired"
    assert refused(ring, "演示demo", NOW).code == "login.grant-expired"
    ring.renew(grant(issued=NOON + THREE_DAYS))
    assert ring.unlock(DEMO, "演示demo", end)[1].issued == NOON + THREE_DAYS


@pytest.mark.parametrize(
    "forged",
    [
        replace(grant(), expires=NOON * 2),
        replace(grant(), clerk=replace(grant().clerk, roles=("administrator",))),
        grant(replica=ReplicaId("another")),
        grant(ClerkId("demo-2")),
    ],
)
def test_grants_are_the_centres_word_for_this_clerk_and_window(ring: FileKeyRing, forged: Grant) -> None:
    with pytest.raises(Refused, match=r"login\.(grant-forged|no-slot)"):
        ring.renew(forged)
    with pytest.raises(Refused, match=r"login\.grant-forged"):
        ring.add(DEMO, "x", DATA_KEY, forged)
    assert ring.unlock(DEMO, "演示demo", NOW)[1] == grant()


def test_slot_edited_in_the_file_does_not_open(ring: FileKeyRing, tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    write_checked(path, read_checked(path).replace(b'"memory_kib":64', b'"memory_kib":32'))
    assert refused(ring, "演示demo").code == "login.wrong"


def test_a_flipped_bit_is_no_wrong_password(ring: FileKeyRing, tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    sound = path.read_bytes()
    for at in range(len(sound)):
        path.write_bytes(sound[:at] + bytes([sound[at] ^ 1]) + sound[at + 1 :])
        with pytest.raises(Unavailable, match=r"keys\.unreadable"):
            ring.unlock(DEMO, "演示demo", NOW)
    path.write_bytes(sound)
    assert ring.unlock(DEMO, "演示demo", NOW)[0] == DATA_KEY


def test_a_file_that_lost_its_checksum_is_damaged(ring: FileKeyRing, tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    path.write_bytes(read_checked(path))
    with pytest.raises(Unavailable, match=r"keys\.unreadable"):
        ring.unlock(DEMO, "演示demo", NOW)


def test_a_year_ahead_once_does_not_shut_the_window_for_a_year(ring: FileKeyRing) -> None:
    next_year = NOW + timedelta(days=365)
    assert refused(ring, "演示demo", next_year).code == "login.grant-expired"
    assert (
        refused(ring, "演示demo", NOW).code == "login.grant-expired"
    )  # which clock is right, nobody here knows
    fresh = grant(issued=NOON + 60_000)
    ring.renew(fresh)
    assert ring.unlock(DEMO, "演示demo", NOW + timedelta(minutes=2)) == (DATA_KEY, fresh)


def test_an_old_grant_put_back_does_not_turn_the_clock_back(ring: FileKeyRing) -> None:
    old = grant()
    ring.renew(grant(issued=NOON + 60_000))
    late = NOW + timedelta(days=4)
    assert refused(ring, "演示demo", late).code == "login.grant-expired"
    ring.renew(old)
    assert refused(ring, "演示demo", NOW).code == "login.grant-expired"


def test_escrow_opens_with_the_centres_secret_only(ring: FileKeyRing) -> None:
    with pytest.raises(Refused, match=r"login\.escrow"):
        ring.unlock_escrow(b"s" * 32)
    ring.add_escrow(b"s" * 32, DATA_KEY)
    assert ring.unlock_escrow(b"s" * 32) == DATA_KEY
    with pytest.raises(Refused, match=r"login\.escrow"):
        ring.unlock_escrow(b"t" * 32)


def test_broken_file_is_not_taken_for_an_empty_one(ring: FileKeyRing, tmp_path: Path) -> None:
    (tmp_path / "keys.json").write_text("{")
    with pytest.raises(Unavailable, match=r"keys\.unreadable"):
        ring.clerks()


def test_failed_logins_wait_for_the_audit_log(ring: FileKeyRing) -> None:
    refused(ring, "wrong")
    with pytest.raises(Refused, match=r"login\.no-slot"):
        ring.unlock(ClerkId("a secret typed as a name"), "wrong", NOW)
    tried = ring.attempts()
    assert [(attempt.clerk, attempt.kind) for attempt in tried] == [
        (DEMO, "login-failed"),
        ("", "login-failed"),
    ]
    ring.unlock(DEMO, "演示demo", NOW)
    assert ring.attempts() == tried, "a good login does not hide the bad ones"
    ring.forget_attempts(tried)
    assert ring.attempts() == ()


def test_whoever_is_new_here_has_not_failed(ring: FileKeyRing) -> None:
    new = ClerkId("demo-3")
    with pytest.raises(Refused, match=r"login\.no-slot"):
        ring.unlock(new, "演示", NOW)
    ring.add(new, "演示", DATA_KEY, grant(new))
    assert ring.attempts() == ()
