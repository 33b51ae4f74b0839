"""Events are told apart by their place in a chain; signed heads and checkpoints are kept for a centre that was restored.

Revision ID: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_PENDING = sa.text("outcome = 'pending'")
_WAITING = sa.text("outcome IN ('parked', 'dead')")


def upgrade() -> None:
    """Write ``events`` anew without the unique id, which SQLite cannot drop, and add what syncing needs."""
    op.create_table(
        "events_new",
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
        sa.Column("signature", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("n"),
        sa.UniqueConstraint("replica", "seq"),
    )
    op.execute("INSERT INTO events_new SELECT *, NULL FROM events ORDER BY n")
    op.drop_table("events")
    op.rename_table("events_new", "events")
    op.create_index("ix_events_case_id", "events", ["case_id"])
    op.create_index("ix_events_id", "events", ["id"])
    op.create_index("ix_events_pending", "events", ["replica", "seq"], sqlite_where=_PENDING)
    op.create_index(
        "ix_events_position", "events", ["position"], sqlite_where=sa.text("position IS NOT NULL")
    )
    op.create_index(
        "ix_events_resolves", "events", ["resolves"], sqlite_where=sa.text("resolves IS NOT NULL")
    )
    op.create_index("ix_events_waiting", "events", ["n"], sqlite_where=_WAITING)
    op.add_column("contact", sa.Column("horizon", sa.BigInteger(), nullable=False, server_default="0"))
    op.create_table(
        "checkpoints",
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.String(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("n"),
    )
