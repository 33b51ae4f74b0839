"""A backend in memory with plainly fictitious cases (演示), quick enough for every GUI test."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import msgspec

from jinpu_desk.app.intake.drafts import Draft
from jinpu_desk.app.ports.sync import SyncRound
from jinpu_desk.app.screens.sync_view import State, SyncPage
from jinpu_desk.app.screens.views import (
    Badges,
    CaseFilter,
    CaseLine,
    CasePage,
    Chip,
    DeviceLine,
    IntakeDone,
    IntakePage,
    MenuItem,
    Pair,
    PlaceView,
    Preview,
    ScanTarget,
    SyncTruth,
    Tile,
    Who,
    Workbench,
    WorkLine,
)
from jinpu_desk.domain.decision import Outcome
from jinpu_desk.domain.errors import DeskError, Refused, Unavailable
from jinpu_desk.domain.ids import CaseId, CaseNo, Digest, EventId
from jinpu_desk.domain.materials import MaterialTick

from .fake_archive import FakeArchive
from .fake_calendar import FakeCalendar
from .fake_cases import case_line, case_page, paper, png
from .fake_conflicts import FakeConflicts
from .fake_delivery import FakeDelivery
from .fake_house import FakeHouse
from .fake_intake import MENU, STATE, explain
from .fake_movement import FakeMovement
from .fake_reports import FakeReports
from .fake_special import PLACES, special


class FakeBackend(
    FakeDelivery, FakeArchive, FakeMovement, FakeHouse, FakeReports, FakeCalendar, FakeConflicts
):
    """Everything the window asks, answered at once; ``calls`` remembers the intents."""

    def __init__(self, cases: int = 250) -> None:
        super().__init__()
        FakeMovement.__init__(self)
        self.saved: dict[str, Draft] = {}
        self.waiting: dict[str, str] = {}  # number of a case to take in -> its page
        self.cases_held = [case_line(n) for n in range(1, cases + 1)]
        self.wrong = 0
        self.gate: threading.Event | None = None
        self.hot = 2
        self.printer_fails = False
        self.clerks = ("limin", "wangfang")

    # The door.

    def known_clerks(self) -> tuple[str, ...]:
        return self.clerks

    def login(self, clerk: str, password: str) -> None:
        if self.wrong >= 3:
            raise Refused("login.locked", minutes=2)
        if password != "demo":
            self.wrong += 1
            raise Refused("login.wrong")
        self.calls.append(("login", clerk))

    def lock(self, idle: bool = False) -> None:
        self.calls.append(("lock", "idle") if idle else ("lock",))

    def who(self) -> Who:
        return Who(
            product="金普窗口通",
            station="金普新区政务服务大厅",
            window="综合窗口 07",
            clerk="李敏",
            roles=("clerk",),
            training=True,
        )

    def sentence(self, error: DeskError) -> tuple[str, str]:
        known = {
            "login.wrong": ("账号或密码不对。", "请重新输入。"),
            "device.none": ("没有接好的读卡器。", "可以手工输入。"),
        }
        return known.get(error.code, (f"没有成功：{error.code}。", "请再试一次。"))

    # Always visible.

    def truth(self) -> SyncTruth:
        return SyncTruth(
            online=False,
            text="离线 12 分钟 · 待传 3 件 · 今日已确认 128 件",
            tone="warn",
            pending_cases=3,
            pending_events=7,
            parked=1,
            dead=0,
            blobs_pending=5,
            last_contact="10:30",
        )

    def badges(self) -> Badges:
        return Badges(workbench=2, cases=41, sync=3)

    def devices(self) -> tuple[DeviceLine, ...]:
        return (
            DeviceLine(label="高拍仪", state="就绪", tone="good"),
            DeviceLine(label="A4 打印机", state="就绪", tone="good"),
            DeviceLine(label="热敏", state="缺纸", tone="bad"),
        )

    def workbench(self) -> Workbench:
        line = WorkLine
        drafts = tuple(
            line(
                chip=Chip("草稿", "info"),
                text=f"{d.target or '未选事项'} · {d.applicant.name}",
                right="10:42",
                draft_id=d.id,
            )
            for d in self.saved.values()
        )
        return Workbench(
            tiles=(
                Tile(label="今日收件", value="46", sub="昨日同时 41", goto=CaseFilter.TODAY),
                Tile(label="当场办结", value="19", sub="41%", tone="good", goto=CaseFilter.CLOSED),
                Tile(
                    label="待决定",
                    value="3",
                    sub="最早 11-30 视为受理",
                    tone="warn",
                    goto=CaseFilter.UNDECIDED,
                ),
                Tile(label="将到期", value="2", sub="1 个工作日内", tone="bad", goto=CaseFilter.DUE),
                Tile(
                    label="待补齐",
                    value="5",
                    sub="容缺 4 · 补正 1",
                    tone="tolerated",
                    goto=CaseFilter.TOLERATED,
                ),
                Tile(label="待出件", value="6", sub="2 件邮寄", tone="info", goto=CaseFilter.HAND_OUT),
            ),
            first=(
                line(
                    chip=Chip("红", "bad"),
                    text="超承诺 · 户外招牌 · 演示小馆",
                    right="已超 1 个工作日",
                    case_id=CaseId("case-1"),
                ),
                line(
                    chip=Chip("黄", "warn"),
                    text="将到期 · 药品零售 · 演示药房",
                    right="剩 1 个工作日",
                    case_id=CaseId("case-2"),
                ),
                line(
                    chip=Chip("黄", "warn"),
                    text="待决定 · 食品经营 · 演示餐饮",
                    right="11-30 视为受理",
                    case_id=CaseId("case-3"),
                ),
                line(
                    chip=Chip("容缺", "tolerated"),
                    text="待补齐 · 管理制度 · 演示小馆",
                    right="剩 3 个工作日",
                    case_id=CaseId("case-4"),
                ),
                line(
                    chip=Chip("冲突", "pledged"),
                    text="办件 …0112 电话两处修改",
                    right="请选择",
                    case_id=CaseId("case-5"),
                ),
            ),
            drafts=drafts,
            prints=(
                line(
                    chip=Chip("待确认", "warn"),
                    text="受理通知书 · …0117",
                    right="扫码确认",
                    case_id=CaseId("case-6"),
                ),
                line(
                    chip=Chip("失败", "bad"),
                    text="收件凭证 · …0115",
                    right="缺纸，F10 重试",
                    case_id=CaseId("case-7"),
                ),
                line(
                    chip=Chip("完成", "good"),
                    text="补正告知书 · …0114",
                    right="10:31",
                    case_id=CaseId("case-8"),
                ),
            ),
            hours=(
                ("8时", 6),
                ("9时", 15),
                ("10时", 18),
                ("11时", 7),
                ("12时", 0),
                ("13时", 0),
                ("14时", 0),
                ("15时", 0),
                ("16时", 0),
            ),
            sync=(
                line(chip=Chip("待传", "warn"), text="收件 2 · 受理 1", right="附件 5 / 7.2 MB"),
                line(chip=Chip("已确认", "good"), text="128 件，与中心对账一致", right="08:30"),
            ),
            last_contact="10:30",
        )

    def sync_page(self) -> SyncPage:
        return SyncPage(
            truth=self.truth(),
            figures=(
                Pair("待传办件", "3"),
                Pair("待传记录", "7"),
                Pair("待传附件", "5"),
                Pair("中心已确认记录", "1284"),
                Pair("本机办件", "250"),
                Pair("最近联系", "10:30"),
            ),
            waiting=tuple(line for line in self.cases_held if line.sync)[:4],
            problems=tuple(
                WorkLine(
                    chip=page.chip,
                    text=f"{page.theirs.what} · {page.theirs.who}",
                    right=page.reason,
                    case_id=page.case_id,
                    job_id=page.event,
                )
                for page in self.conflicts
            ),
            states=(State(tone="warn", sentence="离线 12 分钟，最近联系 10:30。", do="照常办件。"),),
            counted=Chip("今天未对账；上次 11-22 18:02 对 11-22 的账：一致", "warn"),
        )

    def sync_now(self) -> SyncRound:
        self.calls.append(("sync",))
        return SyncRound(pushed=7, pulled=3, blobs=5, parked=0, dead=0, pending=0)

    # Intake.

    def menu(self, text: str) -> tuple[MenuItem, ...]:
        found = [m for m in MENU if text in m[2] or m[5].startswith(text.lower())]
        return tuple(
            MenuItem(
                key=key,
                package=package,
                name=name,
                authority="演示市场监管局",
                chips=(Chip(kind, "info"),),
                term=term,
                may_take=not why,
                why_not=why,
            )
            for key, package, name, kind, term, _, why in found
        )

    def new_draft(self) -> Draft:
        return Draft(id=f"draft-{len(self.calls) + len(self.saved) + 1}")

    def open_draft(self, draft_id: str) -> Draft:
        return self.saved[draft_id]

    def save_draft(self, draft: Draft) -> None:
        self.calls.append(("save", draft.id))
        self.saved[draft.id] = draft

    def drop_draft(self, draft_id: str) -> None:
        self.calls.append(("drop", draft_id))
        self.saved.pop(draft_id, None)

    def find_place(self, register: str, text: str) -> tuple[PlaceView, ...]:
        self.calls.append(("find_place", register, text))
        return tuple(place for place in PLACES if text in place.name or text == place.key)

    def reuse(self, draft: Draft) -> Draft:
        self.wait()
        applicant = msgspec.structs.replace(draft.applicant, phone="13900000000", entry="archive")
        ticks = {**draft.materials, "id-card": MaterialTick(state=STATE.REUSED, pages=2)}
        return msgspec.structs.replace(draft, applicant=applicant, materials=ticks)

    def read_card(self, draft: Draft) -> Draft:
        raise Unavailable("device.none")

    def wait(self) -> None:
        if self.gate is not None:
            self.gate.wait(5)

    def attach_file(self, draft: Draft, material: str, path: Path) -> Draft:
        return self._add(draft, material, (f"{path.stem:0>64}",))

    def take_hot_pages(self, draft: Draft, material: str) -> Draft:
        self.wait()
        return self._add(draft, material, tuple(f"{n:064}" for n in range(self.hot)))

    def _add(self, draft: Draft, material: str, files: tuple[str, ...]) -> Draft:
        tick = draft.materials.get(material, MaterialTick())
        made = msgspec.structs.replace(
            tick, state=STATE.RECEIVED, files=(*tick.files, *files), pages=tick.pages + len(files)
        )
        return msgspec.structs.replace(draft, materials={**draft.materials, material: made})

    def page_image(self, sha256: Digest, width: int) -> bytes:
        return png(width, width * 4 // 3)

    def intake_page(self, draft: Draft) -> IntakePage:
        return special(draft, explain(draft))

    def submit(self, draft: Draft, outcome: Outcome) -> IntakeDone:
        self.wait()
        if draft.applicant.name == "退回":
            raise Refused("intake.refused")
        self.calls.append(("submit", outcome, draft))
        self.saved.pop(draft.id, None)
        return IntakeDone(
            case_id=CaseId("case-1"),
            case_no=CaseNo("210213000012026112300017"),
            headline="已受理 · 5 个工作日内办结",
            papers=(paper("p1", "D2", "受理通知书"), paper("p2", "D1", "收件凭证")),
        )

    # Cases.

    def cases(self, only: str, after: str | None) -> tuple[tuple[CaseLine, ...], str | None]:
        start = int(after or 0)
        rows = tuple(self.cases_held[start : start + 100]) if only != CaseFilter.CLOSED else ()
        more = start + 100 < len(self.cases_held) and bool(rows)
        return rows, str(start + 100) if more else None

    def count(self, only: str) -> int:
        return 0 if only == CaseFilter.CLOSED else len(self.cases_held)

    def search(self, text: str) -> tuple[CaseLine, ...]:
        return tuple(line for line in self.cases_held if text in line.entity or text in line.case_no)[:20]

    def case_page(self, case_id: CaseId, reveal: bool = False) -> CasePage:
        self.calls.append(("case", case_id, reveal))
        line = next(line for line in self.cases_held if line.case_id == case_id)
        return case_page(line, reveal)

    def act(self, case_id: CaseId, verb: str, data: dict[str, Any]) -> CasePage:
        self.calls.append(("act", case_id, verb, data))
        return self.case_page(case_id)

    def preview(self, paper_id: EventId) -> Preview:
        return Preview(
            title="受理通知书",
            case_no=CaseNo("210213000012026112300017"),
            paper=paper_id,
            pdf=b"%PDF",
            pages=2,
        )

    def reprint(self, paper_id: EventId, reason: str) -> Preview:
        self.calls.append(("reprint", paper_id, reason))
        return self.preview(paper_id)

    def page_png(self, pdf: bytes, page: int, dpi: int) -> bytes:
        return png(dpi * 8, dpi * 11)

    def printers(self) -> tuple[str, ...]:
        return ("A4-演示", "热敏-演示")

    def print_paper(self, paper_id: EventId, printer: str, copies: int) -> str:
        if self.printer_fails:
            raise Unavailable("printer.stopped")
        self.calls.append(("print", paper_id, printer, copies))
        return "job-1"

    def scan(self, text: str) -> ScanTarget:
        self.calls.append(("scan", text))
        if text in self.waiting:
            return ScanTarget(case_id=CaseId("case-4"), draft_id=self.waiting[text])
        if len(text) == 24:
            return ScanTarget(case_id=CaseId("case-3"))
        raise Refused("scan.unknown")
