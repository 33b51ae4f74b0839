"""Verbs about pledges after the decision: whether they were kept, and credit repaired (DOMAIN C5, C6)."""

from __future__ import annotations

from jinpu_desk.domain import bodies as b
from jinpu_desk.domain.case import Case
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.materials import MaterialState

from ..desk import Desk
from ..intake.subject import Subject
from ..screens.views import FieldView
from .asks import ask, ask_truth, choose, fixed
from .data import Data, require_text
from .moment import Moment
from .verb import Verb

REVOKE = "承诺不实：应当依法撤销据此作出的决定，并记入信用档案；信用修复前不适用容缺受理和告知承诺"
"""What follows a false pledge (国办发〔2020〕42号, DOMAIN C6); who revokes, and how, is the authority's own procedure."""
LICENCE = "licence"
"""The pledge the licence itself was given on, where pledges are named one by one."""


class PledgeData(Data, frozen=True, kw_only=True):
    """Whether what was pledged turned out true; without ``materials`` everything pledged and not checked yet is meant.

    A material is named by its key, the licence's own pledge by ``licence``. ``note`` tells what was found.
    """

    kept: bool
    materials: tuple[str, ...] = ()
    note: str = ""


class RepairData(Data, frozen=True, kw_only=True):
    """Why the applicant's word is taken again, and who approved it."""

    reason: str
    approver: str


def _check_pledge(now: Moment, data: PledgeData) -> None:
    if not data.kept:
        require_text(data.note, "data.note")
    named = tuple("" if key == LICENCE else key for key in data.materials if key)
    keys = named or now.case.unchecked_pledges or _pledged(now.case)
    proofs = tuple(key for key in keys if key)
    bodies: list[b.Body] = []
    if proofs:
        bodies.append(_checked(now, data, proofs))
    if len(proofs) < len(keys):
        bodies.append(_checked(now, data, ()))
    if not data.kept:
        bodies.append(b.CaseNoted(text=f"{REVOKE}。核查情况：{data.note}"))
    now.write(*bodies)


def _checked(now: Moment, data: PledgeData, materials: tuple[str, ...]) -> b.PledgeChecked:
    return b.PledgeChecked(
        materials=materials, kept=data.kept, checked_on=now.desk.today(), note=data.note.strip()
    )


def _repair_credit(now: Moment, data: RepairData) -> None:
    require_text(data.reason, "data.reason")
    require_text(data.approver, "data.approver")
    now.write(
        b.CreditRepaired(repaired_on=now.desk.today(), reason=data.reason, approver=data.approver.strip())
    )


def _pledged(case: Case) -> tuple[str, ...]:
    """Return everything that stands on the applicant's word; the licence's own pledge is the empty key."""
    proofs = tuple(key for key, tick in case.materials.items() if tick.state is MaterialState.PLEDGED)
    return (*proofs, "") if case.terms.licence_mode == "pledge" else proofs


def _bar_check(_desk: Desk, case: Case, _subject: Subject) -> None:
    """Look into what was granted on a pledge, branch by branch of a package."""
    if case.decision is None or case.voided or case.package:
        raise Refused("case.no-result-yet", case_no=case.case_no)
    if not _pledged(case):
        raise Refused("case.nothing-pledged", case_no=case.case_no)


def _bar_repair(_desk: Desk, case: Case, _subject: Subject) -> None:
    """Repair what was found broken."""
    if not case.false_pledge:
        raise Refused("case.no-false-pledge", case_no=case.case_no)


def _to_check(case: Case) -> bool:
    return case.decision is not None and not case.voided and not case.package and bool(_pledged(case))


def _asks_which(case: Case) -> tuple[FieldView, ...]:
    """Ask about all of it, or one of several; the page names the materials (``case_verbs``)."""
    pledged = _pledged(case)
    which = {"": "全部承诺事项"} | {key or LICENCE: key or "许可告知承诺" for key in pledged}
    choice = (choose("materials", "核查对象", which),) if len(pledged) > 1 else ()
    return (*choice, ask_truth("kept", "核查结果", "属实", "不实"), ask("note", "核查情况", required=False))


VERBS: dict[str, Verb] = {
    "check-pledge": Verb(PledgeData, _check_pledge, None, _bar_check, asks=_asks_which, fits=_to_check),
    "repair-credit": Verb(
        RepairData,
        _repair_credit,
        None,
        _bar_repair,
        asks=fixed(ask("reason", "修复理由"), ask("approver", "批准人")),
        fits=lambda case: case.false_pledge,
    ),
}
