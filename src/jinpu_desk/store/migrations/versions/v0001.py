"""The first schema.

Revision ID: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SEARCH = (
    "CREATE VIRTUAL TABLE search USING fts5("
    "terms, content='', contentless_delete=1, detail=none, tokenize='ascii')"
)


def upgrade() -> None:
    """Make every table."""
    op.create_table(
        "audit",
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("n"),
    )
    op.create_index(op.f("ix_audit_at"), "audit", ["at"], unique=False)
    op.create_table(
        "blobs",
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sent", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("sha256"),
    )
    op.create_index("ix_blobs_unsent", "blobs", ["sha256"], unique=False, sqlite_where=sa.text("sent = 0"))
    op.create_table(
        "cases",
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("case_no", sa.String(), nullable=False),
        sa.Column("query_code", sa.String(), nullable=False),
        sa.Column("item", sa.String(), nullable=False),
        sa.Column("item_name", sa.String(), nullable=False),
        sa.Column("package", sa.Integer(), nullable=False),
        sa.Column("parent", sa.String(), nullable=True),
        sa.Column("applicant_name", sa.String(), nullable=False),
        sa.Column("identity_type", sa.String(), nullable=False),
        sa.Column("identity_no", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("entity_name", sa.String(), nullable=False),
        sa.Column("station", sa.String(), nullable=False),
        sa.Column("window", sa.String(), nullable=False),
        sa.Column("clerk", sa.String(), nullable=False),
        sa.Column("replica", sa.String(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("flags", sa.String(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("received_on", sa.String(), nullable=True),
        sa.Column("accepted_on", sa.String(), nullable=True),
        sa.Column("decide_by", sa.String(), nullable=True),
        sa.Column("due", sa.String(), nullable=True),
        sa.Column("legal_due", sa.String(), nullable=True),
        sa.Column("due_provisional", sa.Integer(), nullable=False),
        sa.Column("supplement_by", sa.String(), nullable=True),
        sa.Column("correct_by", sa.String(), nullable=True),
        sa.Column("closed_on", sa.String(), nullable=True),
        sa.Column("deliver_state", sa.String(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("open", sa.Integer(), nullable=False),
        sa.Column("next_term", sa.String(), nullable=False),
        sa.Column("decided_on", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("n"),
        sa.UniqueConstraint("case_id"),
    )
    op.create_index(op.f("ix_cases_case_no"), "cases", ["case_no"], unique=False)
    op.create_index("ix_cases_clerk", "cases", ["clerk", "last_at", "case_id"], unique=False)
    op.create_index(
        "ix_cases_decided",
        "cases",
        ["decided_on"],
        unique=False,
        sqlite_where=sa.text("decided_on IS NOT NULL"),
    )
    op.create_index(
        "ix_cases_delivery",
        "cases",
        ["deliver_state", "last_at", "case_id"],
        unique=False,
        sqlite_where=sa.text("deliver_state != 'none'"),
    )
    op.create_index(
        "ix_cases_open_clerk",
        "cases",
        ["clerk", "last_at", "case_id"],
        unique=False,
        sqlite_where=sa.text("open = 1"),
    )
    op.create_index("ix_cases_station", "cases", ["station", "last_at", "case_id"], unique=False)
    op.create_index("ix_cases_received_on", "cases", ["received_on", "last_at", "case_id"], unique=False)
    op.create_index(
        "ix_cases_flagged",
        "cases",
        ["last_at", "case_id", "flags"],
        unique=False,
        sqlite_where=sa.text("flags != ''"),
    )
    op.create_index("ix_cases_identity", "cases", ["identity_no", "identity_type"], unique=False)
    op.create_index("ix_cases_item", "cases", ["item", "last_at", "case_id"], unique=False)
    op.create_index("ix_cases_newest", "cases", ["last_at", "case_id"], unique=False)
    op.create_index(
        "ix_cases_open", "cases", ["last_at", "case_id"], unique=False, sqlite_where=sa.text("open = 1")
    )
    op.create_index(
        "ix_cases_open_terms",
        "cases",
        ["next_term", "case_id"],
        unique=False,
        sqlite_where=sa.text("open = 1"),
    )
    op.create_index(
        "ix_cases_parent", "cases", ["parent"], unique=False, sqlite_where=sa.text("parent IS NOT NULL")
    )
    op.create_index("ix_cases_received", "cases", ["received_at", "status", "item", "clerk"], unique=False)
    op.create_index("ix_cases_status", "cases", ["status", "last_at", "case_id"], unique=False)
    op.create_index("ix_cases_terms", "cases", ["next_term", "case_id"], unique=False)
    op.create_table(
        "contact",
        sa.Column("one", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("clock_offset", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("one"),
    )
    op.create_table(
        "counters",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "cursor",
        sa.Column("one", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.String(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("one"),
    )
    op.create_table(
        "drafts",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("clerk", sa.String(), nullable=False),
        sa.Column("saved_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "events",
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("replica", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("header", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("salt", sa.LargeBinary(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("resolves", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("n"),
        sa.UniqueConstraint("id"),
        sa.UniqueConstraint("replica", "seq"),
    )
    op.create_index(op.f("ix_events_case_id"), "events", ["case_id"], unique=False)
    op.create_index(
        "ix_events_pending",
        "events",
        ["replica", "seq"],
        unique=False,
        sqlite_where=sa.text("outcome = 'pending'"),
    )
    op.create_index(
        "ix_events_position",
        "events",
        ["position"],
        unique=False,
        sqlite_where=sa.text("position IS NOT NULL"),
    )
    op.create_index(
        "ix_events_resolves",
        "events",
        ["resolves"],
        unique=False,
        sqlite_where=sa.text("resolves IS NOT NULL"),
    )
    op.create_index(
        "ix_events_waiting",
        "events",
        ["n"],
        unique=False,
        sqlite_where=sa.text("outcome IN ('parked', 'dead')"),
    )
    op.create_table(
        "heads",
        sa.Column("replica", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("replica"),
    )
    op.create_table(
        "jobs",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("case_no", sa.String(), nullable=False),
        sa.Column("paper", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("printer", sa.String(), nullable=False),
        sa.Column("copies", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_jobs_at"), "jobs", ["at"], unique=False)
    op.create_index(op.f("ix_jobs_case_id"), "jobs", ["case_id"], unique=False)
    op.create_table(
        "leases",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("template", sa.String(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("first", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("next", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "numbers",
        sa.Column("replica", sa.String(), nullable=False),
        sa.Column("day", sa.String(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("replica", "day"),
    )
    op.create_table(
        "papers",
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256"),
    )
    # ### end Alembic commands ###
    op.execute(SEARCH)
