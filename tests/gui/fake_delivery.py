"""Fictitious (演示) results that wait, for the fake backend."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from jinpu_desk.app.screens.delivery_views import (
    HandedOut,
    ParcelLine,
    Person,
    Posted,
    ResultFilter,
    ResultList,
    ResultPage,
    Way,
)
from jinpu_desk.app.screens.views import Chip, OptionView, Pair, WorkLine
from jinpu_desk.app.verbs.asks import ask, ask_count, ask_date, choose
from jinpu_desk.app.verbs.recipients import SELF
from jinpu_desk.domain.errors import Refused, Unavailable
from jinpu_desk.domain.ids import CaseId, CaseNo, Digest

from .fake_cases import paper

HIDDEN: dict[str, tuple[str, ...]] = {"recipient": (SELF,), "id_no": (SELF,), "authorised": (SELF,)}
RELATIONS = {SELF: SELF, "代理人": "代理人", "亲属": "亲属"}
PICK_UP = Way(
    key="pick-up",
    label="窗口领取",
    fields=(
        choose("relation", "与申请人", RELATIONS),
        ask("recipient", "领取人", required=False),
        ask("id_no", "证件号码", required=False),
        choose("authorised", "委托书", {"false": "未核验", "true": "已核验"}),
        ask_count("copies", "份数", "1"),
    ),
    hidden=HIDDEN,
    proof=True,
    originals=True,
    hint="本人来领，核对证件即可。",
)
POST = Way(
    key="post",
    label="邮寄",
    fields=(ask("tracking_no", "邮件号"), ask("recipient", "收件人", required=False)),
    originals=True,
    hint="寄：张*三 · 演示路1号",
)
DELIVERED = Way(
    key="delivered",
    label="登记签收",
    fields=(ask("signed_by", "签收人", required=False), ask_date("served_on", "签收日期", required=False)),
)


class FakeDelivery:
    """Three results wait, one is on its way; whoever has no mandate is refused."""

    calls: list[tuple[Any, ...]]

    def __init__(self) -> None:
        super().__init__()
        self.waiting_results = [CaseId(f"result-{n}") for n in range(1, 4)]
        self.posted_results = [CaseId("result-9")]
        self.served_results: list[CaseId] = []
        self.card: Person | None = None

    def results(self, only: str, text: str) -> ResultList:
        self.calls.append(("results", only, text))
        held = {
            ResultFilter.WAITING: self.waiting_results,
            ResultFilter.POSTED: self.posted_results,
            ResultFilter.SERVED: self.served_results,
        }
        cases = (
            [one for several in held.values() for one in several if text in one]
            if text
            else held[ResultFilter(only)]
        )
        lines = tuple(
            WorkLine(chip=Chip("待交付", "info"), text=f"演示{case}", right="已等 3 天", case_id=case)
            for case in cases
        )
        return ResultList(lines=lines, counts={key: len(several) for key, several in held.items()})

    def result_page(self, case_id: CaseId, reveal: bool = False) -> ResultPage:
        self.calls.append(("result", case_id, reveal))
        ways: tuple[Way, ...] = (DELIVERED, PICK_UP) if case_id in self.posted_results else (PICK_UP, POST)
        if case_id in self.served_results:
            ways = ()
        return ResultPage(
            case_id=case_id,
            case_no=CaseNo("210213000012026112300017"),
            title=f"食品经营许可 {case_id}",
            chips=(Chip("准予", "good"), Chip("待交付", "info")),
            facts=(Pair("申请人", "张小三" if reveal else "张*三"),),
            contents=(Pair("食品经营许可证", "JY演示0001"),),
            ways=ways,
            way=ways[0].key if ways else "",
            originals=(OptionView(value="lease", label="租赁合同 1 份"),),
            papers=(paper("p8", "D8", "准予许可决定书"),),
            revealed=reveal,
        )

    def hand_out(self, case_id: CaseId, way: str, typed: dict[str, Any]) -> HandedOut:
        self.calls.append(("hand-out", case_id, way, typed))
        if typed.get("relation") not in (None, SELF) and typed.get("authorised") != "true":
            raise Refused("delivery.not-authorised", "data.authorised")
        if typed.get("id_no") == "坏":
            raise Refused("code.resident-id.check-digit", "data.id_no")
        for held in (self.waiting_results, self.posted_results):
            if case_id in held:
                held.remove(case_id)
        (self.posted_results if way == "post" else self.served_results).append(case_id)
        issued = (paper("p9", "D9", "结果领取单"), paper("p10", "D10", "送达回证"))
        return HandedOut(page=self.result_page(case_id), headline="已交付 · 张*三", papers=issued)

    def read_recipient(self, case_id: CaseId) -> Person:
        if self.card is None:
            raise Unavailable("device.none")
        return self.card

    def keep_proof(self, path: Path) -> Digest:
        return Digest(f"{path.stem:0>64}")

    def scan_proof(self) -> Digest:
        return Digest("7" * 64)

    def parcels(self) -> tuple[ParcelLine, ...]:
        return tuple(self.parcel(case) for case in self.waiting_results[:2])

    def parcel(self, case_id: CaseId) -> ParcelLine:
        line = ParcelLine(
            case_id=case_id,
            case_no=CaseNo("210213000012026112300017"),
            text=f"张*三 · {case_id}",
            to="139****0000 · 演示路1号",
        )
        return replace(line, problem="没有收件地址") if case_id == "result-2" else line

    def post_parcels(self, entries: Sequence[tuple[CaseId, str]]) -> Posted:
        self.calls.append(("post", tuple(entries)))
        bad = {case: "邮件号不对。" for case, number in entries if number == "坏"}
        sent = tuple(case for case, _ in entries if case not in bad)
        return Posted(sent=sent, problems=bad, labels=tuple(paper(f"l{c}", "D16", "EMS面单") for c in sent))

    def parcel_list(self) -> str:
        return "寄件清单.csv"
