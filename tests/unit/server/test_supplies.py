"""Numbers, reference data and administration."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from hypothesis import given
from hypothesis import strategies as st

from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.numbering import render_doc_no
from jinpu_desk.server import admin, leasing, library
from jinpu_desk.server.centre import Centre
from jinpu_desk.server.settings import decode_settings
from jinpu_desk.store.centre.engine import connect, migrate
from jinpu_desk.store.centre.schema import METADATA
from jinpu_desk.sync.supplies import read_trust
from jinpu_desk.sync.wire import LeaseAnswer, LeaseRequest, reference_digest
from samples.centres import RESOURCES, SETTINGS, Window
from samples.stores import StoppedClock

CENTRE = (RESOURCES / "centre.toml").read_bytes()
FULL = {t.kind: t.block for t in SETTINGS.templates}


def refill(window: Window, left: dict[str, int]) -> LeaseAnswer:
    return leasing.refill(window.centre, window.row(), LeaseRequest(left=left))


def held(answer: LeaseAnswer, kind: str) -> list[tuple[int, int]]:
    return [(lease.first, lease.last) for lease in answer.leases if lease.kind == kind]


def test_a_new_window_gets_a_block_of_each_kind(centre: Centre) -> None:
    answer = refill(Window(centre), {})
    assert {lease.kind: lease.last - lease.first + 1 for lease in answer.leases} == FULL
    d2 = next(lease for lease in answer.leases if lease.kind == "D2")
    assert render_doc_no(d2.template, d2.year, d2.next) == "金普市监受字〔2026〕1号"


def test_blocks_of_two_windows_never_meet(centre: Centre) -> None:
    blocks = held(refill(Window(centre), {}), "D2") + held(refill(Window(centre), {}), "D2")
    assert blocks == [(1, FULL["D2"]), (FULL["D2"] + 1, 2 * FULL["D2"])]


def test_a_block_is_refilled_at_half(centre: Centre) -> None:
    window = Window(centre)
    left = {lease.id: lease.last - lease.first + 1 for lease in refill(window, {}).leases}
    d2 = next(lease.id for lease in refill(window, left).leases if lease.kind == "D2")
    assert len(held(refill(window, left | {d2: FULL["D2"] // 2 + 1}), "D2")) == 1
    assert len(held(refill(window, left | {d2: FULL["D2"] // 2}), "D2")) == 2


def test_a_lost_answer_costs_no_second_block(centre: Centre) -> None:
    window = Window(centre)
    first = refill(window, {})
    assert refill(window, {}) == first
    used_up = {lease.id: 0 for lease in first.leases}
    second = refill(window, used_up)
    assert len(second.leases) == 2 * len(first.leases)
    assert refill(window, used_up) == second


def test_near_the_turn_of_the_year_both_years_are_given(centre: Centre) -> None:
    window = Window(centre)
    assert isinstance(centre.clock, StoppedClock)
    assert {lease.year for lease in refill(window, {}).leases} == {2026}
    centre.clock.advance(timedelta(days=100))
    assert {lease.year for lease in refill(window, {}).leases} == {2026, 2027}


def test_an_authoritys_own_template_goes_before_the_common_one(centre: Centre) -> None:
    common = next(each for each in SETTINGS.templates if each.kind == "D2")
    own = msgspec.structs.replace(common, authority=SETTINGS.authority, template="甲{yyyy}{n}")
    settings = msgspec.structs.replace(SETTINGS, templates=(own, *SETTINGS.templates))
    window = Window(msgspec.structs.replace(centre, settings=settings))
    assert {x.template for x in refill(window, {}).leases if x.kind == "D2"} == {"甲{yyyy}{n}"}


@pytest.mark.parametrize("broken", [b"division = 1", b"\xff", b"division = '210213'\nunheard = 1"])
def test_broken_settings_are_named(broken: bytes) -> None:
    with pytest.raises(Refused, match=r"server\.settings"):
        decode_settings(broken)


@pytest.mark.parametrize(
    "url", ["jinpu.invalid", "https://jinpu.invalid/", "https://jinpu.invalid/#", "ftp://x"]
)
def test_a_public_address_no_paper_could_bear_is_refused(url: str) -> None:
    with pytest.raises(Refused, match=r"server\.settings"):
        decode_settings(CENTRE.replace(b'public_url = ""', f'public_url = "{url}"'.encode()))


def test_the_public_may_reach_the_centre_elsewhere_than_desks_do(centre: Centre) -> None:
    public = "https://jinpu.example.invalid/city"
    settings = decode_settings(CENTRE.replace(b'public_url = ""', f'public_url = "{public}"'.encode()))
    window = Window(msgspec.structs.replace(centre, settings=settings))
    assert window.enrolled.replica.progress_url == public


def test_versions_are_immutable_and_the_last_published_is_current(centre: Centre) -> None:
    one, new = admin.publish_catalogue(centre.engine, {"a.toml": b"1"}, 1)
    two, _ = admin.publish_catalogue(centre.engine, {"a.toml": b"2"}, 2)
    assert new
    assert library.current_files(centre.engine, "catalogue") == {"a.toml": b"2"}
    again, new = admin.publish_catalogue(centre.engine, {"a.toml": b"1"}, 3)
    assert (again, new) == (one, False)
    index = library.index(centre.engine, centre.key, training=True)
    assert index.digests["catalogue"] == one
    packed = library.files(centre.engine, centre.key, True, "catalogue", two)
    assert msgspec.msgpack.decode(packed) == {"a.toml": b"2"}
    with pytest.raises(Refused, match=r"reference\.unknown"):
        library.files(centre.engine, centre.key, True, "catalogue", "0" * 64)


def test_a_calendar_takes_the_place_of_its_year_only(centre: Centre) -> None:
    years = {p.name: p.read_bytes() for p in (RESOURCES / "calendars").glob("202[56].json")}
    admin.publish_calendars(centre.engine, years, 1)
    changed = years["2026.json"].replace(b"2025-11-04", b"2025-11-05")
    admin.publish_calendars(centre.engine, {"whatever.json": changed}, 2)
    assert library.current_files(centre.engine, "calendars") == years | {"2026.json": changed}
    with pytest.raises(Refused, match=r"calendar\."):
        admin.publish_calendars(centre.engine, {"x.json": b"{}"}, 3)
    with pytest.raises(Refused, match=r"calendar\.not-newer"):
        admin.publish_calendars(centre.engine, years, 4)
    guess = changed.replace(b'"official"', b'"provisional"')
    with pytest.raises(Refused, match=r"calendar\.downgrade"):
        admin.publish_calendars(centre.engine, {"2026.json": guess}, 5)


def test_the_directory_of_trust_names_every_window_and_is_signed(centre: Centre) -> None:
    one, two = Window(centre), Window(centre)
    admin.revoke_replica(centre.engine, two.id, 77)
    files = library.trust_files(centre.engine, centre.key, training=True)
    directory = read_trust(files, centre.key.public)
    assert {entry.id: entry.revoked_at for entry in directory.replicas} == {one.id: None, two.id: 77}
    with pytest.raises(Refused, match=r"sync\.trust"):
        read_trust(files | {"trust.json": files["trust.json"].replace(b"77", b"78")}, centre.key.public)
    digest = library.index(centre.engine, centre.key, training=True).digests["trust"]
    assert digest == reference_digest(files)


@given(files=st.dictionaries(st.text(max_size=5), st.binary(max_size=5), max_size=3))
def test_a_digest_tells_sets_of_files_apart(files: dict[str, bytes]) -> None:
    digest = reference_digest(files)
    assert digest == reference_digest(dict(reversed(files.items())))
    assert digest != reference_digest(files | {"new": b"x"} if "new" not in files else {})


def test_migrations_build_the_declared_schema_and_go_down_cleanly(database: str) -> None:
    engine = connect(database)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
    migrate(engine, "base")
    with engine.connect() as connection:
        assert sa.inspect(connection).get_table_names() == ["alembic_version"]
    migrate(engine)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
    engine.dispose()


@pytest.mark.parametrize("url", ["", "sqlite:///x", "nonsense"])
def test_only_postgresql_will_do(url: str) -> None:
    with pytest.raises(Refused, match=r"server\.database-url"):
        connect(url)


def test_every_code_of_these_rooms_has_a_sentence() -> None:
    source = Path(admin.__file__).parents[1]
    rooms = (
        "server",
        "sync",
        "store/centre",
        "entry/centre",
        "entry/server.py",
        "entry/clocks.py",
        "entry/resources.py",
    )
    text = "".join(
        p.read_text(encoding="utf-8")
        for room in rooms
        for p in ([source / room] if room.endswith(".py") else (source / room).rglob("*.py"))
    )
    from samples.centres import SENTENCES

    codes = set(re.findall(r'(?:Refused|Unavailable)\(\s*"([a-z0-9.-]+)"', text))
    assert len(codes) > 40
    assert {code for code in codes if code not in SENTENCES} == set()
