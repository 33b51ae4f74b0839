"""Where papers are, and the book of what happens at a window beside its cases; ``migrate`` derives the rows anew.

Revision ID: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns, their index and the duty book."""
    for name in ("slip", "holder"):
        op.add_column("cases", sa.Column(name, sa.String(), nullable=False, server_default=""))
    op.create_index("ix_cases_slip", "cases", ["slip"], unique=False, sqlite_where=sa.text("slip != ''"))
    op.create_table(
        "duty",
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("day", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("clerk", sa.String(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("prev", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("n"),
        sa.UniqueConstraint("id"),
    )
    op.create_index("ix_duty_kind", "duty", ["kind", "n"], unique=False)
