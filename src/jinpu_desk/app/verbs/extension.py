"""When a term may be extended: once, before it ends, where the item's law knows an extension.

许可法 art. 42(1): ten working days, or what the item's law says; art. 42(2): fifteen for joint handling, with the
approval of the local government; 条例 art. 19: three for a registration that is complicated, told in writing.
"""

from __future__ import annotations

from datetime import date

from jinpu_desk.domain.bodies import DocFamily
from jinpu_desk.domain.calendar import WorkCalendar
from jinpu_desk.domain.case import Case
from jinpu_desk.domain.errors import Refused

from ..project import last_day

JOINT = "行政许可法第四十二条第二款"
"""Joint handling: at most 45 working days, 15 more with the approval of the local government."""


def extension_article(case: Case) -> str:
    """Return the article that knows the extension of such a case."""
    if case.terms.family is DocFamily.REGISTRATION:
        return "市场主体登记管理条例第十九条"
    return JOINT if case.package else "行政许可法第四十二条第一款"


def require_extendable(case: Case, calendar: WorkCalendar, today: date) -> None:
    """Let the running term of ``case`` be extended today: the legal one, or the promised one where the law sets none.

    A promise that was broken by then does not keep the legal term from being extended, and stays broken.

    Raises:
        Refused: ``case.already-extended``, ``act.no-extension``, ``act.extend-while-paused``, ``act.extend-too-late``.
    """
    article = extension_article(case)
    if case.extension is not None:
        raise Refused("case.already-extended", article=article)
    if not case.terms.extension_days:
        raise Refused("act.no-extension", item=case.terms.item_name)
    if case.paused:
        raise Refused("act.extend-while-paused", article="行政许可法第四十五条")
    last = last_day(case, calendar)
    if last is not None and today > last:
        raise Refused("act.extend-too-late", article=article)


def require_days(case: Case, days: int, where: str) -> None:
    """Refuse (``act.extension-days``) more working days than the item's law gives."""
    limit = case.terms.extension_days
    if not 1 <= days <= limit:
        raise Refused("act.extension-days", where, article=extension_article(case), limit=limit)
