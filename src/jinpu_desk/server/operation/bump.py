"""``epoch bump``: a centre that lost its newest past goes on, and gives out nothing that may have been given before.

What it can no longer know, it jumps over: the next document numbers of every kind and the next series of every
station are burned and entered into the ledger, and enrolment codes of before open nothing any more. Its own replica
is dropped, because the lost past may hold events of it: it writes on under a new one.
"""

from __future__ import annotations

import datetime as dt
import math

import msgspec
from sqlalchemy.engine import Connection, Engine

from jinpu_desk.domain.ids import Entropy
from jinpu_desk.domain.instants import millis
from jinpu_desk.domain.numbering import LAST_SERIES
from jinpu_desk.store.centre import epochs, events, operating, registry
from jinpu_desk.store.centre.operating import Burned

from ..leasing import years_of
from ..settings import CentreSettings
from .standing import Window, windows

_DAY = 86_400_000
_LOOK_BACK = 14 * _DAY
STRANGERS = 4
"""Windows that may have been enrolled in the lost time, at most."""
SERIES = 8
"""Series of one station that may have been given out in the lost time, at most."""


class Bumped(msgspec.Struct, frozen=True, kw_only=True):
    """A new epoch, what was burned for it, and whose windows have not been in contact since the restore."""

    epoch: str
    former: str
    position: int
    restored_at: int | None
    lost_days: int
    burned: list[Burned]
    codes_voided: int
    silent: list[Window]


def bump(
    engine: Engine,
    settings: CentreSettings,
    now: dt.datetime,
    entropy: Entropy,
    *,
    lost_days: int | None = None,
) -> Bumped:
    """Begin a new epoch and return what that meant.

    ``lost_days`` is how many days may be missing; without it, it is told from when the data last moved before the
    restore was known, and from silences of the last two weeks, in which a hole may hide.
    """
    at = millis(now)
    with engine.begin() as connection:
        operating.lock_centre(connection)
        head = events.take_counter(connection)
        restored_at = epochs.restored_at(connection)
        found = windows(connection)
        days = _lost(connection, restored_at or at) if lost_days is None else lost_days
        epoch = _epoch(entropy)
        newest = epochs.line(connection)[0][1]
        epochs.begin(connection, epoch, max(at, newest + 1))
        burned = _numbers(connection, settings, now, days, len(found) + STRANGERS) + _series(connection)
        operating.burn(connection, epoch, burned)
        return Bumped(
            epoch=epoch,
            former=head.epoch,
            position=head.position,
            restored_at=restored_at,
            lost_days=days,
            burned=burned,
            codes_voided=operating.void_codes(connection, at),
            silent=[one for one in found if (one.last_contact or 0) < (restored_at or at)],
        )


def _lost(connection: Connection, known_at: int) -> int:
    last = operating.last_sign(connection, known_at) or known_at
    silence = operating.longest_silence(connection, known_at - _LOOK_BACK)
    return math.ceil(max(known_at - last, silence) / _DAY)


def _numbers(
    connection: Connection, settings: CentreSettings, now: dt.datetime, days: int, count: int
) -> list[Burned]:
    """Burn a block per window for each lost day and one more: twice what a busy window can have been given."""
    blocks: dict[str, int] = {}
    for entry in settings.templates:
        blocks[entry.template] = max(blocks.get(entry.template, 0), entry.block)
    years = years_of(now)
    pairs = {(template, year) for template in blocks for year in years}
    burned = []
    for template, year in sorted(pairs | operating.counters(connection, years[0])):
        size = blocks.get(template, max(blocks.values(), default=1)) * count * (days + 1)
        first = operating.skip_numbers(connection, template, year, size)
        burned.append(Burned(what="number", name=template, year=year, first=first, last=first + size - 1))
    return burned


def _series(connection: Connection) -> list[Burned]:
    burned = []
    for station in registry.stations(connection):
        skipped = operating.skip_series(connection, station.code, SERIES, LAST_SERIES)
        if skipped is not None:
            burned.append(Burned(what="series", name=station.code, year=0, first=skipped[0], last=skipped[1]))
    return burned


def _epoch(entropy: Entropy) -> str:
    """Return a random UUID (version 4, RFC 9562 §5.4)."""
    raw = bytearray(entropy(16))
    raw[6] = raw[6] & 0x0F | 0x40
    raw[8] = raw[8] & 0x3F | 0x80
    text = raw.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
