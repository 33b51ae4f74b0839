"""The audit log: what happened at a desk besides the facts of cases – who came in, saw people whole, took data out.

Rows are only ever added, each chained to the one before. The facts of cases are not repeated here: the events are
their own log, and whoever reads the audit is shown both.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal, Protocol

import msgspec

from jinpu_desk.domain.ids import CaseId, ClerkId, Digest

AuditKind = Literal[
    "reveal",
    "login",
    "login-failed",
    "login-locked",
    "lock",
    "export",
    "print",
    "import",
    "prune",
    "backup",
    "incarnation",
    "case",
]
"""显示个人信息、登录、密码错误、账号锁住、锁定、导出、打印、导入、清理、备份、换发终端编号；``case`` is a fact of a case."""


class AuditEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One row. ``what`` is a code, ``detail`` plain text without personal data, ``at`` UTC ms.

    Facts of cases and prints come from their own ledgers and bear no ``n``.
    """

    n: int | None
    kind: AuditKind
    actor: ClerkId
    what: str
    at: int
    case_id: CaseId | None = None
    case_no: str = ""
    detail: str = ""
    prev: Digest = Digest("")
    digest: Digest = Digest("")


class AuditWriter(Protocol):
    """The part of a transaction that writes the audit log."""

    def log(
        self,
        kind: AuditKind,
        what: str,
        *,
        actor: ClerkId,
        at: datetime,
        case_id: CaseId | None = None,
        detail: str = "",
    ) -> None:
        """Append a row, chained to the last one."""
        ...


class AuditReader(Protocol):
    """The part of the store that reads the audit."""

    def audit(self, start: datetime, end: datetime, *, limit: int = 5000) -> tuple[AuditEntry, ...]:
        """Return what was logged, printed and done to cases from ``start`` to before ``end``, newest first."""
        ...
