"""Keep the folded cases as they are up to half a page: compressing each took half of what storing it cost."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let rows grow to half a page before PostgreSQL compresses them; those that are there stay as they are."""
    op.execute("ALTER TABLE case_state SET (toast_tuple_target = 4000)")


def downgrade() -> None:
    """Compress from a quarter of a page, as PostgreSQL does by itself."""
    op.execute("ALTER TABLE case_state RESET (toast_tuple_target)")
