"""Service items as data: what a law change may change without a line of code (DOMAIN §A, §B3, §G).

Every struct refuses unknown keys. Conditions (``when``, ``holds``) are CEL expressions over ``answers``, ``form``
and ``agent``. ``confidence = "low"`` marks a value that still wants a source.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

import msgspec

from jinpu_desk.domain.bodies import DocFamily
from jinpu_desk.domain.materials import NoSubmit

from .data import Data
from .guide import Delivery, Fee, Guide, Result

LicenceMode = Literal["", "cancelled", "filing", "pledge", "optimised"]
"""证照分离: 直接取消审批, 审批改备案, 实行告知承诺, 优化审批服务 (DOMAIN C6)."""
CheckMode = Literal["", "on-site", "remote", "pledge"]
"""How it is looked into: at the place, by video (远程查验), or after a pledge (DOMAIN U1)."""
Confidence = Literal["checked", "known", "low"]
SealUse = Literal["acceptance", "approval", "registration"]


class Authority(Data, frozen=True, kw_only=True):
    """实施主体, as papers name it. ``short`` is the 代字 of its document numbers."""

    name: str
    short: str
    enquiry_phone: str = ""
    complaint_phone: str = ""
    review_organ: str = ""  # 复议机关
    court: str = ""
    address: str = ""  # transact_addr, unless the item has its own
    hours: str = ""  # transact_time, unless the item has its own
    low_confidence: tuple[str, ...] = ()  # keys whose values still want a source


class Seal(Data, frozen=True, kw_only=True):
    """A seal of an authority: 受理专用章, 行政审批专用章 or 登记专用章 (DOMAIN U3).

    ``text`` is what stands in it, ``roles`` are the roles of those who may apply it; both days are included.
    """

    key: str
    name: str
    authority: str
    use: SealUse
    text: str
    valid_from: date
    valid_to: date | None = None
    roles: tuple[str, ...]
    low_confidence: tuple[str, ...] = ()

    def valid_on(self, day: date) -> bool:
        """Tell whether the seal may be applied on ``day``."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


class Option(Data, frozen=True, kw_only=True):
    """One answer of a question, or one choice of a field."""

    value: str
    label: str


class Question(Data, frozen=True, kw_only=True):
    """情形: an answer that adds or removes materials, fields or branches.

    ``bars`` makes a yes rule the item out, and is the sentence that says why (简易注销's eligibility, DOMAIN §C4).
    """

    key: str
    label: str
    kind: Literal["choice", "many", "bool"] = "choice"
    options: tuple[Option, ...] = ()
    when: str = ""
    default: str | bool | None = None
    bars: str = ""
    help: str = ""


class Variant(Data, frozen=True, kw_only=True):
    """What a material becomes in a situation; keys left out keep the material's own value."""

    when: str
    name: str | None = None
    requirement: str | None = None
    pledgeable: bool | None = None
    no_submit: tuple[NoSubmit, ...] | None = None
    licence: str | None = None
    original: Literal["original", "copy", "both"] | None = None
    basis: str | None = None


class Material(Data, frozen=True, kw_only=True):
    """材料 of an item, in the order of the list. Equal ``code`` in a package means one paper serves all (材料复用).

    After the schema: ``original`` material_type, ``medium`` material_format, ``required`` and ``tolerable`` is_need,
    ``source`` source_type, ``copies`` page_num, ``requirement`` accept_stand, ``blank_form`` form_guid,
    ``sample`` example_guid, ``fill_note`` fill_explain, ``intermediary`` service_type.
    """

    key: str
    name: str
    code: str = ""  # empty: the key serves
    role: Literal["application", "identity", "safety", "other"] = "other"
    required: bool = True
    when: str = ""
    tolerable: bool = False
    tolerance_days: int | None = None
    pledgeable: bool = False
    no_submit: tuple[NoSubmit, ...] = ()
    licence: str = ""  # kind of electronic licence that proves it (电子证照核验)
    original: Literal["original", "copy", "both"] = "copy"
    medium: Literal["paper", "electronic", "either"] = "either"
    copies: int = 1
    source: str = "申请人"
    requirement: str = ""
    basis: str = ""
    valid_days: int | None = None
    page_format: str = "A4"
    blank_form: str = ""  # reference of the empty form
    sample: str = ""  # reference of the filled-in sample
    fill_note: str = ""
    intermediary: bool = False  # 需中介服务
    variants: tuple[Variant, ...] = ()
    confidence: Confidence = "known"


FieldKind = Literal[
    "text",
    "longtext",
    "choice",
    "money",
    "date",
    "integer",
    "bool",
    "phone",
    "id_no",
    "uscc",
    "register",
    "group",
]


class Field(Data, frozen=True, kw_only=True):
    """A form field. Equal ``code`` in a package means it is asked once. ``nullable`` lets null stand for none.

    The value of a ``register`` field is the key of an entry in the published register named ``register``.
    """

    key: str
    label: str
    kind: FieldKind = "text"
    code: str = ""  # empty: the key serves
    required: bool = True
    nullable: bool = False
    when: str = ""
    max_length: int = 200
    options: tuple[Option, ...] = ()
    scale: int = 2  # money: decimal places
    minimum: str | None = None  # money and integer, as a decimal string
    maximum: str | None = None
    unit: str = ""
    within_years: int | None = None  # date: at most so many years from today
    not_past: bool = False  # date: today or later
    default: str | None = None
    register: str = ""
    same_as: str = ""  # filled from the applicant: name, phone, id_no, uscc
    help: str = ""
    fields: tuple[Field, ...] = ()  # of a group


class FormRule(Data, frozen=True, kw_only=True):
    """A rule across fields: ``holds`` must be true, otherwise ``message`` at ``where``."""

    holds: str
    where: str
    message: str
    basis: str = ""


class TermVariant(Data, frozen=True, kw_only=True):
    """What the terms of an item become in a situation (告知承诺 or inspection); keys left out keep the item's own."""

    when: str
    project_type: Literal[1, 2] | None = None
    legal_days: int | None = None
    promised_days: int | None = None
    window_authorised: bool | None = None
    licence_mode: LicenceMode | None = None
    check_mode: CheckMode | None = None


class Notice(Data, frozen=True, kw_only=True):
    """公示 an item demands before it may be applied for: ``days`` calendar days from the date in ``field``.

    The application must come within ``filing_days`` after the notice ended (简易注销: 20 and 20, DOMAIN §C4). An
    empty ``when`` means always.
    """

    field: str
    days: int
    filing_days: int
    when: str = ""


class Item(Data, frozen=True, kw_only=True):
    """政务服务事项 (业务办理项). Days are working days; ``promised_days`` 0 is 即办, ``legal_days`` None is unset.

    ``role``: an item stands in the menu; a branch exists only within packages; a request (诉求) has no terms and runs
    until it is answered. After the schema: ``kind_code`` task_type, ``catalog_code`` catalog_code, ``version``
    task_version, ``effective_from`` and ``_to`` plan_effective_date and plan_cancel_date, ``basis`` by_law,
    ``legal_days`` anticipate_day, ``promised_days`` promise_day, ``visits`` limit_scene_num, ``entered``
    is_entry_center, ``fees`` is_fee, ``delivery`` is_express.
    """

    key: str
    name: str
    authority: str
    family: DocFamily
    role: Literal["item", "branch", "request"] = "item"
    version: int = 1
    short_name: str = ""
    aliases: tuple[str, ...] = ()
    kind_code: str = ""  # 事项类型 (DOMAIN §B2): 01 licence, 07 confirmation, 10 other, 20 public service
    catalog_code: str | None = None  # 目录编码
    basic_code: str | None = None  # 基本编码
    business_code: str | None = None  # 业务办理项编码
    implementation_code: str | None = None  # 实施编码
    basis: tuple[str, ...] = ()
    project_type: Literal[1, 2] = 2  # 1 即办件, 2 承诺件
    legal_days: int | None = None
    promised_days: int = 0
    extension_days: int = 10
    window_authorised: bool = False
    term_variants: tuple[TermVariant, ...] = ()
    stations: bool = False  # the district stations may take it, too (全域通办)
    licence_mode: LicenceMode = ""
    check_mode: CheckMode = ""
    visits: int = 1  # limit_scene_num
    entered: bool = True  # is_entry_center
    not_entered_reason: str = ""
    fees: tuple[Fee, ...] = ()  # empty: none, and the page has no money field
    result: Result | None = None
    delivery: tuple[Delivery, ...] = ("pickup", "post")
    notice: Notice | None = None
    guide: Guide = Guide()
    correction_days: int | None = None  # calendar days
    category: str = ""  # 登记类别, registration only
    untimed: tuple[str, ...] = ()  # what the term does not count (许可法 art. 45)
    questions: tuple[Question, ...] = ()
    materials: tuple[Material, ...] = ()
    fields: tuple[Field, ...] = ()
    rules: tuple[FormRule, ...] = ()
    effective_from: date | None = None
    effective_to: date | None = None
    low_confidence: tuple[str, ...] = ()  # keys of this item whose values still want a source
    note: str = ""

    @property
    def code(self) -> str:
        """The most precise code known, empty when none is."""
        return self.implementation_code or self.business_code or self.basic_code or ""


class Branch(Data, frozen=True, kw_only=True):
    """One strand of a package: an item, or one of several by the answer to a question of the package."""

    key: str
    item: str = ""
    question: str = ""
    items: dict[str, str] = msgspec.field(default_factory=dict)  # answer -> item key
    when: str = ""


class Package(Data, frozen=True, kw_only=True):
    """一件事: one form, one set of materials, one receipt, branches decided in parallel.

    With a ``result`` it is 一业一证: what the branches grant is listed on one comprehensive licence (DOMAIN U2).
    """

    key: str
    name: str
    authority: str
    branches: tuple[Branch, ...]
    short_name: str = ""
    aliases: tuple[str, ...] = ()
    questions: tuple[Question, ...] = ()
    field_codes: dict[str, dict[str, str]] = msgspec.field(
        default_factory=dict
    )  # item key -> field key -> shared code
    produced_fields: tuple[str, ...] = ()  # shared codes an earlier branch yields: asked, never demanded
    material_names: dict[str, str] = msgspec.field(
        default_factory=dict
    )  # shared code -> name of the one paper
    cap_days: int = 45  # 集中办理 (许可法 art. 42)
    result: Result | None = None
    effective_from: date | None = None
    effective_to: date | None = None
    low_confidence: tuple[str, ...] = ()
    note: str = ""


class Catalogue(msgspec.Struct, frozen=True, kw_only=True):
    """A published, immutable catalogue version."""

    version: str
    effective_from: date
    digest: str
    authorities: dict[str, Authority]
    items: dict[str, Item]
    packages: dict[str, Package]
    seals: dict[str, Seal] = {}
    training: bool = False

    def __repr__(self) -> str:
        """Return a line and not the whole book: messages and failing tests show it."""
        return f"Catalogue({self.version!r}, {self.digest[:12]!r})"

    def by_role(self, role: Literal["item", "branch", "request"]) -> tuple[Item, ...]:
        """Return the items with this role, in catalogue order."""
        return tuple(item for item in self.items.values() if item.role == role)

    def seal_for(self, authority: str, use: SealUse, day: date) -> Seal | None:
        """Return the seal that ``authority`` puts under such a paper on ``day``: the one valid since last."""
        valid = [
            seal
            for seal in self.seals.values()
            if (seal.authority, seal.use) == (authority, use) and seal.valid_on(day)
        ]
        return max(valid, key=lambda seal: seal.valid_from, default=None)

    def authority_of(self, item: Item) -> Authority:
        """Return the item's authority with the telephones, place and hours that hold for this item."""
        authority = self.authorities[item.authority]
        own = {
            key: getattr(item.guide, key) for key in ("enquiry_phone", "complaint_phone", "address", "hours")
        }
        return msgspec.structs.replace(authority, **{key: value for key, value in own.items() if value})
