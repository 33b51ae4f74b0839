"""Which cases stand at an address or in a registered place; ``migrate`` derives the rows anew after it.

Revision ID: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns and their indices."""
    for name in ("address", "place"):
        op.add_column("cases", sa.Column(name, sa.String(), nullable=False, server_default=""))
    op.add_column("cases", sa.Column("standing", sa.Integer(), nullable=False, server_default="0"))
    op.create_index(
        "ix_cases_address",
        "cases",
        ["address", "last_at", "case_id"],
        unique=False,
        sqlite_where=sa.text("address != ''"),
    )
    op.create_index(
        "ix_cases_place", "cases", ["place", "standing"], unique=False, sqlite_where=sa.text("place != ''")
    )
