"""Whose word is taken: who is listed, or promised falsely and did not repair it, is neither tolerated nor pledges.

DOMAIN C6: 失信 and false promises bar 容缺 and 告知承诺 until 信用修复; everything else goes its ordinary way.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec

from jinpu_desk.domain.case import Flag
from jinpu_desk.domain.parties import Applicant

from ..desk import Desk
from ..labels import day_text
from ..ports import CaseQuery
from .subject import Subject


class Credit(msgspec.Struct, frozen=True, kw_only=True):
    """What a check of an applicant's credit found on a day; ``reason`` is empty when the word is taken.

    ``reason`` says what is held against the applicant, ``source`` where that stands.
    """

    checked_on: date
    reason: str = ""
    source: str = ""
    list_version: str = ""  # of the published credit list looked at; empty when none has reached this desk

    @property
    def bad(self) -> bool:
        """Whether 容缺 and 告知承诺 are barred."""
        return bool(self.reason)

    @property
    def against(self) -> str:
        """What is held against the applicant and where that stands, as one phrase; empty for nothing."""
        return f"{self.reason}（{self.source}）" if self.source else self.reason

    def as_counted(self, subject: Subject) -> dict[str, Any]:
        """Return what ``decision.Counter`` takes of it for an application about ``subject``."""
        modes = {
            subject.terms.licence_mode,
            *(child.subject.terms.licence_mode for child in subject.children),
        }
        return {"bad_credit": self.bad, "credit_reason": self.against, "licence_pledged": "pledge" in modes}

    def as_printed(self) -> str:
        """Return what papers say of the check: what was looked at, and when."""
        listed = "已核查失信名单" if self.list_version else "本窗口尚未收到失信名单"
        found = self.against or "未发现失信限制"
        return f"{day_text(self.checked_on)}核查：{listed}，已核查本机办件档案；{found}"


def credit_of(desk: Desk, applicant: Applicant) -> Credit:
    """Look an applicant up in the published list and in this store's own cases, today."""
    identity_type, identity_no = applicant.identity
    seen = Credit(checked_on=desk.today(), list_version=desk.registers.version)
    if not identity_no:
        return seen
    entry = desk.registers.bad_credit(identity_type, identity_no, desk.today())
    if entry is not None:
        return msgspec.structs.replace(
            seen, reason=f"{entry.kind}：{entry.reason}".strip("："), source=entry.source or "失信名单"
        )
    false = CaseQuery(identity=(identity_type, identity_no), flag=str(Flag.FALSE_PLEDGE))
    found = desk.store.page(false, limit=1).rows
    if found:
        return msgspec.structs.replace(
            seen, reason="作出过虚假承诺，信用尚未修复", source=f"办件 {found[0].case_no}"
        )
    return seen
