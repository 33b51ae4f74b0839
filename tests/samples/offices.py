"""Back offices of the tests: a credential, a published catalogue, and what they send."""

from __future__ import annotations

import base64
from typing import Any

from jinpu_desk.catalogue.load import load, read_dir
from jinpu_desk.server import admin
from jinpu_desk.server.centre import Centre
from jinpu_desk.server.outside import offices

from .centres import RESOURCES

SCAN = b"%PDF-1.7 \xe6\xbc\x94\xe7\xa4\xba"
ADDRESS = "辽宁省大连市金普新区演示路1号"


def publish(centre: Centre) -> None:
    """Publish the demo catalogue and the calendars, as a training centre starts."""
    admin.publish_catalogue(centre.engine, read_dir(RESOURCES / "catalogue"), centre.now())
    years = {path.name: path.read_bytes() for path in (RESOURCES / "calendars").glob("*.json")}
    admin.publish_calendars(centre.engine, years, centre.now())


def credential(
    centre: Centre, name: str, *, authorities: tuple[str, ...] = (), items: tuple[str, ...] = ()
) -> str:
    """Add an office and return its token."""
    catalogue = load(read_dir(RESOURCES / "catalogue"))
    return offices.add(centre.engine, name, authorities, items, catalogue, centre.now())


def pre_application(**changes: Any) -> dict[str, Any]:
    """A sound pre-application for a small restaurant, with a small file in it."""
    sent: dict[str, Any] = {
        "external_no": "演示-0001",
        "item": "small-catering",
        "applicant": {
            "type": "person",
            "name": "演示甲",
            "id_type": "111",
            "id_no": "210213199003070016",
            "phone": "13900000000",
        },
        "form": {"name": "演示小馆", "address": ADDRESS, "phone": "13900000000"},
        "materials": {
            "application": {
                "state": "received",
                "pages": 1,
                "files": [{"media_type": "application/pdf", "data": base64.b64encode(SCAN).decode()}],
            },
            "id-card": {"state": "reused"},
            "layout": {"state": "lacking"},
        },
    }
    return sent | changes
