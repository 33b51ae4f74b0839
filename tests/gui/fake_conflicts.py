"""冲突与退回, in memory."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from jinpu_desk.app.screens.conflict_view import ConflictPage, FieldRow, Side
from jinpu_desk.app.screens.views import Chip, Pair
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.ids import CaseId, EventId

CONFLICT = ConflictPage(
    event=EventId("event-1"),
    case_id=CaseId("case-5"),
    kind="parked",
    chip=Chip("冲突", "pledged"),
    title="小餐饮许可（演示） · 演示小馆 · …00112",
    reason="同一栏在两个窗口改成了不同的内容：经营者名称",
    hint="比较两处内容，选定一个。",
    theirs=Side(what="修改内容", who="演示乙", where="综合窗口 03", at_desk="10:41:07", at_centre="10:38:05"),
    against=(Side(what="修改内容", who="演示甲", where="本窗口", at_desk="10:40:11", at_centre="10:40:10"),),
    fields=(
        FieldRow(
            path="form.name",
            label="经营者名称",
            before="演示小馆",
            ours="演示甲记",
            theirs="演示乙记",
            same=False,
        ),
        FieldRow(
            path="applicant.phone",
            label="联系电话",
            before="139****0000",
            ours="139****0000",
            theirs="138****1111",
            same=False,
        ),
    ),
    may_resolve=True,
    may_keep=True,
    why_not="",
    may_retry=False,
    why_no_retry="",
    revealed=False,
)
DEAD = replace(
    CONFLICT,
    event=EventId("event-2"),
    kind="dead",
    chip=Chip("退回", "bad"),
    reason="办件现在的状态不能这样办。",
    theirs=Side(
        what="暂停计时",
        who="演示甲",
        where="本窗口",
        at_desk="10:41:07",
        at_centre="",
        facts=(Pair("理由", "检验"),),
    ),
    against=(),
    fields=(),
    may_keep=False,
    may_retry=False,
    why_no_retry="办件已经办结。",
)


class FakeConflicts:
    """Two things wait until somebody settles them."""

    calls: list[tuple[Any, ...]]
    conflicts: tuple[ConflictPage, ...] = (CONFLICT, DEAD)

    def conflict_page(self, event: str, reveal: bool = False) -> ConflictPage:
        found = next((page for page in self.conflicts if page.event == event), None)
        if found is None:
            raise Refused("conflict.settled", event)
        if reveal:
            self.calls.append(("reveal-conflict", event))
        return replace(found, revealed=reveal)

    def resolve(self, event: str, take: str, theirs: tuple[str, ...], reason: str) -> None:
        self.calls.append(("resolve", event, take, theirs, reason))
        self._settled(event)

    def retry(self, event: str, reason: str) -> None:
        self.calls.append(("retry", event, reason))
        self._settled(event)

    def _settled(self, event: str) -> None:
        self.conflicts = tuple(page for page in self.conflicts if page.event != event)
