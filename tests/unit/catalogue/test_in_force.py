"""What is not in force is neither offered nor taken in, and a seal is used within its days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from jinpu_desk.catalogue.in_force import edition_on, in_force, refuse_closed
from jinpu_desk.catalogue.load import digest_of
from jinpu_desk.catalogue.model import Catalogue, Seal
from jinpu_desk.catalogue.search import ItemIndex
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.ids import Digest
from jinpu_desk.entry.parts import catalogue_of, load_parts
from samples.memory import MemoryShelf

DAY = date(2026, 9, 18)
days = st.dates(date(2026, 1, 1), date(2026, 12, 31))


def ended(catalogue: Catalogue, key: str, last: date) -> Catalogue:
    item = replace(catalogue.items[key], effective_from=None, effective_to=last)
    return replace(catalogue, items=catalogue.items | {key: item})


@given(day=days, first=days, last=days)
def test_both_days_are_included(catalogue: Catalogue, day: date, first: date, last: date) -> None:
    item = replace(catalogue.items["small-catering"], effective_from=first, effective_to=last)
    assert in_force(item, day) == (first <= day <= last)


def test_an_item_that_ended_is_not_offered(catalogue: Catalogue) -> None:
    index = ItemIndex(ended(catalogue, "small-catering", DAY))
    assert "small-catering" in {hit.key for hit in index.find("小餐饮", day=DAY)}
    later = DAY + timedelta(days=1)
    assert "small-catering" not in {hit.key for hit in index.find("小餐饮", day=later)}


@pytest.mark.parametrize(
    ("target", "package", "answers"),
    [
        ("small-catering", False, {}),
        ("open-restaurant", True, {"subject": "individual", "catering": "small"}),
    ],
)
def test_an_item_that_ended_is_not_taken_in(
    catalogue: Catalogue, target: str, package: bool, answers: dict[str, str]
) -> None:
    then = ended(catalogue, "small-catering", DAY)
    refuse_closed(then, target, package=package, answers=answers, day=DAY)
    with pytest.raises(Refused, match=r"catalogue\.not-in-force") as refused:
        refuse_closed(then, target, package=package, answers=answers, day=DAY + timedelta(days=1))
    assert refused.value.params["name"] == "小餐饮经营许可"
    refuse_closed(then, "open-restaurant", package=True, answers={}, day=DAY + timedelta(days=1))


def test_a_branch_is_taken_in_only_within_its_package(catalogue: Catalogue) -> None:
    branch = replace(catalogue.items["small-catering"], role="branch")
    then = replace(catalogue, items=catalogue.items | {"small-catering": branch})
    with pytest.raises(Refused, match=r"catalogue\.only-in-package"):
        refuse_closed(then, "small-catering", package=False, answers={}, day=DAY)
    refuse_closed(then, "open-restaurant", package=True, answers={"catering": "small"}, day=DAY)
    assert "small-catering" not in {hit.key for hit in ItemIndex(then).find("", 100)}


def test_the_seal_of_a_day_is_the_one_valid_since_last(catalogue: Catalogue) -> None:
    old = Seal(
        key="old",
        name="旧章",
        authority="market",
        use="acceptance",
        text="旧",
        valid_from=date(2020, 1, 1),
        valid_to=date(2026, 9, 30),
        roles=("clerk",),
    )
    new = replace(old, key="new", name="新章", valid_from=date(2026, 9, 1), valid_to=None)
    sealed = replace(catalogue, seals={"old": old, "new": new})

    def held(authority: str, day: date) -> str | None:
        found = sealed.seal_for(authority, "acceptance", day)
        return None if found is None else found.key

    assert [held("market", date(2026, month, 1)) for month in (8, 9, 10)] == ["old", "new", "new"]
    assert held("market", date(2019, 12, 31)) is None
    assert held("fire", date(2026, 9, 1)) is None
    assert sealed.seal_for("market", "approval", date(2026, 9, 1)) is None


def test_each_authority_has_its_seals(catalogue: Catalogue) -> None:
    for item in catalogue.items.values():
        assert catalogue.seal_for(item.authority, "acceptance", DAY), item.key
        if item.family == "licence":
            assert catalogue.seal_for(item.authority, "approval", DAY), item.key
        if item.family == "registration":
            assert catalogue.seal_for(item.authority, "registration", DAY), item.key


def test_an_item_may_have_its_own_telephone_and_hours(catalogue: Catalogue) -> None:
    item = catalogue.items["small-catering"]
    plain = catalogue.authority_of(item)
    assert plain == catalogue.authorities["market"]
    own = replace(item, guide=replace(item.guide, hours="工作日", enquiry_phone="12315"))
    assert catalogue.authority_of(own) == replace(plain, hours="工作日", enquiry_phone="12315")


def edition(catalogue: Catalogue, version: str, start: date) -> Catalogue:
    return replace(catalogue, version=version, effective_from=start)


def test_a_catalogue_published_ahead_waits_for_its_day(catalogue: Catalogue) -> None:
    ahead = edition(catalogue, "ahead", DAY + timedelta(days=10))
    held = edition(catalogue, "held", DAY - timedelta(days=10))
    older = edition(catalogue, "older", DAY - timedelta(days=20))
    assert edition_on([ahead, older, held], DAY) is held
    assert edition_on([ahead, older, held], DAY + timedelta(days=10)) is ahead
    assert (
        edition_on([held, ahead, older], DAY + timedelta(days=10)) is held
    )  # taken back by publishing it again
    assert edition_on([ahead], DAY) is ahead


def test_older_editions_are_read_only_when_they_are_wanted(catalogue: Catalogue) -> None:
    def editions() -> Iterator[Catalogue]:
        yield edition(catalogue, "held", DAY)
        raise AssertionError("read too far")

    assert edition_on(editions(), DAY).version == "held"


def test_a_desk_works_by_the_edition_of_the_day(files: dict[str, bytes]) -> None:
    parts, shelf = load_parts(), MemoryShelf()
    root = files["catalogue.toml"]
    ahead = files | {
        "catalogue.toml": root.replace(b"effective_from = 2026-05-01", b"effective_from = 2026-10-01", 1)
    }
    for edition_files in (files, ahead):
        shelf.keep("catalogue", Digest(digest_of(edition_files)), edition_files)

    def on(month: int, day: int) -> str:
        return catalogue_of(parts, shelf, datetime(2026, month, day, 1, tzinfo=UTC)).digest

    assert on(9, 30) == digest_of(files)
    assert on(10, 1) == digest_of(ahead)
