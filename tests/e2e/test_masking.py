"""Nobody's name, number, telephone or home stands anywhere until it is asked for: each page of the real window is read,
with its lists, tooltips, what a screen reader is told, and titles."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from PySide6.QtWidgets import QApplication

from jinpu_desk.app.desk import Desk
from jinpu_desk.app.intake import taking
from jinpu_desk.app.intake.application import from_file
from jinpu_desk.app.intake.file import decode_intake
from jinpu_desk.app.verbs import act as verbs
from jinpu_desk.domain.case import Case
from jinpu_desk.entry import demo_cases as demo
from jinpu_desk.entry.parts import load_parts
from jinpu_desk.store.home import Home
from samples.counter import draft_of
from samples.programs import CLERK, CLOCK, PASSWORD
from samples.programs import Desk as Programs
from samples.typist import Typist, window_on
from samples.visible import told

NAME, NUMBER, PHONE, HOUSE = "欧阳演示问", demo.person_id(41), "13911112222", "演示小区5号楼"
AGENT, AGENT_NUMBER, AGENT_PHONE = "司徒演示答", demo.person_id(57), "13933334444"
SECRETS = (NAME, NUMBER, PHONE, HOUSE, AGENT, AGENT_NUMBER, AGENT_PHONE)


def theirs(file: dict[str, Any]) -> dict[str, Any]:
    """Return an intake file of the one person, brought by the other."""
    applicant = {"type": "person", "name": NAME, "id_type": "111", "id_no": NUMBER, "phone": PHONE}
    return file | {
        "applicant": applicant | {"contact": NAME, "address": HOUSE},
        "agent": {"name": AGENT, "id_type": "111", "id_no": AGENT_NUMBER, "phone": AGENT_PHONE},
        "form": file["form"] | {"phone": PHONE},
        "delivery": "post",
    }


def take(desk: Desk, file: dict[str, Any], *, papers: bool = False) -> Case:
    read = decode_intake(msgspec.json.encode(theirs(file)))
    ticks = {key: entry.tick() for key, entry in read.materials.items()}
    return taking.take_in(desk, from_file(read, ticks, {}), documents=papers).case


def leaks(clerk: Typist) -> list[str]:
    clerk.settle()
    return [line for line in told(clerk.shell).split("\n") if any(secret in line for secret in SECRETS)]


@pytest.fixture
def clerk(hall: Programs, qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("JINPU_CLOCK", CLOCK)
    with Home(Path(hall.home)) as held, window_on(held, load_parts()) as typist:
        yield typist.enter(CLERK, PASSWORD)


def test_no_page_tells_whom_it_is_about(clerk: Typist) -> None:
    desk = clerk.backend._desk
    done = take(desk, demo.sole_prop(1, agent_id="received"), papers=True)
    waiting = take(desk, demo.small_catering(2, "receive"))
    moved = {"applicant.phone": AGENT_PHONE, "applicant.address": HOUSE + "2"}
    verbs.act(desk, waiting.case_no, "edit", {"changes": moved}, documents=False)
    clerk.backend.save_draft(draft_of(theirs(demo.small_catering(3)), id="演示草稿"))
    for page in "1234567890":
        clerk.press(f"Alt+{page}")
        assert not leaks(clerk), f"Alt+{page}"
    for case in (done, waiting):
        clerk.open(case)
        assert not leaks(clerk), case.item
    clerk.press("Ctrl+H").until(lambda: PHONE in told(clerk.shell) or AGENT_PHONE in told(clerk.shell))
    clerk.press("Ctrl+H")
    assert not leaks(clerk), "hidden again"
    clerk.press("Alt+5").settle().press("Return", "F6")
    assert not leaks(clerk), "parcels"
    clerk.press("F2").type("演示").until(lambda: "欧***问" in told(clerk.shell))
    assert not leaks(clerk), "found"
    clerk.press("Escape")
    clerk.shell.preview.open(clerk.backend.case(done.id).papers[0].id, "D7")
    assert not leaks(clerk), "preview"
    slip = clerk.backend.hand_on([waiting.case_no], "market-approval", "演示")
    assert not [secret for secret in SECRETS if secret in str(slip)]
