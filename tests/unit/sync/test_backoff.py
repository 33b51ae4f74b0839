"""A desk waits as long as it is told to, and not for ever."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from jinpu_desk.domain.errors import Unavailable
from jinpu_desk.sync.backoff import LAST_SECONDS, TOLD_SECONDS, next_delay, told_by


@given(st.integers(1, 100), st.floats(0, 1, exclude_max=True), st.floats(-10, 1e9))
def test_no_wait_is_shorter_than_was_asked_nor_endless(failures: int, luck: float, told: float) -> None:
    wait = next_delay(failures, lambda: luck, told)
    assert wait > min(told, TOLD_SECONDS)
    assert 0 < wait <= LAST_SECONDS + TOLD_SECONDS


def test_what_an_error_asks_for() -> None:
    assert told_by(Unavailable("http.too-many", retry_after=7)) == 7.0
    assert told_by(Unavailable("sync.offline")) == 0.0
    assert told_by(Unavailable("sync.centre-error", retry_after="soon")) == 0.0
