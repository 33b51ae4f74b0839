"""What happened to a case, newest first: every event is told, those set aside with what they wanted."""

from __future__ import annotations

from collections.abc import Iterator

from jinpu_desk.domain import bodies as b
from jinpu_desk.domain.case import Case
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.resolving import before, said

from .. import labels
from ..desk import Desk
from ..intake.subject import Subject
from ..papers import PaperKind
from ..ports import StoredEvent
from ..ports.sync import DUPLICATE
from ..verbs.conflict import meant
from .deeds import facts_of, what, where, who
from .values import label_of, value_text
from .views import Chip, TimelineLine

CHIPS = {
    "pending": Chip("待传", "warn"),
    "parked": Chip("冲突待处理", "bad"),
    "dead": Chip("未被接受", "bad"),
    "merged": Chip("已合并", "info"),
}
KEPT, LEFT = Chip("冲突已处理 · 采用", "info"), Chip("冲突已处理 · 未采用", "neutral")


def timeline(
    desk: Desk, case: Case, subject: Subject, events: tuple[StoredEvent, ...], *, reveal: bool
) -> tuple[TimelineLine, ...]:
    """Return the lines; the chip says what the centre has not acknowledged or set aside, and what became of that."""
    notes = {moment.event: moment.note for moment in case.timeline}
    today = desk.today()
    return tuple(
        TimelineLine(
            event=stored.event.header.id,
            at=labels.short_time(desk.local_ms(stored.event.header.at), today),
            what=what(stored.event.header.type),
            who=who(desk, stored.event.header.actor),
            where=""
            if stored.event.header.replica == desk.replica.id
            else where(desk, stored.event.header.replica),
            note=_note(desk, case, subject, stored, notes.get(stored.event.header.id, ""), reveal=reveal),
            sync=_chip(case, stored),
        )
        for stored in reversed(events)
        if stored.reason != DUPLICATE
    )


def _chip(case: Case, stored: StoredEvent) -> Chip | None:
    settled = case.resolutions.get(stored.event.header.id)
    if settled is not None and stored.outcome in {"parked", "dead"}:
        return KEPT if settled.keep else LEFT
    return CHIPS.get(stored.outcome)


def _note(desk: Desk, case: Case, subject: Subject, stored: StoredEvent, note: str, *, reveal: bool) -> str:
    """Return what an event says: fields as old → new, papers by name, and a set-aside step by its own words."""
    if stored.event.header.type == "case.paper-issued" and note:
        kind, _, doc_no = note.partition(" ")
        return f"{PaperKind(kind).label} {doc_no or ''}".strip()
    try:
        body = meant(stored)
    except Refused:
        return note
    changed = "；".join(_changes(desk, case, subject, body, reveal=reveal))
    if isinstance(body, b.ConflictResolved):
        return "；".join(part for part in (body.reason, changed) if part)
    if changed:
        return changed
    if stored.outcome in {"parked", "dead"}:
        return "；".join(f"{fact.label} {fact.value}" for fact in facts_of(desk, stored, reveal=reveal))
    return note


def _changes(desk: Desk, case: Case, subject: Subject, body: b.Body, *, reveal: bool) -> Iterator[str]:
    held = before(body)
    for path, value in said(body).items():
        new = value_text(desk, case, subject, path, value, reveal=reveal)
        old = value_text(desk, case, subject, path, held[path], reveal=reveal) if path in held else ""
        if old == new and isinstance(body, b.ConflictResolved):
            continue
        yield f"{label_of(subject, path)}：{f'{old} → ' if old else ''}{new}"
