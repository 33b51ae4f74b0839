"""A desk whose clock cannot be believed records nothing; one that is only a little off does."""

from __future__ import annotations

from pathlib import Path

import pytest

from jinpu_desk.domain import bodies as b
from jinpu_desk.domain.errors import Refused
from jinpu_desk.store.desk import SqlDeskStore
from samples.cases import NOON, received
from samples.stores import open_store, record, replica

HOUR = 3_600_000


def note(store: SqlDeskStore, minutes: int) -> None:
    record(store, b.CaseNoted(text="演示"), at=NOON + minutes * 60_000)


@pytest.mark.parametrize(
    ("offset", "minutes", "code"),
    [
        (0, -59, ""),
        (0, -61, "clock.behind"),
        (-2 * HOUR, 0, "clock.behind"),  # measured two hours slow: it has been since
        (-2 * HOUR, 120, ""),  # set right since
        (2 * HOUR, 1, "clock.ahead"),
        (2 * HOUR, -119, ""),  # set back since the measurement
        (HOUR // 2, 1, ""),
    ],
)
def test_what_a_clock_may_record(tmp_path: Path, offset: int, minutes: int, code: str) -> None:
    store = open_store(tmp_path / "desk.db", replica=replica(training=False))
    record(store, received())
    store.sync.contact(NOON, offset, 0)
    if code:
        with pytest.raises(Refused) as told:
            note(store, minutes)
        assert told.value.code == code
    else:
        note(store, minutes)
    assert store.status().events == (1 if code else 2)
    store.close()


def test_a_clock_chosen_for_training_may_be_ahead_but_not_behind(tmp_path: Path) -> None:
    store = open_store(tmp_path / "desk.db", replica=replica(training=True))
    record(store, received())
    store.sync.contact(NOON, 365 * 24 * HOUR, 0)
    note(store, 1)
    store.sync.contact(NOON, 0, 0)
    with pytest.raises(Refused):
        note(store, -365 * 24 * 60)
    store.close()
