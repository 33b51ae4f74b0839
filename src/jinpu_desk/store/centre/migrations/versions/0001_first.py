"""The centre's first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make every table, and the two rows that are always there once."""
    op.create_table(
        "case_state",
        sa.Column("case_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("case_no", sa.Text(), nullable=False),
        sa.Column("query_code", sa.Text(), nullable=False),
        sa.Column("item_name", sa.Text(), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.Column("state", postgresql.BYTEA(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_case_state")),
    )
    op.create_index("ix_case_state_case_no", "case_state", ["case_no"], unique=False)
    op.create_table(
        "centre",
        sa.Column("one", sa.SmallInteger(), nullable=False),
        sa.Column("training", sa.Boolean(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("public_key", postgresql.BYTEA(), nullable=False),
        sa.PrimaryKeyConstraint("one", name=op.f("pk_centre")),
    )
    op.create_table(
        "event",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("replica", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("case_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("outcome", sa.SmallInteger(), nullable=False),
        sa.Column("hash", postgresql.BYTEA(), nullable=False),
        sa.Column("feed_hash", postgresql.BYTEA(), nullable=False),
        sa.Column("header", postgresql.BYTEA(), nullable=False),
        sa.Column("body", postgresql.BYTEA(), nullable=True),
        sa.Column("salt", postgresql.BYTEA(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("flag", sa.Text(), nullable=False),
        sa.Column("arrived_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_event")),
        sa.UniqueConstraint("replica", "seq", name=op.f("uq_event_replica_seq")),
    )
    op.create_index("ix_event_case_id", "event", ["case_id"], unique=False)
    op.create_table(
        "feed",
        sa.Column("one", sa.SmallInteger(), nullable=False),
        sa.Column("epoch", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("hash", postgresql.BYTEA(), nullable=False),
        sa.PrimaryKeyConstraint("one", name=op.f("pk_feed")),
    )
    op.create_table(
        "lease_counter",
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("next", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("template", "year", name=op.f("pk_lease_counter")),
    )
    op.create_table(
        "reference",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("files", postgresql.BYTEA(), nullable=False),
        sa.Column("published_at", sa.BigInteger(), nullable=False),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "digest", name=op.f("pk_reference")),
    )
    op.create_table(
        "station",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("next_series", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_station")),
        sa.UniqueConstraint("number", name=op.f("uq_station_number")),
    )
    op.create_table(
        "throttle",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_throttle")),
    )
    op.create_table(
        "clerk",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("password", sa.Text(), nullable=False),
        sa.Column("roles", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("station", sa.Text(), nullable=True),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["station"], ["station.code"], name=op.f("fk_clerk_station")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_clerk")),
    )
    op.create_table(
        "enrolment",
        sa.Column("code_hash", postgresql.BYTEA(), nullable=False),
        sa.Column("station", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["station"], ["station.code"], name=op.f("fk_enrolment_station")),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_enrolment")),
    )
    op.create_table(
        "replica",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("station", sa.Text(), nullable=False),
        sa.Column("series", sa.Integer(), nullable=False),
        sa.Column("window", sa.Text(), nullable=False),
        sa.Column("public_key", postgresql.BYTEA(), nullable=False),
        sa.Column("certificate", postgresql.BYTEA(), nullable=False),
        sa.Column("token_hash", postgresql.BYTEA(), nullable=False),
        sa.Column("enrolled_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", postgresql.BYTEA(), nullable=False),
        sa.ForeignKeyConstraint(["station"], ["station.code"], name=op.f("fk_replica_station")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_replica")),
        sa.UniqueConstraint("station", "series", name=op.f("uq_replica_station_series")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_replica_token_hash")),
    )
    op.create_table(
        "lease",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("replica", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("leased_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["replica"], ["replica.id"], name=op.f("fk_lease_replica")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lease")),
        sa.UniqueConstraint("template", "year", "first", name=op.f("uq_lease_template_year_first")),
    )
    op.create_index("ix_lease_replica", "lease", ["replica"], unique=False)
    op.create_table(
        "slot",
        sa.Column("replica", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("clerk", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["clerk"], ["clerk.name"], name=op.f("fk_slot_clerk")),
        sa.ForeignKeyConstraint(["replica"], ["replica.id"], name=op.f("fk_slot_replica")),
        sa.PrimaryKeyConstraint("replica", "clerk", name=op.f("pk_slot")),
    )


def downgrade() -> None:
    """Drop every table."""
    op.drop_table("slot")
    op.drop_index("ix_lease_replica", table_name="lease")
    op.drop_table("lease")
    op.drop_table("replica")
    op.drop_table("enrolment")
    op.drop_table("clerk")
    op.drop_table("throttle")
    op.drop_table("station")
    op.drop_table("reference")
    op.drop_table("lease_counter")
    op.drop_table("feed")
    op.drop_index("ix_event_case_id", table_name="event")
    op.drop_table("event")
    op.drop_table("centre")
    op.drop_index("ix_case_state_case_no", table_name="case_state")
    op.drop_table("case_state")
