"""A case as its events have made it so far: the state every table, screen and paper is projected from."""

from __future__ import annotations

from datetime import date
from enum import IntEnum, StrEnum
from typing import Any, Literal

import msgspec

from .bodies import Backfill, Channel, Fault, Service, Terms
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
    UNCHECKED = "pledge-unchecked"  # 承诺待核查: granted on a pledge that nobody has looked into yet
    DEEMED = "deemed"  # 视为受理
    EXTENDED = "extended"  # 已延期
    GUIDED = "guided"  # 已引导
    VOIDED = "voided"  # 作废
    NOT_NEEDED = "not-needed"  # 无需许可
    PACKAGE = "package"  # 一件事主办件
    CHILD = "child"  # 一件事子办件
    AGENT = "agent"  # 由代理人办理
    OVERRIDDEN = "overridden"  # a failed check digit was let through
    BACKFILLED = "backfilled"  # 补录
    ONLINE = "online"  # 网上预申请
    GREEN = "green"  # 绿色通道
    FALSE_PLEDGE = "false-pledge"  # 虚假承诺, not yet repaired
    ON_THE_WAY = "on-the-way"  # 材料流转中
    POOR_RATING = "poor-rating"  # 差评 nobody has answered yet
    UNREAD = "unread"  # 需要升级: a newer program wrote of it what this one cannot read


POOR = 2
"""A rating of at most this is a 差评, which calls for an answer (国办发〔2019〕51号)."""


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


class Extension(msgspec.Struct, frozen=True, kw_only=True):
    """The one extension of the term; ``extended_on`` None counts as before any term ran out."""

    days: int
    reason: str
    approver: str
    extended_on: date | None = None


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
    seal: str = ""


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
    valid_to: date | None = None
    office: str = ""


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """One hand-out of the result, and when it was signed for (None while it is on the way)."""

    event: EventId
    at: int
    by: ClerkId
    method: Literal["pick-up", "post", "electronic"]
    service: Service
    recipient: str
    id_type: str
    id_no: str
    relation: str
    authorised: bool
    proof: Digest | None
    tracking_no: str
    handed_on: date
    served_on: date | None
    signed_by: str
    place: str
    phone: str
    copies: int
    refused_because: str
    witness: str


class Rating(msgspec.Struct, frozen=True, kw_only=True):
    """One 好差评; ``answer`` is what came of a poor one."""

    occasion: Literal["receipt", "result"]
    satisfaction: int
    rated_on: date
    aspects: tuple[str, ...] = ()
    text: str = ""
    answer: str = ""


class PledgeCheck(msgspec.Struct, frozen=True, kw_only=True):
    """One 事后核查 of pledged materials."""

    materials: tuple[str, ...]
    kept: bool
    checked_on: date
    by: ClerkId
    note: str = ""


class Resolution(msgspec.Struct, frozen=True, kw_only=True):
    """What a person made of a parked event: whether it counts, and the values chosen by path."""

    keep: bool
    values: dict[str, Any]
    by: ClerkId
    at: int


class Passage(msgspec.Struct, frozen=True, kw_only=True):
    """The papers went on with a slip; ``taken_on`` None while nobody signed for them. ``returned`` when the sender took
    them back."""

    slip: CaseNo
    origin: str
    target: str
    materials: dict[str, int]
    items: int
    pages: int
    handed_on: date
    by: ClerkId
    taken_on: date | None = None
    receiver: str = ""
    returned: bool = False

    @property
    def ended_at(self) -> str:
        """Who has the papers after it."""
        return self.origin if self.returned else self.target


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
    tolerated: dict[str, date] = {}  # every term granted for one, kept when it has come
    supplemented: dict[str, date] = {}  # when a tolerated material arrived
    pledged: tuple[str, ...] = ()
    pauses: tuple[PauseSpan, ...] = ()
    extension: Extension | None = None
    corrections: tuple[Correction, ...] = ()
    refusal_reason: str = ""
    refusal_article: str = ""
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
    channel: Channel = "counter"
    online: bool = False  # came in as a pre-application
    applied_on: date | None = None  # when it was sent in online
    ticket: str = ""
    green: str = ""
    backfill: Backfill | None = None
    visits: tuple[date, ...] = ()  # distinct days the applicant was at the counter
    ratings: tuple[Rating, ...] = ()
    pledge_checks: tuple[PledgeCheck, ...] = ()
    false_pledge: bool = False
    deliveries: tuple[Delivery, ...] = ()
    returned: dict[str, int] = {}  # originals given back, by material
    passages: tuple[Passage, ...] = ()
    papers: tuple[Paper, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    resolutions: dict[EventId, Resolution] = {}  # by the event that was parked
    timeline: tuple[Moment, ...] = ()
    seen: dict[str, int] = {}
    unread: bool = False  # an event of it is of a kind this program does not know

    @property
    def paused(self) -> bool:
        """Whether the clock stands still now."""
        return bool(self.pauses) and self.pauses[-1].end is None

    @property
    def extension_days(self) -> int:
        """Working days by which the term was extended."""
        return self.extension.days if self.extension else 0

    @property
    def pledge_taken(self) -> bool:
        """Whether something stands on the applicant's word: a proof, or the licence itself (DOMAIN C5, C6).

        A visit that was guided on and an application nobody took in have promised nothing yet.
        """
        if self.status is Status.DRAFT:
            return False
        by_word = any(tick.state is MaterialState.PLEDGED for tick in self.materials.values())
        return by_word or self.terms.licence_mode == "pledge"

    @property
    def unchecked_pledges(self) -> tuple[str, ...]:
        """What of it nobody has checked yet, by material key; the licence's own pledge is the empty key."""
        taken = [k for k, tick in self.materials.items() if tick.state is MaterialState.PLEDGED]
        taken += [""] if self.terms.licence_mode == "pledge" else []
        checked = {key for check in self.pledge_checks for key in check.materials or ("",)}
        return tuple(key for key in taken if key not in checked)

    @property
    def open(self) -> bool:
        """Whether anything may still happen to it."""
        return self.status not in TERMINAL

    @property
    def lacking(self) -> tuple[str, ...]:
        """Keys of materials that do not satisfy, in order."""
        return tuple(k for k, tick in self.materials.items() if tick.state not in SATISFYING)

    @property
    def on_the_way(self) -> bool:
        """Whether the papers left one side and were not signed for by the other."""
        return bool(self.passages) and self.passages[-1].taken_on is None

    @property
    def holder(self) -> str:
        """Who signed for the papers last; empty while the window that took them in has them."""
        return next((p.ended_at for p in reversed(self.passages) if p.taken_on is not None), "")

    @property
    def slip(self) -> str:
        """Number of the slip the papers went with last; empty when they never left."""
        return self.passages[-1].slip if self.passages else ""

    @property
    def poor_rating(self) -> Rating | None:
        """The last 差评 nobody has answered."""
        return next((r for r in reversed(self.ratings) if r.satisfaction <= POOR and not r.answer), None)

    @property
    def _to_be_checked(self) -> bool:
        granted = self.decision is not None and self.decision.approved and not self.voided
        return granted and not self.package and bool(self.unchecked_pledges)

    @property
    def flags(self) -> tuple[Flag, ...]:
        """Flags in a fixed order, as printed in the intake result."""
        held = {
            Flag.PACKAGE: self.package,
            Flag.CHILD: self.parent is not None,
            Flag.TOLERATED: bool(self.supplement_by),
            Flag.PLEDGED: self.pledge_taken,
            Flag.UNCHECKED: self._to_be_checked,
            Flag.DEEMED: self.deemed,
            Flag.PAUSED: self.paused,
            Flag.EXTENDED: self.extension_days > 0,
            Flag.AGENT: self.agent is not None,
            Flag.GUIDED: bool(self.guided_to) and self.status is Status.DRAFT,
            Flag.NOT_NEEDED: self.not_needed,
            Flag.VOIDED: self.voided,
            Flag.OVERRIDDEN: bool(self.overrides),
            Flag.BACKFILLED: self.backfill is not None,
            Flag.ONLINE: self.online,
            Flag.GREEN: bool(self.green),
            Flag.FALSE_PLEDGE: self.false_pledge,
            Flag.ON_THE_WAY: self.on_the_way,
            Flag.POOR_RATING: self.poor_rating is not None,
            Flag.UNREAD: self.unread,
        }
        return tuple(flag for flag, is_held in held.items() if is_held)
