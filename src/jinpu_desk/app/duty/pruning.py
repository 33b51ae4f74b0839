"""Giving up at a station what the centre keeps for good, by hand or at the end of a day (DESIGN §3)."""

from __future__ import annotations

from datetime import date, timedelta

from jinpu_desk.domain.errors import Refused

from ..desk import Desk
from ..ports.house import Pruned

LEAST_DAYS = 30
"""Nobody gives a case up sooner after its end, whatever is asked for."""
MAY = frozenset({"administrator", "supervisor"})


def prune(desk: Desk, before: date | None = None, *, dry_run: bool = False) -> Pruned:
    """Erase cases that ended before a day (by the office's own term where none is named), or tell what would go.

    Raises:
        Refused: ``role.may-not``, ``prune.too-young``.
    """
    if not MAY & set(desk.clerk.roles):
        raise Refused("role.may-not", "", verb="prune", verb_name="清理已归档办件")
    today = desk.today()
    asked = before or today - timedelta(days=desk.offices.pruning.after_days)
    if asked > today - timedelta(days=LEAST_DAYS):
        raise Refused("prune.too-young", "--before", days=LEAST_DAYS)
    if dry_run:
        return desk.store.prune(asked, today, dry_run=True)
    return _whole(desk, asked, today)


def prune_daily(desk: Desk) -> Pruned | None:
    """Erase what is old enough, a bounded number a day; None at a station where that is not switched on."""
    rule = desk.offices.pruning
    if desk.replica.station not in rule.stations:
        return None
    today = desk.today()
    return desk.store.prune(today - timedelta(days=max(rule.after_days, LEAST_DAYS)), today)


def _whole(desk: Desk, before: date, today: date) -> Pruned:
    done = desk.store.prune(before, today)
    while done.more:
        more = desk.store.prune(before, today)
        done = Pruned(
            before=before,
            cases=done.cases + more.cases,
            events=done.events + more.events,
            papers=done.papers + more.papers,
            blobs=done.blobs + more.blobs,
            horizon=more.horizon,
            more=more.more and more.cases > 0,
        )
    return done
