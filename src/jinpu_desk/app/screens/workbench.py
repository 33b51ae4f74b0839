"""工作台: what is pressing, and what was left half done."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from jinpu_desk.domain.case import Flag, Status

from .. import labels
from ..desk import Desk
from ..duty import duties
from ..intake import pre_applied
from ..papers import PaperKind
from ..ports import CaseQuery, PrintJob, SavedDraft, StoreStatus
from ..rows import CaseRow
from .case_view import applicant_of, due_of, query_of, short_name
from .conflict_view import line_of
from .sync_view import contact_text
from .views import Badges, CaseFilter, Chip, Tile, Workbench, WorkLine

MOST = 999
"""Largest number a tile or badge shows."""
WAITING = 6
"""Most lines of what waits for a clerk's key although its time has passed."""
FIRST = 12
"""Most lines of 先办这些."""
ONLINE = 6
"""Most pre-applications that stand on the workbench one by one."""
_POORLY_RATED = CaseQuery(flag=str(Flag.POOR_RATING))
OFFICE_HOURS = range(8, 17)
JOB_CHIPS: dict[str, Chip] = {
    "queued": Chip("排队", "neutral"),
    "spooled": Chip("待确认", "warn"),
    "printed": Chip("完成", "good"),
    "confirmed": Chip("已确认", "good"),
    "failed": Chip("失败", "bad"),
}


def workbench(desk: Desk) -> Workbench:
    """Return the workbench as things stand now."""
    status, today = desk.store.status(), desk.store.tally(desk.today())
    return Workbench(
        tiles=_tiles(desk, today),
        first=_first(desk),
        drafts=_drafts(desk),
        prints=tuple(_job_line(desk, job) for job in desk.store.jobs(limit=8)),
        hours=_hours(today["received_by_hour"]),
        sync=_sync_lines(desk, status),
        last_contact=contact_text(desk, status),
    )


def _tiles(desk: Desk, now: dict[str, Any]) -> tuple[Tile, ...]:
    before = desk.store.tally(desk.today() - timedelta(days=1))
    hour = desk.local(desk.now()).hour
    yesterday = sum(before["received_by_hour"][: hour + 1])
    received, decided = now["received"], now["decided"]
    due = _count(desk, CaseFilter.DUE)
    waiting = _count(desk, CaseFilter.UNDECIDED)
    correcting, tolerated = _count(desk, CaseFilter.CORRECTING), _count(desk, CaseFilter.TOLERATED)
    hand_out = _count(desk, CaseFilter.HAND_OUT)
    share = f"{decided * 100 // received}%" if received else "—"
    return (
        Tile(label="今日收件", value=str(received), sub=f"昨日同时 {yesterday}", goto=CaseFilter.TODAY),
        Tile(label="今日办结", value=str(decided), sub=share, tone="good", goto=CaseFilter.CLOSED),
        Tile(
            label="待决定", value=_shown(waiting), sub=_earliest(desk), tone="warn", goto=CaseFilter.UNDECIDED
        ),
        Tile(label="将到期", value=_shown(due), sub="1 个工作日内", tone="bad", goto=CaseFilter.DUE),
        Tile(
            label="待补齐",
            value=_shown(tolerated + correcting),
            sub=f"容缺 {tolerated} · 补正 {correcting}",
            tone="tolerated",
            goto=CaseFilter.TOLERATED,
        ),
        Tile(label="待出件", value=_shown(hand_out), sub="待领取", tone="info", goto=CaseFilter.HAND_OUT),
    )


def _count(desk: Desk, only: CaseFilter) -> int:
    """Count no further than a glance needs: the workbench is read every few seconds."""
    return desk.store.count(query_of(desk, only), at_most=MOST + 1)


def _shown(number: int) -> str:
    return str(number) if number <= MOST else f"{MOST}+"


def _earliest(desk: Desk) -> str:
    rows = desk.store.page(query_of(desk, CaseFilter.UNDECIDED), limit=1).rows
    if not rows or rows[0].decide_by is None:
        return "没有待决定"
    return f"最早 {labels.short_day(rows[0].decide_by, desk.today())}"


def _first(desk: Desk) -> tuple[WorkLine, ...]:
    pressing = desk.store.page(CaseQuery(open_only=True, order="due"), limit=FIRST).rows
    conflicts = tuple(line_of(desk, stored) for stored in desk.store.parked()[:3])
    late = duties.lapsed(desk, WAITING)
    shown = {row.case_id for row in late}
    return (
        *conflicts,
        *(_unprinted_line(desk, row, titles) for row, titles in duties.unprinted(desk, WAITING)),
        *(_lapsed_line(desk, row) for row in late),
        *(_rated_line(desk, row) for row in desk.store.page(_POORLY_RATED, limit=WAITING).rows),
        *(_pressing_line(desk, row) for row in pressing if row.case_id not in shown),
    )


def _lapsed_line(desk: Desk, row: CaseRow) -> WorkLine:
    what, when = duties.lapsed_text(desk, row)
    text = f"{what} · {short_name(desk, row)} · {row.entity_name or applicant_of(row)}"
    return WorkLine(chip=Chip("逾期", "bad"), text=text, right=when, case_id=row.case_id)


def _unprinted_line(desk: Desk, row: CaseRow, titles: str) -> WorkLine:
    text = f"视为受理 · {short_name(desk, row)} · {row.entity_name or applicant_of(row)}"
    return WorkLine(chip=Chip("待打印", "warn"), text=text, right=titles, case_id=row.case_id)


def _rated_line(desk: Desk, row: CaseRow) -> WorkLine:
    text = f"差评待回访 · {short_name(desk, row)} · {row.entity_name or applicant_of(row)}"
    return WorkLine(
        chip=Chip("差评", "pledged"), text=text, right=f"…{row.case_no[-5:]}", case_id=row.case_id
    )


def _pressing_line(desk: Desk, row: CaseRow) -> WorkLine:
    text, tone = due_of(desk, row)
    chip = {
        "bad": Chip("红", "bad"),
        "pledged": Chip("橙", "pledged"),
        "warn": Chip("黄", "warn"),
    }.get(tone, Chip("绿", "good"))
    if str(Flag.TOLERATED) in row.flags and tone == "neutral":
        chip = Chip("容缺", "tolerated")
    stage = {int(Status.RECEIVED): "待决定", int(Status.CORRECTING): "待补正"}.get(row.status, "办理中")
    name = row.entity_name or applicant_of(row)
    return WorkLine(
        chip=chip, text=f"{stage} · {short_name(desk, row)} · {name}", right=text, case_id=row.case_id
    )


def _drafts(desk: Desk) -> tuple[WorkLine, ...]:
    """Return what waits to be taken in: pre-applications, then pages half done, which may be one of those."""
    saved = desk.store.drafts()
    begun = {draft.id for draft in saved}
    online = pre_applied.waiting(desk, ONLINE)
    lines = [_online_line(desk, row) for row in online if row.case_id not in begun]
    if len(online) == ONLINE:
        count = pre_applied.waiting_count(desk, MOST + 1)
        lines.insert(0, WorkLine(chip=Chip("网上", "info"), text=f"网上预申请 {_shown(count)} 件"))
    return (*lines, *(_draft_line(desk, draft) for draft in saved))


def _online_line(desk: Desk, row: CaseRow) -> WorkLine:
    at = labels.short_time(desk.local_ms(row.received_at), desk.today())
    text = f"网上预申请 · {short_name(desk, row)} · {row.entity_name or applicant_of(row)}"
    return WorkLine(chip=Chip("网上", "info"), text=text, right=at, draft_id=row.case_id)


def _draft_line(desk: Desk, draft: SavedDraft) -> WorkLine:
    at = labels.short_time(desk.local_ms(draft.saved_at), desk.today())
    return WorkLine(chip=Chip("草稿", "info"), text=draft.title, right=at, draft_id=draft.id)


def _job_line(desk: Desk, job: PrintJob) -> WorkLine:
    right = job.detail or labels.short_time(desk.local_ms(job.at), desk.today())
    return WorkLine(
        chip=JOB_CHIPS[job.state],
        text=f"{PaperKind(job.kind).label} · …{job.case_no[-4:]}",
        right=right,
        case_id=job.case_id,
        job_id=job.id,
    )


def _hours(by_hour: list[int]) -> tuple[tuple[str, int], ...]:
    busy = [hour for hour, n in enumerate(by_hour) if n]
    first = min([OFFICE_HOURS.start, *busy])
    last = max([OFFICE_HOURS.stop - 1, *busy])
    return tuple((f"{hour}时", by_hour[hour]) for hour in range(first, last + 1))


def badges(desk: Desk) -> Badges:
    """Return the numbers beside the navigation."""
    status = desk.store.status()
    return Badges(
        workbench=min(_count(desk, CaseFilter.DUE), MOST),
        cases=min(_count(desk, CaseFilter.OPEN), MOST),
        hand_out=min(_count(desk, CaseFilter.HAND_OUT), MOST),
        passing=min(_count(desk, CaseFilter.ON_THE_WAY), MOST),
        sync=status.pending_cases + status.parked + status.dead,
    )


def _sync_lines(desk: Desk, status: StoreStatus) -> tuple[WorkLine, ...]:
    shown = []
    if status.pending:
        files = f"附件 {status.blobs_pending}" if status.blobs_pending else ""
        shown.append(
            WorkLine(
                chip=Chip("待传", "warn"),
                text=f"{status.pending_cases} 件 · {status.pending} 条记录",
                right=files,
            )
        )
    shown.append(
        WorkLine(
            chip=Chip("已确认", "good"),
            text=f"今日 {status.acknowledged_today} 件，累计 {status.acknowledged} 条记录",
            right=contact_text(desk, status),
        )
    )
    if status.parked:
        shown.append(WorkLine(chip=Chip("冲突", "bad"), text=f"{status.parked} 条记录待人工处理"))
    if status.dead:
        shown.append(WorkLine(chip=Chip("未接受", "bad"), text=f"{status.dead} 条记录中心未接受"))
    return tuple(shown)
