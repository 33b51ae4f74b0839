"""The tables of a desk. ``events`` is the truth; ``cases``, ``search`` and ``counters`` are derived from it.

The full-text table ``search`` is made in the migration, since SQLAlchemy has no word for FTS5: one row per case
under the same ``n``, holding the words of ``terms.py`` and no copy of the text.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, String, Table

metadata = sa.MetaData()

SEARCH = "search"
"""Name of the FTS5 table, and prefix of the tables SQLite keeps for it."""

SEARCH_DDL = (
    "CREATE VIRTUAL TABLE search USING fts5("
    "terms, content='', contentless_delete=1, detail=none, tokenize='ascii')"
)

events = Table(
    "events",
    metadata,
    Column("n", Integer, primary_key=True),
    Column("id", String, nullable=False, index=True),  # twice when a new incarnation sent it again
    Column("replica", String, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("case_id", String, nullable=False, index=True),
    Column("header", LargeBinary, nullable=False),  # canonical bytes, what the chain hashes
    Column("body", LargeBinary),
    Column("salt", LargeBinary),
    Column("outcome", String, nullable=False),
    Column("position", BigInteger),
    Column("reason", String, nullable=False),
    Column("resolves", String),  # id of the parked event a case.conflict-resolved settles
    Column("signature", LargeBinary),  # of the writer's head at this event, where a push ended here
    sa.UniqueConstraint("replica", "seq"),
)
Index("ix_events_position", events.c.position, sqlite_where=events.c.position.is_not(None))
Index("ix_events_pending", events.c.replica, events.c.seq, sqlite_where=events.c.outcome == "pending")
Index("ix_events_waiting", events.c.n, sqlite_where=events.c.outcome.in_(("parked", "dead")))
Index("ix_events_resolves", events.c.resolves, sqlite_where=events.c.resolves.is_not(None))

heads = Table(
    "heads",
    metadata,
    Column("replica", String, primary_key=True),
    Column("seq", Integer, nullable=False),
    Column("hash", String, nullable=False),
)

cases = Table(
    "cases",
    metadata,
    Column("n", Integer, primary_key=True),
    Column("case_id", String, nullable=False, unique=True),
    Column("case_no", String, nullable=False, index=True),
    Column("query_code", String, nullable=False),
    Column("item", String, nullable=False),
    Column("item_name", String, nullable=False),
    Column("package", Integer, nullable=False),
    Column("parent", String),
    Column("applicant_name", String, nullable=False),
    Column("identity_type", String, nullable=False),
    Column("identity_no", String, nullable=False),
    Column("phone", String, nullable=False),
    Column("entity_name", String, nullable=False),
    Column("station", String, nullable=False),
    Column("window", String, nullable=False),
    Column("clerk", String, nullable=False),
    Column("replica", String, nullable=False),
    Column("status", Integer, nullable=False),
    Column("flags", String, nullable=False),  # '|tolerated|agent|', empty for none
    Column("received_at", BigInteger, nullable=False),
    Column("received_on", String),
    Column("accepted_on", String),
    Column("decide_by", String),
    Column("due", String),
    Column("legal_due", String),
    Column("due_provisional", Integer, nullable=False),
    Column("warn_on", String),
    Column("supplement_by", String),
    Column("correct_by", String),
    Column("closed_on", String),
    Column("deliver_state", String, nullable=False),
    Column("slip", String, nullable=False),
    Column("holder", String, nullable=False),
    Column("last_at", BigInteger, nullable=False),
    Column("events", Integer, nullable=False),
    # Not part of the row that screens see; they only serve order and counting.
    Column("open", Integer, nullable=False),
    Column("next_term", String, nullable=False),  # earliest running term, '9999-12-31' for none
    Column("decided_on", String),
    # What reports count and pick by (``app.reports.marks``).
    Column("arrived_on", String, nullable=False),
    Column("marks", String, nullable=False),  # written like flags
    Column("visits", Integer, nullable=False),
    Column("materials", Integer, nullable=False),
    Column("shared", Integer, nullable=False),  # materials nobody had to bring
    Column("reused", Integer, nullable=False),
    Column("served_on", String),
    # What a counter asks of an address (``app.places``).
    Column("address", String, nullable=False),
    Column("place", String, nullable=False),
    Column("standing", Integer, nullable=False),
)
_newest = (cases.c.last_at, cases.c.case_id)
Index("ix_cases_newest", *_newest)
Index("ix_cases_status", cases.c.status, *_newest)
Index("ix_cases_clerk", cases.c.clerk, *_newest)
Index("ix_cases_open_clerk", cases.c.clerk, *_newest, sqlite_where=cases.c.open == 1)
Index("ix_cases_station", cases.c.station, *_newest)
Index("ix_cases_received_on", cases.c.received_on, *_newest)
Index("ix_cases_item", cases.c.item, *_newest)
Index("ix_cases_open", *_newest, sqlite_where=cases.c.open == 1)
Index("ix_cases_terms", cases.c.next_term, cases.c.case_id)
Index("ix_cases_open_terms", cases.c.next_term, cases.c.case_id, sqlite_where=cases.c.open == 1)
Index("ix_cases_flagged", *_newest, cases.c.flags, sqlite_where=cases.c.flags != "")
Index("ix_cases_identity", cases.c.identity_no, cases.c.identity_type)
Index("ix_cases_parent", cases.c.parent, sqlite_where=cases.c.parent.is_not(None))
Index("ix_cases_delivery", cases.c.deliver_state, *_newest, sqlite_where=cases.c.deliver_state != "none")
Index("ix_cases_slip", cases.c.slip, sqlite_where=cases.c.slip != "")
Index("ix_cases_received", cases.c.received_at, cases.c.status, cases.c.item, cases.c.clerk)
Index("ix_cases_arrived", cases.c.arrived_on, cases.c.n)
Index("ix_cases_marked", cases.c.arrived_on, cases.c.n, cases.c.marks, sqlite_where=cases.c.marks != "")
Index("ix_cases_address", cases.c.address, *_newest, sqlite_where=cases.c.address != "")
Index("ix_cases_place", cases.c.place, cases.c.standing, sqlite_where=cases.c.place != "")
Index("ix_cases_decided", cases.c.decided_on, sqlite_where=cases.c.decided_on.is_not(None))

counters = Table(
    "counters",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", Integer, nullable=False),
)

numbers = Table(
    "numbers",
    metadata,
    Column("replica", String, primary_key=True),
    Column("day", String, primary_key=True),
    Column("last", Integer, nullable=False),
)

leases = Table(
    "leases",
    metadata,
    Column("id", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("template", String, nullable=False),
    Column("year", Integer, nullable=False),
    Column("first", Integer, nullable=False),
    Column("last", Integer, nullable=False),
    Column("next", Integer, nullable=False),
)

drafts = Table(
    "drafts",
    metadata,
    Column("id", String, primary_key=True),
    Column("title", String, nullable=False),
    Column("clerk", String, nullable=False),
    Column("saved_at", BigInteger, nullable=False),
    Column("state", LargeBinary, nullable=False),
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", String, primary_key=True),
    Column("case_id", String, nullable=False, index=True),
    Column("case_no", String, nullable=False),
    Column("paper", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("printer", String, nullable=False),
    Column("copies", Integer, nullable=False),
    Column("state", String, nullable=False),
    Column("at", BigInteger, nullable=False, index=True),
    Column("detail", String, nullable=False),
    Column("reason", String, nullable=False),
)

papers = Table(
    "papers",
    metadata,
    Column("sha256", String, primary_key=True),
    Column("data", LargeBinary, nullable=False),
)

blobs = Table(
    "blobs",
    metadata,
    Column("sha256", String, primary_key=True),
    Column("size", Integer, nullable=False),
    Column("sent", Integer, nullable=False),
)
Index("ix_blobs_unsent", blobs.c.sha256, sqlite_where=blobs.c.sent == 0)

cursor = Table(
    "cursor",
    metadata,
    Column("one", Integer, primary_key=True),
    Column("epoch", String, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("hash", String, nullable=False),
)

contact = Table(
    "contact",
    metadata,
    Column("one", Integer, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("clock_offset", Integer, nullable=False),
    Column("horizon", BigInteger, nullable=False),  # position of the feed up to which the centre is backed up
)

checkpoints = Table(
    "checkpoints",
    metadata,
    Column("n", Integer, primary_key=True),
    Column("epoch", String, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("hash", String, nullable=False),
    Column("signature", LargeBinary, nullable=False),  # the centre's
)

duty = Table(
    "duty",
    metadata,
    Column("n", Integer, primary_key=True),
    Column("id", String, nullable=False, unique=True),
    Column("kind", String, nullable=False),
    Column("day", String, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("clerk", String, nullable=False),
    Column("data", LargeBinary, nullable=False),
    Column("prev", String, nullable=False),  # digest of the row before
    Column("digest", String, nullable=False),
)
Index("ix_duty_kind", duty.c.kind, duty.c.n)

audit = Table(
    "audit",
    metadata,
    Column("n", Integer, primary_key=True),
    Column("actor", String, nullable=False),
    Column("what", String, nullable=False),
    Column("case_id", String),
    Column("at", BigInteger, nullable=False, index=True),
    Column("kind", String, nullable=False),
    Column("detail", String, nullable=False),
    Column("prev", String, nullable=False),  # digest of the row before
    Column("digest", String, nullable=False),
)

pruned = Table(
    "pruned",
    metadata,
    Column("case_id", String, primary_key=True),
    Column("case_no", String, nullable=False, index=True),
    Column("pruned_on", String, nullable=False),
)

erasing = Table("erasing", metadata, Column("sha256", String, primary_key=True))
"""Attachments whose rows are gone and whose files still have to go."""
