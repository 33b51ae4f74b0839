"""The synthetic fixture has the report's figures, counted from its rows."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jinpu_desk.catalogue.check import check_catalogue
from jinpu_desk.catalogue.model import Authority, Catalogue
from jinpu_desk.catalogue.seed2020 import PUBLIC_SERVICE, Parameters, SeedFixture, seed_2020


@pytest.fixture(scope="module")
def fixture() -> SeedFixture:
    return seed_2020()


def test_the_rows_add_up_to_the_report(fixture: SeedFixture) -> None:
    applied = [item for item in fixture.items if item.kind_code != PUBLIC_SERVICE]
    tolerant = [item for item in fixture.items if any(m.tolerable for m in item.materials)]
    assert (len(fixture.items), len(applied), len(fixture.items) - len(applied)) == (1114, 1018, 96)
    assert sum(item.legal_days or 0 for item in fixture.items) == 24234
    assert sum(item.promised_days for item in fixture.items) == 6671
    assert sum(item.visits > 1 for item in fixture.items) == 8
    assert sum(item.entered for item in applied) == 974
    assert len(tolerant) == 249
    assert len(fixture.packages) == 100
    assert Counter(licence.origin for licence in fixture.licence_types) == {"city": 61, "own": 62}
    assert (len(fixture.station_cases), len(fixture.stations), len(fixture.incubators)) == (374, 12, 31)


def test_every_row_says_that_it_is_made_up(fixture: SeedFixture) -> None:
    named = [(item.key, item.name) for item in fixture.items]
    named += [(package.key, package.name) for package in fixture.packages]
    named += [(licence.key, licence.name) for licence in fixture.licence_types]
    assert all("演示" in name and key.startswith("demo-") for key, name in named)
    assert all("演示" in name for name in fixture.incubators)


def test_the_rows_make_a_sound_catalogue(fixture: SeedFixture) -> None:
    keys = {item.authority for item in fixture.items}
    catalogue = Catalogue(
        version="seed",
        effective_from=date(2020, 1, 1),
        digest="",
        authorities={key: Authority(name="演示部门", short="演示") for key in keys},
        items={item.key: item for item in fixture.items},
        packages={package.key: package for package in fixture.packages},
    )
    assert list(check_catalogue(catalogue)) == []
    assert (len(catalogue.items), len(catalogue.packages)) == (1114, 100)


def test_station_cases_are_the_two_registrations_on_working_days(fixture: SeedFixture) -> None:
    assert {case.station for case in fixture.station_cases} == set(fixture.stations)
    assert {case.entity_type for case in fixture.station_cases} == {"sole-prop", "llc-one-person"}
    assert {case.item for case in fixture.station_cases} == {
        item.key for item in fixture.items if item.stations
    }
    assert all(case.received_on.isoweekday() <= 5 for case in fixture.station_cases)
    days = [case.received_on for case in fixture.station_cases]
    assert (min(days).year, max(days) < date(2020, 10, 1), days == sorted(days)) == (2020, True, True)


def test_terms_are_spread_as_statutes_spread_them(fixture: SeedFixture) -> None:
    legal = Counter(item.legal_days for item in fixture.items)
    assert len(legal) >= 6
    assert max(legal, key=lambda days: legal[days]) == 20
    at_once = sum(item.promised_days == 0 for item in fixture.items)
    assert 0.2 < at_once / len(fixture.items) < 0.4


def test_the_same_rows_come_every_time(fixture: SeedFixture) -> None:
    assert seed_2020() == fixture


@given(
    applied=st.integers(4, 60),
    public=st.integers(1, 20),
    mean=st.integers(12, 30),
    marks=st.integers(1, 4),
    packages=st.integers(1, 5),
)
def test_other_figures_make_other_rows(
    applied: int, public: int, mean: int, marks: int, packages: int
) -> None:
    count = applied + public
    figures = Parameters(
        by_application=applied,
        public_service=public,
        legal_days=mean * count,
        promised_days=4 * count,
        many_visits=marks,
        not_entered=marks,
        tolerant=marks,
        packages=packages,
    )
    made = seed_2020(figures)
    assert sum(item.legal_days or 0 for item in made.items) == mean * count
    assert sum(item.promised_days for item in made.items) == 4 * count
    assert all(item.promised_days <= (item.legal_days or 0) for item in made.items)
    assert sum(item.visits > 1 for item in made.items) == marks
    assert sum(not item.entered for item in made.items) == marks
    assert len({package.key for package in made.packages}) == packages


def test_terms_out_of_reach_are_not_made_up() -> None:
    with pytest.raises(ValueError, match="cannot be reached"):
        seed_2020(Parameters(promised_days=24235))
