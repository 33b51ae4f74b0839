"""What waits for a clerk's key although time has spoken: terms applicants let pass, and papers nobody printed."""

from __future__ import annotations

from datetime import timedelta

from jinpu_desk.domain.case import Flag, Status

from .. import labels
from ..desk import Desk
from ..papers.counter import to_print
from ..papers.forms import paper_title
from ..ports import CaseQuery
from ..rows import CaseRow


def lapsed_query(desk: Desk) -> CaseQuery:
    """Ask for open cases whose applicant let the term for a correction or a tolerated paper pass.

    They are ended by a clerk and never by themselves: whether a paper came by post that day, or why it did not, the
    store cannot know, and what ended would have to be undone.
    """
    return CaseQuery(lapsed_by=desk.today() - timedelta(days=1), open_only=True, top_only=True, order="due")


def lapsed(desk: Desk, limit: int) -> tuple[CaseRow, ...]:
    """Return such cases, the oldest term first."""
    return desk.store.page(lapsed_query(desk), limit=limit).rows


def lapsed_text(desk: Desk, row: CaseRow) -> tuple[str, str]:
    """Return what was not done in such a case, and until when it was to be."""
    correcting = row.status == int(Status.CORRECTING)
    last = row.correct_by if correcting else row.supplement_by
    day = labels.short_day(last, desk.today()) if last else ""
    return ("逾期未补正" if correcting else "容缺逾期未补齐"), f"{day} 到期 · 可终止办理"


def unprinted(desk: Desk, limit: int) -> tuple[tuple[CaseRow, str], ...]:
    """Return cases accepted by silence, each with the titles of what nobody printed for them yet.

    Silence writes the acceptance by itself; a paper leaves the house only by a clerk's hand.
    """
    asked = CaseQuery(flag=str(Flag.DEEMED), status=int(Status.ACCEPTED), top_only=True)
    found = []
    for row in desk.store.page(asked, limit=limit).rows:
        case = desk.store.case(row.case_id)
        titles = [paper_title(kind, form) for kind, form in to_print(case)] if case else []
        if titles:
            found.append((row, "、".join(titles)))
    return tuple(found)
