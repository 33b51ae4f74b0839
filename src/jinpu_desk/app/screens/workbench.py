"""工作台 and 同步: what is pressing, what was left half done, and the truth about the network."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec

from jinpu_desk.domain.case import Flag, Status

from .. import labels
from ..desk import Desk
from ..duty import duties
from ..intake import pre_applied
from ..intake.subject import subject_of_case
from ..papers import PaperKind
from ..ports import CaseQuery, PrintJob, SavedDraft, StoredEvent, StoreStatus
from ..rows import CaseRow
from .case_view import applicant_of, due_of, lines, query_of, short_name
from .views import Badges, CaseFilter, Chip, Pair, SyncPage, SyncTruth, Tile, Tone, Workbench, WorkLine

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


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """What the background messenger knows of the network: ``since`` is the UTC ms it went down."""

    online: bool
    since: int | None = None


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
    conflicts = tuple(_problem_line(desk, stored) for stored in desk.store.parked()[:3])
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


def truth(desk: Desk, link: Link) -> SyncTruth:
    """Return the pill: green only when everything is acknowledged."""
    status = desk.store.status()
    parts = []
    tone: Tone
    if link.online:
        parts.append("联网")
        tone = "good" if not status.pending else "info"
    else:
        parts.append(_offline_for(desk, link))
        tone = "warn"
    if status.pending_cases:
        parts.append(f"待传 {status.pending_cases} 件")
    if status.parked or status.dead:
        parts.append(f"待处理 {status.parked + status.dead}")
        tone = "bad"
    parts.append(f"今日已确认 {status.acknowledged_today} 件")
    return SyncTruth(
        online=link.online,
        text=" · ".join(parts),
        tone=tone,
        pending_cases=status.pending_cases,
        pending_events=status.pending,
        parked=status.parked,
        dead=status.dead,
        blobs_pending=status.blobs_pending,
        last_contact=contact_text(desk, status),
    )


def _offline_for(desk: Desk, link: Link) -> str:
    if link.since is None:
        return "离线"
    minutes = int(desk.now().timestamp() - link.since / 1000) // 60
    if minutes < 1:
        return "刚刚离线"
    return f"离线 {minutes} 分钟" if minutes < 120 else f"离线 {minutes // 60} 小时"


def contact_text(desk: Desk, status: StoreStatus) -> str:
    """Return when the centre was last reached."""
    if status.last_contact is None:
        return "从未"
    return labels.short_time(desk.local_ms(status.last_contact), desk.today())


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


def sync_page(desk: Desk, link: Link) -> SyncPage:
    """Return 同步: figures, cases that wait, and what a person must look at."""
    status = desk.store.status()
    waiting = desk.store.page(query_of(desk, CaseFilter.PENDING), limit=50).rows
    return SyncPage(
        truth=truth(desk, link),
        figures=(
            Pair("待传记录", str(status.pending)),
            Pair("待传办件", str(status.pending_cases)),
            Pair("待传附件", str(status.blobs_pending)),
            Pair("中心已确认", str(status.acknowledged)),
            Pair("本机办件", str(status.cases)),
            Pair("本机记录", str(status.events)),
            Pair("冲突", str(status.parked)),
            Pair("未接受", str(status.dead)),
            Pair("最近联系", contact_text(desk, status)),
        ),
        waiting=lines(desk, waiting),
        problems=tuple(_problem_line(desk, stored) for stored in desk.store.parked()),
    )


def _problem_line(desk: Desk, stored: StoredEvent) -> WorkLine:
    header = stored.event.header
    what = labels.EVENT_LABELS.get(header.type, header.type)
    who = desk.clerks.get(header.actor, header.actor)
    row = desk.store.row(header.case)
    number = f"…{row.case_no[-4:]}" if row else ""
    chip = Chip("冲突", "pledged") if stored.outcome == "parked" else Chip("未接受", "bad")
    code, _, field = stored.reason.partition(" ")
    where = (
        subject_of_case(desk, case).label(field)
        if field and (case := desk.store.case(header.case))
        else field
    )
    reason = desk.sentences.text(code, where=where) if code in desk.sentences else stored.reason
    return WorkLine(
        chip=chip, text=f"办件 {number} · {what} · {who}", right=reason or "请选择", case_id=header.case
    )
