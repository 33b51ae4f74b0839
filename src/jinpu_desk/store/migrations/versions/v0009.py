"""The audit log says what kind of thing happened, and its rows are chained.

Revision ID: 0009
"""

from __future__ import annotations

import hashlib
import json

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_TEXT = ("kind", "detail", "prev", "digest")
_FIELDS = ("n", "kind", "actor", "what", "case_id", "at", "detail", "prev")


def upgrade() -> None:
    """Add the columns by making the table anew, and chain the rows that are there."""
    op.rename_table("audit", "audit_before")
    op.drop_index("ix_audit_at", "audit_before")
    made = op.create_table(
        "audit",
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in _TEXT),
        sa.PrimaryKeyConstraint("n"),
    )
    op.create_index("ix_audit_at", "audit", ["at"])
    connection = op.get_bind()
    before = connection.exec_driver_sql("SELECT actor, what, case_id, at FROM audit_before ORDER BY n").all()
    digest, rows = "", []
    for n, (actor, what, case_id, at) in enumerate(before, start=1):
        kind = "export" if what.startswith("export") else "login" if what == "login" else "reveal"
        values = (n, kind, actor, what, case_id, at, "", digest)
        row = dict(zip(_FIELDS, values, strict=True))
        raw = json.dumps(row, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        digest = hashlib.sha256(raw.encode()).hexdigest()
        rows.append(row | {"digest": digest})
    if rows:
        connection.execute(made.insert(), rows)
    op.drop_table("audit_before")
