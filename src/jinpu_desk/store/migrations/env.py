"""Alembic's environment: runs on the connection ``migrate`` lends, inside its transaction."""

from __future__ import annotations

from alembic import context

from jinpu_desk.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"], target_metadata=metadata, transactional_ddl=False
)
context.run_migrations()
