"""What each later verb of the window is told: one typed shape per verb, decoded from JSON."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec

from jinpu_desk.domain.body import Channel
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.materials import MaterialState


class Data(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of what a verb is told."""


class Nothing(Data, frozen=True, kw_only=True):
    """A verb that needs no data."""


class TickData(Data, frozen=True, kw_only=True):
    """How one material stands now."""

    state: MaterialState
    originals: int = 0
    copies: int = 0
    pages: int = 0
    note: str = ""


class Materials(Data, frozen=True, kw_only=True):
    """Materials by key."""

    materials: dict[str, TickData]


class Brought(Materials, frozen=True, kw_only=True):
    """What came in, and how: only the counter costs the applicant a visit (DOMAIN C6, C10)."""

    channel: Channel = "counter"


class Faults(Data, frozen=True, kw_only=True):
    """Problems by material key; without any, all that lacks or is defective is listed."""

    problems: dict[str, str] = {}
    override_reason: str = ""


class Refusal(Data, frozen=True, kw_only=True):
    """Why, and who is competent instead."""

    reason: str
    competent_organ: str
    article: str = ""


class PauseData(Data, frozen=True, kw_only=True):
    """A lawful reason (DOMAIN C3), who approved, and the number of the notice."""

    reason: str
    approver: str
    notice_no: str = ""


class ExtendData(Data, frozen=True, kw_only=True):
    """Working days added once, with reason and approver."""

    days: int
    reason: str
    approver: str


class DecideData(Data, frozen=True, kw_only=True):
    """The decision and, when approved, name, number and last day of the result."""

    approved: bool
    reason: str = ""
    article: str = ""
    result_name: str = ""
    result_no: str = ""
    valid_to: date | None = None


class Reason(Data, frozen=True, kw_only=True):
    """Why."""

    reason: str


class Text(Data, frozen=True, kw_only=True):
    """A remark."""

    text: str


class Changes(Data, frozen=True, kw_only=True):
    """New values by path, like ``form.name``."""

    changes: dict[str, Any]


class Correction(Data, frozen=True, kw_only=True):
    """A small error put right at the counter; the applicant signed beside it."""

    changes: dict[str, Any]
    signed: bool


def require_text(text: str, where: str) -> None:
    """Refuse what was left empty, with ``intake.missing`` at ``where``."""
    if not text.strip():
        raise Refused("intake.missing", where)
