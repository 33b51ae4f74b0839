"""One set of material states, driving checklist, correction notice, receipt and deadline (DOMAIN §A C4, C5)."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

import msgspec


class MaterialState(StrEnum):
    """How a required paper stands at the window; the values are those of the intake file."""

    RECEIVED = "received"  # 齐
    LACKING = "lacking"  # 缺
    TOLERATED = "tolerated"  # 容缺
    PLEDGED = "pledged"  # 告知承诺
    SHARED = "shared"  # 数据共享/电子证照
    REUSED = "reused"  # 历史复用
    DEFECTIVE = "defective"  # 瑕疵


SATISFYING = frozenset(
    {MaterialState.RECEIVED, MaterialState.SHARED, MaterialState.REUSED, MaterialState.PLEDGED}
)
"""States in which a material no longer stands in the way of acceptance or of the result."""


class NoSubmit(StrEnum):
    """Why an applicant need not hand a material in (免提交方式)."""

    SHARED = "shared"  # 数据共享 / 电子证照核验
    REUSED = "reused"  # 历史复用


class MaterialRule(msgspec.Struct, frozen=True, kw_only=True):
    """What the catalogue asks of one material in one situation: a row of the checklist before it is ticked."""

    key: str
    name: str
    code: str = ""  # de-duplication code shared by items of a package
    required: bool = True
    tolerable: bool = False  # 容缺 allowed
    tolerance_days: int | None = None  # working days; None = the item's promised days
    pledgeable: bool = False  # 告知承诺 allowed
    no_submit: tuple[NoSubmit, ...] = ()
    licence: str = ""  # kind of electronic licence that proves it
    original: Literal["original", "copy", "both"] = "copy"
    medium: Literal["paper", "electronic", "either"] = "either"
    copies: int = 1
    source: str = "申请人"
    requirement: str = ""  # 受理标准, printed on the correction notice
    basis: str = ""  # article that asks for it
    valid_days: int | None = None  # calendar days it may be reused; None = the archive's own term


class MaterialTick(msgspec.Struct, frozen=True, kw_only=True):
    """How one material of a case stands now."""

    state: MaterialState = MaterialState.LACKING
    originals: int = 0
    copies: int = 0
    pages: int = 0
    files: tuple[str, ...] = ()  # SHA-256 of each attached page or file, in order
    note: str = ""  # what is wrong, or where it came from
