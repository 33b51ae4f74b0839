"""Which papers there are: the kinds of DOMAIN §D, their forms, and what each cannot be printed without.

``NEEDS`` is the contract between whoever fills facts and the layouts in ``resources/documents``: a layout that
names anything else is refused when it is read, facts that lack anything when they are printed.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import msgspec


class PaperKind(StrEnum):
    """The papers of DOMAIN §D; ``label`` is the Chinese name a clerk calls it by."""

    D1 = "D1"
    D2 = "D2"
    D3 = "D3"
    D4 = "D4"
    D5 = "D5"
    D6 = "D6"
    D7 = "D7"
    D8 = "D8"
    D9 = "D9"
    D10 = "D10"
    D11 = "D11"
    D12 = "D12"
    D13 = "D13"
    D14 = "D14"
    D15 = "D15"
    D16 = "D16"

    @property
    def label(self) -> str:
        """Return the Chinese name of the kind."""
        return _LABELS[self]


_LABELS = {
    PaperKind.D1: "收件凭证",
    PaperKind.D2: "受理通知书",
    PaperKind.D3: "一次性补正告知书",
    PaperKind.D4: "不予受理通知书",
    PaperKind.D5: "容缺受理通知书",
    PaperKind.D6: "告知承诺书",
    PaperKind.D7: "登记文书",
    PaperKind.D8: "决定文书",
    PaperKind.D9: "结果领取单",
    PaperKind.D10: "送达回证",
    PaperKind.D11: "期限告知书",
    PaperKind.D12: "撤回与终止文书",
    PaperKind.D13: "一次性告知单",
    PaperKind.D14: "材料流转交接单",
    PaperKind.D15: "交接班表",
    PaperKind.D16: "标签与面单",
}


class PaperForm(StrEnum):
    """Which of several papers of one kind is meant; ``PLAIN`` is the usual one."""

    PLAIN = "plain"
    THERMAL = "thermal"  # D1 收件凭证 on an 80 mm roll
    NOT_NEEDED = "not-needed"  # D4 无需许可告知单
    PROOF = "proof"  # D6 证明事项告知承诺书
    LICENCE = "licence"  # D6 行政许可告知承诺书
    REGISTERED = "registered"  # D7 登记通知书
    NOT_REGISTERED = "not-registered"  # D7 不予登记通知书
    TAKEN_IN = "taken-in"  # D7 材料接收凭证
    CORRECTION = "correction"  # D7 一次性补正告知书
    DENIED = "denied"  # D8 不予许可决定书; PLAIN is 准予
    EXTENSION = "extension"  # D11 延期通知书
    PAUSE = "pause"  # D11 特别程序（不计时限）告知书
    WITHDRAWN = "withdrawn"  # D12 撤回申请确认书
    TERMINATED = "terminated"  # D12 终止办理通知书
    RETURNED = "returned"  # D12 材料退还清单
    GUIDE = "guide"  # D13 引导单; PLAIN is 一次性告知单
    SHIFT = "shift"  # D15 交接班表
    DAY = "day"  # D15 日结表
    RECONCILED = "reconciled"  # D15 窗口日对账单
    LABEL = "label"  # D16 档案袋标签, 60×40 mm
    EMS = "ems"  # D16 EMS 面单, 100×150 mm


class Family(StrEnum):
    """The document family of an item (DOMAIN §0.3); values are those of the catalogue's ``doc_family``."""

    LICENCE = "licence"  # 许可
    REGISTRATION = "registration"  # 登记
    FILING = "filing"  # 备案
    SERVICE = "service"  # 公共服务


class Needs(msgspec.Struct, frozen=True, kw_only=True):
    """The blanks, lists and tables a form cannot be printed without; others its layout knows are optional.

    ``tables`` names the columns of each table, in order; ``more_tables`` those of tables that may be empty.
    ``materials`` and ``due`` tell whether there must be material lines and a day the case is due.
    """

    blanks: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    tables: Mapping[str, tuple[str, ...]] = {}
    more_tables: Mapping[str, tuple[str, ...]] = {}
    materials: bool = False
    due: bool = False


SLIP = ("case_no", "item", "items", "pages", "originals")
"""办件编号、事项、件数、页数、原件 of a case on a hand-on slip; its number is printed as a barcode, too."""
HELD = ("case_no", "item", "status", "originals")
"""办件编号、事项、状态、原件 of an open case handed over at the end of a shift."""
COUNTS = ("status", "count")
"""状态、件数."""
PENDING = ("what", "count", "note")
"""What is still to be done (未打印, 未同步, 未领取), how many, which."""
STOCK = ("name", "sort", "count", "note")
"""名称、类别（印章、空白文书、文号段）、数量、说明."""
SIDES = ("what", "here", "there")
"""项目、本窗口、中心: what was counted at both ends."""
DIFFERENCES = SIDES
"""项目、只有本窗口有、只有中心有."""
SERVED = ("name", "doc_no", "copies")
"""文书名称、文号、份数 of what is served."""

NEEDS: Mapping[tuple[PaperKind, PaperForm], Needs] = {
    # materials: what was taken in; facts received_at; optional: blank note
    (PaperKind.D1, PaperForm.PLAIN): Needs(materials=True),
    # the same facts as PLAIN; one copy on the roll
    (PaperKind.D1, PaperForm.THERMAL): Needs(materials=True),
    # basis 依据条款, pickup 取件方式; facts accepted_on; optional: list untimed (steps not counted in the term)
    (PaperKind.D2, PaperForm.PLAIN): Needs(blanks=("basis", "pickup"), due=True),
    # correct_by 补正期限 (printed date), correct_how 补正方式; optional: lapse 逾期后果
    (PaperKind.D3, PaperForm.PLAIN): Needs(blanks=("correct_by", "correct_how"), materials=True),
    # reason 理由 (no full stop), article 依据条款; optional: organ 有权机关, organ_contact its address or phone;
    # review_organ 复议机关 and court 法院, which families licence and filing cannot do without
    (PaperKind.D4, PaperForm.PLAIN): Needs(blanks=("reason", "article")),
    # reason why no licence is needed (no full stop), article 依据; optional: advice 后续事项提示
    (PaperKind.D4, PaperForm.NOT_NEEDED): Needs(blanks=("reason", "article")),
    # supplement_by 补齐期限, supplement_how 补齐方式, credit_check 信用核查结果; facts accepted_on;
    # materials: those tolerated
    (PaperKind.D5, PaperForm.PLAIN): Needs(
        blanks=("supplement_by", "supplement_how", "credit_check"), materials=True, due=True
    ),
    # materials: the proofs pledged (name 证明名称, basis 设定依据, requirement 证明内容); check_how 核查方式;
    # optional: public 是否公开及范围, credit_check 信用核查结果
    (PaperKind.D6, PaperForm.PROOF): Needs(blanks=("check_how",), materials=True),
    # basis 许可依据, check_how 核查方式; list conditions 许可条件; materials: what is handed in, state 承诺 for what
    # the pledge replaces; optional: public, credit_check, correct_by 限期整改或补交的日期
    (PaperKind.D6, PaperForm.LICENCE): Needs(
        blanks=("basis", "check_how"), lists=("conditions",), materials=True
    ),
    # category 登记类别, entity_name 名称; optional: uscc, entity_type 类型, pickup
    (PaperKind.D7, PaperForm.REGISTERED): Needs(blanks=("category", "entity_name")),
    # category; list reasons; review_organ 复议机关, court 法院
    (PaperKind.D7, PaperForm.NOT_REGISTERED): Needs(
        blanks=("category", "entity_name", "review_organ", "court"), lists=("reasons",)
    ),
    # category; decide_by: the day by which it is registered or not
    (PaperKind.D7, PaperForm.TAKEN_IN): Needs(blanks=("category", "decide_by"), materials=True),
    (PaperKind.D7, PaperForm.CORRECTION): Needs(
        blanks=("category", "correct_by", "correct_how"), materials=True
    ),
    # decided_on 决定日期, basis 依据, result_name 证照或结果名称; optional: result_no 证照编号, valid_to 有效期至,
    # pickup 领取方式, office 决定机构, conditions (list) 附带事项
    (PaperKind.D8, PaperForm.PLAIN): Needs(blanks=("decided_on", "basis", "result_name")),
    # decided_on, basis 依据; list reasons; optional: office; review_organ and court, which families licence and
    # filing cannot do without
    (PaperKind.D8, PaperForm.DENIED): Needs(blanks=("decided_on", "basis"), lists=("reasons",)),
    # result_name, recipient 领取人, taken_at 领取时间; optional: result_no, valid_to, count 份数, relation 与申请人
    # 关系, recipient_id_label, recipient_id (masked), authorised 委托书核验结果, proof 签名或照片留存
    (PaperKind.D9, PaperForm.PLAIN): Needs(blanks=("result_name", "recipient", "taken_at")),
    # recipient 受送达人; table served; optional, empty lines for the pen where absent: service 送达方式,
    # place 送达地点, served_at 送达时间, signed_by 收件人, relation 代收人与受送达人关系, tracking 邮件号,
    # refused_because 拒收理由, witness 见证人, remark
    (PaperKind.D10, PaperForm.PLAIN): Needs(blanks=("recipient",), tables={"served": SERVED}),
    # reason 延长理由 (no full stop), extra 延长的期限 (10个工作日), approver 批准人; due: the new day;
    # optional: old_due, basis (else the family's article)
    (PaperKind.D11, PaperForm.EXTENSION): Needs(blanks=("reason", "extra", "approver"), due=True),
    # reason 特别程序 (听证, 检验 …), since 自何日起, approver; optional: duration 所需时间, basis, note
    (PaperKind.D11, PaperForm.PAUSE): Needs(blanks=("reason", "since", "approver")),
    # withdrawn_on 撤回日期; optional: reason; materials: originals given back
    (PaperKind.D12, PaperForm.WITHDRAWN): Needs(blanks=("withdrawn_on",)),
    # reason 终止原因 (no full stop), terminated_on; optional: basis, review_organ with court
    (PaperKind.D12, PaperForm.TERMINATED): Needs(blanks=("reason", "terminated_on")),
    # materials: originals given back (copies: how many); recipient 领取人, returned_on; optional: relation, note
    (PaperKind.D12, PaperForm.RETURNED): Needs(blanks=("recipient", "returned_on"), materials=True),
    # optional: lists conditions, flow; blanks address, hours, fee
    (PaperKind.D13, PaperForm.PLAIN): Needs(materials=True),
    # reason, target 应到的窗口; optional: target_address, target_phone
    (PaperKind.D13, PaperForm.GUIDE): Needs(blanks=("reason", "target")),
    # case_no: the slip's own number; origin 移交方, target 接收方, handed_at 移交时间; table cases;
    # optional: total 合计, note
    (PaperKind.D14, PaperForm.PLAIN): Needs(blanks=("origin", "target", "handed_at"), tables={"cases": SLIP}),
    # case_no: the sheet's own number; shift 班次, giver 交班人, period 起止时间; table counts; optional: taker 接班人,
    # note; tables pending, held, stock
    (PaperKind.D15, PaperForm.SHIFT): Needs(
        blanks=("shift", "giver", "period"),
        tables={"counts": COUNTS},
        more_tables={"pending": PENDING, "held": HELD, "stock": STOCK},
    ),
    # case_no: the sheet's own number; day 日期 (printed); table counts; optional: note; tables done (what was done
    # today and how often), pending, stock
    (PaperKind.D15, PaperForm.DAY): Needs(
        blanks=("day",),
        tables={"counts": COUNTS},
        more_tables={"done": COUNTS, "pending": PENDING, "stock": STOCK},
    ),
    # case_no: the sheet's own number; day 日期 (printed), outcome 对账结果, counted_at 中心核对时间, position 中心总序;
    # table sides (what is counted, here and at the centre); optional: differences
    (PaperKind.D15, PaperForm.RECONCILED): Needs(
        blanks=("day", "outcome", "counted_at", "position"),
        tables={"sides": SIDES},
        more_tables={"differences": DIFFERENCES},
    ),
    # optional: shelf 存放位置
    (PaperKind.D16, PaperForm.LABEL): Needs(),
    # unmasked: recipient, recipient_phone, recipient_address; sender, sender_phone, sender_address; contents 内件;
    # optional: tracking 邮件号 (printed as a barcode), recipient_postcode
    (PaperKind.D16, PaperForm.EMS): Needs(
        blanks=(
            *("recipient", "recipient_phone", "recipient_address"),
            *("sender", "sender_phone", "sender_address", "contents"),
        )
    ),
}
"""Every form that can be printed and what its caller must fill in."""

ABOUT_MANY = frozenset({PaperKind.D14, PaperKind.D15})
"""Papers about many cases: their ``case_no`` is a number of their own from the window's series, their applicant and
item are empty, and their family is without meaning."""

NOT_FOR: Mapping[tuple[PaperKind, PaperForm], frozenset[Family]] = {
    (PaperKind.D1, PaperForm.PLAIN): frozenset({Family.REGISTRATION}),
    (PaperKind.D1, PaperForm.THERMAL): frozenset({Family.REGISTRATION}),
    (PaperKind.D2, PaperForm.PLAIN): frozenset({Family.REGISTRATION}),
    (PaperKind.D3, PaperForm.PLAIN): frozenset({Family.REGISTRATION}),
    (PaperKind.D4, PaperForm.PLAIN): frozenset({Family.REGISTRATION}),
    (PaperKind.D4, PaperForm.NOT_NEEDED): frozenset({Family.REGISTRATION}),
    (PaperKind.D5, PaperForm.PLAIN): frozenset({Family.REGISTRATION}),
    (PaperKind.D6, PaperForm.LICENCE): frozenset({Family.REGISTRATION, Family.SERVICE}),
    (PaperKind.D8, PaperForm.PLAIN): frozenset({Family.REGISTRATION}),
    (PaperKind.D8, PaperForm.DENIED): frozenset({Family.REGISTRATION}),
    (PaperKind.D11, PaperForm.PAUSE): frozenset({Family.REGISTRATION}),
    **{
        (PaperKind.D7, form): frozenset({Family.LICENCE, Family.FILING, Family.SERVICE})
        for form in (
            *(PaperForm.REGISTERED, PaperForm.NOT_REGISTERED),
            *(PaperForm.TAKEN_IN, PaperForm.CORRECTION),
        )
    },
}
"""Families a form is meaningless for: registration has no 受理, no 容缺 and no pause and is decided with D7, which
is its alone (条例 art. 19); only licences and filings are granted on a pledge. All other forms serve every family."""


def forms_of(kind: PaperKind, family: Family) -> tuple[PaperForm, ...]:
    """Return the forms of a kind that are printed for items of a family, in the order of ``NEEDS``."""
    return tuple(
        form for k, form in NEEDS if k is kind and family not in NOT_FOR.get((k, form), frozenset[Family]())
    )


_TITLES = {
    PaperForm.THERMAL: "收件凭证（小票）",
    PaperForm.NOT_NEEDED: "无需许可告知单",
    PaperForm.PROOF: "证明事项告知承诺书",
    PaperForm.LICENCE: "行政许可告知承诺书",
    PaperForm.REGISTERED: "登记通知书",
    PaperForm.NOT_REGISTERED: "不予登记通知书",
    PaperForm.TAKEN_IN: "登记申请材料接收凭证",
    PaperForm.CORRECTION: "一次性补正告知书",
    PaperForm.DENIED: "不予许可决定书",
    PaperForm.EXTENSION: "延期通知书",
    PaperForm.PAUSE: "特别程序告知书",
    PaperForm.WITHDRAWN: "撤回申请确认书",
    PaperForm.TERMINATED: "终止办理通知书",
    PaperForm.RETURNED: "材料退还清单",
    PaperForm.GUIDE: "引导单",
    PaperForm.SHIFT: "交接班表",
    PaperForm.DAY: "日结表",
    PaperForm.RECONCILED: "窗口日对账单",
    PaperForm.LABEL: "档案袋标签",
    PaperForm.EMS: "EMS面单",
}


def paper_title(kind: PaperKind, form: PaperForm) -> str:
    """Return what a clerk calls the form in lists; its printed title may say it in the family's words."""
    return _TITLES.get(form, kind.label)
