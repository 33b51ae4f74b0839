"""What reports count and pick by, and the day a term turns yellow; ``migrate`` derives the rows anew after it.

Revision ID: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns and their indices."""
    op.add_column("cases", sa.Column("warn_on", sa.String(), nullable=True))
    op.add_column("cases", sa.Column("served_on", sa.String(), nullable=True))
    for name in ("arrived_on", "marks"):
        op.add_column("cases", sa.Column(name, sa.String(), nullable=False, server_default=""))
    for name in ("visits", "materials", "shared", "reused"):
        op.add_column("cases", sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
    op.create_index("ix_cases_arrived", "cases", ["arrived_on", "n"], unique=False)
    op.create_index(
        "ix_cases_marked",
        "cases",
        ["arrived_on", "n", "marks"],
        unique=False,
        sqlite_where=sa.text("marks != ''"),
    )
