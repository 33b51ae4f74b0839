"""Verbs after the decision: the result handed out, served and signed for, originals given back (DOMAIN C12, §D)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from msgspec.structs import replace

from jinpu_desk.domain import bodies as b
from jinpu_desk.domain.bodies import Service
from jinpu_desk.domain.case import Case, DeliverState
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.rules_after import originals_here

from ..desk import Desk
from ..intake.subject import Subject
from ..papers.result import papers_of_handing_out, papers_of_return
from ..screens.views import FieldView
from . import bars
from .asks import ask, ask_date, ask_truth, choose, fixed
from .data import require_text
from .delivery_data import DeliveredData, HandOutData, Method, ReturnData
from .moment import Moment
from .proofs import kept_proof
from .recipients import parcel_of, recipient_of, relations
from .verb import Verb

METHODS: dict[Method, str] = {"pick-up": "窗口领取", "post": "邮寄", "electronic": "电子证照"}
NOTICE_DAYS = 30
"""Days after which what was announced in public counts as served (民事诉讼法 art. 95, by analogy)."""
MOST_COPIES = 99
_BY_METHOD: dict[Method, Service] = {"pick-up": "direct", "post": "post", "electronic": "electronic"}
_AT_ONCE = frozenset({"direct", "left", "electronic"})
"""Ways of service that are complete when they are done; the others wait for a signature or for time."""


def service_of(data: HandOutData) -> Service:
    """Return the way of service: the one named, or the one the method stands for.

    Raises:
        Refused: ``delivery.service-and-method`` when they contradict each other.
    """
    usual = _BY_METHOD[data.method]
    named = data.service or usual
    if named != usual and (data.method != "pick-up" or named in {"post", "electronic"}):
        raise Refused("delivery.service-and-method", "data.service")
    return named


def _hand_out(now: Moment, data: HandOutData) -> None:
    if not 1 <= data.copies <= MOST_COPIES:
        raise Refused("delivery.copies", "data.copies", most=MOST_COPIES)
    body = _WAYS[service_of(data)](now, data)
    written: list[b.Body] = [kept_proof(now.desk, data.proof)] if data.proof else []
    if data.id_no.strip() and data.override_reason.strip():
        written.append(b.CaseNoted(text=f"领取人证件校验位不符，放行理由：{data.override_reason.strip()}"))
    written.append(body)
    if data.originals:
        written.append(_returned(now, data.originals, body.recipient))
    now.write(*written)


def _body(now: Moment, data: HandOutData, recipient: str) -> b.ResultHandedOut:
    service = service_of(data)
    return b.ResultHandedOut(
        method=data.method,
        service=service,
        recipient=recipient,
        relation=data.relation.strip(),
        authorised=data.authorised,
        proof=data.proof,
        tracking_no=data.tracking_no.strip().upper(),
        handed_on=now.desk.today(),
        served=service in _AT_ONCE,
        place=data.place.strip(),
        copies=data.copies,
        refused_because=data.refused_because.strip(),
        witness=data.witness.strip(),
    )


def _direct(now: Moment, data: HandOutData) -> b.ResultHandedOut:
    who = recipient_of(now.case, data, now.desk.today())
    here = f"{now.desk.replica.station_name} {now.desk.replica.window}".strip()
    return replace(
        _body(now, data, who.name),
        id_type=who.id_type,
        id_no=who.id_no,
        relation=who.relation,
        authorised=who.authorised,
        place=data.place.strip() or here,
    )


def _left(now: Moment, data: HandOutData) -> b.ResultHandedOut:
    """留置: left with one who refuses it, before a witness (民事诉讼法 art. 89, by analogy)."""
    for key in ("place", "refused_because", "witness"):
        require_text(getattr(data, key), f"data.{key}")
    return _body(now, data, data.recipient.strip() or now.case.applicant.name)


def _entrusted(now: Moment, data: HandOutData) -> b.ResultHandedOut:
    """委托: another organ serves it; that organ is the recipient."""
    require_text(data.recipient, "data.recipient")
    return _body(now, data, data.recipient.strip())


def _posted(now: Moment, data: HandOutData) -> b.ResultHandedOut:
    require_text(data.tracking_no, "data.tracking_no")
    usual = parcel_of(now.case)
    address = data.address.strip() or usual.address
    if not address:
        raise Refused("delivery.address-needed", "data.address")
    body = _body(now, data, data.recipient.strip() or usual.recipient)
    return replace(body, place=address, phone=data.phone.strip() or usual.phone)


def _electronic(now: Moment, data: HandOutData) -> b.ResultHandedOut:
    return _body(now, data, data.recipient.strip() or now.case.applicant.name)


def _announced(now: Moment, data: HandOutData) -> b.ResultHandedOut:
    """公告: nobody can be reached; the place is where it was announced."""
    require_text(data.place, "data.place")
    return _body(now, data, now.case.applicant.name)


_WAYS: dict[Service, Callable[[Moment, HandOutData], b.ResultHandedOut]] = {
    "direct": _direct,
    "left": _left,
    "entrusted": _entrusted,
    "post": _posted,
    "electronic": _electronic,
    "public": _announced,
}


def _delivered(now: Moment, data: DeliveredData) -> None:
    """Record that what was sent has arrived, or that the time of a public notice is over."""
    today, last = now.desk.today(), now.case.deliveries[-1]
    day = data.served_on or today
    first = last.handed_on + timedelta(days=NOTICE_DAYS if last.service == "public" else 0)
    if not first <= day <= today:
        code = "delivery.notice-runs" if last.service == "public" and day <= today else "delivery.served-on"
        raise Refused(code, "data.served_on", first=first.isoformat(), last=today.isoformat())
    signed = data.signed_by.strip()
    now.write(b.DeliveryConfirmed(served_on=day, signed_by=signed or _signer(last.service, last.recipient)))


def _signer(service: Service, recipient: str) -> str:
    """Return who signs if nobody says: of a public notice nobody, of an entrusted service not the organ."""
    return recipient if service == "post" else ""


def _return(now: Moment, data: ReturnData) -> None:
    held = data.materials or originals_here(now.case)
    now.write(_returned(now, held, data.recipient.strip() or now.case.applicant.name, data.note.strip()))


def _returned(now: Moment, materials: dict[str, int], recipient: str, note: str = "") -> b.MaterialsReturned:
    known = {rule.key for rule in now.subject.rules} | set(now.case.materials)
    for key in materials:
        if key not in known:
            raise Refused("intake.unknown-material", f"data.materials.{key}", material=key)
    return b.MaterialsReturned(
        materials=materials, recipient=recipient, returned_on=now.desk.today(), note=note
    )


def _ask_hand_out(case: Case) -> tuple[FieldView, ...]:
    return (
        choose("method", "方式", {str(method): label for method, label in METHODS.items()}),
        choose("relation", "与申请人关系", relations(case)),
        ask("recipient", "领取人（本人不用填）", required=False),
        ask("id_no", "证件号码（本人不用填）", required=False),
        ask_truth("authorised", "委托书", "已核验", "没有", default=False),
        ask("tracking_no", "邮件号", required=False),
    )


def _not_served(case: Case) -> bool:
    return case.deliver_state in {DeliverState.WAITING, DeliverState.POSTED}


def _on_its_way(case: Case) -> bool:
    return case.deliver_state is DeliverState.POSTED


def _originals_held(case: Case) -> bool:
    return bool(originals_here(case))


def _bar_return(_desk: Desk, case: Case, _subject: Subject) -> None:
    """Give back what is here: not what nobody left, nor what is on its way to another office."""
    if case.on_the_way:
        raise Refused("delivery.papers-away", slip=case.passages[-1].slip)
    if not originals_here(case):
        raise Refused("delivery.no-originals", case_no=case.case_no)


VERBS: dict[str, Verb] = {
    "hand-out": Verb(
        HandOutData,
        _hand_out,
        b.ResultHandedOut,
        bars.hand_out,
        asks=_ask_hand_out,
        fits=_not_served,
        prints=papers_of_handing_out,
    ),
    "delivered": Verb(
        DeliveredData,
        _delivered,
        b.DeliveryConfirmed,
        bars.delivered,
        asks=fixed(
            ask("signed_by", "签收人", required=False), ask_date("served_on", "签收日期", required=False)
        ),
        fits=_on_its_way,
    ),
    "return-materials": Verb(
        ReturnData,
        _return,
        b.MaterialsReturned,
        _bar_return,
        asks=fixed(
            ask("recipient", "领取人（本人不用填）", required=False), ask("note", "备注", required=False)
        ),
        fits=_originals_held,
        prints=papers_of_return,
    ),
}
