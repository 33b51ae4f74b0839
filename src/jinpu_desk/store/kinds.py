"""Which kinds of events the tables were made with: a program that reads more of them folds those cases again.

An event of a kind this program does not know stays in the log and out of the fold (``eventlog.fold_stored``). The first
program that knows the kind finds it here, when it opens the file.
"""

from __future__ import annotations

import sqlalchemy as sa

from jinpu_desk.app.rows import Projector
from jinpu_desk.domain.bodies import KINDS
from jinpu_desk.domain.ids import CaseId

from .eventlog import CHUNK
from .projection import refold
from .schema import counters, events

_PREFIX = "kind "
_TOLD = sa.select(counters.c.name).where(counters.c.name > _PREFIX, counters.c.name < "kind!")
_FORGET = counters.delete().where(counters.c.name == sa.bindparam("kind"))
_header = sa.cast(events.c.header, sa.Text)
_kind = (
    sa.func.json_extract(_header, "$.type")
    + " "
    + sa.cast(sa.func.json_extract(_header, "$.version"), sa.Text)
)
_TOUCHED = sa.select(events.c.case_id).where(_kind.in_(sa.bindparam("kinds", expanding=True))).distinct()


def catch_up(connection: sa.Connection, projector: Projector) -> int:
    """Fold again the cases that hold events which only this program, or only the one before, can read; return how many.

    That walks the whole log, once per release that brings a new kind; otherwise it costs one small read.
    """
    told = frozenset(connection.execute(_TOLD).scalars())
    known = frozenset(f"{_PREFIX}{name} {version}" for name, version in KINDS)
    if told == known:
        return 0
    # A file that nobody told anything was made by a program that knew what this one knows, or is new.
    changed = sorted(kind.removeprefix(_PREFIX) for kind in told ^ known) if told else []
    touched = (
        [CaseId(one) for one in connection.execute(_TOUCHED, {"kinds": changed}).scalars()] if changed else []
    )
    for start in range(0, len(touched), CHUNK):
        refold(connection, projector, touched[start : start + CHUNK])
    if told - known:
        connection.execute(_FORGET, [{"kind": kind} for kind in sorted(told - known)])
    if known - told:
        connection.execute(counters.insert(), [{"name": kind, "value": 1} for kind in sorted(known - told)])
    return len(touched)
