"""档案: finds applicants and shows what this desk holds of one, by kind and number of their document (DOMAIN C14)."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import msgspec
from msgspec.structs import replace

from jinpu_desk.domain.case import TERMINAL, Case, Flag
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.ids import CaseId
from jinpu_desk.domain.mask import mask_id, mask_name, mask_phone
from jinpu_desk.domain.materials import MaterialState
from jinpu_desk.domain.parties import Applicant

from .. import labels
from ..desk import Desk
from ..intake.archive import REUSE_DAYS
from ..intake.drafts import Draft, PartyDraft
from ..intake.subject import subject_of_case
from ..ports import ApplicantFile
from ..ports.licences import Licence
from ..rows import CaseRow
from . import case_view
from .archive_views import ApplicantLine, ApplicantPage, LicenceOnFile, PaperOnFile
from .views import Chip, Pair

LOOK_BACK = 20
"""How many of the newest cases are read for papers and results; a page must not wait for a long life."""
SAVED = {MaterialState.SHARED, MaterialState.REUSED}


def find(desk: Desk, text: str) -> tuple[ApplicantLine, ...]:
    """Return the applicants whose cases a search finds, each once, best and newest first."""
    rows: dict[tuple[str, str], CaseRow] = {}
    for row in desk.store.search(text, limit=60):
        if row.identity_no:
            rows.setdefault((row.identity_type, row.identity_no), row)
    return tuple(_found(desk, row) for row in rows.values())


def _found(desk: Desk, row: CaseRow) -> ApplicantLine:
    at = labels.short_time(desk.local_ms(row.received_at), desk.today())
    return ApplicantLine(
        of=row.case_id,
        name=case_view.applicant_of(row),
        identity=row.identity_no if row.identity_type == "001" else mask_id(row.identity_no),
        last=f"{at} {case_view.short_name(desk, row)}",
    )


def applicant_page(desk: Desk, of: CaseId, *, reveal: bool = False) -> ApplicantPage:
    """Return the file of the applicant of a case. ``reveal`` shows personal data and is logged.

    Raises:
        Refused: ``case.unknown``.
    """
    applicant, file = _file(desk, of)
    if reveal:
        with desk.store.transaction() as tx:
            tx.log_reveal(desk.clerk.id, "applicant", of, desk.now())
    recent = [case for row in file.cases[:LOOK_BACK] if (case := desk.store.case(row.case_id)) is not None]
    return ApplicantPage(
        of=of,
        title=applicant.name if reveal or applicant.type == "organisation" else mask_name(applicant.name),
        facts=_facts(applicant, reveal=reveal),
        figures=_figures(file, recent),
        warnings=_warnings(desk, applicant, file),
        cases=case_view.lines(desk, file.cases, revealed=reveal),
        papers=_papers(desk, recent),
        licences=tuple(given for case in recent for given in _results(desk, case)),
        revealed=reveal,
    )


def electronic(desk: Desk, found: tuple[Licence, ...]) -> tuple[LicenceOnFile, ...]:
    """Return what a look-up gave as lines."""
    today = desk.today()
    return tuple(
        LicenceOnFile(
            name=one.name,
            number=one.number,
            until=one.valid_to.isoformat() if one.valid_to else "长期",
            state=_state(one, today),
            source=one.issuer,
        )
        for one in found
    )


def applicant_of(desk: Desk, of: CaseId) -> Applicant:
    """Return the applicant of a case. Refused ``case.unknown``."""
    return _file(desk, of)[0]


def new_draft(desk: Desk, of: CaseId) -> Draft:
    """Return an empty intake page for the applicant of a case: who they are need not be keyed again."""
    applicant, _ = _file(desk, of)
    party = PartyDraft(**msgspec.structs.asdict(applicant), entry="archive")
    if applicant.type == "organisation":
        party = replace(party, id_type="111")
    return Draft(id=str(uuid.UUID(bytes=desk.entropy(16), version=4)), applicant=party)


def _file(desk: Desk, of: CaseId) -> tuple[Applicant, ApplicantFile]:
    case = desk.store.case(of)
    if case is None:
        raise Refused("case.unknown", of)
    file = desk.store.applicant_file(*case.applicant.identity)
    latest = file.latest.applicant if file.latest else case.applicant
    return latest, file


def _facts(applicant: Applicant, *, reveal: bool) -> tuple[Pair, ...]:
    id_type, number = applicant.identity
    hidden = mask_id(number) if applicant.type == "person" else number
    told = {
        labels.ID_TYPES.get(id_type, "证件"): number if reveal else hidden,
        "电话": applicant.phone if reveal else mask_phone(applicant.phone),
        "联系人": applicant.contact if reveal else mask_name(applicant.contact),
        "地址": applicant.address if reveal or applicant.type == "organisation" else "",
    }
    return tuple(Pair(label, value) for label, value in told.items() if value)


def _figures(file: ApplicantFile, recent: list[Case]) -> tuple[Pair, ...]:
    terminal = {int(status) for status in TERMINAL}
    running = sum(row.status not in terminal for row in file.cases)
    saved = sum(tick.state in SAVED for case in recent for tick in case.materials.values())
    visits = {day for case in recent for day in case.visits}
    return (
        Pair("历史办件", str(len(file.cases))),
        Pair("在办", str(running)),
        Pair("免交材料", f"{saved} 份"),
        Pair("到场", f"{len(visits)} 天"),
    )


def _warnings(desk: Desk, applicant: Applicant, file: ApplicantFile) -> tuple[str, ...]:
    listed = desk.registers.bad_credit(*applicant.identity, desk.today())
    told = [f"{listed.kind}：{listed.reason}（{listed.since.isoformat()} 起）"] if listed else []
    told += [
        f"虚假承诺未修复：{row.case_no} {case_view.short_name(desk, row)}"
        for row in file.cases
        if str(Flag.FALSE_PLEDGE) in row.flags
    ]
    return tuple(told)


def _papers(desk: Desk, recent: list[Case]) -> tuple[PaperOnFile, ...]:
    """Return each kind of paper once, as it was last handed in."""
    held: dict[str, PaperOnFile] = {}
    for case in recent:
        if case.received_on is None or case.voided:
            continue
        for rule in subject_of_case(desk, case).rules:
            tick = case.materials.get(rule.key)
            if tick is None or tick.state is not MaterialState.RECEIVED or rule.code in held:
                continue
            until = case.received_on + timedelta(days=rule.valid_days or REUSE_DAYS)
            held[rule.code] = PaperOnFile(
                name=rule.name,
                taken_on=case.received_on.isoformat(),
                until=until.isoformat(),
                good=bool(rule.no_submit) and desk.today() <= until,
                case_no=case.case_no,
            )
    return tuple(held.values())


def _results(desk: Desk, case: Case) -> tuple[LicenceOnFile, ...]:
    decision = case.decision
    if decision is None or not decision.approved or not (decision.result_name or decision.result_no):
        return ()
    today = desk.today()
    over = case.voided or (decision.valid_to is not None and today > decision.valid_to)
    given = LicenceOnFile(
        name=decision.result_name or case.terms.item_name,
        number=decision.result_no,
        until=decision.valid_to.isoformat() if decision.valid_to else "长期",
        state=Chip("失效", "bad") if over else Chip("有效", "good"),
        source=case.case_no,
    )
    return (given,)


def _state(licence: Licence, today: date) -> Chip:
    if licence.good_on(today):
        return Chip("有效", "good")
    return Chip({"suspended": "暂扣", "revoked": "吊销、撤销"}.get(licence.state, "过期"), "bad")
