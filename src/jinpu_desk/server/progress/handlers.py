"""The public progress page ``/p/CASE_NO``: asks for the 查询码 and shows where a case stands, nothing personal."""

from __future__ import annotations

import secrets

import msgspec

from jinpu_desk.app.project import CaseProjector
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.numbering import parse_case_no
from jinpu_desk.store.centre import ledgers
from jinpu_desk.store.centre.ledgers import ProgressRow

from ..centre import Centre
from ..events.receive import STATES
from ..limits import Guesses, minutes
from ..reference import Reference
from . import page as progress_page
from .page import CONTENT_POLICY
from .steps import standing_of

HEADERS = {"Content-Security-Policy": CONTENT_POLICY}
WRONG = "办件编号或查询码不正确，请对照凭证核对。"
"""Said of a wrong number and of a wrong code alike, so that nobody learns which numbers there are."""
_NOBODY = ProgressRow("", "", 0, 0, b"")


class Answer(msgspec.Struct, frozen=True):
    """A page, its HTTP status, and headers of its own."""

    html: str
    status: int = 200
    headers: dict[str, str] = {}


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What a visitor sent: the number in the address, the code in the form; ``caller`` is the address they came from."""

    case_no: str
    query_code: str
    caller: str


def ask(case_no: str) -> Answer:
    """Return the page that asks for the 查询码. It looks the same whether there is such a case or not."""
    return Answer(progress_page.asking(case_no))


def turned_away(case_no: str, waiting: int) -> Answer:
    """Return the page that says to come back after so many seconds."""
    html = progress_page.turned_away(case_no, minutes(waiting))
    return Answer(html, 429, {"Retry-After": str(waiting)})


def show(centre: Centre, reference: Reference, asked: Asked) -> Answer:
    """Return where the case stands when the 查询码 is right.

    Whatever is wrong, the same is done and said: one look for the number, one comparison of codes, one count.
    """
    now = centre.now()
    case_no = _written(asked.case_no)
    guesses = Guesses(
        limits=centre.settings.limits, what="progress", caller=asked.caller, secret=case_no or "-"
    )
    with centre.engine.begin() as connection:
        turn = guesses.begin(connection, now)
        rows = ledgers.progress(connection, case_no) if not turn.wait else []
    if turn.wait:
        return turned_away(asked.case_no, turn.wait)
    row = _opened(rows, asked.query_code)
    with centre.engine.begin() as connection:
        if row is None:
            guesses.failed(connection, now)
        else:
            guesses.succeeded(connection, now)
    case = STATES.decode(row.state).case if row is not None else None
    if row is None or case is None:
        return Answer(progress_page.asking(asked.case_no, WRONG), 404)
    standing = standing_of(case, CaseProjector(reference.calendar())(case))
    return Answer(progress_page.showing(case_no, row.item_name, standing, row.last_at))


def _written(case_no: str) -> str:
    """Return a case number as it is written, empty for what is none."""
    try:
        return parse_case_no(case_no).text
    except Refused:
        return ""


def _opened(rows: list[ProgressRow], query_code: str) -> ProgressRow | None:
    """Return the row whose code was given. A number nobody has costs one comparison, too."""
    given = query_code.strip().encode()
    opened = None
    for row in rows or [_NOBODY]:
        if secrets.compare_digest(row.query_code.encode(), given) and row.query_code:
            opened = row
    return opened
