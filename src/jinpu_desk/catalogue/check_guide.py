"""Looks over what an item tells besides terms and papers: notice, fees, result, guide, and the seals of authorities."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from jinpu_desk.domain.bodies import DocFamily

from .check_conditions import check_when
from .guide import Result
from .load import ROOT, Fault
from .model import Catalogue, Field, Item, Question, Seal

KIND_CODES = frozenset({"01", "05", "07", "08", "09", "10", "20"})
"""事项类型 that are applied for at a window (DOMAIN §B2)."""
REGISTER = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
ONLINE_DEPTHS = 8


def check_guide(at: str, catalogue: Catalogue, item: Item) -> Iterator[Fault]:
    """Give what is wrong with an item's notice, fees, result, guide and role."""
    if item.kind_code and item.kind_code not in KIND_CODES:
        yield Fault(where=f"{at}kind_code", code="catalogue.bad-code", params={"value": item.kind_code})
    if item.version < 1:
        yield Fault(where=f"{at}version", code="catalogue.too-few", params={"least": 1})
    if item.role == "request" and (item.family is not DocFamily.SERVICE or item.legal_days is not None):
        yield Fault(where=f"{at}role", code="catalogue.request")
    yield from _notice(f"{at}notice", item)
    yield from _repeated(f"{at}fees", [fee.name for fee in item.fees])
    yield from check_result(f"{at}result", item.result)
    yield from _repeated(f"{at}delivery", list(item.delivery))
    yield from _guide(f"{at}guide", catalogue, item)


def check_result(at: str, result: Result | None) -> Iterator[Fault]:
    """Give what is wrong with a result: it is valid for at least a year, or without end."""
    if result is not None and result.valid_years is not None and result.valid_years < 1:
        yield Fault(where=f"{at}.valid_years", code="catalogue.too-few", params={"least": 1})


def check_question_bar(at: str, question: Question) -> Iterator[Fault]:
    """Give what is wrong with a bar: only a yes or no rules something out, and never by default."""
    if question.bars and (question.kind != "bool" or question.default is True):
        yield Fault(where=f"{at}.bars", code="catalogue.bars", params={"key": question.key})


def check_register(at: str, field: Field) -> Iterator[Fault]:
    """Give what is wrong with a register field: the kind names a register, and no other kind does."""
    if (field.kind == "register") != bool(field.register):
        yield Fault(where=f"{at}.register", code="catalogue.register", params={"key": field.key})
    elif field.register and not REGISTER.fullmatch(field.register):
        yield Fault(where=f"{at}.register", code="catalogue.bad-key", params={"key": field.register})


def check_seals(catalogue: Catalogue) -> Iterator[Fault]:
    """Give what is wrong with the seals: an authority has at most one of a use from any day on."""
    for key, seal in catalogue.seals.items():
        at = f"{ROOT}:seals.{key}"
        if not REGISTER.fullmatch(key):
            yield Fault(where=at, code="catalogue.bad-key", params={"key": key})
        if seal.authority not in catalogue.authorities:
            yield Fault(
                where=f"{at}.authority", code="catalogue.unknown-authority", params={"key": seal.authority}
            )
        if seal.valid_to is not None and seal.valid_to < seal.valid_from:
            yield Fault(where=f"{at}.valid_to", code="catalogue.ends-before-start")
        if not seal.roles:
            yield Fault(where=f"{at}.roles", code="catalogue.seal-roles", params={"name": seal.name})
        yield from _marks(at, seal)
    counted = Counter((s.authority, s.use, s.valid_from) for s in catalogue.seals.values())
    for (authority, _, _), times in counted.items():
        if times > 1:
            yield Fault(where=f"{ROOT}:seals", code="catalogue.repeated-key", params={"key": authority})


def _marks(at: str, seal: Seal) -> Iterator[Fault]:
    for key in seal.low_confidence:
        if key not in seal.__struct_fields__:
            yield Fault(where=f"{at}.low_confidence", code="catalogue.unknown-mark", params={"key": key})


def _notice(at: str, item: Item) -> Iterator[Fault]:
    notice = item.notice
    if notice is None:
        return
    if notice.field not in {field.key for field in item.fields if field.kind == "date"}:
        yield Fault(where=f"{at}.field", code="catalogue.unknown-field", params={"key": notice.field})
    for key in ("days", "filing_days"):
        if getattr(notice, key) < 1:
            yield Fault(where=f"{at}.{key}", code="catalogue.too-few", params={"least": 1})
    yield from check_when(f"{at}.when", notice.when, item.questions)


def _guide(at: str, catalogue: Catalogue, item: Item) -> Iterator[Fault]:
    guide = item.guide
    for key in guide.joint_organs:
        if key not in catalogue.authorities:
            yield Fault(where=f"{at}.joint_organs", code="catalogue.unknown-authority", params={"key": key})
    if guide.online_depth is not None and not 1 <= guide.online_depth <= ONLINE_DEPTHS:
        params: dict[str, object] = {"least": 1, "most": ONLINE_DEPTHS}
        yield Fault(where=f"{at}.online_depth", code="catalogue.number", params=params)
    for key in ("serves", "handling"):
        yield from _repeated(f"{at}.{key}", list(getattr(guide, key)))
    yield from _repeated(f"{at}.steps", [step.name for step in guide.steps])
    for step in guide.steps:
        if step.days is not None and step.days < 0:
            yield Fault(where=f"{at}.steps.{step.name}", code="catalogue.too-few", params={"least": 0})


def _repeated(at: str, values: list[str]) -> Iterator[Fault]:
    for value, times in Counter(values).items():
        if times > 1:
            yield Fault(where=at, code="catalogue.repeated-key", params={"key": value})
