"""Verbs about what the centre set aside: a conflict is settled by a person, a dead letter done anew or put aside.

The event that was set aside never changes. What became of it stands in an event of its own, which syncs like any other.
"""

from __future__ import annotations

from typing import Any, Literal

from jinpu_desk.domain import bodies as b
from jinpu_desk.domain.case import Case
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.ids import EventId
from jinpu_desk.domain.resolving import MATERIALS, before, said, standing
from jinpu_desk.domain.rules import check
from jinpu_desk.domain.rules_conflict import check_resolution

from ..desk import Desk
from ..intake.changes import sound_changes
from ..intake.subject import Subject, subject_of_case
from ..ports import StoredEvent
from ..roles import require
from . import bars
from .data import Data, require_text
from .moment import Moment
from .verb import Verb

RESOLVE = "resolve"
DEEDS: dict[type[b.Body], str] = {
    b.CaseAccepted: "accept",
    b.CorrectionNoticed: "correct",
    b.CaseResubmitted: "resubmit",
    b.CaseRefused: "refuse",
    b.CorrectedOnTheSpot: "on-the-spot",
    b.FieldsEdited: "edit",
    b.MaterialsTicked: "tick",
    b.CaseSupplemented: "supplement",
    b.CaseLapsed: "lapse",
    b.ClockPaused: "pause",
    b.ClockResumed: "resume",
    b.TermExtended: "extend",
    b.CaseDecided: "decide",
    b.CaseClosed: "close",
    b.ResultHandedOut: "hand-out",
    b.DeliveryConfirmed: "delivered",
    b.MaterialsReturned: "return-materials",
    b.HandedOn: "hand-on",
    b.TakenOver: "take-over",
    b.CaseVisited: "visit",
    b.CaseRated: "rate",
    b.RatingAnswered: "answer-rating",
    b.PledgeChecked: "check-pledge",
    b.CreditRepaired: "repair-credit",
    b.CaseWithdrawn: "withdraw",
    b.CaseVoided: "void",
    b.CaseNoted: "note",
    b.PagesAttached: "attach",
}
"""The verb whose right somebody needs to let such an event count; any other needs the right to resolve alone."""


class Resolve(Data, frozen=True, kw_only=True):
    """Which event, and whose side: ``fields`` takes those paths of ``theirs`` from it and keeps the rest as it is."""

    event: str
    take: Literal["ours", "theirs", "fields"]
    theirs: tuple[str, ...] = ()
    reason: str


class Retry(Data, frozen=True, kw_only=True):
    """Which dead letter is done anew, and why."""

    event: str
    reason: str


def waiting(desk: Desk, event: str) -> StoredEvent:
    """Return an event that waits for a person. Raises Refused ``conflict.settled`` when none of that id does."""
    found = next((s for s in desk.store.parked() if s.event.header.id == event), None)
    if found is None:
        raise Refused("conflict.settled", "data.event")
    return found


def meant(stored: StoredEvent) -> b.Body:
    """Return what an event said. Raises Refused ``sync.no-body`` or what ``decode_body`` raises."""
    header = stored.event.header
    if stored.event.body is None:
        raise Refused("sync.no-body", header.id)
    return b.decode_body(header.type, header.version, stored.event.body)


def resolution(
    desk: Desk, case: Case, stored: StoredEvent, take: str, theirs: tuple[str, ...], reason: str
) -> b.ConflictResolved:
    """Return the event that settles a conflict so; what is kept names every field's value, chosen or left.

    Raises:
        Refused: ``conflict.no-such-field`` for a path the event does not change, ``conflict.dead`` when it was never
            acceptable and can only be put aside.
    """
    event = EventId(stored.event.header.id)
    if take == "ours" or (take == "fields" and not theirs):
        return b.ConflictResolved(parked=event, keep=False, reason=reason)
    if stored.outcome == "dead":
        raise Refused("conflict.dead", "data.take")
    offered = offer(desk, case, stored)
    for path in theirs if take == "fields" else ():
        if path not in offered:
            raise Refused("conflict.no-such-field", "data.theirs", path=path)
    changes: dict[str, tuple[Any, Any]] = {}
    for path, value in offered.items():
        now = standing(case, path)
        changes[path] = (now, value if take == "theirs" or path in theirs else now)
    return b.ConflictResolved(parked=event, keep=True, changes=changes, reason=reason)


def offer(desk: Desk, case: Case, stored: StoredEvent) -> dict[str, Any]:
    """Return the values a parked event offers by path. A second resolution also offers what the first one took away."""
    body = meant(stored)
    values = said(body)
    if not isinstance(body, b.ConflictResolved):
        return values
    return _undone(desk, case, body) | values


def _undone(desk: Desk, case: Case, second: b.ConflictResolved) -> dict[str, Any]:
    """Return what fields held before the first resolution of the same conflict."""
    held: dict[str, Any] = {}
    for stored in desk.store.events_of(case.id):
        if stored.outcome in {"parked", "dead"} or stored.event.header.type != b.type_name(second):
            continue
        first = meant(stored)
        if isinstance(first, b.ConflictResolved) and first.parked == second.parked:
            held |= before(first)
    return held


def check_keeping(
    desk: Desk, case: Case, subject: Subject, stored: StoredEvent, body: b.ConflictResolved
) -> None:
    """Let whoever is logged in settle a conflict so, or refuse: by role, by law, by what the form allows."""
    require(desk.roles, desk.clerk.roles, RESOLVE)
    kept = meant(stored) if body.keep else None
    if kept is not None:
        require(desk.roles, desk.clerk.roles, DEEDS.get(type(kept), RESOLVE))
    if isinstance(kept, b.CaseDecided):
        bars.decision(desk, case, subject)
    typed = {
        path: new
        for path, (old, new) in body.changes.items()
        if old != new and not path.startswith(MATERIALS)
    }
    if typed:
        sound_changes(case, subject, typed, desk.today())
    aside = {s.event.header.id: s.event for s in desk.store.events_of(case.id) if s.outcome == "parked"}
    check_resolution(case, desk.clerk.id, body, aside)


def _resolve(now: Moment, data: Resolve) -> None:
    require_text(data.reason, "data.reason")
    stored = waiting(now.desk, data.event)
    if stored.event.header.case != now.case.id:
        raise Refused("conflict.settled", "data.event")
    body = resolution(now.desk, now.case, stored, data.take, data.theirs, data.reason)
    check_keeping(now.desk, now.case, now.subject, stored, body)
    now.write(body)


def check_retry(desk: Desk, case: Case, stored: StoredEvent) -> b.Body:
    """Return the deed of a dead letter where whoever is logged in may do it anew now, or refuse."""
    if stored.outcome != "dead":
        raise Refused("conflict.not-dead", "data.event")
    deed = meant(stored)
    verb = DEEDS.get(type(deed))
    if verb is None:
        raise Refused("conflict.cannot-retry", "data.event")
    require(desk.roles, desk.clerk.roles, verb)
    if isinstance(deed, b.CaseDecided):
        bars.decision(desk, case, subject_of_case(desk, case))
    check(case, desk.clerk.id, deed)
    return deed


def _retry(now: Moment, data: Retry) -> None:
    require_text(data.reason, "data.reason")
    stored = waiting(now.desk, data.event)
    if stored.event.header.case != now.case.id:
        raise Refused("conflict.settled", "data.event")
    deed = check_retry(now.desk, now.case, stored)
    aside = b.ConflictResolved(parked=EventId(data.event), keep=False, reason=data.reason)
    now.write(deed, aside)


def never(_case: Case) -> bool:
    """Fit no case's row of buttons: these verbs have a page of their own."""
    return False


VERBS: dict[str, Verb] = {
    RESOLVE: Verb(Resolve, _resolve, None, fits=never, button=False),
    "retry": Verb(Retry, _retry, None, fits=never, button=False),
}
