"""Papers of the result: decisions, hand-out, service, ends of a case, originals given back, labels (DOMAIN §D)."""

from __future__ import annotations

from datetime import datetime

from jinpu_desk.domain import bodies as b
from jinpu_desk.domain.bodies import DocFamily
from jinpu_desk.domain.case import TERMINAL, Case, Delivery, Status
from jinpu_desk.domain.mask import mask_id

from ..desk import Desk
from ..intake.subject import Subject
from ..labels import ID_TYPES, day_text
from ..verbs.recipients import SELF, UNASKED, parcel_of
from ..verbs.results import decision_title, office_paper, result_name
from . import PaperForm, PaperKind
from .lines import originals
from .rule import Fill, PaperRule

SERVICES = {
    "direct": "直接送达",
    "left": "留置送达",
    "entrusted": "委托送达",
    "post": "邮寄送达",
    "electronic": "电子送达",
    "public": "公告送达",
}
"""送达方式 as printed (DOMAIN §D, D10)."""
PICKUPS = {"pick-up": "窗口自取", "post": "邮寄送达", "electronic": "电子证照"}
RETURNED = ((PaperKind.D12, PaperForm.RETURNED),)
Due = tuple[tuple[PaperKind, PaperForm], ...]


def papers_of_decision(case: Case) -> Due:
    """Return the paper that tells the decision: D7 for a registration, D8 for all others."""
    if case.decision is None:
        return ()
    approved = case.decision.approved
    if case.terms.family is DocFamily.REGISTRATION:
        return ((PaperKind.D7, PaperForm.REGISTERED if approved else PaperForm.NOT_REGISTERED),)
    return ((PaperKind.D8, PaperForm.PLAIN if approved else PaperForm.DENIED),)


def papers_of_handing_out(case: Case) -> Due:
    """Return what is signed when a result goes out: the slip of who took it, the proof of service, the originals.

    A decision that came from outside was told by no window yet, so its paper is made first.
    """
    if not case.deliveries:
        return ()
    told = () if office_paper(case) else papers_of_decision(case)
    slip = ((PaperKind.D9, PaperForm.PLAIN),) if _taken(case.deliveries[-1]) else ()
    back = RETURNED if case.timeline[-1].type == b.type_named(b.MaterialsReturned) else ()
    return (*told, *slip, (PaperKind.D10, PaperForm.PLAIN), *back)


def papers_of_return(_case: Case) -> Due:
    """Return the list of originals the recipient signs."""
    return RETURNED


def papers_of_end(case: Case) -> Due:
    """Return the paper that tells the applicant that the case has ended without a decision."""
    if case.decision is not None:
        return ()
    withdrawn = case.status is Status.WITHDRAWN and case.end_reason != LAPSED
    return ((PaperKind.D12, PaperForm.WITHDRAWN if withdrawn else PaperForm.TERMINATED),)


LAPSED = "correction"
"""``end_reason`` of a case whose correction was never brought."""
_ENDS = {
    LAPSED: "逾期未补正申请材料，视为撤回申请",
    "tolerance": "逾期未补齐容缺受理的材料",
}


def _taken(delivery: Delivery) -> bool:
    return delivery.method == "pick-up" and delivery.service == "direct"


_ENDINGS = frozenset(b.type_named(kind) for kind in (b.CaseWithdrawn, b.CaseVoided, b.CaseLapsed))


def _ended_on(desk: Desk, case: Case) -> str:
    last = next(one for one in reversed(case.timeline) if one.type in _ENDINGS)
    return day_text(desk.local_ms(last.at).date())


def _minute(local: datetime) -> str:
    return f"{day_text(local.date())} {local:%H:%M}"


def _decision(_desk: Desk, case: Case, subject: Subject, form: PaperForm) -> Fill:
    decision = case.decision
    assert decision is not None  # ``possible`` said so
    told = {
        "decided_on": day_text(decision.decided_on),
        "basis": decision.article or subject.basis or "有关规定",
        "office": decision.office,
    }
    if form is PaperForm.DENIED:
        remedies = {"review_organ": subject.authority.review_organ, "court": subject.authority.court}
        return Fill(blanks=told | remedies, lists={"reasons": (decision.reason,)})
    result = {
        "result_name": result_name(case, subject),
        "result_no": decision.result_no,
        "valid_to": day_text(decision.valid_to) if decision.valid_to else "",
        "pickup": PICKUPS[case.delivery],
    }
    return Fill(blanks=told | result)


def _taken_slip(desk: Desk, case: Case, subject: Subject, _form: PaperForm) -> Fill:
    delivery = next(one for one in reversed(case.deliveries) if _taken(one))
    decision = case.decision
    valid_to = decision.valid_to if decision else None
    return Fill(
        blanks={
            "result_name": result_name(case, subject),
            "result_no": decision.result_no if decision else "",
            "valid_to": day_text(valid_to) if valid_to else "",
            "count": f"{delivery.copies}份",
            "recipient": delivery.recipient,
            "recipient_id_label": ID_TYPES.get(delivery.id_type, "证件") if delivery.id_no else "",
            "recipient_id": mask_id(delivery.id_no),
            "relation": delivery.relation,
            "authorised": _mandate(delivery),
            "taken_at": _minute(desk.local_ms(delivery.at)),
            "proof": "签名或照片已留存" if delivery.proof else "",
        }
    )


def _mandate(delivery: Delivery) -> str:
    if delivery.relation in UNASKED:
        return "本人领取" if delivery.relation == SELF else "依法无需"
    return "已核验" if delivery.authorised else ""


_SIGNED_ELSEWHERE = frozenset({"post", "entrusted"})
"""Ways of service whose signature is reported; all others sign this paper with a pen."""


def _service(desk: Desk, case: Case, subject: Subject, _form: PaperForm) -> Fill:
    """Say what is known of the service; what is not stays empty for the pen."""
    served = {"served": served_rows(case, subject)}
    if not case.deliveries:
        return Fill(blanks={"recipient": case.applicant.name}, tables=served)
    last = case.deliveries[-1]
    by_other = last.service == "direct" and last.relation != SELF
    blanks = {
        "recipient": case.applicant.name,
        "service": SERVICES[last.service],
        "place": last.place,
        "served_at": _served_at(desk, last),
        "signed_by": last.signed_by if last.service in _SIGNED_ELSEWHERE else "",
        "relation": f"{last.relation}（{last.recipient}）" if by_other else "",
        "tracking": last.tracking_no,
        "refused_because": last.refused_because,
        "witness": last.witness,
        "remark": f"受委托机关：{last.recipient}" if last.service == "entrusted" else "",
    }
    return Fill(blanks=blanks, tables=served)


def _served_at(desk: Desk, delivery: Delivery) -> str:
    if delivery.served_on is None:
        return ""
    if delivery.served_on == delivery.handed_on:
        return _minute(desk.local_ms(delivery.at))
    return day_text(delivery.served_on)


def served_rows(case: Case, subject: Subject) -> tuple[tuple[str, ...], ...]:
    """Return name, number and copies of everything served: the paper of the decision, and the licence itself."""
    copies = str(case.deliveries[-1].copies) if case.deliveries else "1"
    told, paper = decision_title(case), office_paper(case)
    rows = [(told, paper.later_doc_no or paper.doc_no, "1")] if paper else []
    name = result_name(case, subject)
    if name != told or not rows:
        rows.append((name, case.decision.result_no if case.decision else "", copies))
    return tuple(rows)


def _end(desk: Desk, case: Case, subject: Subject, form: PaperForm) -> Fill:
    if form is PaperForm.RETURNED:
        return _given_back(desk, case, subject)
    ended = _ended_on(desk, case)
    given = originals(case.returned, subject)
    if form is PaperForm.WITHDRAWN:
        return Fill(blanks={"withdrawn_on": ended, "reason": case.end_reason}, materials=given)
    remedies = {"review_organ": subject.authority.review_organ, "court": subject.authority.court}
    reason = _ENDS.get(case.end_reason, case.end_reason).rstrip("。")
    return Fill(blanks={"reason": reason or "申请终止", "terminated_on": ended} | remedies)


def _given_back(desk: Desk, case: Case, subject: Subject) -> Fill:
    """Say what the latest return gave back: the fold keeps only the sum."""
    name = b.type_named(b.MaterialsReturned)
    events = [one.event for one in desk.store.events_of(case.id) if one.event.header.type == name]
    last = events[-1]
    body = b.decode_body(name, last.header.version, last.body or b"")
    assert isinstance(body, b.MaterialsReturned)
    relation = "申请人" if body.recipient == case.applicant.name else ""
    return Fill(
        blanks={
            "recipient": body.recipient,
            "returned_on": day_text(body.returned_on),
            "relation": relation,
            "note": body.note,
        },
        materials=originals(body.materials, subject),
    )


def _label(desk: Desk, case: Case, subject: Subject, form: PaperForm) -> Fill:
    if form is PaperForm.LABEL:
        return Fill()
    parcel, authority = parcel_of(case), subject.authority
    station = desk.stations.get(case.station, desk.replica.station_name)
    posted = next((one for one in reversed(case.deliveries) if one.service == "post"), None)
    return Fill(
        blanks={
            "recipient": parcel.recipient,
            "recipient_phone": parcel.phone or "—",
            "recipient_address": parcel.address,
            "sender": f"{case.terms.authority} {desk.replica.window}".strip(),
            "sender_phone": authority.enquiry_phone or "—",
            "sender_address": authority.address or station,
            "contents": "、".join(row[0] for row in served_rows(case, subject)) or case.terms.item_name,
            "tracking": posted.tracking_no if posted else "",
        }
    )


def _ended(case: Case, form: PaperForm) -> bool:
    match form:
        case PaperForm.RETURNED:
            return bool(case.returned)
        case PaperForm.WITHDRAWN:
            return case.status is Status.WITHDRAWN and case.end_reason != LAPSED
        case PaperForm.TERMINATED:
            lapsed = case.status is Status.WITHDRAWN and case.end_reason == LAPSED
            return case.status is Status.TERMINATED or lapsed
        case _:
            return False


def _end_form(case: Case) -> PaperForm:
    if case.status in TERMINAL and case.decision is None:
        due = papers_of_end(case)
        if case.status is not Status.REFUSED and not any(paper.variant == due[0][1] for paper in case.papers):
            return due[0][1]
    return PaperForm.RETURNED


def _decided(case: Case, form: PaperForm) -> bool:
    if case.decision is None or case.terms.family is DocFamily.REGISTRATION:
        return False
    return case.decision.approved is (form is PaperForm.PLAIN)


def _may_label(case: Case, form: PaperForm) -> bool:
    if case.status is Status.DRAFT:
        return False
    return form is PaperForm.LABEL or (case.decision is not None and bool(parcel_of(case).address))


PAPERS: dict[PaperKind, PaperRule] = {
    PaperKind.D8: PaperRule(
        _decided,
        _decision,
        lambda case: PaperForm.DENIED if case.decision and not case.decision.approved else PaperForm.PLAIN,
        numbered=True,
        seal="approval",
    ),
    PaperKind.D9: PaperRule(lambda case, _form: any(map(_taken, case.deliveries)), _taken_slip),
    PaperKind.D10: PaperRule(lambda case, _form: case.decision is not None and not case.voided, _service),
    PaperKind.D12: PaperRule(
        _ended,
        _end,
        _end_form,
        numbered=True,
        unnumbered=frozenset({PaperForm.WITHDRAWN, PaperForm.RETURNED}),
        seal="acceptance",
    ),
    PaperKind.D16: PaperRule(
        _may_label,
        _label,
        lambda case: (
            PaperForm.EMS if case.deliveries and case.deliveries[-1].service == "post" else PaperForm.LABEL
        ),
    ),
}
