"""What each kind of event says. One struct per type and version; ``TYPES`` names them, ``touches`` tells what a
concurrent event would collide with (DESIGN §4)."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

import msgspec

from .bodies_after import (
    CaseRated as CaseRated,
)
from .bodies_after import (
    CaseVisited as CaseVisited,
)
from .bodies_after import (
    CreditRepaired as CreditRepaired,
)
from .bodies_after import (
    DeliveryConfirmed as DeliveryConfirmed,
)
from .bodies_after import (
    HandedOn as HandedOn,
)
from .bodies_after import (
    MaterialsReturned as MaterialsReturned,
)
from .bodies_after import (
    PledgeChecked as PledgeChecked,
)
from .bodies_after import (
    RatingAnswered as RatingAnswered,
)
from .bodies_after import (
    ResultHandedOut as ResultHandedOut,
)
from .bodies_after import (
    Service as Service,
)
from .bodies_after import (
    TakenOver as TakenOver,
)
from .body import Backfill as Backfill
from .body import Body as Body
from .body import Channel as Channel
from .body import DocFamily as DocFamily
from .body import StatusBody as StatusBody
from .body import Terms as Terms
from .errors import Refused
from .ids import CaseId, CaseNo, Digest, EventId
from .materials import MaterialTick
from .parties import Agent, Applicant


class CaseReceived(StatusBody, frozen=True, kw_only=True):
    """收件: papers taken in, number final, clock T0. Also opens the children of a package."""

    case_no: CaseNo
    query_code: str
    item: str  # item key; the package key for the parent of a package
    package: bool = False
    parent: CaseId | None = None
    children: tuple[CaseId, ...] = ()
    applicant: Applicant
    agent: Agent | None = None
    answers: dict[str, Any] = {}
    form: dict[str, Any] = {}
    materials: dict[str, MaterialTick] = {}
    terms: Terms
    station: str
    window: str = ""
    received_on: date
    overrides: dict[str, str] = {}  # JSON path -> reason a failed check digit was let through
    note: str = ""
    external_no: str = ""  # 外部系统办件号
    channel: Channel = "counter"
    delivery: Literal["pick-up", "post", "electronic"] = "pick-up"
    ticket: str = ""  # 叫号: the number the applicant was called by
    green: str = ""  # 绿色通道: why the case goes first
    backfill: Backfill | None = None


class CasePreApplied(Body, frozen=True, kw_only=True):
    """网上预申请: an application that came in through the centre; a window takes it in under the same number."""

    case_no: CaseNo
    query_code: str
    item: str
    package: bool = False
    applicant: Applicant
    agent: Agent | None = None
    answers: dict[str, Any] = {}
    form: dict[str, Any] = {}
    materials: dict[str, MaterialTick] = {}
    terms: Terms
    station: str
    applied_on: date  # counts as T0 when the case is taken in: the next working day after closing (DOMAIN C3)
    source: str  # which system it came from
    external_no: str = ""


class CaseGuided(Body, frozen=True, kw_only=True):
    """引导: the station may not take this item; the applicant was sent to the hall with a slip (DOMAIN §0.4)."""

    case_no: CaseNo
    query_code: str
    item: str
    package: bool = False
    applicant: Applicant
    answers: dict[str, Any] = {}
    terms: Terms
    station: str
    guided_to: str


class CaseAccepted(StatusBody, frozen=True, kw_only=True):
    """受理: the legal act, clock T1. ``deemed`` when the five working days passed in silence (art. 32(4))."""

    accepted_on: date
    deemed: bool = False
    supplement_by: dict[str, date] = {}  # tolerated material key -> last day
    pledged: tuple[str, ...] = ()  # material keys under 告知承诺


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a correction notice."""

    material: str  # key; empty for a fault of the form
    problem: str
    requirement: str = ""
    basis: str = ""


class CorrectionNoticed(StatusBody, frozen=True, kw_only=True):
    """一次性补正告知: all of it, once."""

    faults: tuple[Fault, ...]
    correct_by: date
    override_reason: str = ""  # supervisor's, for a second notice


class CaseResubmitted(StatusBody, frozen=True, kw_only=True):
    """The corrected set came in: back to 26, with a new T0 for the five-day check."""

    received_on: date
    materials: dict[str, MaterialTick] = {}
    channel: Channel = "counter"


class CaseRefused(StatusBody, frozen=True, kw_only=True):
    """不予受理, or 无需许可 when ``not_needed``."""

    reason: str
    article: str = ""
    competent_organ: str = ""
    not_needed: bool = False


class CorrectedOnTheSpot(Body, frozen=True, kw_only=True):
    """当场更正: field-level, signed at the field. ``changes`` maps field path to (old, new)."""

    changes: dict[str, tuple[Any, Any]]
    signed: bool = True

    def touches(self) -> frozenset[str]:
        return frozenset(self.changes)


class FieldsEdited(Body, frozen=True, kw_only=True):
    """Ordinary edits of applicant, agent, answers or form; paths like ``form.name``."""

    changes: dict[str, tuple[Any, Any]]

    def touches(self) -> frozenset[str]:
        return frozenset(self.changes)


class MaterialsTicked(Body, frozen=True, kw_only=True):
    """Materials changed state; appends, so concurrent ticks of different materials always merge."""

    ticks: dict[str, MaterialTick]

    def touches(self) -> frozenset[str]:
        return frozenset(f"materials.{key}" for key in self.ticks)


class CaseSupplemented(Body, frozen=True, kw_only=True):
    """补齐 of tolerated materials; time counts on arrival."""

    ticks: dict[str, MaterialTick]
    arrived_on: date
    channel: Channel = "counter"

    def touches(self) -> frozenset[str]:
        return frozenset(f"materials.{key}" for key in self.ticks)


class CaseLapsed(StatusBody, frozen=True, kw_only=True):
    """A term ran out: 容缺 not completed (→ 99) or correction not brought (→ 98)."""

    cause: Literal["tolerance", "correction"]
    lapsed_on: date
    goes_on: bool = False  # a package whose other branches need none of the papers that never came


class ClockPaused(StatusBody, frozen=True, kw_only=True):
    """The clock stops; ``reason`` is one of the lawful ones (DOMAIN C3)."""

    reason: str
    start: date
    approver: str
    notice_no: str = ""


class ClockResumed(StatusBody, frozen=True, kw_only=True):
    """The clock goes on."""

    end: date


class TermExtended(StatusBody, frozen=True, kw_only=True):
    """Once, before expiry, with the approver and the reason told to the applicant (许可法 art. 42).

    A term that had run out by ``extended_on`` stays broken: only those still running become longer.
    """

    days: int
    reason: str
    approver: str
    extended_on: date | None = None


class CaseDecided(StatusBody, frozen=True, kw_only=True):
    """The decision: 50 approved or 40 refused. The statutory clock stops here."""

    approved: bool
    decided_on: date
    reason: str = ""
    article: str = ""
    result_name: str = ""  # 证照名称
    result_no: str = ""  # 证照编号 / 统一社会信用代码
    valid_to: date | None = None  # last day the result is valid
    office: str = ""  # the back office that decided, when not a clerk of ours


class CaseClosed(StatusBody, frozen=True, kw_only=True):
    """办结."""

    closed_on: date


class CaseWithdrawn(StatusBody, frozen=True, kw_only=True):
    """撤回 by the applicant, before the decision."""

    reason: str


class CaseVoided(StatusBody, frozen=True, kw_only=True):
    """作废 by a supervisor; the number is kept."""

    reason: str


class CaseNoted(Body, frozen=True, kw_only=True):
    """A remark on the timeline."""

    text: str


class PagesAttached(Body, frozen=True, kw_only=True):
    """Scanned or imported files joined to a material; content travels apart, by hash."""

    material: str
    sha256: Digest
    media_type: str
    size: int  # bytes
    pages: int = 1


class PaperIssued(Body, frozen=True, kw_only=True):
    """A document left the house: its kind, number, bytes' hash and facts' hash."""

    kind: str
    variant: str = ""
    doc_no: str = ""
    sha256: Digest
    facts_digest: Digest
    pages: int
    seal: str = ""  # key of the seal it bears; each use is in the seal log


class PaperReprinted(Body, frozen=True, kw_only=True):
    """补打: the issued bytes again under an overlay."""

    paper: EventId
    number: int  # 第 n 次
    reason: str
    doc_no: str = ""  # the number supplied later where the first print said 文号待补


class ConflictResolved(Body, frozen=True, kw_only=True):
    """A person chose: the parked event is applied (``keep`` true) or set aside, and ``changes`` say how."""

    parked: EventId
    keep: bool
    changes: dict[str, tuple[Any, Any]] = {}
    reason: str


TYPES: dict[str, type[Body]] = {
    "case.received": CaseReceived,
    "case.guided": CaseGuided,
    "case.pre-applied": CasePreApplied,
    "case.accepted": CaseAccepted,
    "case.correction-noticed": CorrectionNoticed,
    "case.resubmitted": CaseResubmitted,
    "case.refused": CaseRefused,
    "case.corrected-on-the-spot": CorrectedOnTheSpot,
    "case.fields-edited": FieldsEdited,
    "case.materials-ticked": MaterialsTicked,
    "case.supplemented": CaseSupplemented,
    "case.lapsed": CaseLapsed,
    "case.paused": ClockPaused,
    "case.resumed": ClockResumed,
    "case.extended": TermExtended,
    "case.decided": CaseDecided,
    "case.closed": CaseClosed,
    "case.handed-out": ResultHandedOut,
    "case.delivered": DeliveryConfirmed,
    "case.materials-returned": MaterialsReturned,
    "case.handed-on": HandedOn,
    "case.taken-over": TakenOver,
    "case.visited": CaseVisited,
    "case.rated": CaseRated,
    "case.rating-answered": RatingAnswered,
    "case.pledge-checked": PledgeChecked,
    "case.credit-repaired": CreditRepaired,
    "case.withdrawn": CaseWithdrawn,
    "case.voided": CaseVoided,
    "case.noted": CaseNoted,
    "case.attached": PagesAttached,
    "case.paper-issued": PaperIssued,
    "case.paper-reprinted": PaperReprinted,
    "case.conflict-resolved": ConflictResolved,
}
"""Every event type there is; a completeness test holds each against its schema sample."""

_NAMES = {body: name for name, body in TYPES.items()}
_DECODERS: dict[tuple[str, int], msgspec.json.Decoder[Body]] = {
    (name, body.version): msgspec.json.Decoder(body) for name, body in TYPES.items()
}
KINDS = frozenset(_DECODERS)
"""Type and version of every event that this program reads."""


def type_name(body: Body) -> str:
    """Return the event type that carries ``body``."""
    return _NAMES[type(body)]


def type_named(kind: type[Body]) -> str:
    """Return the event type that carries bodies of ``kind``."""
    return _NAMES[kind]


def decode_body(type_: str, version: int, raw: bytes) -> Body:
    """Read a body of ``type_`` and ``version``; older versions pass through their upcaster.

    Raises:
        Refused: ``event.unknown-type`` or ``event.body`` with what is wrong in it.
    """
    decoder = _DECODERS.get((type_, version))
    if decoder is None:
        raise Refused("event.unknown-type", type_, version=version)
    try:
        return decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Refused("event.body", type_, problem=str(error)) from error
