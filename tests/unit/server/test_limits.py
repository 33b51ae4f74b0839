"""Rates and addresses: what a bucket gives over time, and who counts as one caller."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jinpu_desk.server.http.rates import Buckets, Rates
from jinpu_desk.server.limits import caller_of, minutes, seconds
from samples.centres import SETTINGS


class Stopwatch:
    """A clock that goes on when told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@given(st.lists(st.floats(0, 3), max_size=60), st.integers(1, 10), st.floats(0.1, 20))
def test_a_bucket_never_gives_more_than_its_burst_and_rate(
    pauses: list[float], burst: int, rate: float
) -> None:
    clock = Stopwatch()
    buckets = Buckets(rate, burst, clock)
    given_out = 0
    for pause in pauses:
        clock.now += pause
        wait = buckets.take(b"x")
        given_out += not wait
        assert given_out <= burst + clock.now * rate + 1e-6
        if wait:
            clock.now += wait + 1e-9
            assert buckets.take(b"x") == 0  # who waits as long as told is served
            given_out += 1


def test_whoever_invents_credentials_empties_only_what_strangers_share() -> None:
    clock = Stopwatch()
    limits = msgspec.structs.replace(SETTINGS.limits, open_per_second=1.0, open_burst=3)
    rates = Rates(limits, clock)
    rates.know("genuine")
    assert [rates.wait("10.0.0.1", f"invented {n}") for n in range(3)] == [0, 0, 0]
    assert rates.wait("10.0.0.1", "invented again") == pytest.approx(1.0)
    assert rates.wait("10.0.0.1", "genuine") == 0
    assert rates.wait("10.0.0.2", "invented") == 0


@pytest.mark.parametrize(
    ("host", "caller"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("fe80::1%eth0", "fe80::/64"),
        ("nonsense", "nonsense"),
    ],
)
def test_a_caller_is_an_address_or_an_ipv6_network(host: str, caller: str) -> None:
    assert caller_of((host, 1)) == caller


def test_nobody_is_told_to_come_back_too_early() -> None:
    assert caller_of(None) == ""
    assert [seconds(ms) for ms in (-5, 0, 1, 1000, 1001)] == [1, 1, 1, 1, 2]
    assert [minutes(each) for each in (0, 1, 60, 61)] == [0, 1, 1, 2]
