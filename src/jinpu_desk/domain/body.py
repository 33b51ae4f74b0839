"""What every event body is, and the few values several of them share."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar, Literal

import msgspec


class DocFamily(StrEnum):
    """Which set of papers an item uses (DOMAIN §0.3)."""

    LICENCE = "licence"  # 许可
    REGISTRATION = "registration"  # 登记
    FILING = "filing"  # 备案
    SERVICE = "service"  # 公共服务


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What the catalogue said of the item on the day: enough to run its clocks without the catalogue.

    Days are working days; ``promised_days`` 0 means 即办; ``legal_days`` None means the law sets none.
    """

    item_name: str
    item_code: str = ""
    authority: str = ""
    family: DocFamily = DocFamily.LICENCE
    on_the_spot: bool = False  # 即办件; otherwise 承诺件
    window_authorised: bool = False  # 授权即办: the window may decide
    legal_days: int | None = 20
    promised_days: int = 0
    extension_days: int = 10
    licence_mode: Literal["", "cancelled", "filing", "pledge", "optimised"] = ""  # 证照分离


Channel = Literal["counter", "post", "online"]
"""How papers came in; only the counter costs the applicant a visit."""


class Backfill(msgspec.Struct, frozen=True, kw_only=True):
    """补录: the case was taken in elsewhere. ``received_at`` (UTC ms) is the true time, the header has ours."""

    received_at: int
    reason: str


class Body(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Base of all event bodies."""

    version: ClassVar[int] = 1

    def touches(self) -> frozenset[str]:
        """Fields a concurrent event may not also change; empty for facts that only append."""
        return frozenset()


class StatusBody(Body, frozen=True, kw_only=True):
    """A body that moves the case's status."""

    def touches(self) -> frozenset[str]:
        return frozenset({"status"})
