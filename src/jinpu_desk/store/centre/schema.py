"""The centre's tables. Alembic migrations beside this file build exactly these (a test compares them)."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA, JSONB

METADATA = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

UUID_TEXT = sa.Uuid(as_uuid=False)
OUTCOMES = ("applied", "merged", "parked", "dead")
"""``event.outcome`` is the index into this."""
SET_ASIDE = sa.text("outcome >= 2")
"""What did not count: parked and dead. A literal, because a partial index cannot serve a parameter."""

centre = sa.Table(
    "centre",
    METADATA,
    sa.Column("one", sa.SmallInteger, primary_key=True),  # always 1: there is one centre
    sa.Column("training", sa.Boolean, nullable=False),
    sa.Column("division", sa.Text, nullable=False),
    sa.Column("public_key", BYTEA, nullable=False),
    sa.Column("replica", UUID_TEXT),  # under which it writes; None until it first had to
    sa.Column("restored_at", sa.BigInteger),  # when it was found to be restored; None again in a new epoch
    sa.Column("horizon", sa.BigInteger, nullable=False, server_default="0"),  # position of the newest backup
)

feed = sa.Table(
    "feed",
    METADATA,
    sa.Column("one", sa.SmallInteger, primary_key=True),
    sa.Column("epoch", UUID_TEXT, nullable=False),
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.Column("hash", BYTEA, nullable=False),
)
"""The counter row: locked last in each push, so that positions have no gaps and commit in order."""

epoch = sa.Table(
    "epoch",
    METADATA,
    sa.Column("id", UUID_TEXT, primary_key=True),
    sa.Column("bumped_at", sa.BigInteger, nullable=False),  # 0 for the first
)
"""Every epoch of this centre: a new one begins after each restore from a backup."""

station = sa.Table(
    "station",
    METADATA,
    sa.Column("code", sa.Text, primary_key=True),  # HALL, JP01 …
    sa.Column("number", sa.Text, nullable=False, unique=True),  # 2 digits
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("authority", sa.Text, nullable=False),
    sa.Column("next_series", sa.Integer, nullable=False),
)

clerk = sa.Table(
    "clerk",
    METADATA,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("display_name", sa.Text, nullable=False),
    sa.Column("password", sa.Text, nullable=False),  # Argon2id, PHC string
    sa.Column("roles", JSONB, nullable=False),
    sa.Column("station", sa.Text, sa.ForeignKey("station.code")),  # None: every station
    sa.Column("revoked_at", sa.BigInteger),
)

enrolment = sa.Table(
    "enrolment",
    METADATA,
    sa.Column("code_hash", BYTEA, primary_key=True),
    sa.Column("station", sa.Text, sa.ForeignKey("station.code"), nullable=False),
    sa.Column("expires_at", sa.BigInteger, nullable=False),
    sa.Column("used_at", sa.BigInteger),
)

replica = sa.Table(
    "replica",
    METADATA,
    sa.Column("id", UUID_TEXT, primary_key=True),
    sa.Column("station", sa.Text, sa.ForeignKey("station.code"), nullable=False),
    sa.Column("series", sa.Integer, nullable=False),
    sa.Column("window", sa.Text, nullable=False),
    sa.Column("public_key", BYTEA, nullable=False),
    sa.Column("certificate", BYTEA, nullable=False),
    sa.Column("token_hash", BYTEA, nullable=False, unique=True),
    sa.Column("enrolled_at", sa.BigInteger, nullable=False),
    sa.Column("revoked_at", sa.BigInteger),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("hash", BYTEA, nullable=False),
    sa.Column("former", UUID_TEXT),  # the incarnation before this one
    sa.Column("cause", sa.Text, nullable=False, server_default=""),  # why there is this one
    sa.UniqueConstraint("station", "series"),
    sa.Index("ix_replica_former", "former"),
)

slot = sa.Table(
    "slot",
    METADATA,
    sa.Column("replica", UUID_TEXT, sa.ForeignKey("replica.id"), primary_key=True),
    sa.Column("clerk", sa.Text, sa.ForeignKey("clerk.name"), primary_key=True),
)
"""Who logged in online at which replica: only they get their grants renewed there."""

event = sa.Table(
    "event",
    METADATA,
    sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("replica", UUID_TEXT, nullable=False),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("id", UUID_TEXT, nullable=False),
    sa.Column("case_id", UUID_TEXT, nullable=False),
    sa.Column("outcome", sa.SmallInteger, nullable=False),
    sa.Column("hash", BYTEA, nullable=False),
    sa.Column("feed_hash", BYTEA, nullable=False),
    sa.Column("header", BYTEA, nullable=False),  # canonical JSON, as hashed
    sa.Column("body", BYTEA),  # None once erased
    sa.Column("salt", BYTEA),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("flag", sa.Text, nullable=False),  # why a person should look at it, though it counts
    sa.Column("arrived_at", sa.BigInteger, nullable=False),
    sa.Column("signature", BYTEA),  # of the writer's head, on the last event of a push
    sa.UniqueConstraint("replica", "seq"),
    sa.Index("ix_event_case_id", "case_id"),
    sa.Index("ix_event_outcome", "outcome", postgresql_where=SET_ASIDE),
)

case = sa.Table(
    "case_state",
    METADATA,
    sa.Column("case_id", UUID_TEXT, primary_key=True),
    sa.Column("case_no", sa.Text, nullable=False),
    sa.Column("query_code", sa.Text, nullable=False),
    sa.Column("item_name", sa.Text, nullable=False),
    sa.Column("status", sa.SmallInteger, nullable=False),
    sa.Column("last_at", sa.BigInteger, nullable=False),
    sa.Column("state", BYTEA, nullable=False),  # JSON of server.events.judge.CaseState
    sa.Column("item", sa.Text, nullable=False),
    sa.Index("ix_case_state_case_no", "case_no"),
    sa.Index("ix_case_state_item", "item", "status", "case_id"),
)
"""Projection: the fold of each case's applied and merged events, kept so that a push never refolds history."""

lease = sa.Table(
    "lease",
    METADATA,
    sa.Column("id", UUID_TEXT, primary_key=True),
    sa.Column("replica", UUID_TEXT, sa.ForeignKey("replica.id"), nullable=False),
    sa.Column("template", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("year", sa.Integer, nullable=False),
    sa.Column("first", sa.BigInteger, nullable=False),
    sa.Column("last", sa.BigInteger, nullable=False),
    sa.Column("leased_at", sa.BigInteger, nullable=False),
    sa.UniqueConstraint("template", "year", "first"),
    sa.Index("ix_lease_replica", "replica"),
)
"""The ledger of document numbers: every block, for ever."""

lease_counter = sa.Table(
    "lease_counter",
    METADATA,
    sa.Column("template", sa.Text, primary_key=True),
    sa.Column("year", sa.Integer, primary_key=True),
    sa.Column("next", sa.BigInteger, nullable=False),
)

reference = sa.Table(
    "reference",
    METADATA,
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("files", BYTEA, nullable=False),  # MessagePack map name -> bytes
    sa.Column("published_at", sa.BigInteger, nullable=False),
    sa.Column("current", sa.Boolean, nullable=False),
)

throttle = sa.Table(
    "throttle",
    METADATA,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("since", sa.BigInteger, nullable=False),
    sa.Column("count", sa.Integer, nullable=False),
)
"""Failures counted per key, in the database so that several server processes count together."""

serial = sa.Table(
    "serial",
    METADATA,
    sa.Column("replica", UUID_TEXT, sa.ForeignKey("replica.id"), primary_key=True),
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("last", sa.Integer, nullable=False),
)
"""Case serials the centre itself has burned, by day."""

office = sa.Table(
    "office",
    METADATA,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("token_hash", BYTEA, nullable=False, unique=True),
    sa.Column("authorities", JSONB, nullable=False),
    sa.Column("items", JSONB, nullable=False),
    sa.Column("added_at", sa.BigInteger, nullable=False),
    sa.Column("revoked_at", sa.BigInteger),
)
"""Back offices and portals that speak to the API in their own name."""

office_request = sa.Table(
    "office_request",
    METADATA,
    sa.Column("office", sa.Text, sa.ForeignKey("office.name"), primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("digest", BYTEA, nullable=False),
    sa.Column("case_id", UUID_TEXT, nullable=False),
    sa.Column("answer", BYTEA, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
)
"""What an office asked for and was answered: asked again, it gets that answer and makes no second fact."""

contact = sa.Table(
    "contact",
    METADATA,
    sa.Column("replica", UUID_TEXT, sa.ForeignKey("replica.id"), primary_key=True),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("position", sa.BigInteger, nullable=False),  # -1 before it first asked for the feed
)
"""When a window was last heard of, a few seconds late. Apart from ``replica``, whose rows every push locks."""

burned = sa.Table(
    "burned",
    METADATA,
    sa.Column("epoch", UUID_TEXT, sa.ForeignKey("epoch.id"), nullable=False),
    sa.Column("what", sa.Text, primary_key=True),  # number, series
    sa.Column("name", sa.Text, primary_key=True),  # the template, or the station's code
    sa.Column("year", sa.Integer, primary_key=True),  # 0 for series
    sa.Column("first", sa.BigInteger, primary_key=True),
    sa.Column("last", sa.BigInteger, nullable=False),
)
"""Numbers burned unused when an epoch began, because they may have been given out after the backup (DESIGN §4)."""
