"""Acts: runs migrations on the connection that worker.store.migrate passes in."""

from __future__ import annotations

from alembic import context

from worker.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite changes a table by copying it
)
context.run_migrations()
