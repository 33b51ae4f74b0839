"""What the verbs after the decision are told: who takes the result, how it is served, what goes back."""

from __future__ import annotations

from datetime import date
from typing import Literal

import msgspec

from jinpu_desk.domain.ids import Digest

from .data import Data

Method = Literal["pick-up", "post", "electronic"]
Service = Literal["", "direct", "left", "entrusted", "post", "electronic", "public"]


class HandOutData(Data, frozen=True, kw_only=True):
    """Who took the result, or how it was served.

    ``service`` may stay empty where ``method`` says it all. ``proof`` is a kept picture of the signature or of the
    recipient. ``phone`` and ``address`` are the parcel's. ``originals`` are given back in the same act, by material.
    """

    method: Method = "pick-up"
    service: Service = ""
    recipient: str = ""
    id_type: str = ""
    id_no: str = ""
    override_reason: str = ""  # why a failed check digit of ``id_no`` is let through
    relation: str = ""
    authorised: bool = False  # 委托书 seen
    proof: Digest | None = None
    tracking_no: str = ""
    phone: str = ""
    address: str = ""
    place: str = ""
    copies: int = 1
    refused_because: str = ""
    witness: str = ""
    originals: dict[str, int] = msgspec.field(default_factory=dict)


class DeliveredData(Data, frozen=True, kw_only=True):
    """Who signed for what was sent, and when; without a day, today."""

    signed_by: str = ""
    served_on: date | None = None


class ReturnData(Data, frozen=True, kw_only=True):
    """Originals given back, by material key; without any, all that are still held. ``recipient``: the applicant."""

    materials: dict[str, int] = msgspec.field(default_factory=dict)
    recipient: str = ""
    note: str = ""
