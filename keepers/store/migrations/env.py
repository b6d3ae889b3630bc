"""Set Alembic up to run on the connection, and in the transaction, of the caller."""

from alembic import context

from keepers.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite cannot alter a table; it is copied
)
context.run_migrations()
