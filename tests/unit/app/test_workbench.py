"""工作台, 打印, 附件: what is pressing and what was left half done."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from PIL import Image

from jinpu_desk.app.intake import attach
from jinpu_desk.app.intake import taking as intake
from jinpu_desk.app.intake.application import from_draft
from jinpu_desk.app.intake.drafts import Draft
from jinpu_desk.app.intake.menu import menu
from jinpu_desk.app.papers import printing
from jinpu_desk.app.ports import PrintJob, SavedDraft
from jinpu_desk.app.ports.sync import Settled
from jinpu_desk.app.screens.case_view import case_page
from jinpu_desk.app.screens.sync_view import Link, sync_page, truth
from jinpu_desk.app.screens.workbench import badges, workbench
from jinpu_desk.catalogue.search import ItemIndex
from jinpu_desk.devices.hot_folder import HotFolder
from jinpu_desk.devices.printers import FolderPrinter
from jinpu_desk.devices.spool import Spool
from jinpu_desk.domain.decision import Outcome
from jinpu_desk.domain.ids import Digest
from jinpu_desk.domain.instants import millis
from jinpu_desk.domain.materials import MaterialState, MaterialTick
from jinpu_desk.entry import demo_cases as demo
from samples.counter import Counter, draft_of
from samples.stores import SEALING

PRINTER = "打印到文件"
ONLINE = Link(online=True)


def acknowledge(counter: Counter) -> None:
    """Let the centre apply everything."""
    _, events = counter.store.sync.outbox(500)
    counter.store.sync.settle(
        [
            Settled(id=event.header.id, seq=event.header.seq, position=place, outcome="applied")
            for place, event in enumerate(events, 1)
        ]
    )


def test_an_empty_desk_has_nothing_pressing(counter: Counter) -> None:
    page = workbench(counter.desk)
    assert [tile.value for tile in page.tiles] == ["0"] * 6
    assert (page.first, page.drafts, page.prints, page.last_contact) == ((), (), (), "从未")
    assert [hour for hour, _ in page.hours] == [f"{n}时" for n in range(8, 17)]


def test_the_tiles_count_the_day(counter: Counter) -> None:
    counter.take(demo.sole_prop(9))
    counter.wait(days=1, hours=1)
    counter.take(demo.sole_prop(1))
    counter.take(demo.food_business(2, "receive"))
    counter.take(demo.small_catering(3, layout="tolerated"))
    counter.take(demo.small_catering(4, "correct", layout="lacking"))
    tiles = {tile.label: (tile.value, tile.sub) for tile in workbench(counter.desk).tiles}
    assert tiles == {
        "今日收件": ("4", "昨日同时 1"),
        "今日办结": ("1", "25%"),
        "待决定": ("1", "最早 09-24"),
        "将到期": ("0", "1 个工作日内"),
        "待补齐": ("2", "容缺 1 · 补正 1"),
        "待出件": ("2", "待领取"),
    }
    assert dict(workbench(counter.desk).hours)["11时"] == 4


def test_what_is_due_first_comes_first_by_its_short_name(counter: Counter) -> None:
    counter.take(demo.small_catering(1))
    counter.take(demo.food_business(2))
    counter.take(demo.sole_prop(3, "receive"))
    counter.wait(days=5)
    lines = workbench(counter.desk).first
    assert [(line.chip.text, line.text, line.right) for line in lines] == [
        ("红", "待决定 · 个独设立 · 金普演示03号店", "09-22 前决定 · 超 1 个工作日"),
        ("黄", "办理中 · 食品经营新办 · 金普演示02号店", "09-23 · 今天到期"),
        ("黄", "办理中 · 小餐饮许可 · 金普演示01号店", "09-24 · 剩 1 个工作日"),
    ]
    assert all(line.case_id for line in lines)


def test_drafts_wait_where_they_were_left(counter: Counter) -> None:
    with counter.store.transaction() as tx:
        at = millis(counter.desk.now())
        saved = SavedDraft(
            id="d", title="个独设立 · 演示甲", clerk=counter.desk.clerk.id, saved_at=at, state=b"{}"
        )
        tx.keep_draft(saved)
    (line,) = workbench(counter.desk).drafts
    assert (line.text, line.right, line.draft_id) == ("个独设立 · 演示甲", "10:00", "d")


def test_the_pill_tells_the_truth(counter: Counter) -> None:
    case = counter.take(demo.sole_prop(1)).case
    away = truth(counter.desk, Link(online=False, since=millis(counter.desk.now())))
    assert (away.text, away.tone) == ("刚刚离线 · 待传 1 件 · 今日已确认 0 件", "warn")
    counter.wait(minutes=12)
    since = millis(counter.desk.now()) - 12 * 60_000
    assert truth(counter.desk, Link(online=False, since=since)).text.startswith("离线 12 分钟 · 待传 1 件")
    assert truth(counter.desk, ONLINE).tone == "info"
    assert badges(counter.desk).sync == 1
    acknowledge(counter)
    assert (truth(counter.desk, ONLINE).text, truth(counter.desk, ONLINE).tone) == (
        "联网 · 今日已确认 1 件",
        "good",
    )
    assert badges(counter.desk).sync == 0
    with counter.store.transaction() as tx:
        tx.keep_paper(Digest("a" * 64), b"%PDF")
    waits = truth(counter.desk, ONLINE)
    assert (waits.text, waits.tone) == ("联网 · 附件 1 · 今日已确认 1 件", "info"), "green means all of it"
    counter.act(case, "note", {"text": "演示"})
    assert [line.case_id for line in sync_page(counter.desk, ONLINE).waiting] == [case.id]


def test_a_conflict_turns_everything_red_and_leads_the_list(counter: Counter) -> None:
    case = counter.take(demo.food_business(1, "receive")).case
    counter.act(case, "edit", {"changes": {"form.name": "演示新名"}})
    _, events = counter.store.sync.outbox(10)
    answers = [
        Settled(
            id=event.header.id,
            seq=event.header.seq,
            position=place,
            outcome="applied" if place == 1 else "parked",
            reason="" if place == 1 else "sync.same-field form.name",
        )
        for place, event in enumerate(events, 1)
    ]
    counter.store.sync.settle(answers)
    seen = truth(counter.desk, ONLINE)
    assert (seen.tone, seen.parked) == ("bad", 1)
    first = workbench(counter.desk).first[0]
    assert (first.chip.text, first.case_id) == ("冲突", case.id)
    assert first.text == f"办件 …{case.case_no[-4:]} · 修改内容 · 演示窗口员 · 本窗口"
    assert first.right == "同一栏在两个窗口改成了不同的内容：经营者名称"
    chip = case_page(counter.desk, case.id).line.sync
    assert chip is not None
    assert chip.text == "冲突"


# Printing


def printed(counter: Counter, folder: Path, name: str = PRINTER) -> tuple[PrintJob, FolderPrinter]:
    taken = counter.take(demo.food_business(1), papers=True)
    printer = FolderPrinter(folder)
    paper = taken.case.papers[0]
    job = printing.print_paper(counter.desk, printer, taken.case, paper, taken.papers[0].data, name, 2)
    return job, printer


def test_a_print_is_followed_until_its_paper_is_scanned_back(counter: Counter, tmp_path: Path) -> None:
    job, printer = printed(counter, tmp_path / "out")
    assert (job.state, job.copies) == ("spooled", 2)
    (file,) = (tmp_path / "out").iterdir()
    assert file.name.startswith("收件凭证")
    assert "演示甲" not in file.name
    assert workbench(counter.desk).prints[0].chip.text == "待确认"
    printing.follow(counter.desk, printer)
    assert counter.store.jobs()[0].state == "printed"
    assert printing.confirm(counter.desk, job.case_id) == 1
    assert [line.chip.text for line in workbench(counter.desk).prints] == ["已确认"]
    assert printing.confirm(counter.desk, job.case_id) == 0


def test_a_printer_failure_never_touches_the_case(counter: Counter, tmp_path: Path) -> None:
    job, _ = printed(counter, tmp_path / "out", name="没有这台")
    before = counter.store.case(job.case_id)
    assert before is not None
    assert (job.state, counter.store.jobs()[0].state) == ("failed", "failed")
    assert job.detail
    line = workbench(counter.desk).prints[0]
    assert (line.chip.text, line.right) == ("失败", job.detail)
    assert before.timeline[-1].type == "case.paper-issued"


# Attachments


def scan(folder: Path, name: str, shade: int) -> Path:
    path = folder / name
    Image.effect_noise((827, 1169), 40 + shade).save(path, dpi=(200, 200))
    return path


def test_files_are_safe_in_the_store_before_they_are_named(counter: Counter, tmp_path: Path) -> None:
    inbox = HotFolder(tmp_path / "hot", Spool(tmp_path / "spool", SEALING))
    draft = Draft(id="d", target="small-catering")
    one, two = scan(tmp_path, "一.png", 1), scan(tmp_path, "二.png", 2)
    draft = attach.attach_file(counter.desk, inbox, draft, "id-card", one)
    tick = draft.materials["id-card"]
    assert (tick.state, tick.copies, tick.pages, len(tick.files)) == (MaterialState.RECEIVED, 1, 1, 1)
    draft = attach.attach_file(counter.desk, inbox, draft, "id-card", two)
    draft = attach.attach_file(counter.desk, inbox, draft, "id-card", two)  # picked twice
    tick = draft.materials["id-card"]
    assert (tick.copies, tick.pages, len(tick.files)) == (1, 2, 2)
    assert [counter.desk.blobs.get(Digest(sha)) for sha in tick.files] == [
        one.read_bytes(),
        two.read_bytes(),
    ]
    assert list((tmp_path / "spool").glob("*.png")) == []
    assert set(draft.files) == set(tick.files)


def test_an_attachment_leaves_a_state_the_clerk_chose(counter: Counter, tmp_path: Path) -> None:
    inbox = HotFolder(tmp_path / "hot", Spool(tmp_path / "spool", SEALING))
    ticks = {"layout": MaterialTick(state=MaterialState.DEFECTIVE, originals=1, pages=4, note="缺比例尺")}
    draft = attach.attach_file(
        counter.desk,
        inbox,
        Draft(id="d", target="small-catering", materials=ticks),
        "layout",
        scan(tmp_path, "a.png", 3),
    )
    tick = draft.materials["layout"]
    assert (tick.state, tick.originals, tick.copies, tick.pages) == (MaterialState.DEFECTIVE, 1, 0, 5)


def test_attached_pages_go_with_the_case(counter: Counter, tmp_path: Path) -> None:
    inbox = HotFolder(tmp_path / "hot", Spool(tmp_path / "spool", SEALING))
    draft = attach.attach_file(
        counter.desk, inbox, draft_of(demo.small_catering(1)), "id-card", scan(tmp_path, "a.png", 4)
    )
    case = intake.take_in(counter.desk, from_draft(draft, Outcome.ACCEPT), documents=False).case
    assert [(a.material, a.pages) for a in case.attachments] == [("id-card", 1)]
    assert counter.store.status().blobs_pending == 1


# The item menu


def test_the_menu_offers_what_the_station_may_take(counter: Counter) -> None:
    index = ItemIndex(counter.desk.catalogue)
    found: dict[str, Any] = {item.key: item for item in menu(counter.desk, index, "")}
    assert found["open-restaurant"].chips[0].text == "一件事"
    assert found["sole-prop-setup"].term == "法定 3 · 即办"
    assert found["food-business-new"].term == "法定 10 · 承诺 4 个工作日"
    assert all(item.may_take for item in found.values())
    counter.at_station("03")
    here = {item.key: item for item in menu(counter.desk, index, "")}
    assert {key for key, item in here.items() if item.may_take} == {"sole-prop-setup", "llc-one-person-setup"}
    assert all(item.why_not for item in here.values() if not item.may_take)
    assert menu(counter.desk, index, "spjy")[0].key == "food-business-new"


def test_views_are_plain_values(counter: Counter) -> None:
    counter.take(demo.sole_prop(1))
    assert msgspec.json.decode(msgspec.json.encode(workbench(counter.desk)))
    with pytest.raises(AttributeError):
        workbench(counter.desk).tiles = ()  # type: ignore[misc]
