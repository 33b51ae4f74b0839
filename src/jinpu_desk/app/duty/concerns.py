"""What a window must close or explain before it hands over or ends the day (DOMAIN F12)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from jinpu_desk.domain.case import Case, DeliverState, Flag, Paper, Status

from .. import labels
from ..desk import Desk
from ..papers.forms import PaperForm, PaperKind, paper_title
from ..ports import CaseQuery, PrintJob
from ..reports.marks import UNNUMBERED
from ..rows import CaseRow
from ..screens.case_view import applicant_of, due_of, short_name
from ..screens.views import Chip, Tone, WorkLine

SHOWN = 60
"""Most lines a concern lists; its count is always whole."""
JOBS = 2000
"""Lines of the print ledger looked at: more than a window prints in a day."""
GOOD = frozenset({"spooled", "printed", "confirmed"})


class Matter(StrEnum):
    """Kinds of things that stay open."""

    DRAFTS = "drafts"
    UNDECIDED = "undecided"
    DUE = "due"
    UNPRINTED = "unprinted"
    FAILED_PRINTS = "failed-prints"
    UNNUMBERED = "unnumbered"
    ON_THE_WAY = "on-the-way"
    UNCOLLECTED = "uncollected"
    POOR_RATINGS = "poor-ratings"
    UNSYNCED = "unsynced"
    PARKED = "parked"

    @property
    def label(self) -> str:
        """Return the Chinese name."""
        return _LABELS[self]


_LABELS = {
    Matter.DRAFTS: "没收完的草稿",
    Matter.UNDECIDED: "五日内须决定",
    Matter.DUE: "今天到期或已超期",
    Matter.UNPRINTED: "今天没打印的文书",
    Matter.FAILED_PRINTS: "打印失败",
    Matter.UNNUMBERED: "文号待补",
    Matter.ON_THE_WAY: "流转没签收",
    Matter.UNCOLLECTED: "结果久未领取",
    Matter.POOR_RATINGS: "差评待回访",
    Matter.UNSYNCED: "没传到中心",
    Matter.PARKED: "冲突和未接受",
}
_TONES: dict[Matter, Tone] = {
    Matter.UNDECIDED: "bad",
    Matter.DUE: "bad",
    Matter.FAILED_PRINTS: "bad",
    Matter.PARKED: "bad",
    Matter.DRAFTS: "info",
    Matter.POOR_RATINGS: "pledged",
}


@dataclass(frozen=True, slots=True)
class Concern:
    """One matter with how many there are and the first of them."""

    matter: Matter
    count: int
    lines: tuple[WorkLine, ...] = ()

    @property
    def tone(self) -> Tone:
        """Return the colour: green when nothing is left."""
        return _TONES.get(self.matter, "warn") if self.count else "good"


def concerns(desk: Desk) -> tuple[Concern, ...]:
    """Return every matter as it stands now at this station and this PC, in a fixed order."""
    found = {matter: look(desk) for matter, look in _LOOKS.items()} | _of_papers(desk)
    return tuple(found[matter] for matter in Matter)


def _drafts(desk: Desk) -> Concern:
    lines = (
        WorkLine(
            chip=Chip("草稿", "info"),
            text=draft.title,
            right=labels.short_time(desk.local_ms(draft.saved_at), desk.today()),
            draft_id=draft.id,
        )
        for draft in desk.store.drafts()
    )
    return _listed(Matter.DRAFTS, lines)


def _undecided(desk: Desk) -> Concern:
    edge = desk.calendar.next_workday(desk.today())
    query = CaseQuery(status=int(Status.RECEIVED), station=desk.replica.station, due_to=edge, order="due")
    return _queried(desk, Matter.UNDECIDED, query)


def _due(desk: Desk) -> Concern:
    query = CaseQuery(open_only=True, station=desk.replica.station, due_to=desk.today(), order="due")
    rows = [row for row in _rows(desk, query) if row.status != int(Status.RECEIVED)]
    return _listed(Matter.DUE, (_line(desk, Matter.DUE, row) for row in rows))


def _unnumbered(desk: Desk) -> Concern:
    return _queried(desk, Matter.UNNUMBERED, CaseQuery(mark=UNNUMBERED, station=desk.replica.station))


def _on_the_way(desk: Desk) -> Concern:
    return _queried(
        desk, Matter.ON_THE_WAY, CaseQuery(flag=str(Flag.ON_THE_WAY), station=desk.replica.station)
    )


def _uncollected(desk: Desk) -> Concern:
    query = CaseQuery(
        deliver_state=str(DeliverState.WAITING),
        station=desk.replica.station,
        decided_to=desk.today() - timedelta(days=desk.offices.uncollected_days),
    )
    return _queried(desk, Matter.UNCOLLECTED, query)


def _poor_ratings(desk: Desk) -> Concern:
    return _queried(
        desk, Matter.POOR_RATINGS, CaseQuery(flag=str(Flag.POOR_RATING), station=desk.replica.station)
    )


def _unsynced(desk: Desk) -> Concern:
    return _queried(desk, Matter.UNSYNCED, CaseQuery(pending=True))


def _parked(desk: Desk) -> Concern:
    lines = (
        WorkLine(
            chip=Chip("冲突" if stored.outcome == "parked" else "未接受", "bad"),
            text=labels.EVENT_LABELS.get(stored.event.header.type, stored.event.header.type),
            right=labels.short_time(desk.local_ms(stored.event.header.at), desk.today()),
            case_id=stored.event.header.case,
        )
        for stored in desk.store.parked()
    )
    return _listed(Matter.PARKED, lines)


_LOOKS: dict[Matter, Callable[[Desk], Concern]] = {
    Matter.DRAFTS: _drafts,
    Matter.UNDECIDED: _undecided,
    Matter.DUE: _due,
    Matter.UNNUMBERED: _unnumbered,
    Matter.ON_THE_WAY: _on_the_way,
    Matter.UNCOLLECTED: _uncollected,
    Matter.POOR_RATINGS: _poor_ratings,
    Matter.UNSYNCED: _unsynced,
    Matter.PARKED: _parked,
}


def _of_papers(desk: Desk) -> dict[Matter, Concern]:
    """Look through today's papers of this window: those no printer took, and those one failed on.

    A slip of many cases is one paper, whichever of them it was printed from.
    """
    states = _states(desk.store.jobs(limit=JOBS))
    best: dict[str, str] = {}
    shown: dict[str, tuple[CaseRow, Paper]] = {}
    for row, case in _changed_today(desk):
        for paper in case.papers:
            if paper.replica != desk.replica.id or desk.local_ms(paper.issued_at).date() != desk.today():
                continue
            shown.setdefault(paper.sha256, (row, paper))
            state = states.get(paper.id, "")
            if best.get(paper.sha256) != "good":
                best[paper.sha256] = state or best.get(paper.sha256, "")
    wanted = {Matter.UNPRINTED: "", Matter.FAILED_PRINTS: "failed"}
    return {
        matter: _listed(
            matter,
            (
                _line(desk, matter, row, paper)
                for sha256, (row, paper) in shown.items()
                if best[sha256] == state
            ),
        )
        for matter, state in wanted.items()
    }


def _states(jobs: Iterable[PrintJob]) -> dict[str, str]:
    """Return for each paper whether a printer took it (good) or all that was tried failed."""
    found: dict[str, str] = {}
    for job in jobs:
        if found.get(job.paper) != "good":
            found[job.paper] = "good" if job.state in GOOD else "failed"
    return found


def _changed_today(desk: Desk) -> list[tuple[CaseRow, Case]]:
    with desk.store.reading() as reader:
        return list(reader.cases(CaseQuery(changed_from=desk.today(), station=desk.replica.station)))


def _rows(desk: Desk, query: CaseQuery) -> list[CaseRow]:
    found = desk.store.page(query, limit=1000)
    return list(found.rows)


def _queried(desk: Desk, matter: Matter, query: CaseQuery) -> Concern:
    rows = desk.store.page(query, limit=SHOWN).rows
    count = len(rows) if len(rows) < SHOWN else desk.store.count(query)
    return Concern(matter, count, tuple(_line(desk, matter, row) for row in rows))


def _listed(matter: Matter, lines: Iterable[WorkLine]) -> Concern:
    listed = tuple(lines)
    return Concern(matter, len(listed), listed[:SHOWN])


def _line(desk: Desk, matter: Matter, row: CaseRow, paper: Paper | None = None) -> WorkLine:
    who = row.entity_name or applicant_of(row)
    if paper is not None:
        title = paper_title(PaperKind(paper.kind), PaperForm(paper.variant or "plain"))
        right = labels.short_time(desk.local_ms(paper.issued_at), desk.today())
        return WorkLine(
            chip=Chip(paper.kind, _TONES.get(matter, "warn")),
            text=f"{title} · {who}",
            right=right,
            case_id=row.case_id,
        )
    return WorkLine(
        chip=Chip(labels.STATUS_LABELS[Status(row.status)], _TONES.get(matter, "warn")),
        text=f"{short_name(desk, row)} · {who}",
        right=due_of(desk, row)[0] or f"…{row.case_no[-5:]}",
        case_id=row.case_id,
    )
