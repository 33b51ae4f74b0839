"""The centre as a replica of its own, back offices and what they asked for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables, and to cases the item by which an office finds its own."""
    op.create_table(
        "office",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("token_hash", postgresql.BYTEA(), nullable=False),
        sa.Column("authorities", postgresql.JSONB(), nullable=False),
        sa.Column("items", postgresql.JSONB(), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_office")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_office_token_hash")),
    )
    op.create_table(
        "office_request",
        sa.Column("office", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("digest", postgresql.BYTEA(), nullable=False),
        sa.Column("case_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("answer", postgresql.BYTEA(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("office", "kind", "key", name=op.f("pk_office_request")),
        sa.ForeignKeyConstraint(["office"], ["office.name"], name=op.f("fk_office_request_office")),
    )
    op.create_table(
        "serial",
        sa.Column("replica", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("replica", "day", name=op.f("pk_serial")),
        sa.ForeignKeyConstraint(["replica"], ["replica.id"], name=op.f("fk_serial_replica")),
    )
    op.add_column("centre", sa.Column("replica", sa.Uuid(as_uuid=False), nullable=True))
    op.add_column("case_state", sa.Column("item", sa.Text(), nullable=False, server_default=""))
    # Not through jsonb, which refuses a U+0000 that somebody may have typed elsewhere in the case.
    op.execute(
        "UPDATE case_state"
        """ SET item = coalesce(substring(convert_from(state, 'UTF8') from '"item":"([^"\\\\]*)"'), '')"""
    )
    op.alter_column("case_state", "item", server_default=None)
    op.create_index("ix_case_state_item", "case_state", ["item", "status", "case_id"], unique=False)


def downgrade() -> None:
    """Take all of it away again."""
    op.drop_index("ix_case_state_item", table_name="case_state")
    op.drop_column("case_state", "item")
    op.drop_column("centre", "replica")
    op.drop_table("serial")
    op.drop_table("office_request")
    op.drop_table("office")
