"""One fictitious item of each document family, otherwise alike, and cases of them at every point of the procedure."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import cache
from typing import Any

import msgspec
from msgspec.structs import replace

from jinpu_desk.app.intake import taking as intake
from jinpu_desk.app.intake.application import from_file
from jinpu_desk.app.intake.file import decode_intake
from jinpu_desk.app.verbs import act as verbs
from jinpu_desk.catalogue.model import Branch, Catalogue, Item, Material, Package
from jinpu_desk.domain import bodies as b
from jinpu_desk.domain.bodies import DocFamily
from jinpu_desk.domain.case import Case, Status
from jinpu_desk.domain.ids import CaseNo
from jinpu_desk.entry import demo_cases as demo

from .counter import STATIONS, catalogue
from .memory_desk import Window, open_window
from .stores import replica

FAMILIES = ("licence", "registration", "filing", "service")
TAKEN: dict[str, Any] = {"state": "received", "originals": 1, "pages": 2}
ORGAN = {"competent_organ": "大连市演示局", "reason": "不属于本机关职权（演示）"}
WHY = {"reason": "演示"}
PAUSE = {"reason": "testing", "approver": "演示负责人"}
DATA: dict[str, dict[str, Any]] = {
    "refuse": ORGAN,
    "resubmit": {"materials": {"layout": TAKEN}},
    "supplement": {"materials": {"layout": TAKEN}},
    "pause": PAUSE,
    "extend": {"days": 2, "reason": "演示", "approver": "演示负责人"},
    "decide": {"approved": True},
    "withdraw": WHY,
    "void": WHY,
    "note": {"text": "演示"},
    "tick": {"materials": {"application": TAKEN}},
    "edit": {"changes": {"form.phone": "13911112222"}},
    "on-the-spot": {"changes": {"form.phone": "13911112222"}, "signed": True},
    "rate": {"satisfaction": 5, "occasion": "receipt"},
    "answer-rating": {"text": "演示"},
    "check-pledge": {"kept": True},
    "repair-credit": {"reason": "演示", "approver": "演示负责人"},
}
"""Something each verb may be told, where it must be told anything."""
WITHDRAWN = b.CaseWithdrawn(reason="演示")
PREMISES = Material(key="premises", name="场所证明（演示）", pledgeable=True)
PACKAGE = "law-package"


def law_window() -> Window:
    """Open a window of the hall that knows the items of this file, with the clerk at it."""
    window = open_window()
    window.desk = dataclasses.replace(window.desk, catalogue=law_catalogue())
    return window


@cache
def law_catalogue() -> Catalogue:
    """Return the catalogue with ``law-<family>``, ``-pledge``, ``-cancelled`` and a package of a licence and a registration."""
    base = catalogue()
    model = base.items["small-catering"]
    plain = replace(
        model, licence_mode="", check_mode="", materials=(*model.materials, PREMISES), aliases=(), notice=None
    )
    items = {
        "law-licence": plain,
        "law-service": replace(plain, family=DocFamily.SERVICE),
        "law-filing": replace(plain, family=DocFamily.FILING, project_type=1, licence_mode="filing"),
        "law-registration": replace(
            plain,
            family=DocFamily.REGISTRATION,
            legal_days=3,
            promised_days=0,
            extension_days=3,
            window_authorised=True,
        ),
        "law-pledge": replace(plain, licence_mode="pledge", check_mode="pledge"),
        "law-cancelled": replace(plain, licence_mode="cancelled"),
    }
    named: dict[str, Item] = {key: replace(item, key=key, name=f"演示{key}") for key, item in items.items()}
    package = Package(
        key=PACKAGE,
        name="演示一件事",
        authority=model.authority,
        branches=(
            Branch(key="licence", item="law-licence"),
            Branch(key="registration", item="law-registration"),
        ),
    )
    return replace(base, items=base.items | named, packages=base.packages | {PACKAGE: package})


def file_of(item: str, action: str = "receive", **states: str) -> dict[str, Any]:
    """Return an intake file; ``states`` name how a material stands, all others were taken."""
    file = demo.small_catering(1, action) | {"note": "演示", "competent_organ": "大连市演示局"}
    materials: dict[str, Any] = dict.fromkeys(("application", "id-card", "layout", "premises"), TAKEN)
    materials |= {key.replace("_", "-"): {"state": state} for key, state in states.items()}
    if item != PACKAGE:
        return file | {"item": item, "materials": materials}
    code = {
        material.key: material.code or material.key
        for material in law_catalogue().items["law-licence"].materials
    }
    del file["item"]
    return file | {"package": item, "materials": {code[key]: tick for key, tick in materials.items()}}


def take(window: Window, item: str, action: str = "receive", **states: str) -> Case:
    """Take an item in, without papers."""
    read = decode_intake(msgspec.json.encode(file_of(item, action, **states)))
    ticks = {key: entry.tick() for key, entry in read.materials.items()}
    return intake.take_in(window.desk, from_file(read, ticks, {}), documents=False).case


def act(window: Window, case: Case, verb: str, data: object = None, *, papers: bool = False) -> Case:
    """Do a verb and return the case after it."""
    number = CaseNo(case.case_no)
    return verbs.act(window.desk, number, verb, {} if data is None else data, documents=papers).case


def by(window: Window, login: str, case: Case, verb: str, data: object = None) -> Case:
    """Have somebody else do a verb, and leave the window to the clerk again."""
    window.sit(login)
    after = act(window, case, verb, data)
    window.sit("clerk")
    return after


def finished(window: Window, family: str, action: str = "receive", **states: str) -> Case:
    """Return an accepted case; a registration, which is never accepted, as it was received."""
    wanted = "receive" if family == "registration" else "accept"
    return take(window, f"law-{family}", action if action != "receive" else wanted, **states)


def decided(window: Window, family: str, *, approved: bool, **states: str) -> Case:
    """Return a case the reviewer decided."""
    told = {"approved": approved, "reason": "" if approved else "不符合条件（演示）"}
    return by(window, "reviewer", finished(window, family, **states), "decide", told)


def closed(window: Window, family: str, **states: str) -> Case:
    """Return an approved case that is closed."""
    case = decided(window, family, approved=True, **states)
    return case if case.status is Status.CLOSED else act(window, case, "close")


def branch(window: Window, package: Case, item: str) -> Case:
    """Return the branch of a package that is about ``item``."""
    found = (window.store.cases[child] for child in window.store.cases[package.id].children)
    return next(child for child in found if child.item == item)


def guided(window: Window, family: str) -> Case:
    """Return the visit of somebody whom a station sent to the hall (status 5)."""
    hall = window.desk
    there = replica(station="03", station_name=STATIONS["03"])
    window.desk = dataclasses.replace(hall, replica=there)
    case = take(window, f"law-{family}", "guide")
    window.desk = hall
    return case


STAGES: dict[str, Callable[[Window, str], Case]] = {
    "received": lambda w, f: take(w, f"law-{f}"),
    "lacking": lambda w, f: take(w, f"law-{f}", layout="lacking"),
    "correcting": lambda w, f: take(w, f"law-{f}", "correct", layout="lacking"),
    "resubmitted": lambda w, f: act(
        w, take(w, f"law-{f}", "correct", layout="lacking"), "resubmit", {"materials": {"layout": TAKEN}}
    ),
    "wanting": lambda w, f: act(
        w, take(w, f"law-{f}", "correct", layout="lacking"), "resubmit", {"materials": {"application": TAKEN}}
    ),
    "guided": guided,
    "accepted": finished,
    "tolerated": lambda w, f: finished(w, f, layout="tolerated"),
    "overdue": lambda w, f: later(w, finished(w, f, layout="tolerated"), 15),
    "paused": lambda w, f: by(w, "supervisor", finished(w, f), "pause", PAUSE),
    "extended": lambda w, f: by(
        w, "supervisor", finished(w, f), "extend", {"days": 2, "reason": "演示", "approver": "演示负责人"}
    ),
    "expired": lambda w, f: later(w, finished(w, f), 60),
    "denied": lambda w, f: decided(w, f, approved=False),
    "approved": lambda w, f: decided(w, f, approved=True),
    "closed": closed,
    "pledged": lambda w, f: closed(w, f, premises="pledged"),
    "false": lambda w, f: by(
        w,
        "supervisor",
        closed(w, f, premises="pledged"),
        "check-pledge",
        {"kept": False, "note": "与事实不符（演示）"},
    ),
    "refused": lambda w, f: take(w, f"law-{f}", "refuse"),
    "withdrawn": lambda w, f: act(w, finished(w, f), "withdraw", WHY),
    "voided": lambda w, f: by(w, "supervisor", finished(w, f), "void", WHY),
}
"""A case of a family at each point of the procedure, taken in by the clerk."""


def later(window: Window, case: Case, days: int) -> Case:
    """Let days pass over a case."""
    window.wait(days)
    return case


def restarted(window: Window) -> Callable[[], None]:
    """Return what brings the window back to where it stands now."""
    memory, then = window.store.memory(), window.clock.now()

    def again() -> None:
        window.store.remember(memory)
        window.clock.advance(then - window.clock.now())
        window.sit("clerk")

    return again
