"""The intake page as data: what the clerk has put in so far. Screens change it, queries explain it, ``intake``
takes it in. It survives a kill because every change is saved as it is, right or wrong."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from jinpu_desk.domain.bodies import Channel
from jinpu_desk.domain.decision import Outcome
from jinpu_desk.domain.materials import MaterialTick

from .backfill import BackfillEntry


class PartyDraft(msgspec.Struct, frozen=True, kw_only=True):
    """Applicant or agent as typed."""

    type: Literal["person", "organisation"] = "person"
    name: str = ""
    id_type: str = "111"
    id_no: str = ""
    uscc: str = ""
    phone: str = ""
    contact: str = ""
    address: str = ""
    mandate: str = ""  # agents only
    entry: Literal["typed", "card", "archive"] = "typed"  # 手输 / 读卡 / 档案


class FaultDraft(msgspec.Struct, frozen=True, kw_only=True):
    """What the clerk adds to a material on the correction notice."""

    material: str
    problem: str = ""


class FileInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of an attached file besides its content."""

    media_type: str
    size: int  # bytes
    pages: int = 1
    hints: tuple[str, ...] = ()  # blank, blurred, coarse: the clerk decides whether to scan again


class SpotCorrection(msgspec.Struct, frozen=True, kw_only=True):
    """当场更正 as far as it has come (``spot``): ``before`` holds the entries as they stood when it was started, None
    while it is not under way; ``signed`` the old and new value of each entry the applicant signed for."""

    before: dict[str, Any] | None = None
    signed: dict[str, tuple[Any, Any]] = {}


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """One intake page. ``target`` is an item key or, with ``package``, a package key."""

    id: str
    target: str = ""
    package: bool = False
    applicant: PartyDraft = PartyDraft()
    agent: PartyDraft | None = None
    answers: dict[str, Any] = {}
    form: dict[str, Any] = {}
    materials: dict[str, MaterialTick] = {}
    files: dict[str, FileInfo] = {}  # SHA-256 -> what it is, for every file named in ``materials``
    delivery: Literal["pick-up", "post", "electronic"] = "pick-up"
    overrides: dict[str, str] = {}  # "applicant.id_no" -> reason
    tolerance_signed: bool = False  # 容缺承诺书 signed at the counter
    note: str = ""
    external_no: str = ""
    correction: tuple[FaultDraft, ...] = ()
    refusal_reason: str = ""
    competent_organ: str = ""
    spot: SpotCorrection = SpotCorrection()
    guided_case: str = ""  # case id of a guided visit or pre-application that is taken in now
    ticket: str = ""  # 叫号
    green: str = ""  # 绿色通道: why the case goes first
    channel: Channel = "counter"
    backfill: BackfillEntry | None = None
    action: Outcome | None = None
