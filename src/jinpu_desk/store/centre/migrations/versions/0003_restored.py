"""Epochs, incarnations and signed heads: what is needed after a restore.

Revision ID: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables and columns; the epoch the feed is in is the first."""
    op.create_table(
        "epoch",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("bumped_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_epoch")),
    )
    op.execute("INSERT INTO epoch (id, bumped_at) SELECT epoch, 0 FROM feed")
    op.add_column("centre", sa.Column("restored_at", sa.BigInteger(), nullable=True))
    op.add_column("centre", sa.Column("horizon", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("replica", sa.Column("former", sa.Uuid(as_uuid=False), nullable=True))
    op.add_column("replica", sa.Column("cause", sa.Text(), nullable=False, server_default=""))
    op.create_index("ix_replica_former", "replica", ["former"])
    op.add_column("event", sa.Column("signature", postgresql.BYTEA(), nullable=True))


def downgrade() -> None:
    """Take all of it away again."""
    op.drop_column("event", "signature")
    op.drop_index("ix_replica_former", table_name="replica")
    op.drop_column("replica", "cause")
    op.drop_column("replica", "former")
    op.drop_column("centre", "horizon")
    op.drop_column("centre", "restored_at")
    op.drop_table("epoch")
