"""How window PCs and clerks come in, and how they are shown out."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.ids import ClerkId
from jinpu_desk.server import admin, people
from jinpu_desk.server.centre import Centre
from jinpu_desk.store.centre import registry
from jinpu_desk.sync.pull import signed
from jinpu_desk.sync.wire import EnrolAnswer, EnrolRequest, LoginAnswer, LoginRequest
from samples.cases import CLERK
from samples.centres import PASSWORD, Window, certificate
from samples.stores import StoppedClock

HERE = "127.0.0.1"


def clock_of(centre: Centre) -> StoppedClock:
    assert isinstance(centre.clock, StoppedClock)
    return centre.clock


def request(code: str, **changes: object) -> EnrolRequest:
    key = Ed25519PrivateKey.generate()
    made = EnrolRequest(
        code=code,
        window="综合窗口07",
        public_key=key.public_key().public_bytes_raw(),
        certificate=certificate(key),
    )
    return msgspec.structs.replace(made, **changes)


def enrol(centre: Centre, asked: EnrolRequest, caller: str = HERE) -> EnrolAnswer:
    return people.enrol(centre, asked, caller, "http://127.0.0.1:1")


def code(centre: Centre, station: str = "JP03") -> str:
    return admin.make_code(centre.engine, station, centre.now() + centre.settings.limits.code_ms)


def login(window: Window, clerk: str, password: str = PASSWORD) -> LoginAnswer:
    return people.login(
        window.centre,
        LoginRequest(replica=window.enrolled.replica.id, clerk=ClerkId(clerk), password=password),
        HERE,
    )


def test_a_window_learns_who_it_is(centre: Centre) -> None:
    told = enrol(centre, request(code(centre))).replica
    assert (told.division, told.station, told.series, told.training) == ("210213", "03", "000", True)
    assert told.progress_url == "http://127.0.0.1:1"


def test_series_are_never_given_twice(centre: Centre) -> None:
    given = [enrol(centre, request(code(centre))).replica.series for _ in range(3)]
    assert given == ["000", "001", "002"]
    assert enrol(centre, request(code(centre, "JP05"))).replica.series == "000"


def test_the_last_series_of_a_station_is_the_last(centre: Centre) -> None:
    with centre.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE station SET next_series = 999")
    assert enrol(centre, request(code(centre))).replica.series == "999"
    with pytest.raises(Refused, match=r"enrol\.series-exhausted"):
        enrol(centre, request(code(centre)))


def test_a_code_works_once_in_any_spelling_and_not_for_ever(centre: Centre) -> None:
    first, late = code(centre), code(centre)
    enrol(centre, request(first.lower().replace("-", " ")))
    with pytest.raises(Refused, match=r"enrol\.code"):
        enrol(centre, request(first))
    clock_of(centre).advance(timedelta(hours=72, seconds=1))
    with pytest.raises(Refused, match=r"enrol\.code"):
        enrol(centre, request(late))


def test_guessing_codes_is_stopped_for_a_while(centre: Centre) -> None:
    good = code(centre)
    for _ in range(5):
        with pytest.raises(Refused, match=r"enrol\.code"):
            enrol(centre, request("XXXX"))
    with pytest.raises(Refused, match=r"enrol\.too-many"):
        enrol(centre, request(good))
    clock_of(centre).advance(timedelta(minutes=15))
    enrol(centre, request(good))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"public_key": bytes(32)}, "enrol.key"),
        ({"certificate": b"junk"}, "enrol.key"),
        ({"window": ""}, "enrol.window"),
        ({"window": "窗\n口"}, "enrol.window"),
        ({"window": "窗" * 41}, "enrol.window"),
    ],
)
def test_broken_requests_do_not_use_the_code_up(
    centre: Centre, changes: dict[str, object], expected: str
) -> None:
    good = code(centre)
    with pytest.raises(Refused) as caught:
        enrol(centre, request(good, **changes))
    assert caught.value.code == expected
    enrol(centre, request(good))


def test_the_token_is_kept_only_as_its_hash(centre: Centre) -> None:
    window = Window(centre)
    with centre.engine.connect() as connection:
        held = connection.exec_driver_sql("SELECT r::text FROM replica r").scalar_one()
    assert window.enrolled.token not in held
    assert window.enrolled.token.encode().hex() not in held


def test_the_escrow_secret_is_the_replicas_own_and_lasting(centre: Centre) -> None:
    one, two = Window(centre), Window(centre)
    assert one.enrolled.escrow != two.enrolled.escrow
    assert login(one, CLERK).escrow == one.enrolled.escrow
    assert len(one.enrolled.escrow) == 32


def test_a_login_gives_a_signed_grant_for_this_replica(centre: Centre) -> None:
    window = Window(centre)
    grant = login(window, CLERK).grant
    assert signed(window.enrolled.centre_key, grant.statement(), grant.signature)
    assert (grant.clerk.roles, grant.clerk.station, grant.replica) == (("clerk",), "03", window.id)
    assert grant.expires - grant.issued == 72 * 3_600_000


@pytest.mark.parametrize("clerk", [CLERK, "nobody"])
def test_wrong_passwords_lock_for_a_while_whoever_it_is(centre: Centre, clerk: str) -> None:
    window = Window(centre)
    left = []
    for _ in range(5):
        with pytest.raises(Refused, match=r"login\.wrong") as caught:
            login(window, clerk, "wrong")
        left.append(caught.value.params["left"])
    assert left == [4, 3, 2, 1, 0]
    with pytest.raises(Refused, match=r"login\.locked"):
        login(window, clerk)


def test_a_good_login_forgets_earlier_failures(centre: Centre) -> None:
    window = Window(centre)
    for _ in range(3):
        for _ in range(4):
            with pytest.raises(Refused, match=r"login\.wrong"):
                login(window, CLERK, "wrong")
        login(window, CLERK)


def test_a_revoked_clerk_is_turned_away_and_named(centre: Centre) -> None:
    window, other = Window(centre), Window(centre)
    login(window, CLERK)
    assert [g.clerk.id for g in people.grants(centre, window.row()).grants] == [CLERK]
    admin.revoke_user(centre.engine, CLERK, centre.now())
    answer = people.grants(centre, window.row())
    assert (answer.grants, answer.revoked) == ([], [CLERK])
    assert people.grants(centre, other.row()).revoked == []
    with pytest.raises(Refused, match=r"login\.revoked"):
        login(window, CLERK)


def test_a_clerk_of_another_station_is_turned_away(centre: Centre) -> None:
    admin.add_user(
        centre.engine, "zhang", PASSWORD, ("clerk",), "JP05", display_name="", known_roles=("clerk",)
    )
    with pytest.raises(Refused, match=r"login\.station"):
        login(Window(centre), "zhang")
    login(Window(centre, "JP05"), "zhang")


def test_revocation_keeps_its_first_time(centre: Centre) -> None:
    admin.revoke_user(centre.engine, CLERK, 1000)
    admin.revoke_user(centre.engine, CLERK, 2000)
    with centre.engine.connect() as connection:
        found = registry.clerk(connection, CLERK)
    assert found is not None
    assert found.revoked_at == 1000
