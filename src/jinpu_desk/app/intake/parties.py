"""Checks of applicant and agent: what is missing, what is wrong, and what a reason may let through (DOMAIN §0.8)."""

from __future__ import annotations

import re
from datetime import date

import msgspec
from msgspec.structs import replace

from jinpu_desk.catalogue.checklist import Complaint
from jinpu_desk.domain.codes import CodeCheck, check_resident_id, check_uscc
from jinpu_desk.domain.names import name_warnings, normalise_code, normalise_name
from jinpu_desk.domain.parties import Agent, Applicant

from ..labels import ID_TYPES

RESIDENT_TYPES = frozenset({"111", "112", "113"})
"""Documents that carry a 公民身份号码."""
CHECK_DIGIT = frozenset({"code.resident-id.check-digit", "code.uscc.check-digit"})
"""The only faults a reason overrides."""
NAME_LIMIT = 100
PERSON_ID_TYPES = frozenset(ID_TYPES) - {"001"}
_PHONE = re.compile(r"\+?[0-9][0-9 -]{4,18}[0-9]")


class Findings(msgspec.Struct, frozen=True, kw_only=True):
    """What the checks found: problems bar the way, warnings are shown."""

    problems: tuple[Complaint, ...] = ()
    warnings: tuple[Complaint, ...] = ()


def normalised_applicant(party: Applicant) -> Applicant:
    """Return the applicant with names and numbers in their stored spelling."""
    return replace(
        party,
        name=normalise_name(party.name),
        id_no=normalise_code(party.id_no),
        uscc=normalise_code(party.uscc),
        phone=party.phone.strip(),
        contact=normalise_name(party.contact),
        address=party.address.strip(),
    )


def normalised_agent(party: Agent) -> Agent:
    """Return the agent with name and numbers in their stored spelling."""
    return replace(
        party,
        name=normalise_name(party.name),
        id_no=normalise_code(party.id_no),
        phone=party.phone.strip(),
    )


def check_applicant(party: Applicant, today: date, overrides: dict[str, str]) -> Findings:
    """Check a normalised applicant."""
    problems, warnings = _name(party.name, "applicant.name")
    if party.type == "person":
        if party.uscc:
            problems.append(Complaint(where="applicant.uscc", code="party.person-has-no-uscc"))
        _identity(party.id_type, party.id_no, "applicant", today, overrides, problems, warnings)
    else:
        if party.id_no or party.id_type:
            problems.append(Complaint(where="applicant.id_no", code="party.organisation-has-no-id"))
        if not party.uscc:
            problems.append(Complaint(where="applicant.uscc", code="intake.missing"))
        else:
            _code(check_uscc(party.uscc), "applicant.uscc", overrides, problems, warnings)
    _phone(party.phone, "applicant.phone", problems)
    return Findings(problems=tuple(problems), warnings=tuple(warnings))


def check_agent(party: Agent, today: date, overrides: dict[str, str]) -> Findings:
    """Check a normalised agent."""
    problems, warnings = _name(party.name, "agent.name")
    _identity(party.id_type, party.id_no, "agent", today, overrides, problems, warnings)
    _phone(party.phone, "agent.phone", problems)
    return Findings(problems=tuple(problems), warnings=tuple(warnings))


def _name(name: str, where: str) -> tuple[list[Complaint], list[Complaint]]:
    if not name:
        return [Complaint(where=where, code="intake.missing")], []
    if len(name) > NAME_LIMIT:
        return [Complaint(where=where, code="intake.text-too-long", params={"limit": NAME_LIMIT})], []
    warnings = [
        Complaint(where=where, code=w.code, params={"index": w.index + 1, "character": w.character})
        for w in name_warnings(name)
    ]
    return [], warnings


def _identity(
    id_type: str,
    id_no: str,
    who: str,
    today: date,
    overrides: dict[str, str],
    problems: list[Complaint],
    warnings: list[Complaint],
) -> None:
    if id_type not in PERSON_ID_TYPES:
        problems.append(
            Complaint(where=f"{who}.id_type", code="intake.unknown-value" if id_type else "intake.missing")
        )
    if not id_no:
        problems.append(Complaint(where=f"{who}.id_no", code="intake.missing"))
    elif id_type in RESIDENT_TYPES:
        _code(check_resident_id(id_no, today), f"{who}.id_no", overrides, problems, warnings)
    elif not re.fullmatch(r"[0-9A-Z()（）字第号一-鿿-]{4,30}", id_no):
        problems.append(Complaint(where=f"{who}.id_no", code="party.id-format"))


def _code(
    check: CodeCheck,
    where: str,
    overrides: dict[str, str],
    problems: list[Complaint],
    warnings: list[Complaint],
) -> None:
    if check.warning is None:
        return
    found = Complaint(where=where, code=check.warning)
    let_through = check.warning in CHECK_DIGIT and overrides.get(where, "").strip()
    (warnings if check.ok or let_through else problems).append(found)


def _phone(phone: str, where: str, problems: list[Complaint]) -> None:
    if phone and not _PHONE.fullmatch(phone):
        problems.append(Complaint(where=where, code="party.phone"))
