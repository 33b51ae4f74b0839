"""What happens to a case around its procedure: results served, papers moved, voices and pledges (DOMAIN §D, §F)."""

from __future__ import annotations

from datetime import date
from typing import Literal

from .body import Body
from .ids import CaseNo, Digest

Service = Literal["direct", "left", "entrusted", "post", "electronic", "public"]
"""送达方式: 直接、留置、委托、邮寄、电子、公告 (DOMAIN §D, D10)."""


class DeliveryBody(Body, frozen=True, kw_only=True):
    """A body about where the result is."""

    def touches(self) -> frozenset[str]:
        return frozenset({"delivery"})


class ResultHandedOut(DeliveryBody, frozen=True, kw_only=True):
    """出件: delivery of the result counts as service (送达)."""

    method: Literal["pick-up", "post", "electronic"]
    recipient: str = ""
    id_type: str = ""
    id_no: str = ""
    relation: str = ""
    authorised: bool = False  # 委托书 seen, where the recipient is not the applicant
    proof: Digest | None = None  # signature or photo, a kept blob
    tracking_no: str = ""
    handed_on: date
    served: bool = True  # False: posted, not yet signed for
    service: Service = "direct"
    place: str = ""  # 送达地点; of a parcel, the address on it
    phone: str = ""  # of a parcel
    copies: int = 1
    refused_because: str = ""  # 拒收理由, with ``witness``
    witness: str = ""


class DeliveryConfirmed(DeliveryBody, frozen=True, kw_only=True):
    """签收: the post or the entrusted organ reports that the result arrived."""

    served_on: date
    signed_by: str = ""


class MaterialsReturned(Body, frozen=True, kw_only=True):
    """材料退还: originals given back, by material key."""

    materials: dict[str, int]
    recipient: str
    returned_on: date
    note: str = ""

    def touches(self) -> frozenset[str]:
        return frozenset(f"originals.{key}" for key in self.materials)


class HolderBody(Body, frozen=True, kw_only=True):
    """A body about who holds the papers."""

    def touches(self) -> frozenset[str]:
        return frozenset({"holder"})


class HandedOn(HolderBody, frozen=True, kw_only=True):
    """流转: the papers of the case went on with slip ``slip``; ``materials`` counts originals by key."""

    slip: CaseNo  # 24 digits, of the window's own series
    origin: str
    target: str
    materials: dict[str, int] = {}
    items: int  # 件数
    pages: int
    handed_on: date


class TakenOver(HolderBody, frozen=True, kw_only=True):
    """签收: the other side took the papers of slip ``slip``; ``returned`` when the sender took them back unsigned."""

    slip: CaseNo
    receiver: str
    taken_on: date
    returned: bool = False


class CaseVisited(Body, frozen=True, kw_only=True):
    """The applicant came to the counter for a reason that leaves no other fact."""

    visited_on: date
    ticket: str = ""
    purpose: str = ""


class CaseRated(Body, frozen=True, kw_only=True):
    """好差评: what the applicant said, 5 非常满意 to 1 非常不满意. Silence leaves no event."""

    occasion: Literal["receipt", "result"]
    satisfaction: int
    aspects: tuple[str, ...] = ()
    text: str = ""
    rated_on: date


class RatingAnswered(Body, frozen=True, kw_only=True):
    """回访整改 of a poor rating (国办发〔2019〕51号)."""

    text: str
    answered_on: date


class PledgeChecked(Body, frozen=True, kw_only=True):
    """事后核查 of pledged materials; ``kept`` false is a false pledge, which bars further ones until repaired."""

    materials: tuple[str, ...]
    kept: bool
    checked_on: date
    note: str = ""


class CreditRepaired(Body, frozen=True, kw_only=True):
    """信用修复: the applicant may pledge and be tolerated again."""

    repaired_on: date
    reason: str
    approver: str
