"""What a 办事指南 tells beyond terms and materials (DOMAIN §B3).

Our names, and beside each the name the national exchange schema uses. What nobody has looked up stays None or
empty: a guide leaves it out, and never guesses.
"""

from __future__ import annotations

from typing import Literal

from .data import Data

Served = Literal["person", "enterprise", "institution", "society", "unincorporated", "organ", "other"]
Handling = Literal["window", "online", "post", "terminal"]
Delivery = Literal["pickup", "post", "electronic"]
ResultKind = Literal["licence", "registration", "filing", "reply", "benefit", "connection", "record"]

SERVED_CODES: dict[Served, str] = {
    "person": "1",
    "enterprise": "2",
    "institution": "3",
    "society": "4",
    "unincorporated": "5",
    "organ": "6",
    "other": "9",
}
"""Codes of 申请人类型 (DOMAIN §B4, low confidence)."""


class Fee(Data, frozen=True, kw_only=True):
    """A charge: ``fee_name``, ``fee_stand``, ``fee_basis``, ``is_desc``, ``desc_explain``."""

    name: str
    standard: str
    basis: str = ""
    reducible: bool = False
    reduction: str = ""


class Result(Data, frozen=True, kw_only=True):
    """What the applicant ends up with: ``result_type``, ``result_name``, ``result_guid`` (the sample)."""

    kind: ResultKind
    name: str
    valid_years: int | None = None  # None: without end, or not looked up
    electronic: bool = False
    sample: str = ""


class Step(Data, frozen=True, kw_only=True):
    """One step of ``handle_flow``. ``days`` are working days of the whole term, None where none is set."""

    name: str
    by: str = ""
    days: int | None = None
    note: str = ""


class Guide(Data, frozen=True, kw_only=True):
    """办事指南: for whom, where, when, how, by which steps."""

    serves: tuple[Served, ...] = ()  # server_type
    handling: tuple[Handling, ...] = ("window",)  # handle_type
    condition: str = ""  # accept_condition
    steps: tuple[Step, ...] = ()  # handle_flow
    address: str = ""  # transact_addr; empty: the authority's
    hours: str = ""  # transact_time; empty: the authority's
    enquiry_phone: str = ""  # link_way; empty: the authority's
    complaint_phone: str = ""  # supervise_way; empty: the authority's
    use_level: Literal["", "1", "2", "3", "4", "5"] = ""  # 1 national … 4 county, 5 sub-district
    power_source: str = ""  # power_source
    entrusted: str = ""  # entrust_name
    joint_organs: tuple[str, ...] = ()  # other_dept: keys of authorities
    area: Literal["", "district", "city", "province", "nation"] = ""  # handle_area
    online: bool | None = None  # is_online
    online_depth: int | None = None  # online_handle_depth
    pay_online: bool | None = None  # is_pay_online
    appointment: bool | None = None  # is_schedule
    self_service: bool | None = None  # is_service_terminals
    quantity_limit: str = ""  # limit_explain
    visits_note: str = ""  # limit_scene_explain
    legal_note: str = ""  # anticipate_explain
    promised_note: str = ""  # promise_explain
    person_topics: tuple[str, ...] = ()  # user_topic_type
    company_topics: tuple[str, ...] = ()  # corp_topic_type
