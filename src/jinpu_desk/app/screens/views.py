"""What screens show: frozen answers to the questions they ask (``queries``). Text is ready to be shown; personal
data is masked unless the view says ``revealed``."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

import msgspec

from jinpu_desk.domain.decision import Outcome
from jinpu_desk.domain.ids import CaseId, CaseNo, Digest, EventId
from jinpu_desk.domain.materials import MaterialState

Tone = Literal["neutral", "good", "info", "warn", "bad", "tolerated", "pledged"]
"""Colour role of a chip: neutral grey, good green, info blue, warn amber, bad red, tolerated violet, pledged orange."""


class Pair(msgspec.Struct, frozen=True):
    """A label and its value."""

    label: str
    value: str


class Chip(msgspec.Struct, frozen=True):
    """A short coloured label."""

    text: str
    tone: Tone = "neutral"


class Who(msgspec.Struct, frozen=True, kw_only=True):
    """Title bar: where and who."""

    product: str
    station: str
    window: str
    clerk: str
    roles: tuple[str, ...]
    training: bool


class SyncTruth(msgspec.Struct, frozen=True, kw_only=True):
    """The pill at the top right: 离线 12 分钟 · 待传 3 件 · 今日已确认 128 件."""

    online: bool
    text: str
    tone: Tone
    pending_cases: int
    pending_events: int
    parked: int
    dead: int
    blobs_pending: int
    last_contact: str  # 10:30, or 2026-11-20 10:30, or 从未


class Badges(msgspec.Struct, frozen=True, kw_only=True):
    """Numbers beside the navigation entries; 0 shows nothing."""

    workbench: int = 0
    cases: int = 0
    hand_out: int = 0
    passing: int = 0
    sync: int = 0


class Tile(msgspec.Struct, frozen=True, kw_only=True):
    """A figure of the workbench; ``goto`` is a case-list filter the tile opens."""

    label: str
    value: str
    sub: str = ""
    tone: Tone = "neutral"
    goto: str = ""


class WorkLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line of work: chip, words, and what is pressing at the right."""

    chip: Chip
    text: str
    right: str = ""
    case_id: CaseId | None = None
    draft_id: str = ""
    job_id: str = ""


class Workbench(msgspec.Struct, frozen=True, kw_only=True):
    """工作台."""

    tiles: tuple[Tile, ...]
    first: tuple[WorkLine, ...]  # 先办这些
    drafts: tuple[WorkLine, ...]  # 草稿与断点
    prints: tuple[WorkLine, ...]  # 打印
    hours: tuple[tuple[str, int], ...]  # (8时, n)
    sync: tuple[WorkLine, ...]
    last_contact: str


class MenuItem(msgspec.Struct, frozen=True, kw_only=True):
    """An item or package in the intake page's item search."""

    key: str
    package: bool
    name: str
    authority: str
    chips: tuple[Chip, ...]
    term: str  # 法定 20 · 承诺 5 个工作日
    may_take: bool
    why_not: str = ""
    organisations: bool = False  # no natural person may apply


class OptionView(msgspec.Struct, frozen=True, kw_only=True):
    """One choice of a question or field."""

    value: str
    label: str


class QuestionView(msgspec.Struct, frozen=True, kw_only=True):
    """A situation question; ``many`` allows several answers, ``boolean`` answers are true/false values."""

    key: str
    label: str
    options: tuple[OptionView, ...]
    answer: str | tuple[str, ...] | bool | None
    many: bool = False
    boolean: bool = False
    help: str = ""
    problem: str = ""
    barred: str = ""  # sentence, when the answer rules the procedure out


class FieldView(msgspec.Struct, frozen=True, kw_only=True):
    """A form field. ``path`` is ``form.name``, or ``form.shareholder.name`` inside a group; ``kind`` picks the
    editor."""

    path: str
    label: str
    kind: Literal[
        "text", "longtext", "choice", "money", "date", "integer", "bool", "phone", "id_no", "uscc", "register"
    ]
    value: str  # as typed; choice, bool and register as their values
    options: tuple[OptionView, ...] = ()
    required: bool = False
    max_length: int = 200
    unit: str = ""
    help: str = ""
    done: bool = False  # filled and right: shows the tick
    problem: str = ""  # sentence, when filled and wrong
    group: str = ""  # heading, when part of a group
    register: str = ""  # the published list the value is a key of
    shown: str = ""  # what the value is called, for a register


class PartyView(msgspec.Struct, frozen=True, kw_only=True):
    """Applicant or agent with the verdict on each entry; problems and warnings are sentences by field."""

    problems: dict[str, str]
    warnings: dict[str, str]  # warn and override with a reason, e.g. a failed check digit
    done: frozenset[str]


class ArchiveView(msgspec.Struct, frozen=True, kw_only=True):
    """What the archive knows of the applicant typed in: 历史办件 3 · 可复用材料 1."""

    text: str
    cases: int
    reusable: dict[str, str]  # material key -> 2026-08-14 档案
    same_item_open: str = ""  # warning: the same applicant has an open case of this item
    phone: str = ""  # masked; ``queries.reuse`` fills the draft
    found: bool = False


class PlaceView(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of a register, as the search under its field offers it."""

    key: str
    name: str
    below: str  # 托管机构 · 地址
    use: Chip  # 已登记 12 / 50 户
    address: str


class GuideView(msgspec.Struct, frozen=True, kw_only=True):
    """资格核对与公示: what must stand behind an application before it may be filed (简易注销)."""

    heading: str
    checks: tuple[QuestionView, ...]  # a yes rules the procedure out
    checked: str  # 已核对 5 / 9
    verdict: str
    tone: Tone
    fields: tuple[FieldView, ...]  # where the notice began
    dates: tuple[Pair, ...]  # 公示起止, 可以申请: 最早, 最晚
    dates_text: str
    dates_tone: Tone


class BranchView(msgspec.Struct, frozen=True, kw_only=True):
    """One strand of a package with its own term."""

    name: str
    authority: str
    term: str
    due: str  # 12-01 when taken in and accepted today
    longest: bool


class ChecklistLine(msgspec.Struct, frozen=True, kw_only=True):
    """A material on the page."""

    key: str
    no: int
    name: str
    take: str  # 原件 1, 原件核验, 免提交
    pages: int
    state: MaterialState
    chip: Chip
    remark: str  # 12-01 前补齐, 必要材料, 2026-08-14 档案
    remark_tone: Tone
    required: bool
    allowed: tuple[MaterialState, ...]  # states one key may set
    files: tuple[Digest, ...]
    requirement: str
    tick_code: str


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """A button of the decision bar. ``shortcut`` is a portable key sequence."""

    outcome: Outcome
    label: str
    shortcut: str
    allowed: bool
    reason: str  # why not, as a sentence
    article: str
    recommended: bool


class IntakePage(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the intake page shows for a draft."""

    title: str
    chips: tuple[Chip, ...]
    subtitle: str  # children of a package, or the authority
    facts: tuple[str, ...]  # 材料 18 → 9 份，减 9 份; 法定 20 · 承诺 5 个工作日
    applicant: PartyView
    agent: PartyView | None
    archive: ArchiveView | None
    questions: tuple[QuestionView, ...]
    fields: tuple[FieldView, ...]
    fields_text: str  # 19 项合并为 11 项，已填 10
    checklist: tuple[ChecklistLine, ...]
    summary: tuple[Chip, ...]  # 齐 2, 免 2, 容缺 1, 承诺 1, 缺 1
    steps: tuple[Step, ...]
    verdict: str  # 不能受理：缺少必要材料“房屋租赁合同”
    verdict_tone: Tone
    advice: str  # 应当场或5个工作日内一次告知，最迟 2026-11-30
    needs_tolerance_signature: bool
    correcting: bool = False  # 当场更正 is under way
    corrections: tuple[Pair, ...] = ()  # what was put right since it was started: label, old → new
    guide: GuideView | None = None
    branches: tuple[BranchView, ...] = ()
    branches_text: str = ""  # 期限取最长的分支…
    remarks: tuple[Chip, ...] = ()  # fees, 同址, full places, what the licence mode means
    arrival_problems: dict[str, str] = {}  # sentences about ticket and 补录, by ``backfill.received_at`` …


class CaseLine(msgspec.Struct, frozen=True, kw_only=True):
    """A row of 办件."""

    case_id: CaseId
    case_no: CaseNo
    item: str
    applicant: str  # masked
    entity: str
    status: Chip
    flags: tuple[Chip, ...]
    due: str  # 12-01 · 剩 3 个工作日
    due_tone: Tone
    received: str  # 11-22 10:42
    station: str
    clerk: str
    sync: Chip | None  # 待传 / 冲突; None when acknowledged


class TimelineLine(msgspec.Struct, frozen=True, kw_only=True):
    """One fact on the case's timeline."""

    event: EventId
    at: str
    what: str
    who: str
    where: str
    note: str
    sync: Chip | None


class PaperLine(msgspec.Struct, frozen=True, kw_only=True):
    """An issued document of the case."""

    id: EventId
    kind: str
    title: str
    doc_no: str
    at: str
    pages: int
    reprints: int
    sha256: Digest


class VerbButton(msgspec.Struct, frozen=True, kw_only=True):
    """A verb the case offers. ``asks`` are the fields ``verbs.act`` needs, for the entry strip."""

    verb: str
    label: str
    allowed: bool
    reason: str
    asks: tuple[FieldView, ...] = ()


class CasePage(msgspec.Struct, frozen=True, kw_only=True):
    """办件: one case whole."""

    line: CaseLine
    title: str
    query_code: str
    facts: tuple[Pair, ...]  # applicant, dates, clocks
    form: tuple[Pair, ...]
    checklist: tuple[ChecklistLine, ...]
    timeline: tuple[TimelineLine, ...]
    papers: tuple[PaperLine, ...]
    verbs: tuple[VerbButton, ...]
    children: tuple[CaseLine, ...]
    revealed: bool
    conflicts: tuple[WorkLine, ...] = ()  # what waits for a person; ``job_id`` is the event
    files: tuple[Chip, ...] = ()  # 附件待传, 附件未下载: what the centre or this desk does not have yet


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """A document ready to be looked at and printed."""

    title: str
    case_no: CaseNo
    paper: EventId
    pdf: bytes
    pages: int


class IntakeDone(msgspec.Struct, frozen=True, kw_only=True):
    """What submitting the page gave."""

    case_id: CaseId
    case_no: CaseNo
    headline: str  # 已登记 · 金普…
    papers: tuple[PaperLine, ...]


class CaseFilter(StrEnum):
    """Which cases the list of 办件 shows; the values are what ``Tile.goto`` holds and ``cases`` takes."""

    OPEN = "open"  # 在办: everything that is not finished
    TODAY = "today"  # 今日收件
    UNDECIDED = "undecided"  # 待决定 (26)
    CORRECTING = "correcting"  # 待补正 (28)
    TOLERATED = "tolerated"  # 待补齐
    DUE = "due"  # 将到期 and overdue, most pressing first
    LAPSED = "lapsed"  # 逾期未补正、未补齐
    HAND_OUT = "hand-out"  # 待出件
    UNCHECKED = "pledges"  # 承诺待核查
    FALSE_PLEDGE = "false-pledges"  # 虚假承诺, not yet repaired
    CONFLICT = "conflict"  # 要人处理: parked, or refused by the centre
    PENDING = "pending"  # 待传: not yet acknowledged by the centre
    ON_THE_WAY = "on-the-way"  # 流转中: handed on and not signed for
    POORLY_RATED = "poorly-rated"  # 差评待回访
    CLOSED = "closed"  # 已办结
    ALL = "all"


class ScanTarget(msgspec.Struct, frozen=True, kw_only=True):
    """What a barcode gun's text means: a case to open, a slip to sign for, or the tick code of a material
    (``ChecklistLine``)."""

    case_id: CaseId | None = None
    tick: str = ""
    slip: CaseNo | None = None  # a hand-on slip
    draft_id: str = ""  # the case waits to be taken in here: the intake page it opens


class DeviceLine(msgspec.Struct, frozen=True, kw_only=True):
    """A device in the status bar: 高拍仪 ● 就绪."""

    label: str
    state: str
    tone: Tone
