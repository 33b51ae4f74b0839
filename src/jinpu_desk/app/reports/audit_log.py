"""审计记录: who came in, saw people whole, took data out, and did what to which case, newest first."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, time, timedelta

from jinpu_desk.domain.instants import CHINA

from .. import labels
from ..papers import PaperKind
from ..ports.audit import AuditEntry, AuditKind
from .model import Column, Kind, Line, Period, table
from .source import LONGEST_LIST, Content, ReportSource

KINDS: dict[AuditKind, str] = {
    "reveal": "显示个人信息",
    "login": "登录",
    "login-failed": "密码错误",
    "login-locked": "账号锁住",
    "lock": "锁定",
    "export": "导出",
    "print": "打印",
    "import": "导入",
    "prune": "清理",
    "backup": "备份",
    "incarnation": "换发终端编号",
    "case": "办件",
}
WORDS = {
    "case": "办件页",
    "result": "出件页",
    "applicant": "申请人档案",
    "conflict": "冲突页",
    "parcel-list": "寄件清单",
    "preview": "文书预览",
    "window": "窗口",
    "command": "命令行",
    "unlock": "解锁",
    "idle": "无操作",
    "key": "按键",
    "catalogue": "事项目录",
    "calendar": "日历",
    "bundle": "U 盘包",
    "copied": "本机数据是复制来的",
    "restored": "本机数据恢复过",
    "fork": "同一编号有两份记录",
    "list": "办件清单",
    "backup": "本机备份",
    "prune": "清理已办结的办件",
    "licence-lookup": "查电子证照",
}
UNKNOWN = "（没有这个账号）"
COLUMNS = (
    Column("at", "时间", "At", Kind.TIME, width=1.2),
    Column("kind", "种类", "Kind"),
    Column("who", "人员", "Who"),
    Column("what", "内容", "What", width=1.6),
    Column("case_no", "办件编号", "Case", width=2),
    Column("detail", "说明", "Detail", width=1.6),
)


def audit(source: ReportSource, period: Period) -> Content:
    """List the audit of the days of a period; of a longer list the newest lines are shown and all are counted."""
    start = datetime.combine(period.first, time.min, CHINA)
    end = datetime.combine(period.last, time.min, CHINA) + timedelta(days=1)
    found = source.audit(start, end)
    counted = Counter(KINDS[entry.kind] for entry in found)
    told = "，".join(f"{kind} {n}" for kind, n in counted.most_common())
    note = f"共 {len(found)} 条：{told}。" if found else "期内没有。"
    return Content(
        tables=(
            table(
                "audit",
                "审计记录",
                "Audit log",
                COLUMNS,
                [line_of(source, entry) for entry in found],
                at_most=LONGEST_LIST,
            ),
        ),
        notes=(
            note,
            "登录、显示个人信息、导出和导入的记录只增不改，前后相连；少了一行，核验时会发现。",
        ),
    )


def line_of(source: ReportSource, entry: AuditEntry) -> Line:
    """Return one row in words."""
    failed = entry.kind in {"login-failed", "login-locked"}
    who = source.clerk_name(entry.actor) or (UNKNOWN if failed else "")
    return (
        source.local(entry.at),
        KINDS[entry.kind],
        who,
        what_of(entry),
        entry.case_no or None,
        entry.detail,
    )


def what_of(entry: AuditEntry) -> str:
    """Return what it was about, in words."""
    if entry.kind == "case":
        return labels.EVENT_LABELS.get(entry.what, entry.what)
    if entry.kind == "print":
        return PaperKind(entry.what).label
    head, _, rest = entry.what.partition(" ")
    if head in {"export-report", "reveal-report"}:
        return f"统计 {rest}"
    return WORDS.get(entry.what, entry.what)
