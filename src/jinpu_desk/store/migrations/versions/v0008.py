"""Papers issued here go to the centre like attachments, those of before as well.

Revision ID: 0008
"""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Queue the papers that are here; until now only the window that issued one ever had it."""
    op.execute(
        "INSERT OR IGNORE INTO blobs (sha256, size, sent) SELECT sha256, length(data), 0 FROM papers ORDER BY rowid"
    )
