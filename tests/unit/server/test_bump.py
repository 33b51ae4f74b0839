"""A restored centre stays closed for numbers until a new epoch, and then gives out nothing twice."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from jinpu_desk.domain import bodies as b
from jinpu_desk.domain.errors import Refused, Unavailable
from jinpu_desk.domain.ids import Digest
from jinpu_desk.server import admin
from jinpu_desk.server.centre import Centre
from jinpu_desk.server.contacts import Contacts
from jinpu_desk.server.events import own
from jinpu_desk.server.leasing import refill
from jinpu_desk.server.marks import Marker
from jinpu_desk.server.operation.bump import SERIES, STRANGERS, Bumped, bump
from jinpu_desk.server.operation.standing import standing
from jinpu_desk.server.operation.verify import verify
from jinpu_desk.store.centre import epochs, operating
from jinpu_desk.sync.wire import LeaseRequest
from samples.cases import received
from samples.centres import SETTINGS, Window

DAY = dt.timedelta(days=1)
HOUR = 3_600_000


def mark(centre: Centre) -> None:
    with centre.engine.begin() as connection:
        epochs.mark_restored(connection, centre.now())


def bumped(centre: Centre, days: int | None = None, after: dt.timedelta = dt.timedelta()) -> Bumped:
    return bump(centre.engine, SETTINGS, centre.clock.now() + after, os.urandom, lost_days=days)


def leased(centre: Centre, window: Window) -> dict[str, int]:
    """Return the first number of the newest block of each kind."""
    known = refill(centre, window.row(), LeaseRequest(left={})).leases
    fresh = refill(centre, window.row(), LeaseRequest(left={lease.id: 0 for lease in known})).leases
    return {lease.kind: lease.first for lease in sorted(fresh, key=lambda lease: lease.first)}


def test_a_restored_centre_is_closed_for_numbers_until_the_bump(centre: Centre) -> None:
    admin.enrol_centre(centre.engine, centre.key, centre.clock.now(), os.urandom)
    one = Window(centre)
    one.say(received())
    mark(centre)
    closed: list[Callable[[], object]] = [
        lambda: Window(centre),
        lambda: refill(centre, one.row(), LeaseRequest(left={})),
        lambda: _pen(centre),
    ]
    for act in closed:
        with pytest.raises(Unavailable, match=r"server\.restored"):
            act()
    assert one.say(b.CaseNoted(text="演示"))[0].outcome == "applied"
    told = bumped(centre)
    assert (told.position, told.restored_at) == (2, centre.now())
    assert verify(centre.engine).ok
    for act in closed:
        act()
    with centre.engine.connect() as connection:
        line = [epoch for epoch, _ in epochs.line(connection)]
    assert line == [told.epoch, told.former]


def _pen(centre: Centre) -> str:
    with centre.engine.begin() as connection:
        return own.Pen(centre, connection, "演示").replica.id


def test_the_centre_writes_on_as_another_replica(centre: Centre) -> None:
    before = _pen(centre)
    mark(centre)
    admin.enrol_centre(centre.engine, centre.key, centre.clock.now(), os.urandom)
    bumped(centre)
    assert _pen(centre) != before


def test_numbers_and_series_jump_over_what_may_have_been_given(centre: Centre) -> None:
    one = Window(centre)
    before = leased(centre, one)
    mark(centre)
    told = bumped(centre, days=1)
    burned = {(row.name, row.year): row for row in told.burned if row.what == "number"}
    block = {entry.kind: entry for entry in SETTINGS.templates}
    for kind, first in leased(centre, one).items():
        row = burned[block[kind].template, centre.clock.now().year]
        assert row.first == before[kind] + block[kind].block
        assert row.last - row.first + 1 == block[kind].block * (1 + STRANGERS) * 2
        assert first == row.last + 1
    series = {row.name: row for row in told.burned if row.what == "series"}
    assert (series["JP03"].first, series["JP03"].last) == (1, SERIES)
    assert Window(centre).row().series == SERIES + 1
    with centre.engine.connect() as connection:
        assert operating.burned(connection) == sorted(
            ((told.epoch, row) for row in told.burned),
            key=lambda one: (one[1].what, one[1].name, one[1].year),
        )
    report = verify(centre.engine)
    assert (report.ok, report.problems) == (True, ())


def test_a_kind_whose_first_number_was_lost_begins_past_the_burned(centre: Centre) -> None:
    mark(centre)
    told = bumped(centre)
    first = {row.first for row in told.burned if row.what == "number"}
    assert first == {1}
    assert min(leased(centre, Window(centre)).values()) > 1


def test_the_more_time_is_lost_the_more_is_burned(centre: Centre) -> None:
    one = Window(centre)
    one.say(received())
    assert bumped(centre).lost_days == 0
    assert bumped(centre, after=3 * DAY).lost_days == 3
    with centre.engine.begin() as connection:
        # Events that came in after the data went back in time do not hide the hole before them.
        connection.execute(sa.text("UPDATE event SET arrived_at = arrived_at - 9 * 86400000"))
    one.say(b.CaseNoted(text="演示"))
    assert bumped(centre).lost_days == 9
    assert bumped(centre, days=1).lost_days == 1


def test_a_used_code_that_was_forgotten_opens_nothing(centre: Centre) -> None:
    code = admin.make_code(centre.engine, "JP03", centre.now() + HOUR)
    assert bumped(centre).codes_voided == 1
    with centre.engine.connect() as connection:
        used = connection.execute(
            sa.text("SELECT count(*) FROM enrolment WHERE used_at IS NULL")
        ).scalar_one()
    assert (used, len(code)) == (0, 14)


def test_windows_not_heard_of_since_are_named(centre: Centre) -> None:
    one, two = Window(centre), Window(centre, "JP05")
    contacts = Contacts()
    contacts.note(one.id, centre.now() - HOUR, 3)
    contacts.note(two.id, centre.now() - HOUR)
    contacts.write(centre.engine)
    mark(centre)
    contacts.note(two.id, centre.now() + HOUR, 0)
    assert contacts.write(centre.engine) == 1
    (silent,) = bumped(centre).silent
    assert (silent.id, silent.last_contact, silent.station) == (one.id, centre.now() - HOUR, "JP03")


def test_contacts_keep_the_latest_and_survive_a_database_that_does_not_answer(centre: Centre) -> None:
    one = Window(centre)
    one.say(received(), b.CaseNoted(text="演示"))
    contacts = Contacts()
    contacts.note(one.id, 20, 1)
    contacts.note(one.id, 10)
    broken = sa.create_engine("postgresql+psycopg://nobody@127.0.0.1:1/none")
    with pytest.raises(sa.exc.OperationalError):
        contacts.write(broken)
    contacts.note("01900000-0000-7000-8000-0000000000ff", 5)  # a window nobody knows
    assert contacts.write(centre.engine) == 2
    (told,) = standing(centre.engine, centre.blobs).windows
    assert (told.id, told.last_contact, told.lag) == (one.id, 20, 1)
    contacts.note(one.id, 15)
    contacts.write(centre.engine)
    contacts.note(one.id, 30)
    contacts.write(centre.engine)
    assert contacts.write(centre.engine) == 0
    (told,) = standing(centre.engine, centre.blobs).windows
    assert (told.last_contact, told.lag) == (30, 1)


def test_standing_tells_what_is_in_no_backup(centre: Centre) -> None:
    one = Window(centre)
    page = b.PagesAttached(material="application", sha256=Digest("5" * 64), media_type="image/jpeg", size=3)
    one.say(received(), page, page)
    with centre.engine.begin() as connection:
        operating.publish_horizon(connection, 2)
    told = standing(centre.engine, centre.blobs)
    assert (told.position, told.horizon, told.at_risk) == (3, 2, 1)
    assert (told.blobs, told.blobs_pending, told.restored_at, told.epochs) == (2, 2, None, 1)
    assert [(window.last_contact, window.lag) for window in told.windows] == [(None, None)]


def test_a_database_put_back_in_time_is_known_by_the_mark(centre: Centre, tmp_path: Path) -> None:
    marker = Marker(tmp_path)
    one = Window(centre)
    one.say(received(), b.CaseNoted(text="演示"))
    assert not marker.compare(centre.engine, 1)
    with centre.engine.connect() as connection, connection.begin() as work:
        hash_ = connection.execute(sa.text("SELECT feed_hash FROM event WHERE position = 1")).scalar_one()
        connection.execute(sa.text("DELETE FROM event WHERE position = 2"))
        connection.execute(sa.text("UPDATE feed SET position = 1, hash = :hash"), {"hash": hash_})
        work.commit()
    assert marker.compare(centre.engine, 2)
    with centre.engine.connect() as connection:
        assert epochs.restored_at(connection) == 2
    assert marker.compare(centre.engine, 3)
    bumped(centre)
    assert not marker.compare(centre.engine, 4)
    assert not marker.compare(centre.engine, 5)


def test_a_database_of_before_the_epoch_is_known_by_the_mark(centre: Centre, tmp_path: Path) -> None:
    marker = Marker(tmp_path)
    told = bumped(centre)
    assert not marker.compare(centre.engine, 1)
    with centre.engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM burned"))
        connection.execute(sa.text("DELETE FROM epoch WHERE bumped_at > 0"))
        connection.execute(sa.text("UPDATE feed SET epoch = :epoch"), {"epoch": told.former})
    assert marker.compare(centre.engine, 2)


def test_enrolment_codes_alone_open_a_whole_centre(centre: Centre) -> None:
    mark(centre)
    bumped(centre)
    assert Window(centre).row().series == SERIES
    with pytest.raises(Refused, match=r"station\.unknown"):
        admin.make_code(centre.engine, "XX", 0)


def test_what_builds_on_an_outcome_that_was_lost_is_kept_for_a_person(centre: Centre) -> None:
    one = Window(centre)
    withdrawn = b.CaseWithdrawn(reason="演示")
    assert one.say(received(), withdrawn, withdrawn)[2].outcome == "dead"
    mark(centre)
    bumped(centre)
    (again,) = one.say(withdrawn)
    assert (again.outcome, again.reason.split()) == ("parked", ["sync.outcome-lost", "case.wrong-status"])
