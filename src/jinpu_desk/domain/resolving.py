"""What an event says field by field, what of it counts once a person chose, and what a case has there now."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec.structs import replace

from . import bodies as b
from .case import Case
from .ids import EventId
from .materials import MaterialTick

MATERIALS = "materials."
"""How the path of a material's tick begins."""


def said(body: b.Body) -> dict[str, Any]:
    """Return the values a body gives to fields, as plain data by path; empty for one that moves or appends."""
    match body:
        case b.FieldsEdited(changes=changes) | b.CorrectedOnTheSpot(changes=changes):
            return {path: new for path, (_old, new) in changes.items()}
        case b.ConflictResolved(changes=changes):
            return {path: new for path, (_old, new) in changes.items()}
        case b.MaterialsTicked(ticks=ticks) | b.CaseSupplemented(ticks=ticks):
            return {f"{MATERIALS}{key}": msgspec.to_builtins(tick) for key, tick in ticks.items()}
        case _:
            return {}


def before(body: b.Body) -> dict[str, Any]:
    """Return what the author of a body saw in the fields it changes, where the body tells."""
    match body:
        case b.FieldsEdited() | b.CorrectedOnTheSpot() | b.ConflictResolved():
            return {path: old for path, (old, _new) in body.changes.items()}
        case _:
            return {}


def standing(case: Case, path: str) -> Any:
    """Return what the case has at a path a body may change, as plain data; None where it has nothing."""
    part, _, key = path.partition(".")
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


def narrowed(body: b.Body, chosen: dict[str, Any]) -> b.Body:
    """Return a body without the fields for which a person chose another value than it says."""
    dropped = {path for path, value in said(body).items() if path in chosen and chosen[path] != value}
    if not dropped:
        return body
    match body:
        case b.FieldsEdited(changes=changes) | b.CorrectedOnTheSpot(changes=changes):
            return replace(body, changes={k: v for k, v in changes.items() if k not in dropped})
        case b.MaterialsTicked(ticks=ticks) | b.CaseSupplemented(ticks=ticks):
            return replace(body, ticks={k: v for k, v in ticks.items() if f"{MATERIALS}{k}" not in dropped})
        case _:
            return body


def ticks_of(values: dict[str, Any]) -> dict[str, MaterialTick]:
    """Return the ticks among values by path.

    Raises:
        msgspec.ValidationError: for a tick of another shape.
    """
    return {
        path.removeprefix(MATERIALS): msgspec.convert(value, MaterialTick)
        for path, value in values.items()
        if path.startswith(MATERIALS)
    }


def counted(case: Case, event: EventId) -> bool:
    """Tell whether an event has made the case what it is."""
    return any(moment.event == event for moment in case.timeline)
