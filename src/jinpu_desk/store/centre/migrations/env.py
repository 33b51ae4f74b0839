"""Runs the centre's migrations on the connection that ``store.centre.engine.migrate`` hands over."""

from __future__ import annotations

from alembic import context

from jinpu_desk.store.centre.schema import METADATA

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=METADATA, transaction_per_migration=False)
with context.begin_transaction():
    context.run_migrations()
