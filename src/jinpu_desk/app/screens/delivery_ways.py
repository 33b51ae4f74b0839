"""The ways a result may go, and what the page asks for each."""

from __future__ import annotations

from datetime import date
from typing import Any

from jinpu_desk.domain.case import Case, DeliverState
from jinpu_desk.domain.mask import mask_address, mask_name, mask_phone
from jinpu_desk.domain.rules_after import originals_here

from ..labels import ID_TYPES
from ..verbs.asks import ask, ask_count, ask_date, choose
from ..verbs.recipients import (
    AGENT,
    LEGAL_REPRESENTATIVE,
    RESIDENT_CARD,
    SELF,
    UNASKED,
    Parcel,
    parcel_of,
    relations,
)
from .delivery_views import Way
from .views import FieldView

LABELS = {
    "pick-up": "窗口领取",
    "post": "邮寄",
    "electronic": "电子证照",
    "left": "留置",
    "entrusted": "委托",
    "public": "公告",
    "delivered": "登记签收",
    "return": "退还原件",
}
"""What the page calls each way."""
VERB_OF: dict[str, tuple[str, dict[str, Any]]] = {
    "pick-up": ("hand-out", {}),
    "post": ("hand-out", {"method": "post"}),
    "electronic": ("hand-out", {"method": "electronic"}),
    "left": ("hand-out", {"service": "left"}),
    "entrusted": ("hand-out", {"service": "entrusted"}),
    "public": ("hand-out", {"service": "public"}),
    "delivered": ("delivered", {}),
    "return": ("return-materials", {}),
}
"""The verb behind each way, and what it is told besides what is typed."""
_PERSON_TYPES = {code: label for code, label in ID_TYPES.items() if code != "001"}


def ways_of(case: Case, today: date) -> tuple[tuple[Way, ...], str]:
    """Return the ways open to the case as it stands, and the likeliest of them ("" when there is none)."""
    back = ("return",) if originals_here(case) and not case.on_the_way else ()
    keys: tuple[str, ...]
    if case.decision is None or case.voided or case.deliver_state is DeliverState.SERVED:
        keys, usual = back, "return"
    elif case.deliver_state is DeliverState.POSTED:
        keys, usual = ("delivered", "pick-up", "post"), "delivered"
    else:
        keys, usual = ("pick-up", "post", "electronic", "left", "entrusted", "public"), case.delivery
    return tuple(_way(case, key, today) for key in keys), usual if keys else ""


def _way(case: Case, key: str, today: date) -> Way:
    fields, hint = {
        "pick-up": _pick_up,
        "post": _post,
        "electronic": _electronic,
        "left": _left,
        "entrusted": _entrusted,
        "public": _public,
        "delivered": _delivered,
        "return": _return,
    }[key](case, today)
    unasked = {
        "recipient": (SELF,),
        "id_type": (SELF,),
        "id_no": (SELF,),
        "authorised": tuple(UNASKED),
    }
    return Way(
        key=key,
        label=LABELS[key],
        fields=fields,
        hidden=unasked if key == "pick-up" else {},
        proof=key in ("pick-up", "left"),
        originals=key in ("pick-up", "post", "return"),
        hint=hint,
    )


Asked = tuple[tuple[FieldView, ...], str]


def _filled(field: FieldView, value: str) -> FieldView:
    return FieldView(
        path=field.path,
        label=field.label,
        kind=field.kind,
        value=value,
        options=field.options,
        required=field.required,
    )


def _pick_up(case: Case, _today: date) -> Asked:
    agent = case.agent is not None
    fields = (
        choose("relation", "与申请人", relations(case)),
        ask("recipient", "领取人", required=False),
        _filled(choose("id_type", "证件类型", _PERSON_TYPES), RESIDENT_CARD),
        ask("id_no", "证件号码", required=False),
        choose("authorised", "委托书", {"false": "未核验", "true": "已核验"}),
        ask_count("copies", "份数", "1"),
    )
    first = AGENT if agent else SELF if case.applicant.type == "person" else LEGAL_REPRESENTATIVE
    hints = {
        AGENT: "收件时的代理人来领，姓名和证件不用再填；换人来领要核验委托书。",
        SELF: "本人来领，核对证件即可；他人代领改选关系，并核验委托书。",
        LEGAL_REPRESENTATIVE: "法定代表人不用委托书；其他人代领要核验委托书。",
    }
    return fields, hints[first]


def _post(case: Case, _today: date) -> Asked:
    parcel = parcel_of(case)
    fields = (
        ask("tracking_no", "邮件号"),
        ask("recipient", "收件人", required=False),
        ask("phone", "电话", required=False),
        ask("address", "地址", required=not parcel.address),
        ask_count("copies", "份数", "1"),
    )
    if not parcel.address:
        return fields, "申请里没有地址，请填写收件地址。"
    to = " · ".join(part for part in (masked_parcel(case, parcel)) if part)
    return fields, f"扫面单条码或输入邮件号。其他不填，就寄：{to}"


def masked_parcel(case: Case, parcel: Parcel) -> tuple[str, str, str]:
    """Return name, telephone and address of a parcel as a list may show them."""
    return shown_name(case, parcel.recipient), mask_phone(parcel.phone), shown_address(case, parcel.address)


def shown_name(case: Case, name: str) -> str:
    """Return a recipient's name as a screen shows it: masked, unless it is the organisation that applied."""
    public = case.applicant.type == "organisation" and name == case.applicant.name
    return name if public else mask_name(name)


def shown_address(case: Case, address: str) -> str:
    """Return where something goes as a screen shows it: where a business is stands on its licence, a home is masked."""
    public = case.applicant.type == "organisation" or address == case.form.get("address")
    return address if public else mask_address(address)


def _electronic(_case: Case, _today: date) -> Asked:
    return (), "确认申请人已在网上收到电子证照。"


def _left(_case: Case, _today: date) -> Asked:
    fields = (ask("place", "送达地点"), ask("refused_because", "拒收理由"), ask("witness", "见证人"))
    return fields, "受送达人拒收：写明理由，由见证人在送达回证上签字。"


def _entrusted(_case: Case, _today: date) -> Asked:
    return (
        ask("recipient", "受托机关"),
        ask("place", "送达地点", required=False),
    ), "送达回证签回后再登记签收。"


def _public(_case: Case, _today: date) -> Asked:
    return (ask("place", "公告位置"),), "公告满三十日后登记送达。"


def _delivered(_case: Case, today: date) -> Asked:
    fields = (
        ask("signed_by", "签收人", required=False),
        _filled(ask_date("served_on", "签收日期"), today.isoformat()),
    )
    return fields, "按邮政签收信息或签回的送达回证登记；收件人本人签收的，签收人不用填。"


def _return(_case: Case, _today: date) -> Asked:
    fields = (ask("recipient", "领取人", required=False), ask("note", "备注", required=False))
    return fields, "勾选要退还的原件，不勾就是全部；领取人不填就是申请人。"
