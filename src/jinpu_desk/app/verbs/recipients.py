"""Who may take a result away: the applicant, those whom law lets act for them, and whoever shows a mandate."""

from __future__ import annotations

from datetime import date

import msgspec

from jinpu_desk.domain.case import Case
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.names import normalise_code, normalise_name
from jinpu_desk.domain.parties import Agent

from ..intake.parties import check_agent
from .delivery_data import HandOutData

SELF = "本人"
LEGAL_REPRESENTATIVE = "法定代表人"
GUARDIAN = "监护人"
AGENT = "代理人"
UNASKED = frozenset({SELF, LEGAL_REPRESENTATIVE, GUARDIAN})
"""Relations that need no mandate: they act by law (民法典 arts 23, 61)."""
_PERSONS = (SELF, AGENT, GUARDIAN, "亲属", "其他")
_ORGANISATIONS = (LEGAL_REPRESENTATIVE, AGENT, "员工", "其他")
RESIDENT_CARD = "111"


class Recipient(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who may take the result, as recorded. ``overridden`` tells that a check digit was let through."""

    name: str
    id_type: str
    id_no: str
    relation: str
    authorised: bool
    overridden: bool = False


def relations(case: Case) -> dict[str, str]:
    """Return the relations a clerk chooses from, the likeliest first; any other may be typed."""
    names = _PERSONS if case.applicant.type == "person" else _ORGANISATIONS
    first = AGENT if case.agent is not None else names[0]
    return {name: name for name in (first, *(name for name in names if name != first))}


def recipient_of(case: Case, data: HandOutData, today: date) -> Recipient:
    """Return who takes the result at the window.

    The applicant, and the agent the application came by, need not be typed again. A missing relation is read from
    the name.

    Raises:
        Refused: ``intake.missing``, ``delivery.relation-needed``, ``delivery.not-the-applicant``,
            ``delivery.not-authorised``, or what is wrong with the identity number.
    """
    name, relation = normalise_name(data.recipient), _relation(case, data)
    known = _known(case, name, relation)
    if relation == SELF:
        _check_applicant(case, name, normalise_code(data.id_no))
    name = name or (known.name if known else "")
    if not name:
        raise Refused("intake.missing", "data.recipient", key="recipient")
    given = bool(data.id_no.strip())
    if not given and known is not None:
        id_type, id_no, overridden = known.id_type, known.id_no, False
    else:
        id_type, id_no = data.id_type or RESIDENT_CARD, normalise_code(data.id_no)
        overridden = _check_identity(name, id_type, id_no, data.override_reason, today)
    authorised = data.authorised or _is_agent(case, relation, id_no)
    if relation not in UNASKED and not authorised:
        raise Refused(
            "delivery.not-authorised",
            "data.authorised",
            article="行政许可法第二十九条",
            relation=relation,
        )
    return Recipient(
        name=name,
        id_type=id_type,
        id_no=id_no,
        relation=relation,
        authorised=authorised,
        overridden=overridden,
    )


def _relation(case: Case, data: HandOutData) -> str:
    told = data.relation.strip()
    if told:
        return SELF if told.lower() == "self" else told
    name = normalise_name(data.recipient)
    if case.applicant.type == "person" and name in ("", case.applicant.name):
        return SELF
    if case.agent is not None and name == case.agent.name:
        return AGENT
    raise Refused("delivery.relation-needed", "data.relation")


def _known(case: Case, name: str, relation: str) -> Agent | None:
    """Return the party of the case whose identity was checked when it came in, where this is that one."""
    party = case.applicant
    if relation == SELF and party.type == "person":
        return Agent(name=party.name, id_type=party.id_type, id_no=party.id_no)
    if relation == AGENT and case.agent is not None and name in ("", case.agent.name):
        return case.agent
    return None


def _check_applicant(case: Case, name: str, id_no: str) -> None:
    """Hold who says to be the applicant against the applicant."""
    party = case.applicant
    if party.type != "person":
        raise Refused("delivery.organisation-takes-nothing", "data.relation")
    if name and name != party.name:
        raise Refused("delivery.not-the-applicant", "data.recipient")
    if id_no and id_no != party.id_no:
        raise Refused("delivery.not-the-applicant", "data.id_no")


def _check_identity(name: str, id_type: str, id_no: str, reason: str, today: date) -> bool:
    """Check a document as at intake; return whether a reason let its check digit through (DOMAIN §0.8)."""
    party = Agent(name=name, id_type=id_type, id_no=id_no)
    overrides = {"agent.id_no": reason.strip()} if reason.strip() else {}
    found = check_agent(party, today, overrides)
    for problem in found.problems:
        field = problem.where.removeprefix("agent.").replace("name", "recipient")
        raise Refused(problem.code, f"data.{field}", article="", **{"key": field} | problem.params)
    return bool(overrides) and any(w.code == "code.resident-id.check-digit" for w in found.warnings)


def _is_agent(case: Case, relation: str, id_no: str) -> bool:
    """Tell whether this is the agent whose mandate was seen when the application came in."""
    return relation == AGENT and case.agent is not None and case.agent.id_no == id_no


class Parcel(msgspec.Struct, frozen=True, kw_only=True):
    """To whom the result is posted; empty where nothing is known."""

    recipient: str
    phone: str
    address: str


def parcel_of(case: Case) -> Parcel:
    """Return what is on the latest parcel, or would be if nobody says otherwise: the applicant's own address, or the
    one on the form."""
    posted = next((one for one in reversed(case.deliveries) if one.service == "post"), None)
    if posted is not None:
        return Parcel(recipient=posted.recipient, phone=posted.phone, address=posted.place)
    party, on_form = case.applicant, case.form.get("address")
    address = party.address or (on_form if isinstance(on_form, str) else "")
    return Parcel(recipient=party.contact or party.name, phone=party.phone, address=address)
