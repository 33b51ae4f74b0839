"""Who was heard of when, and numbers that were burned unused when an epoch began."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the two tables."""
    op.create_table(
        "contact",
        sa.Column("replica", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["replica"], ["replica.id"], name=op.f("fk_contact_replica")),
        sa.PrimaryKeyConstraint("replica", name=op.f("pk_contact")),
    )
    op.create_table(
        "burned",
        sa.Column("epoch", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["epoch"], ["epoch.id"], name=op.f("fk_burned_epoch")),
        sa.PrimaryKeyConstraint("what", "name", "year", "first", name=op.f("pk_burned")),
    )


def downgrade() -> None:
    """Take them away again."""
    op.drop_table("burned")
    op.drop_table("contact")
