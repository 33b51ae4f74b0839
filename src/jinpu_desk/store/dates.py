"""Local days at the counter against instants in the tables."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LOCAL = ZoneInfo("Asia/Shanghai")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLI = timedelta(milliseconds=1)


def millis(instant: datetime) -> int:
    """Return the UTC milliseconds of an aware instant, without the rounding of floats."""
    return (instant - EPOCH) // _MILLI


def local_date(at: int) -> date:
    """Return the local day that the instant ``at`` (UTC ms) falls on."""
    return (EPOCH + at * _MILLI).astimezone(LOCAL).date()


def local_hour(at: int) -> int:
    """Return the local hour, 0 to 23, of the instant ``at`` (UTC ms)."""
    return (EPOCH + at * _MILLI).astimezone(LOCAL).hour


def day_bounds(day: date) -> tuple[int, int]:
    """Return the first instant of the local ``day`` and of the next one, in UTC ms."""
    start = datetime.combine(day, time(), LOCAL)
    return millis(start), millis(datetime.combine(day + timedelta(days=1), time(), LOCAL))
