"""Alembic environment that uses the caller's connection and transaction."""

from alembic import context

from keepers.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite cannot alter a table and copies it
)
context.run_migrations()
