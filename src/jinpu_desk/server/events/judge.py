"""What becomes of an event that arrives: applied, merged, parked or dead (DESIGN §4). Pure.

An event is *concurrent* with those events of its case that other replicas wrote and its author had not seen.
Without any, it is applied, or dead when the rules forbid it. With some, it is parked when it changes a field that
one of them changed to something else, or when the rules forbid it now; otherwise it is merged. A forbidden event
whose replica has an earlier parked event in the case is parked too: it was legal in the world its author saw.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence

import msgspec
from msgspec.structs import replace

from jinpu_desk.app.ports.sync import DUPLICATE
from jinpu_desk.domain import bodies as b
from jinpu_desk.domain import fold
from jinpu_desk.domain.case import Case, Resolution
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.events import Event, Header
from jinpu_desk.domain.ids import EventId, ReplicaId
from jinpu_desk.domain.resolving import said, standing
from jinpu_desk.domain.rules_conflict import check_any
from jinpu_desk.sync.wire import FinalOutcome

_log = logging.getLogger(__name__)
_MISSING = object()
_REASON_LIMIT = 200


class ParkedMark(msgspec.Struct, frozen=True):
    """A parked event; ``open`` until somebody resolved it. It is kept whole, because a later resolution may keep it."""

    event: EventId
    replica: ReplicaId
    open: bool = True
    header: Header | None = None
    body: bytes | None = None


class CaseState(msgspec.Struct, frozen=True):
    """A case as the centre has folded it; ``case`` is None while its opening event is parked or dead."""

    case: Case | None = None
    parked: tuple[ParkedMark, ...] = ()

    @property
    def set_aside(self) -> dict[EventId, Event]:
        """The parked events, as folding a resolution needs them."""
        return {m.event: Event(header=m.header, body=m.body, salt=None) for m in self.parked if m.header}


class Other(msgspec.Struct, frozen=True):
    """A counted event of another replica in the case: where it stands in its chain and what it changed."""

    replica: str
    seq: int
    id: str
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
        return Verdict("dead", DUPLICATE, state)
    try:
        body = b.decode_body(header.type, header.version, raw)
        unseen = [other for other in others if other.seq > header.base.get(other.replica, 0)]
        return _with_body(state, header, raw, body, unseen)
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
    return event in [moment.event for moment in folded] or event in [mark.event for mark in state.parked]


def _with_body(
    state: CaseState, header: Header, raw: bytes, body: b.Body, unseen: Sequence[Other]
) -> Verdict:
    if unseen and (reason := _collision(state.case, body, unseen)):
        return parked(state, header, raw, reason)
    set_aside = state.set_aside
    try:
        check_any(state.case, header.actor, body, set_aside)
    except Refused as refusal:
        follows_parked = any(mark.open and mark.replica == header.replica for mark in state.parked)
        if unseen or follows_parked:
            return parked(state, header, raw, _reason(refusal))
        raise
    case = fold.apply_body(state.case, header, body, set_aside)
    return Verdict("merged" if unseen else "applied", "", CaseState(case, _settled(state, body)))


def touches(body: b.Body) -> frozenset[str]:
    """Return what ``body`` changes; a resolution changes its fields and the parked event's fate."""
    if isinstance(body, b.ConflictResolved):
        return frozenset(body.changes) | {f"resolution.{body.parked}"}
    return body.touches()


def _collision(case: Case | None, body: b.Body, unseen: Sequence[Other]) -> str:
    """Return why both sides cannot stand: they changed one field to different values, or settled one conflict in two
    ways. Empty when they agree.

    ``status`` and ``delivery`` moves are left to the rules, which know whether the second still may follow.
    """
    theirs = frozenset().union(*(other.touches for other in unseen))
    both = touches(body) & theirs - {"status"}
    if isinstance(body, b.ConflictResolved) and f"resolution.{body.parked}" in both:
        before = case.resolutions.get(body.parked) if case else None
        return "" if before and _same(before, body) else "sync.resolved-twice"
    values = said(body)
    for field in sorted(both):
        if field == "delivery" and isinstance(body, b.ResultHandedOut):
            continue
        if case is None or values.get(field, _MISSING) != standing(case, field):
            return f"sync.same-field {field}"
    return ""


def _same(before: Resolution, body: b.ConflictResolved) -> bool:
    return (before.keep, before.values) == (body.keep, said(body))


def replay(state: CaseState, event: Event, outcome: str) -> CaseState:
    """Return the case after an event whose outcome was given before: what ``judge`` had made of it then.

    Raises:
        Refused: what folding the event raises.
    """
    header = event.header
    if outcome == "parked":
        return _with_mark(state, header, event.body)
    if outcome not in {"applied", "merged"}:
        return state
    case = fold.apply(state.case, event, state.set_aside)
    if event.body is None:
        return CaseState(case, state.parked)
    return CaseState(case, _settled(state, b.decode_body(header.type, header.version, event.body)))


def parked(state: CaseState, header: Header, raw: bytes, reason: str) -> Verdict:
    return Verdict("parked", reason[:_REASON_LIMIT], _with_mark(state, header, raw))


def _with_mark(state: CaseState, header: Header, raw: bytes | None) -> CaseState:
    """Return the verdict that keeps an event whole and sets it aside until a person decides."""
    mark = ParkedMark(header.id, header.replica, header=header, body=raw)
    return CaseState(state.case, (*state.parked, mark))


def _settled(state: CaseState, body: b.Body) -> tuple[ParkedMark, ...]:
    if not isinstance(body, b.ConflictResolved):
        return state.parked
    return tuple(replace(m, open=False) if m.event == body.parked else m for m in state.parked)


def _reason(refusal: Refused) -> str:
    return f"{refusal.code} {refusal.where}".strip()[:_REASON_LIMIT]


def others_from(rows: Iterable[tuple[str, int, bytes, bytes | None]]) -> list[Other]:
    """Return the stored events (replica, seq, header, body) as what ``judge`` compares with."""
    found = []
    for replica, seq, header, body in rows:
        named = _NAMED.decode(header)
        found.append(Other(replica, seq, named.id, _touched(named, body)))
    return found


def _touched(named: _Named, body: bytes | None) -> frozenset[str]:
    if body is None:
        return frozenset()
    return touches(b.decode_body(named.type, named.version, body))


class _Named(msgspec.Struct, frozen=True):
    id: str
    type: str
    version: int


_NAMED = msgspec.json.Decoder(_Named)
