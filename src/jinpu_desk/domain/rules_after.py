"""What may follow around the procedure: service, the papers' way, voices, pledges checked afterwards."""

from __future__ import annotations

from . import bodies_after as b
from .body import Body
from .case import Case, DeliverState, Status
from .errors import Refused
from .materials import MaterialState, MaterialTick

WORST, BEST = 1, 5


def check_after(case: Case, body: Body) -> None:
    """Let ``body`` follow ``case``, or refuse.

    Raises:
        Refused: ``case.…`` with what stands in the way.
    """
    match body:
        case b.DeliveryConfirmed() if case.deliver_state is not DeliverState.POSTED:
            raise Refused("case.nothing-on-the-way", case_no=case.case_no)
        case b.MaterialsReturned():
            _check_return(case, body)
        case b.HandedOn():
            _check_handing_on(case, body)
        case b.TakenOver():
            _check_taking_over(case, body)
        case b.CaseRated():
            _check_rating(case, body)
        case b.RatingAnswered() if case.poor_rating is None:
            raise Refused("case.no-poor-rating", case_no=case.case_no)
        case b.PledgeChecked():
            _check_pledge(case, body)
        case b.CreditRepaired() if not case.false_pledge:
            raise Refused("case.no-false-pledge", case_no=case.case_no)
        case _:
            pass


def originals_here(case: Case) -> dict[str, int]:
    """Return how many originals of each material the office still holds."""
    held = {key: tick.originals - case.returned.get(key, 0) for key, tick in case.materials.items()}
    return {key: count for key, count in held.items() if count > 0}


def _check_return(case: Case, body: b.MaterialsReturned) -> None:
    if not body.materials:
        raise Refused("case.nothing-returned", "materials")
    held = originals_here(case)
    for key, count in body.materials.items():
        if not 1 <= count <= held.get(key, 0):
            raise Refused("case.not-held", f"materials.{key}", material=key, held=held.get(key, 0))


def _check_handing_on(case: Case, body: b.HandedOn) -> None:
    if case.status is Status.DRAFT:
        raise Refused("case.nothing-to-hand-on", case_no=case.case_no)
    if case.on_the_way:
        raise Refused("case.already-on-the-way", case_no=case.case_no, slip=case.passages[-1].slip)
    held = originals_here(case)
    for key, count in body.materials.items():
        if not 1 <= count <= held.get(key, 0):
            raise Refused("case.not-held", f"materials.{key}", material=key, held=held.get(key, 0))


def _check_taking_over(case: Case, body: b.TakenOver) -> None:
    if not case.on_the_way or case.passages[-1].slip != body.slip:
        raise Refused("case.not-on-this-slip", "slip", case_no=case.case_no, slip=body.slip)


def _check_rating(case: Case, body: b.CaseRated) -> None:
    if not WORST <= body.satisfaction <= BEST:
        raise Refused("case.rating-range", "satisfaction", worst=WORST, best=BEST)
    if body.occasion == "result" and case.decision is None:
        raise Refused("case.no-result-yet", case_no=case.case_no)


def _check_pledge(case: Case, body: b.PledgeChecked) -> None:
    """Check pledged materials, or with none named the pledge the licence itself was given on."""
    if case.decision is None:
        raise Refused("case.no-result-yet", case_no=case.case_no)
    if not body.materials and case.terms.licence_mode != "pledge":
        raise Refused("case.nothing-pledged", "materials", case_no=case.case_no)
    for key in body.materials:
        if case.materials.get(key, MaterialTick()).state is not MaterialState.PLEDGED:
            raise Refused("case.not-pledged", f"materials.{key}", material=key)
