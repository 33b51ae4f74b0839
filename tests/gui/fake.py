"""A backend in memory with plainly fictitious cases (演示), quick enough for every GUI test."""

from __future__ import annotations

import struct
import threading
import zlib
from pathlib import Path
from typing import Any

import msgspec

from jinpu_desk.app import spot
from jinpu_desk.app.drafts import Draft
from jinpu_desk.app.ports import SyncRound
from jinpu_desk.app.views import (
    ArchiveView,
    Badges,
    CaseFilter,
    CaseLine,
    CasePage,
    ChecklistLine,
    Chip,
    DeviceLine,
    FieldView,
    IntakeDone,
    IntakePage,
    MenuItem,
    OptionView,
    Pair,
    PaperLine,
    PartyView,
    Preview,
    QuestionView,
    ScanTarget,
    Step,
    SyncPage,
    SyncTruth,
    Tile,
    TimelineLine,
    VerbButton,
    Who,
    Workbench,
    WorkLine,
)
from jinpu_desk.domain.decision import Outcome
from jinpu_desk.domain.errors import DeskError, Refused, Unavailable
from jinpu_desk.domain.ids import CaseId, CaseNo, Digest, EventId
from jinpu_desk.domain.materials import MaterialState, MaterialTick

STATE = MaterialState
CHIPS = {
    STATE.RECEIVED: Chip("齐", "good"),
    STATE.LACKING: Chip("缺", "bad"),
    STATE.TOLERATED: Chip("容缺", "tolerated"),
    STATE.PLEDGED: Chip("承诺", "pledged"),
    STATE.SHARED: Chip("电子证照", "info"),
    STATE.REUSED: Chip("复用", "info"),
    STATE.DEFECTIVE: Chip("瑕疵", "warn"),
}
ALWAYS = (STATE.RECEIVED, STATE.LACKING, STATE.DEFECTIVE)
MATERIALS = (
    ("application", "食品经营许可申请书", "原件 1", True, ALWAYS),
    ("id-card", "经营者身份证", "原件核验", True, (*ALWAYS, STATE.REUSED, STATE.SHARED)),
    ("licence", "营业执照", "免提交", True, (*ALWAYS, STATE.SHARED)),
    ("layout", "主要设备、布局和操作流程", "复印件 1", True, ALWAYS),
    ("policies", "食品安全管理制度", "复印件 1", True, (*ALWAYS, STATE.TOLERATED)),
    ("health", "从业人员健康证明", "复印件 1", True, (*ALWAYS, STATE.PLEDGED)),
    ("lease", "房屋租赁合同", "复印件 1", True, ALWAYS),
)
MENU = (
    (
        "open-restaurant",
        True,
        "我要开餐馆",
        "一件事 · 4 个事项并联",
        "法定 20 · 承诺 5 个工作日",
        "wykcg",
        "",
    ),
    ("food-business-new", False, "食品经营许可（新办）", "许可", "法定 20 · 承诺 5 个工作日", "spjyxk", ""),
    ("sole-prop-setup", False, "个人独资企业设立登记", "登记", "当场办结", "grdzqysl", ""),
    ("small-catering", False, "小餐饮经营许可", "许可", "法定 10 · 承诺 3 个工作日", "xcyjyxk", ""),
    (
        "construction-permit",
        False,
        "建筑工程施工许可",
        "许可",
        "法定 7 · 承诺 5 个工作日",
        "jzgcsgxk",
        "本窗口不办这个事项，请到住建窗口。",
    ),
)


def case_line(number: int, **changes: Any) -> CaseLine:
    """Return the row of a fictitious case."""
    line = CaseLine(
        case_id=CaseId(f"case-{number}"),
        case_no=CaseNo(f"2102130000120261123{number:04}7"),
        item="食品经营许可（新办）",
        applicant="张*三",
        entity=f"演示小馆{number}号",
        status=Chip("已受理", "info"),
        flags=(Chip("容缺", "tolerated"),) if number % 3 == 0 else (),
        due=f"12-0{number % 9 + 1} · 剩 {number % 5 + 1} 个工作日",
        due_tone="warn" if number % 5 == 0 else "neutral",
        received="11-23 10:42",
        station="演示大厅",
        clerk="李敏",
        sync=Chip("待传", "warn") if number % 4 == 0 else None,
    )
    return msgspec.structs.replace(line, **changes)


def png(width: int = 120, height: int = 160) -> bytes:
    """Return a pale page with a few lines, as PNG."""
    rows = [
        b"\x00"
        + b"".join(
            b"\x90\xa0\xb0" if y % 20 == 0 and 12 < x < width - 12 else b"\xfb\xfc\xfd" for x in range(width)
        )
        for y in range(height)
    ]

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"".join(rows)))
        + chunk(b"IEND", b"")
    )


class FakeBackend:
    """Everything the window asks, answered at once; ``calls`` remembers the intents."""

    def __init__(self, cases: int = 250) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self.saved: dict[str, Draft] = {}
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

    def lock(self) -> None:
        self.calls.append(("lock",))

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
                Pair("待传事件", "7"),
                Pair("已确认事件", "1 284"),
                Pair("待传附件", "5 个 · 7.2 MB"),
                Pair("冲突", "1"),
                Pair("最后联系", "10:30"),
            ),
            waiting=tuple(line for line in self.cases_held if line.sync)[:4],
            problems=(
                WorkLine(
                    chip=Chip("冲突", "pledged"),
                    text="办件 …0112：电话在两个窗口都改过",
                    right="请选择",
                    case_id=CaseId("case-5"),
                ),
            ),
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
        return explain(draft)

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
        if len(text) == 24:
            return ScanTarget(case_id=CaseId("case-3"))
        raise Refused("scan.unknown")


def paper(key: str, kind: str, title: str) -> PaperLine:
    return PaperLine(
        id=EventId(key),
        kind=kind,
        title=title,
        doc_no="演示〔2026〕7号",
        at="11-23 10:43",
        pages=2,
        reprints=0,
        sha256=Digest("0" * 64),
    )


def case_page(line: CaseLine, reveal: bool) -> CasePage:
    """Return a fictitious case whole."""
    checklist = explain(Draft(id="x", target="food-business-new")).checklist
    reason = FieldView(path="reason", label="原因", kind="text", value="", required=True)
    return CasePage(
        line=line,
        title=line.item,
        query_code="482913",
        facts=(
            Pair("申请人", "张小三" if reveal else "张*三"),
            Pair("身份证", "210213199003070016" if reveal else "2102**********0016"),
            Pair("电话", "13900000000" if reveal else "139****0000"),
            Pair("收件", "2026-11-23 10:42"),
            Pair("受理", "2026-11-23"),
            Pair("承诺办结", "2026-11-30（剩 5 个工作日）"),
            Pair("法定期限", "2026-12-21"),
        ),
        form=(
            Pair("名称", line.entity),
            Pair("经营场所", "大连市金普新区演示路 18 号"),
            Pair("经营项目", "热食类食品制售"),
        ),
        checklist=checklist,
        timeline=(
            TimelineLine(
                event=EventId("e3"),
                at="11-23 10:43",
                what="出具受理通知书",
                who="李敏",
                where="综合窗口 07",
                note="演示〔2026〕7号",
                sync=Chip("待传", "warn"),
            ),
            TimelineLine(
                event=EventId("e2"),
                at="11-23 10:43",
                what="受理",
                who="李敏",
                where="综合窗口 07",
                note="",
                sync=None,
            ),
            TimelineLine(
                event=EventId("e1"),
                at="11-23 10:42",
                what="收件，7 份材料",
                who="李敏",
                where="综合窗口 07",
                note="",
                sync=None,
            ),
        ),
        papers=(paper("p1", "D2", "受理通知书"), paper("p2", "D1", "收件凭证")),
        verbs=(
            VerbButton(
                verb="supplement",
                label="补齐",
                allowed=True,
                reason="",
                asks=(FieldView(path="material", label="材料", kind="text", value="", required=True),),
            ),
            VerbButton(verb="pause", label="暂停计时", allowed=True, reason="", asks=(reason,)),
            VerbButton(verb="decide", label="作出决定", allowed=False, reason="受理人不能审批同一件"),
            VerbButton(
                verb="note",
                label="备注",
                allowed=True,
                reason="",
                asks=(FieldView(path="text", label="备注", kind="text", value="", required=True),),
            ),
            VerbButton(verb="resume", label="恢复计时", allowed=True, reason=""),
            VerbButton(verb="void", label="作废", allowed=True, reason="", asks=(reason,)),
        ),
        children=(),
        revealed=reveal,
    )


def explain(draft: Draft) -> IntakePage:
    """Return what the page shows: simple rules, enough to exercise every part of it."""
    party = draft.applicant
    id_wrong = bool(party.id_no) and not party.id_no.endswith("0016")
    warned = (
        {"id_no": "校验码不对，请核对证件；确认无误可填理由。"} if id_wrong and len(party.id_no) == 18 else {}
    )
    done = {
        name
        for name in ("name", "phone", "id_no", "uscc")
        if len(getattr(party, name)) >= (2 if name == "name" else 11)
    }
    done -= set(warned) if "applicant.id_no" not in draft.overrides else set()
    problems = {"phone": "电话应为 11 位数字。"} if party.phone and not party.phone.isdigit() else {}
    lines = checklist(draft) if draft.target else ()
    missing = next((line for line in lines if line.state in (STATE.LACKING, STATE.DEFECTIVE)), None)
    form = form_fields(draft) if draft.target else ()
    gap = next((f.label for f in form if f.required and not f.done), "") or ("" if party.name else "姓名")
    archive = ArchiveView(
        text="历史办件 3 · 有效证照 2 · 可复用材料 1",
        cases=3,
        reusable={"id-card": "2026-08-14 档案"},
        found=True,
    )
    return IntakePage(
        title=next((m[2] for m in MENU if m[0] == draft.target), ""),
        chips=(Chip("一件事 · 4 个事项并联", "info"),) if draft.package else (Chip("许可", "info"),),
        subtitle="个体工商户设立 · 食品经营许可 · 户外招牌 · 消防检查" if draft.package else "演示市场监管局",
        facts=("材料 18 → 9 份，减 9 份", "法定 20 · 承诺 5 个工作日") if draft.target else (),
        applicant=PartyView(problems=problems, warnings=warned, done=frozenset(done)),
        agent=PartyView(problems={}, warnings={}, done=frozenset()) if draft.agent else None,
        archive=archive if "id_no" in done else None,
        questions=questions(draft) if draft.target else (),
        fields=form,
        fields_text=f"19 项合并为 {len(form)} 项，已填 {sum(f.done for f in form)}",
        checklist=lines,
        summary=summary(lines),
        steps=steps(draft, gap, missing),
        verdict=verdict(draft, gap, missing),
        verdict_tone="bad" if gap or missing else "good",
        advice="行政许可法第三十二条第一款第（四）项 · 应当场或 5 个工作日内一次告知，最迟 2026-11-30"
        if missing
        else "",
        needs_tolerance_signature=any(line.state is STATE.TOLERATED for line in lines),
        correcting=draft.spot.before is not None,
        corrections=tuple(Pair(path, f"{old} → {new}") for path, (old, new) in spot.under_way(draft).items()),
    )


def verdict(draft: Draft, gap: str, missing: ChecklistLine | None) -> str:
    if not draft.target:
        return "先选要办的事项"
    if gap:
        return f"还不能收件：请填写“{gap}”"
    return f"不能受理：缺少必要材料“{missing.name}”" if missing else "材料齐全，可以受理"


def questions(draft: Draft) -> tuple[QuestionView, ...]:
    def options(*pairs: tuple[str, str]) -> tuple[OptionView, ...]:
        return tuple(OptionView(value=value, label=label) for value, label in pairs)

    modes = options(("owned", "自有"), ("lease", "租赁"), ("cluster", "集中登记"), ("hotel", "宾馆酒店"))
    return (
        QuestionView(
            key="address_mode", label="经营场所", options=modes, answer=draft.answers.get("address_mode")
        ),
        QuestionView(
            key="area",
            label="经营面积",
            options=options(("small", "≤150㎡"), ("large", ">150㎡")),
            answer=draft.answers.get("area"),
        ),
        QuestionView(
            key="cold",
            label="现制冷食",
            options=options(("true", "是"), ("false", "否")),
            answer=draft.answers.get("cold"),
            boolean=True,
        ),
    )


def form_fields(draft: Draft) -> tuple[FieldView, ...]:
    def field(key: str, label: str, kind: Any = "text", **more: Any) -> FieldView:
        value = draft.form.get(key, "")
        shown = str(value).lower() if isinstance(value, bool) else str(value)
        return FieldView(path=f"form.{key}", label=label, kind=kind, value=shown, done=bool(shown), **more)

    kinds = tuple(OptionView(value=v, label=v) for v in ("热食", "冷食", "糕点"))
    return (
        field("name", "名称", required=True),
        field("address", "经营场所", required=True),
        field("scope", "经营项目", required=True),
        field("capital", "出资额", "money", unit="万元"),
        field("kind", "主体业态", "choice", options=kinds),
        field("remark", "经营说明", "longtext"),
    )


def checklist(draft: Draft) -> tuple[ChecklistLine, ...]:
    remarks = {
        STATE.REUSED: ("2026-08-14 档案", "neutral"),
        STATE.SHARED: ("核验于 10:39", "neutral"),
        STATE.TOLERATED: ("12-01 前补齐", "neutral"),
        STATE.PLEDGED: ("告知承诺书待签", "neutral"),
        STATE.LACKING: ("必要材料", "neutral"),
    }
    found = []
    for place, (key, name, take, required, allowed) in enumerate(MATERIALS, 1):
        tick = draft.materials.get(key, MaterialTick())
        remark, tone = remarks.get(tick.state, ("", "neutral"))
        if key == "layout" and tick.pages == 3:
            remark, tone = "第 2 页偏糊", "warn"
        found.append(
            ChecklistLine(
                key=key,
                no=place,
                name=name,
                take=take,
                pages=tick.pages,
                state=tick.state,
                chip=CHIPS[tick.state],
                remark=remark,
                remark_tone=tone,  # type: ignore[arg-type]
                required=required,
                allowed=allowed,
                files=tuple(Digest(f) for f in tick.files),
                requirement="清晰、完整、加盖公章",
                tick_code=f"M-FOODBZ-AAAAA{chr(64 + place)}",
            )
        )
    return tuple(found)


def summary(lines: tuple[ChecklistLine, ...]) -> tuple[Chip, ...]:
    counts: dict[str, tuple[Chip, int]] = {}
    for line in lines:
        chip, count = counts.get(line.chip.text, (line.chip, 0))
        counts[line.chip.text] = (chip, count + 1)
    return tuple(Chip(f"{chip.text} {count}", chip.tone) for chip, count in counts.values())


def steps(draft: Draft, gap: str, missing: ChecklistLine | None) -> tuple[Step, ...]:
    form = f"请填写“{gap}”" if gap else ""
    lack = form or (f"缺少必要材料“{missing.name}”" if missing else "")

    def step(outcome: Outcome, label: str, reason: str, *, best: bool = False) -> Step:
        return Step(
            outcome=outcome,
            label=label,
            shortcut="",
            allowed=not reason,
            reason=reason,
            article="",
            recommended=best,
        )

    return (
        step(Outcome.RECEIVE, "收件", form, best=bool(gap)),
        step(Outcome.ACCEPT, "受理", lack, best=not lack),
        step(
            Outcome.CORRECT,
            "一次性补正",
            form or ("" if missing else "没有需要补正的"),
            best=bool(missing) and not gap,
        ),
        step(Outcome.ON_THE_SPOT, "当场更正", ""),
        step(Outcome.REFUSE, "不予受理", ""),
        step(Outcome.GUIDE, "引导", "本站可以办理这个事项"),
    )
