"""A case as its events have made it so far: the state every table, screen and paper is projected from."""

from __future__ import annotations

from datetime import date
from enum import IntEnum, StrEnum
from typing import Any, Literal

import msgspec

from .bodies import Fault, Terms
from .ids import CaseId, CaseNo, ClerkId, Digest, EventId, ReplicaId
from .materials import SATISFYING, MaterialState, MaterialTick
from .parties import Agent, Applicant


class Status(IntEnum):
    """办件状态, in the numbers of DOMAIN §B4."""

    DRAFT = 5  # 草稿; also a guided visit that was not taken in
    RECEIVED = 26  # 已收件待决定
    CORRECTING = 28  # 待补办
    ACCEPTED = 30  # 已受理
    DENIED = 40  # 审批不通过
    APPROVED = 50  # 审批通过
    CLOSED = 90  # 正常办结
    REFUSED = 97  # 不予受理
    WITHDRAWN = 98  # 撤销申请
    TERMINATED = 99  # 异常终止


TERMINAL = frozenset({Status.CLOSED, Status.REFUSED, Status.WITHDRAWN, Status.TERMINATED})
DECIDED = frozenset({Status.APPROVED, Status.DENIED})


class Flag(StrEnum):
    """Things true of a case besides its status."""

    PAUSED = "paused"  # 暂停计时
    TOLERATED = "tolerated"  # 容缺 still open
    PLEDGED = "pledged"  # 告知承诺
    DEEMED = "deemed"  # 视为受理
    EXTENDED = "extended"  # 已延期
    GUIDED = "guided"  # 已引导
    VOIDED = "voided"  # 作废
    NOT_NEEDED = "not-needed"  # 无需许可
    PACKAGE = "package"  # 一件事主办件
    CHILD = "child"  # 一件事子办件
    AGENT = "agent"  # 由代理人办理
    OVERRIDDEN = "overridden"  # a failed check digit was let through


class DeliverState(StrEnum):
    """Where the result is, apart from the status."""

    NONE = "none"
    WAITING = "waiting"  # 待领取
    POSTED = "posted"  # 已寄
    SERVED = "served"  # 已送达


class PauseSpan(msgspec.Struct, frozen=True, kw_only=True):
    """A pause of the clock as recorded; ``end`` None while it lasts."""

    start: date
    end: date | None
    reason: str
    approver: str
    notice_no: str = ""


class Correction(msgspec.Struct, frozen=True, kw_only=True):
    """A correction notice as issued."""

    faults: tuple[Fault, ...]
    noticed_at: int
    correct_by: date
    override_reason: str = ""


class Attachment(msgspec.Struct, frozen=True, kw_only=True):
    """A file of the case, by content."""

    sha256: Digest
    material: str
    media_type: str
    size: int
    pages: int


class Paper(msgspec.Struct, frozen=True, kw_only=True):
    """An issued document with its reprints."""

    id: EventId
    kind: str
    variant: str
    doc_no: str
    sha256: Digest
    facts_digest: Digest
    pages: int
    issued_at: int
    issued_by: ClerkId
    replica: ReplicaId
    seq: int
    reprints: int = 0
    later_doc_no: str = ""


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the timeline."""

    event: EventId
    type: str
    at: int
    actor: ClerkId
    replica: ReplicaId
    note: str = ""


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """How the case was decided."""

    approved: bool
    decided_on: date
    by: ClerkId
    reason: str = ""
    article: str = ""
    result_name: str = ""
    result_no: str = ""


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """办件. Immutable; ``fold.apply`` gives the next one. ``seen`` is its version vector (last seq per replica)."""

    id: CaseId
    case_no: CaseNo
    query_code: str
    item: str
    terms: Terms
    applicant: Applicant
    station: str
    status: Status
    opened_by: ClerkId
    replica: ReplicaId
    received_at: int
    catalogue: Digest
    window: str = ""
    package: bool = False
    parent: CaseId | None = None
    children: tuple[CaseId, ...] = ()
    agent: Agent | None = None
    answers: dict[str, Any] = {}
    form: dict[str, Any] = {}
    materials: dict[str, MaterialTick] = {}
    received_on: date | None = None  # T0 of the five-day check; moves on resubmission
    accepted_on: date | None = None  # T1
    accepted_at: int | None = None
    accepted_by: ClerkId | None = None
    deemed: bool = False
    supplement_by: dict[str, date] = {}  # tolerated materials still open
    pledged: tuple[str, ...] = ()
    pauses: tuple[PauseSpan, ...] = ()
    extension_days: int = 0
    corrections: tuple[Correction, ...] = ()
    refusal_reason: str = ""
    competent_organ: str = ""
    not_needed: bool = False
    guided_to: str = ""
    decision: Decision | None = None
    closed_on: date | None = None
    deliver_state: DeliverState = DeliverState.NONE
    delivery: Literal["pick-up", "post", "electronic"] = "pick-up"
    voided: bool = False
    end_reason: str = ""  # why it was withdrawn, voided or lapsed
    overrides: dict[str, str] = {}
    external_no: str = ""
    channel: Literal["counter", "post", "online"] = "counter"
    papers: tuple[Paper, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    timeline: tuple[Moment, ...] = ()
    seen: dict[str, int] = {}

    @property
    def paused(self) -> bool:
        """Whether the clock stands still now."""
        return bool(self.pauses) and self.pauses[-1].end is None

    @property
    def open(self) -> bool:
        """Whether anything may still happen to it."""
        return self.status not in TERMINAL

    @property
    def lacking(self) -> tuple[str, ...]:
        """Keys of materials that do not satisfy, in order."""
        return tuple(k for k, tick in self.materials.items() if tick.state not in SATISFYING)

    @property
    def flags(self) -> tuple[Flag, ...]:
        """Flags in a fixed order, as printed in the intake result."""
        held = {
            Flag.PACKAGE: self.package,
            Flag.CHILD: self.parent is not None,
            Flag.TOLERATED: bool(self.supplement_by),
            Flag.PLEDGED: any(t.state is MaterialState.PLEDGED for t in self.materials.values()),
            Flag.DEEMED: self.deemed,
            Flag.PAUSED: self.paused,
            Flag.EXTENDED: self.extension_days > 0,
            Flag.AGENT: self.agent is not None,
            Flag.GUIDED: bool(self.guided_to) and self.status is Status.DRAFT,
            Flag.NOT_NEEDED: self.not_needed,
            Flag.VOIDED: self.voided,
            Flag.OVERRIDDEN: bool(self.overrides),
        }
        return tuple(flag for flag, is_held in held.items() if is_held)
