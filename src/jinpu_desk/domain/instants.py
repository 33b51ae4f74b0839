"""Instants as UTC milliseconds, the form of every record, and the day they fall on at the counter."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Final

CHINA: Final = timezone(timedelta(hours=8), "UTC+8")
"""Time at the counter: one offset without summer time, and no zone file that a Windows PC may lack."""
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLI: Final = timedelta(milliseconds=1)


def millis(instant: datetime) -> int:
    """Return the UTC milliseconds of an aware instant, rounded down, without the rounding of floats."""
    return (instant - EPOCH) // _MILLI


def utc(at: int) -> datetime:
    """Return the aware instant in UTC of ``at`` (UTC ms)."""
    return EPOCH + at * _MILLI


def local(at: int) -> datetime:
    """Return the instant ``at`` (UTC ms) by the clock on the wall."""
    return utc(at).astimezone(CHINA)


def local_date(at: int) -> date:
    """Return the local day that the instant ``at`` (UTC ms) falls on."""
    return local(at).date()


def day_bounds(day: date) -> tuple[int, int]:
    """Return the first instant of the local ``day`` and of the next one, in UTC ms."""
    start = datetime.combine(day, time(), CHINA)
    return millis(start), millis(start + timedelta(days=1))
