"""What becomes of an event that arrives: applied, merged, parked or dead (DESIGN §4). Pure.

An event is *concurrent* with those events of its case that other replicas wrote and its author had not seen.
Without any, it is applied, or dead when the rules forbid it. With some, it is parked when it changes a field that
one of them changed to something else, or when the rules forbid it now; otherwise it is merged. A forbidden event
whose replica has an earlier parked event in the case is parked too: it was legal in the world its author saw.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from jinpu_desk.domain import bodies as b
from jinpu_desk.domain import fold, rules
from jinpu_desk.domain.case import Case
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.events import Header
from jinpu_desk.domain.ids import EventId, ReplicaId
from jinpu_desk.sync.wire import FinalOutcome

_log = logging.getLogger(__name__)
_MISSING = object()
_REASON_LIMIT = 200


class ParkedMark(msgspec.Struct, frozen=True):
    """A parked event that nobody has resolved yet."""

    event: EventId
    replica: ReplicaId


class CaseState(msgspec.Struct, frozen=True):
    """A case as the centre has folded it; ``case`` is None while its opening event is parked or dead."""

    case: Case | None = None
    parked: tuple[ParkedMark, ...] = ()


class Other(msgspec.Struct, frozen=True):
    """A counted event of another replica in the case: where it stands in its chain and what it changed."""

    replica: str
    seq: int
    touches: frozenset[str]


class Verdict(msgspec.Struct, frozen=True):
    """The outcome, its reason (a code, and the place where there is one), and the case after it."""

    outcome: FinalOutcome
    reason: str
    state: CaseState


def has_unseen(state: CaseState, header: Header) -> bool:
    """Tell whether other replicas wrote to the case what the author of ``header`` had not seen."""
    if state.case is None:
        return False
    base = header.base
    return any(seq > base.get(r, 0) for r, seq in state.case.seen.items() if r != header.replica)


def judge(state: CaseState, header: Header, raw: bytes | None, others: Sequence[Other]) -> Verdict:
    """Return what becomes of the event ``header`` with body ``raw``, given the counted events of others."""
    if raw is None:
        return Verdict("dead", "sync.no-body", state)
    if _counted_before(state, header.id):
        return Verdict("dead", "sync.duplicate", state)
    try:
        body = b.decode_body(header.type, header.version, raw)
        unseen = [other for other in others if other.seq > header.base.get(other.replica, 0)]
        return _with_body(state, header, body, unseen)
    except Refused as refusal:
        return Verdict("dead", _reason(refusal), state)
    except Exception:  # one poisonous event must never stop the queue behind it
        _log.exception("event %s cannot be folded", header.id)
        return Verdict("dead", "sync.cannot-fold", state)


def _counted_before(state: CaseState, event: EventId) -> bool:
    """Tell whether the case holds this very event already.

    A store that took a new incarnation sends what was not answered again, under the old ids: the second copy is
    kept in its new chain, but must not count twice.
    """
    folded = state.case.timeline if state.case else ()
    return any(moment.event == event for moment in folded) or any(m.event == event for m in state.parked)


def _with_body(state: CaseState, header: Header, body: b.Body, unseen: Sequence[Other]) -> Verdict:
    if field := _collision(state.case, body, unseen):
        return _parked(state, header, f"sync.same-field {field}")
    try:
        rules.check(state.case, header.actor, body)
    except Refused as refusal:
        follows_parked = any(mark.replica == header.replica for mark in state.parked)
        if unseen or follows_parked:
            return _parked(state, header, _reason(refusal))
        raise
    case = fold.apply_body(state.case, header, body)
    return Verdict("merged" if unseen else "applied", "", CaseState(case, _still_parked(state, body)))


def touches(body: b.Body) -> frozenset[str]:
    """Return what ``body`` changes; a resolution changes its fields and the parked event's fate."""
    if isinstance(body, b.ConflictResolved):
        return frozenset(body.changes) | {f"resolution.{body.parked}"}
    return body.touches()


def _collision(case: Case | None, body: b.Body, unseen: Sequence[Other]) -> str:
    """Return the first field both sides changed, to different values; empty when they agree.

    ``status`` and ``delivery`` moves are left to the rules, which know whether the second still may follow.
    """
    theirs = frozenset().union(*(other.touches for other in unseen)) if unseen else frozenset()
    for field in sorted(touches(body) & theirs - {"status"}):
        if field == "delivery" and isinstance(body, b.ResultHandedOut):
            continue
        if case is None or _new_value(body, field) != _value(case, field):
            return field
    return ""


def _new_value(body: b.Body, field: str) -> Any:
    match body:
        case b.FieldsEdited(changes=changes) | b.CorrectedOnTheSpot(changes=changes):
            return changes[field][1]
        case b.ConflictResolved(changes=changes):
            return changes[field][1] if field in changes else _MISSING
        case b.MaterialsTicked(ticks=ticks) | b.CaseSupplemented(ticks=ticks):
            return msgspec.to_builtins(ticks[field.removeprefix("materials.")])
        case _:
            return _MISSING


def _value(case: Case, field: str) -> Any:
    part, _, key = field.partition(".")
    match part:
        case "form":
            return case.form.get(key)
        case "answers":
            return case.answers.get(key)
        case "materials":
            return msgspec.to_builtins(case.materials.get(key))
        case "applicant":
            return getattr(case.applicant, key, None)
        case "agent":
            return getattr(case.agent, key, None) if key else msgspec.to_builtins(case.agent)
        case "delivery" | "external_no":
            return getattr(case, part)
        case _:
            return None


def _parked(state: CaseState, header: Header, reason: str) -> Verdict:
    mark = ParkedMark(header.id, header.replica)
    return Verdict("parked", reason[:_REASON_LIMIT], CaseState(state.case, (*state.parked, mark)))


def _still_parked(state: CaseState, body: b.Body) -> tuple[ParkedMark, ...]:
    if not isinstance(body, b.ConflictResolved):
        return state.parked
    return tuple(mark for mark in state.parked if mark.event != body.parked)


def _reason(refusal: Refused) -> str:
    return f"{refusal.code} {refusal.where}".strip()[:_REASON_LIMIT]


def others_from(rows: Iterable[tuple[str, int, bytes, bytes | None]]) -> list[Other]:
    """Return the stored events (replica, seq, header, body) as what ``judge`` compares with."""
    return [Other(replica, seq, _touched(header, body)) for replica, seq, header, body in rows]


def _touched(header: bytes, body: bytes | None) -> frozenset[str]:
    if body is None:
        return frozenset()
    named = _TYPE.decode(header)
    return touches(b.decode_body(named.type, named.version, body))


class _Named(msgspec.Struct, frozen=True):
    type: str
    version: int


_TYPE = msgspec.json.Decoder(_Named)
