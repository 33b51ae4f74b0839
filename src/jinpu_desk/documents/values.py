"""What the facts look like in print: Chinese dates, terms, and the blanks that layouts may name."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from jinpu_desk.app.papers import MaterialLine, PaperFacts, Party, tick_code
from jinpu_desk.domain.instants import CHINA

ROW_BLANKS: Final = frozenset(
    {"no", "name", "source", "medium", "copies", "pages", "state", "note", "requirement", "basis", "tick"}
)
"""What a material table's column may name."""


FIXED_BLANKS: Final = frozenset(
    {
        *(
            "authority",
            "station",
            "window",
            "clerk",
            "case_no",
            "query_code",
            "doc_no",
            "item_name",
            "item_code",
        ),
        *("package", "applicant", "applicant_id_label", "applicant_id", "contact", "phone", "agent"),
        *(
            "agent_id_label",
            "agent_id",
            "agent_phone",
            "issued_on",
            "issued_at",
            "received_at",
            "accepted_on",
        ),
        *("legal_term", "promised_term", "due", "provisional", "enquiry_phone", "complaint_phone"),
        *("material_count", "progress_url"),
    }
)
"""The names of ``fixed_blanks``."""


def chinese_date(day: date) -> str:
    """Return ``2026年11月3日``: Arabic figures without padding (GB/T 9704)."""
    return f"{day.year}年{day.month}月{day.day}日"


def chinese_minute(at: datetime) -> str:
    """Return ``2026年11月3日 9:05`` in China Standard Time."""
    local = at.astimezone(CHINA)
    return f"{chinese_date(local.date())} {local.hour}:{local.minute:02}"


def issued_on(facts: PaperFacts) -> date:
    """Return the day on the paper, in China."""
    return facts.issued_at.astimezone(CHINA).date()


def working_days(days: int | None) -> str:
    """Return ``20个工作日``, ``即时办结`` for 0, and nothing when it is not known."""
    if days is None:
        return ""
    return f"{days}个工作日" if days else "即时办结"


def fixed_blanks(facts: PaperFacts) -> dict[str, str]:
    """Return the blanks every layout may name; empty where the facts do not say."""
    agent = facts.agent or Party(name="")
    applicant = facts.applicant
    return {
        "authority": facts.authority,
        "station": facts.station,
        "window": facts.window,
        "clerk": facts.clerk,
        "case_no": facts.case_no,
        "query_code": facts.query_code,
        "doc_no": facts.doc_no,
        "item_name": facts.item_name,
        "item_code": facts.item_code,
        "package": facts.package,
        "applicant": applicant.name,
        "applicant_id_label": applicant.id_label,
        "applicant_id": applicant.id_no,
        "contact": applicant.contact,
        "phone": applicant.phone,
        "agent": agent.name,
        "agent_id_label": agent.id_label,
        "agent_id": agent.id_no,
        "agent_phone": agent.phone,
        "issued_on": chinese_date(issued_on(facts)),
        "issued_at": chinese_minute(facts.issued_at),
        "received_at": chinese_minute(facts.received_at) if facts.received_at else "",
        "accepted_on": chinese_date(facts.accepted_on) if facts.accepted_on else "",
        "legal_term": working_days(facts.legal_days),
        "promised_term": working_days(facts.promised_days),
        "due": chinese_date(facts.due) if facts.due else "",
        "provisional": "暂定" if facts.provisional else "",
        "enquiry_phone": facts.enquiry_phone,
        "complaint_phone": facts.complaint_phone,
        "material_count": str(len(facts.materials)),
        "progress_url": facts.progress_url,
    }


def row_blanks(number: int, line: MaterialLine, item_key: str) -> dict[str, str]:
    """Return the blanks of one row of a material table; counts of 0 print as a dash."""
    return {
        "no": str(number),
        "name": line.name,
        "source": line.source,
        "medium": line.medium,
        "copies": str(line.copies or "—"),
        "pages": str(line.pages or "—"),
        "state": line.state,
        "note": line.note,
        "requirement": line.requirement,
        "basis": line.basis,
        "tick": tick_code(item_key, line.key),
    }
