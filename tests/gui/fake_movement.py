"""Slips, shifts and days in memory (演示)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from jinpu_desk.app.duty.duty_view import ConcernView, DayPage, SheetDone, SheetLine, StockView
from jinpu_desk.app.duty.passing_view import PassingLine, PassingPage, Scanned, SlipLine, SlipPage
from jinpu_desk.app.screens.views import Chip, OptionView, Pair, WorkLine
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.ids import CaseId, CaseNo, EventId

SLIP = CaseNo("210213000012026112309997")
CASES = tuple(CaseNo(f"2102130000120261123{n:04}7") for n in (1, 2, 3))


def passing_line(number: CaseNo, chip: Chip) -> PassingLine:
    return PassingLine(
        case_id=CaseId("case-1"),
        case_no=number,
        item="食品经营许可（新办）",
        entity="演示小馆1号",
        items=3,
        pages=6,
        originals=2,
        chip=chip,
    )


class FakeMovement:
    """Implements ``ui.backend_movement``."""

    calls: list[tuple[Any, ...]]

    def __init__(self) -> None:
        self.own = False
        self.signed: set[CaseNo] = set()
        self.problem = ""
        self.reasons: dict[str, str] = {}
        self.sheets: tuple[SheetLine, ...] = ()

    def passing_page(self, numbers: Sequence[CaseNo], target: str) -> PassingPage:
        line = SlipLine(
            slip=SLIP, way="本窗口 → 演示审批", cases=2, taken=0, at="11-23", chip=Chip("未签收", "warn")
        )
        return PassingPage(
            targets=(
                OptionView(value="market", label="演示审批科"),
                OptionView(value="window", label="退回窗口"),
            ),
            target=target or ("market" if numbers else ""),
            lines=tuple(passing_line(number, Chip("已受理", "info")) for number in numbers),
            total=f"办件 {len(numbers)} 宗",
            problem=self.problem,
            waiting=(line,),
            written=(line,),
        )

    def passing_scan(self, text: str) -> Scanned:
        if text == SLIP:
            return Scanned(slip=SLIP)
        if text not in CASES:
            raise Refused("passing.unknown-number")
        return Scanned(case_no=CaseNo(text))

    def hand_on(self, numbers: Sequence[CaseNo], target: str, note: str) -> SlipPage:
        self.calls.append(("hand-on", tuple(numbers), target, note))
        self.own = True
        return self.slip_page(SLIP)

    def slip_page(self, slip: CaseNo) -> SlipPage:
        lines = tuple(
            passing_line(number, Chip("已签收", "good") if number in self.signed else Chip("未签收", "warn"))
            for number in CASES[:2]
        )
        return SlipPage(
            slip=slip,
            origin="演示大厅 综合窗口 07",
            target="演示审批科",
            at="11-23",
            by="李敏",
            total="办件 2 宗",
            lines=lines,
            waiting=sum(number not in self.signed for number in CASES[:2]),
            own=self.own,
            paper=EventId("p14"),
        )

    def take_over(self, slip: CaseNo, numbers: Sequence[CaseNo], receiver: str) -> SlipPage:
        self.calls.append(("take-over", slip, tuple(numbers), receiver))
        self.signed |= set(numbers or CASES[:2])
        return self.slip_page(slip)

    def turn_down(self, slip: CaseNo, numbers: Sequence[CaseNo], reason: str) -> SlipPage:
        self.calls.append(("turn-down", slip, tuple(numbers), reason))
        return self.slip_page(slip)

    def take_back(self, slip: CaseNo, numbers: Sequence[CaseNo]) -> SlipPage:
        self.calls.append(("take-back", slip, tuple(numbers)))
        return self.slip_page(slip)

    def day_page(self) -> DayPage:
        line = WorkLine(chip=Chip("已受理", "bad"), text="食品经营许可 · 演示小馆", case_id=CaseId("case-2"))
        counts = {"drafts": 0, "due": 1, "unprinted": 2}
        return DayPage(
            day="2026年11月23日",
            closed="18:02 由李敏日结" if self.sheets else "",
            missed="11-20",
            done=(Pair("收件", "46"),),
            counts=(Pair("已受理", "30"),),
            concerns=tuple(
                ConcernView(
                    key=key,
                    label=label,
                    count=counts[key],
                    chip=Chip(str(counts[key]), "warn"),
                    lines=(line,) * counts[key],
                    reason=self.reasons.get(key, ""),
                )
                for key, label in (
                    ("drafts", "没收完的草稿"),
                    ("due", "今天到期"),
                    ("unprinted", "没打印的文书"),
                )
            ),
            stock=(
                StockView(key="seal", name="受理专用章", sort="印章", known="1"),
                StockView(key="blank", name="营业执照正本（空白）", sort="空白文书", known=""),
            ),
            sheets=self.sheets,
        )

    def close_day(
        self, reasons: Mapping[str, str], counted: Mapping[str, int], amending: str, note: str
    ) -> SheetDone:
        self.calls.append(("close-day", dict(reasons), dict(counted), amending, note))
        self.reasons = dict(reasons)
        return self._sheet("日结表")

    def takers(self) -> tuple[str, ...]:
        return ("wangfang",)

    def hand_over(self, taker: str, password: str, counted: Mapping[str, int], note: str) -> SheetDone:
        if password != "demo":
            raise Refused("login.wrong")
        self.calls.append(("hand-over", taker, dict(counted), note))
        return self._sheet("交接班表")

    def _sheet(self, title: str) -> SheetDone:
        made = SheetLine(
            id=f"sheet-{len(self.sheets) + 1}",
            kind="shift" if title == "交接班表" else "day-end",
            number=SLIP,
            title=title,
            who="李敏",
            at="18:02",
            chip=Chip("日结", "good"),
        )
        self.sheets = (made, *self.sheets)
        return SheetDone(sheet=made, page=replace(self.day_page(), sheets=self.sheets))
