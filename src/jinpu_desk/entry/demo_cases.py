"""What is taken in during the demonstration: plainly fictitious (演示) people, shops and addresses.

Identity numbers are made with a right check digit from a fixed region, birth date and sequence.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec

from jinpu_desk.app.ports.licences import Licence
from jinpu_desk.devices.id_reader import BridgeAnswer, BridgeCard
from jinpu_desk.domain.codes import resident_check_character

PEOPLE = (
    "王䶮",
    "演示甲",
    "演示乙",
    "演示丙",
    "演示丁",
    "演示戊",
    "欧阳演示",
    "古丽·演示",
    "演示己",
    "𬬻演示",
)
REGION = "210213"


def person_id(number: int) -> str:
    """Return a fictitious resident number: born in 1990, sequence 001 and up."""
    body = f"{REGION}199003{7 + number % 20:02d}{number + 1:03d}"
    return body + resident_check_character(body)


def person(number: int) -> dict[str, Any]:
    """Return a fictitious applicant."""
    return {
        "type": "person",
        "name": PEOPLE[number % len(PEOPLE)],
        "id_type": "111",
        "id_no": person_id(number),
        "phone": f"139{number:08d}",
    }


def _given(*keys: str, **states: str) -> dict[str, dict[str, Any]]:
    """Return materials taken in on paper, and others in the state named; ``_`` in a name stands for ``-``."""
    taken: dict[str, dict[str, Any]] = {
        key: {"state": "received", "originals": 1, "pages": 2} for key in keys
    }
    return taken | {key.replace("_", "-"): {"state": state} for key, state in states.items()}


def _place(number: int) -> dict[str, str]:
    return {
        "name": f"金普演示{number:02d}号店",
        "address": f"大连市金州区演示街道演示路{number + 1}号",
        "phone": f"139{number:08d}",
    }


def sole_prop(number: int, action: str = "register", **states: str) -> dict[str, Any]:
    """Return the set-up of a sole proprietorship."""
    keys = [
        key for key in ("application", "investor-id", "address-proof") if key.replace("-", "_") not in states
    ]
    return {
        "item": "sole-prop-setup",
        "applicant": person(number),
        "answers": {"address_mode": "lease", "pre_approval": False},
        "form": _place(number)
        | {
            "business_scope": "日用百货销售；食品销售（仅销售预包装食品）",
            "capital": "10.00",
            "capital_source": "personal",
            "employees": 3,
        },
        "materials": _given(*keys, **states),
        "action": action,
    }


def one_person_company(number: int) -> dict[str, Any]:
    """Return the set-up of a one-person company."""
    return {
        "item": "llc-one-person-setup",
        "applicant": person(number),
        "answers": {"address_mode": "owned", "pre_approval": False},
        "form": _place(number)
        | {
            "name": f"大连演示{number:02d}号商贸有限公司",
            "business_scope": "软件开发；信息技术咨询服务",
            "registered_capital": "100.00",
            "shareholder": {"name": person(number)["name"], "id_type": "111", "id_no": person_id(number)},
            "contribution_due": "2029-12-31",
            "legal_representative_role": "director",
            "supervisor": None,
        },
        "materials": _given("application", "articles", "shareholder-id", "appointments", "address-proof"),
        "action": "register",
    }


def food_business(number: int, action: str = "accept", **states: str) -> dict[str, Any]:
    """Return a new food-business licence; the policies may be tolerated."""
    keys = [
        key
        for key in ("application", "layout-and-equipment", "policies")
        if key.replace("-", "_") not in states
    ]
    return {
        "item": "food-business-new",
        "applicant": person(number),
        "answers": {"business_kind": "catering"},
        "form": _place(number) | {"uscc": "92210213MA10WXYT7M"},
        "materials": _given(*keys, **states),
        "action": action,
    }


def small_catering(number: int, action: str = "accept", **states: str) -> dict[str, Any]:
    """Return a small-catering licence; the layout may be tolerated."""
    keys = [key for key in ("application", "id-card", "layout") if key.replace("-", "_") not in states]
    return {
        "item": "small-catering",
        "applicant": person(number),
        "answers": {},
        "form": _place(number),
        "materials": _given(*keys, **states),
        "action": action,
    }


def outdoor_sign(number: int, action: str = "accept", **states: str) -> dict[str, Any]:
    """Return a shop sign."""
    keys = [
        key
        for key in ("application", "id-card", "premises-proof", "position-plan", "rendering")
        if key.replace("-", "_") not in states
    ]
    return {
        "item": "outdoor-sign",
        "applicant": person(number),
        "answers": {},
        "form": _place(number) | {"sign_content": "演示小馆", "sign_area": "6.50"},
        "materials": _given(*keys, **states),
        "action": action,
    }


def restaurant(number: int) -> dict[str, Any]:
    """Return the package 我要开餐馆, with one material tolerated."""
    keys = (
        "application",
        "id-card",
        "address-proof",
        "floor-plan",
        "rendering",
        "fire-pledge",
        "fire-facilities-plan",
        "fire-policies",
    )
    return {
        "package": "open-restaurant",
        "applicant": person(number),
        "answers": {
            "subject": "individual",
            "catering": "ordinary",
            "address_mode": "lease",
            "pre_approval": False,
            "business_kind": "catering",
            "fire_route": "pledge",
        },
        "form": _place(number)
        | {
            "business_scope": "餐饮服务",
            "composition": "personal",
            "capital": "5.00",
            "employees": 6,
            "sign_content": "演示小馆",
            "sign_area": "8.00",
            "floor_area": "120.00",
            "storeys": "地上一层",
        },
        "materials": _given(*keys, food_policies="tolerated"),
        "action": "accept",
    }


ONLINE: dict[str, dict[str, Any]] = {
    "registered": sole_prop(0),
    "pledged": sole_prop(1, address_proof="pledged"),
    "company": one_person_company(2),
    "whole": food_business(3),
    "tolerated": food_business(4, policies="tolerated"),
    "catering": small_catering(5),
    "lacking": outdoor_sign(6, "correct", rendering="lacking"),
    "package": restaurant(7),
    "waiting": sole_prop(8, "receive"),
}
"""Taken in while the network is there."""
LATER: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("tolerated", "supplement", {"materials": {"policies": {"state": "received", "copies": 1, "pages": 3}}}),
    ("lacking", "resubmit", {"materials": {"rendering": {"state": "received", "copies": 1, "pages": 1}}}),
    ("lacking", "accept", {}),
    ("waiting", "register", {}),
    ("registered", "hand-out", {"method": "pick-up", "recipient": "王䶮", "relation": "本人"}),
)
"""Later verbs on them: (name above, verb, data)."""
OFFLINE: dict[str, dict[str, Any]] = {
    "offline-1": sole_prop(9),
    "offline-2": small_catering(10, layout="tolerated"),
    "offline-3": food_business(11),
    "offline-4": outdoor_sign(12),
    "offline-5": small_catering(13, "correct", layout="lacking"),
}
"""Taken in while nothing answers."""


def card() -> BridgeAnswer:
    """Return the identity card the simulated reader deals in the demonstration's window."""
    return BridgeAnswer(
        card=BridgeCard(
            name=PEOPLE[0],
            sex="女",
            ethnicity="汉",
            birth=date(1990, 3, 7),
            address="大连市金州区演示街道演示路1号",
            number=person_id(0),
            issuer="大连市公安局金州分局（演示）",
            valid_from=date(2020, 1, 1),
            valid_to=None,
        )
    )


def licence_file() -> bytes:
    """Return the electronic licences the demonstration's window can look up, all of one fictitious person."""
    held: tuple[tuple[str, str, str, date, date | None], ...] = (
        ("id-card", "居民身份证电子证照（演示）", "演示证照 0001", date(2020, 1, 1), None),
        ("realty-certificate", "不动产权证书电子证照（演示）", "演示证照 0002", date(2021, 5, 6), None),
        ("health-certificate", "健康证明（演示）", "演示证照 0003", date(2025, 3, 1), date(2026, 2, 28)),
    )
    licences = [
        Licence(
            mark=f"1.2.156.3005.2.演示{place:03d}",
            kind=kind,
            name=name,
            number=number,
            holder_type="111",
            holder_no=person_id(0),
            holder_name=PEOPLE[0],
            issuer="演示签发机关",
            issued_on=issued,
            valid_to=until,
        )
        for place, (kind, name, number, issued, until) in enumerate(held, start=1)
    ]
    return msgspec.json.encode({"licences": licences})
