"""What the intake page tells beside the questions: licence modes, fees, who is at the address, a package's strands."""

from __future__ import annotations

from datetime import date

from jinpu_desk.catalogue.guide import Fee
from jinpu_desk.domain import deadline
from jinpu_desk.domain.bodies import DocFamily
from jinpu_desk.domain.case import Status

from .. import labels
from ..desk import Desk
from ..rows import CaseRow
from ..screens.views import BranchView, Chip
from . import places
from .assess import Assessment
from .decision_bar import sentence
from .drafts import Draft
from .subject import ChildSubject, Subject

MODE_CHIPS = {
    "cancelled": Chip("直接取消审批", "warn"),
    "filing": Chip("审批改为备案", "info"),
    "pledge": Chip("实行告知承诺", "pledged"),
    "optimised": Chip("优化审批服务", "neutral"),
}
MODE_MEANINGS = {
    "cancelled": Chip("证照分离·直接取消审批：不需要许可，出具无需办理告知单即可。", "warn"),
    "filing": Chip("证照分离·审批改为备案：材料齐全即予备案，不作受理决定。", "info"),
    "pledge": Chip("证照分离·实行告知承诺：签署承诺书的当场作出决定，事后核查。", "pledged"),
}
CHECK_CHIPS = {
    "remote": Chip("远程查验", "info"),
    "on-site": Chip("现场查验", "neutral"),
    "pledge": Chip("承诺后核查", "pledged"),
}


def chips(subject: Subject, draft: Draft) -> tuple[Chip, ...]:
    """Return the chips beside the item's name: what kind of matter, and how this application came."""
    found = [_kind(subject)]
    if not subject.package and subject.terms.licence_mode:
        found.append(MODE_CHIPS[subject.terms.licence_mode])
    if subject.check_mode and not subject.licence_cancelled:
        found.append(CHECK_CHIPS[subject.check_mode])
    if not subject.may_take:
        found.append(Chip("本站点不办理", "bad"))
    if draft.green.strip():
        found.append(Chip("绿色通道", "good"))
    if draft.backfill is not None:
        found.append(Chip("补录", "warn"))
    if draft.channel == "online":
        found.append(Chip("网上申请", "info"))
    return tuple(found)


def _kind(subject: Subject) -> Chip:
    terms = subject.terms
    if subject.package:
        return Chip(f"一件事 · {len(subject.children)} 个事项并联", "info")
    if subject.request:
        return Chip("诉求", "info")
    if terms.family is DocFamily.REGISTRATION:
        return Chip("当场登记" if terms.window_authorised else "登记", "info")
    if terms.family is DocFamily.FILING:
        return Chip("备案 · 即办" if terms.on_the_spot else "备案", "info")
    return Chip("即办件" if terms.on_the_spot else "承诺件", "info")


def remarks(desk: Desk, seen: Assessment) -> tuple[Chip, ...]:
    """Return the lines under the form; none of them bars anything."""
    subject = seen.subject
    found = [MODE_MEANINGS[mode]] if (mode := subject.terms.licence_mode) in MODE_MEANINGS else []
    if subject.package and subject.result_name:
        found.append(Chip(f"一业一证：各项办结后，合并载入《{subject.result_name}》。", "info"))
    found += [Chip(_fee(fee), "info") for fee in subject.fees]
    found += [
        Chip(sentence(desk, subject, warning), "warn")
        for warning in seen.warnings
        if warning.where.startswith("form.")
    ]
    neighbours = places.same_address(desk, seen.application.form.get("address"))
    if neighbours:
        names = "；".join(_neighbour(row) for row in neighbours)
        more = " 等" if len(neighbours) == places.SAME_ADDRESS else ""
        found.append(Chip(f"同址已有：{names}{more}（一址多照仅作提示）", "info"))
    return tuple(found)


def _neighbour(row: CaseRow) -> str:
    state = labels.STATUS_LABELS[Status(row.status)]
    return f"{row.entity_name or row.item_name}（{row.item_name}，{state}）"


def _fee(fee: Fee) -> str:
    parts = [f"收费：{fee.name} {fee.standard}"]
    if fee.basis:
        parts.append(f"依据：{fee.basis}")
    if fee.reducible:
        parts.append(f"可减免：{fee.reduction}" if fee.reduction else "可减免")
    return "；".join(parts)


def branches(desk: Desk, subject: Subject) -> tuple[BranchView, ...]:
    """Return the strands of a package with their own terms; they run side by side."""
    longest = max((_days(child) for child in subject.children), default=0)
    return tuple(
        BranchView(
            name=child.name,
            authority=child.subject.terms.authority,
            term=term_text(child.subject.terms.legal_days, _days(child)),
            due=labels.short_day(_due(desk, child), desk.today()),
            longest=_days(child) == longest and longest > 0,
        )
        for child in subject.children
    )


def branches_text(desk: Desk, subject: Subject) -> str:
    """Return when the package as a whole is due."""
    if not subject.children:
        return ""
    promised = subject.terms.promised_days
    last = deadline.due(desk.today(), promised, desk.calendar).date
    day = f"，今天受理的 {labels.short_day(last, desk.today())} 到期" if last else ""
    return f"并联办理，取最长的一项：承诺 {promised} 个工作日{day}"


def _days(child: ChildSubject) -> int:
    return child.subject.terms.promised_days


def _due(desk: Desk, child: ChildSubject) -> date:
    return deadline.due(desk.today(), _days(child), desk.calendar).date or desk.today()


def term_text(legal: int | None, promised: int) -> str:
    """Return both terms as the page header shows them."""
    first = f"法定 {legal}" if legal is not None else "法定未规定"
    return f"{first} · 承诺 {promised} 个工作日" if promised else f"{first} · 即办"
