"""同步: the truth about the network and the centre, each state as one sentence with one thing to do."""

from __future__ import annotations

from typing import Any

import msgspec

from jinpu_desk.domain.errors import Refused

from .. import labels
from ..desk import Desk
from ..duty.duty_view import counted
from ..ports import CaseQuery, StoreStatus
from .case_view import lines
from .conflict_view import inbox
from .views import CaseLine, Chip, Pair, SyncTruth, Tone, WorkLine

CLOCK_SHOWN_MS = 60_000
"""From how much on a wrong clock is told of."""
WAITING = 50
"""Most waiting cases listed one by one."""
OFFLINE = frozenset({"sync.offline", ""})
"""What went wrong when the network is merely away."""


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """What the background messenger knows of the network: ``since`` is the UTC ms it went down; ``code`` with
    ``where`` and ``params`` is what the last round ended with, where it ended badly."""

    online: bool
    since: int | None = None
    code: str = ""
    where: str = ""
    params: dict[str, Any] = {}


class State(msgspec.Struct, frozen=True, kw_only=True):
    """Something true of the desk and the centre now, and one thing to do about it."""

    tone: Tone
    sentence: str
    do: str = ""


class SyncPage(msgspec.Struct, frozen=True, kw_only=True):
    """同步."""

    truth: SyncTruth
    states: tuple[State, ...]
    figures: tuple[Pair, ...]
    waiting: tuple[CaseLine, ...]  # cases not yet acknowledged
    problems: tuple[WorkLine, ...]  # parked and dead, with the reason; ``job_id`` is the event
    counted: Chip = Chip(
        "未对账", "warn"
    )  # when this window last counted with the centre, and how that ended


def truth(desk: Desk, link: Link) -> SyncTruth:
    """Return the pill: green only when everything is acknowledged, attachments too."""
    status = desk.store.status()
    parts = []
    tone: Tone
    if link.code not in OFFLINE:
        parts.append("同步停住")
        tone = "bad"
    elif link.online:
        parts.append("联网")
        tone = "info" if status.pending or status.blobs_pending else "good"
    else:
        parts.append(_offline_for(desk, link))
        tone = "warn"
    if status.pending_cases:
        parts.append(f"待传 {status.pending_cases} 件")
    if status.blobs_pending:
        parts.append(f"附件 {status.blobs_pending}")
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


def sync_page(desk: Desk, link: Link, clock_offset: int | None = None) -> SyncPage:
    """Return 同步: what is true, figures, cases that wait, and what a person must look at.

    ``clock_offset`` is the desk's clock minus the centre's at the last contact, in ms.
    """
    status = desk.store.status()
    waiting = desk.store.page(CaseQuery(pending=True), limit=WAITING).rows
    return SyncPage(
        truth=truth(desk, link),
        states=states(desk, link, status, clock_offset),
        figures=(
            Pair("待传办件", str(status.pending_cases)),
            Pair("待传记录", str(status.pending)),
            Pair("待传附件", str(status.blobs_pending)),
            Pair("中心已确认记录", str(status.acknowledged)),
            Pair("本机办件", str(status.cases)),
            Pair("最近联系", contact_text(desk, status)),
        ),
        waiting=lines(desk, waiting),
        problems=inbox(desk),
        counted=counted(desk),
    )


def states(desk: Desk, link: Link, status: StoreStatus, clock_offset: int | None = None) -> tuple[State, ...]:
    """Return what is true now, the worst first; one reassuring sentence when there is nothing else to say."""
    found = [
        *_trouble(desk, link),
        *_people(status),
        *_clock(clock_offset),
        *_network(desk, link, status),
        *_attachments(link, status),
    ]
    if found:
        return tuple(found)
    if status.pending:
        return (State(tone="info", sentence=f"联网，正在上传 {status.pending} 条记录。"),)
    return (State(tone="good", sentence="联网，本机的记录中心都已确认。"),)


def _trouble(desk: Desk, link: Link) -> list[State]:
    """Tell what the last round ended with, unless the network is merely away."""
    if link.code in OFFLINE:
        return []
    sentence, do = desk.sentences.of(Refused(link.code, link.where, **link.params))
    return [State(tone="bad", sentence=sentence, do=do)]


def _people(status: StoreStatus) -> list[State]:
    found = []
    if status.parked:
        found.append(
            State(
                tone="bad",
                sentence=f"{status.parked} 条记录与别的窗口冲突，两边的内容都留着。",
                do="在“要人处理的”里打开，选定一边。",
            )
        )
    if status.dead:
        found.append(
            State(
                tone="bad",
                sentence=f"{status.dead} 条记录中心没有接受，其余记录照常上传。",
                do="在“要人处理的”里打开，重新登记或写明理由放下。",
            )
        )
    return found


def _clock(offset: int | None) -> list[State]:
    if offset is None or abs(offset) < CLOCK_SHOWN_MS:
        return []
    minutes = round(abs(offset) / 60_000)
    word = "快" if offset > 0 else "慢"
    return [
        State(
            tone="warn",
            sentence=f"测得本机时钟比中心{word} {minutes} 分钟。",
            do="请把本机时间调准，收件时间以本机为准。",
        )
    ]


def _network(desk: Desk, link: Link, status: StoreStatus) -> list[State]:
    if link.online or link.code not in OFFLINE:
        return []
    if link.since is None:
        sentence = f"正在连接中心，最近联系 {contact_text(desk, status)}。"
        return [State(tone="info", sentence=sentence, do="不用等，照常办件。")]
    waiting = f"，{status.pending_cases} 件待传" if status.pending_cases else ""
    return [
        State(
            tone="warn",
            sentence=f"{_offline_for(desk, link)}，最近联系 {contact_text(desk, status)}{waiting}。",
            do="照常办件；网络恢复后自动上传。",
        )
    ]


def _attachments(link: Link, status: StoreStatus) -> list[State]:
    if not status.blobs_pending or not link.online:
        return []
    return [
        State(
            tone="info",
            sentence=f"还有 {status.blobs_pending} 个附件在上传，不影响办件记录。",
            do="下班前看一眼，传完再关机。",
        )
    ]
