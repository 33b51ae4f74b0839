"""Find the events that did not count without walking those that did."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index."""
    op.create_index("ix_event_outcome", "event", ["outcome"], postgresql_where=sa.text("outcome >= 2"))


def downgrade() -> None:
    """Drop it."""
    op.drop_index("ix_event_outcome", "event")
