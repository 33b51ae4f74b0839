"""The fold's steps around the procedure: results served, papers moved, visits, voices and pledges."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from msgspec.structs import replace

from . import bodies_after as b
from .body import Body, Channel
from .case import Case, DeliverState, Delivery, Passage, PledgeCheck, Rating
from .events import Header


def visited(case: Case, day: date, channel: Channel = "counter") -> Case:
    """Return the case with a day at the counter counted once; post and network cost no visit (DOMAIN C10)."""
    if channel != "counter" or day in case.visits:
        return case
    return replace(case, visits=(*case.visits, day))


def _handed_out(case: Case, header: Header, body: b.ResultHandedOut) -> Case:
    delivery = Delivery(
        event=header.id,
        at=header.at,
        by=header.actor,
        method=body.method,
        service=body.service,
        recipient=body.recipient,
        id_type=body.id_type,
        id_no=body.id_no,
        relation=body.relation,
        authorised=body.authorised,
        proof=body.proof,
        tracking_no=body.tracking_no,
        handed_on=body.handed_on,
        served_on=body.handed_on if body.served else None,
        signed_by=body.recipient if body.served else "",
        place=body.place,
        phone=body.phone,
        copies=body.copies,
        refused_because=body.refused_because,
        witness=body.witness,
    )
    at_counter = body.method == "pick-up" and body.service == "direct"
    case = visited(case, body.handed_on, "counter" if at_counter else "post")
    state = DeliverState.SERVED if body.served else DeliverState.POSTED
    return replace(case, deliver_state=state, deliveries=(*case.deliveries, delivery))


def _delivered(case: Case, _header: Header, body: b.DeliveryConfirmed) -> Case:
    if not case.deliveries:
        return replace(case, deliver_state=DeliverState.SERVED)
    *before, last = case.deliveries
    last = replace(last, served_on=body.served_on, signed_by=body.signed_by)
    return replace(case, deliver_state=DeliverState.SERVED, deliveries=(*before, last))


def _returned(case: Case, _header: Header, body: b.MaterialsReturned) -> Case:
    given = {key: case.returned.get(key, 0) + count for key, count in body.materials.items()}
    return replace(case, returned=case.returned | given)


def _handed_on(case: Case, header: Header, body: b.HandedOn) -> Case:
    passage = Passage(
        slip=body.slip,
        origin=body.origin,
        target=body.target,
        materials=body.materials,
        items=body.items,
        pages=body.pages,
        handed_on=body.handed_on,
        by=header.actor,
    )
    return replace(case, passages=(*case.passages, passage))


def _taken_over(case: Case, _header: Header, body: b.TakenOver) -> Case:
    passages = tuple(
        replace(p, taken_on=body.taken_on, receiver=body.receiver, returned=body.returned)
        if p.slip == body.slip
        else p
        for p in case.passages
    )
    return replace(case, passages=passages)


def _visited(case: Case, _header: Header, body: b.CaseVisited) -> Case:
    return replace(visited(case, body.visited_on), ticket=body.ticket or case.ticket)


def _rated(case: Case, _header: Header, body: b.CaseRated) -> Case:
    rating = Rating(
        occasion=body.occasion,
        satisfaction=body.satisfaction,
        rated_on=body.rated_on,
        aspects=body.aspects,
        text=body.text,
    )
    return replace(case, ratings=(*case.ratings, rating))


def _rating_answered(case: Case, _header: Header, body: b.RatingAnswered) -> Case:
    poor = case.poor_rating
    return replace(
        case, ratings=tuple(replace(r, answer=body.text) if r is poor else r for r in case.ratings)
    )


def _pledge_checked(case: Case, header: Header, body: b.PledgeChecked) -> Case:
    check = PledgeCheck(
        materials=body.materials,
        kept=body.kept,
        checked_on=body.checked_on,
        by=header.actor,
        note=body.note,
    )
    return replace(
        case,
        pledge_checks=(*case.pledge_checks, check),
        false_pledge=case.false_pledge or not body.kept,
    )


def _credit_repaired(case: Case, _header: Header, _body: b.CreditRepaired) -> Case:
    return replace(case, false_pledge=False)


STEPS_AFTER: dict[type[Body], Callable[[Case, Header, Any], Case]] = {
    b.ResultHandedOut: _handed_out,
    b.DeliveryConfirmed: _delivered,
    b.MaterialsReturned: _returned,
    b.HandedOn: _handed_on,
    b.TakenOver: _taken_over,
    b.CaseVisited: _visited,
    b.CaseRated: _rated,
    b.RatingAnswered: _rating_answered,
    b.PledgeChecked: _pledge_checked,
    b.CreditRepaired: _credit_repaired,
}
