"""Migrations of a database to the tables and rules of this version."""

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from keepers.model.errors.run import StoreUnavailableError
from keepers.store.connection import READ_ONLY, translated, unlimited_statements

HEAD = "0001_version_0_1"
"""Newest migration; a database with it is up to date."""

FOLDER = Path(__file__).parent / "migrations"


def upgrade(engine: Engine) -> None:
    """Apply the missing migrations, all or none.

    Raises:
        StoreUnavailableError: A migration failed, or the database has a newer version.
    """
    with translated(engine):
        if _is_current(engine):
            return  # without a lock, for processes with read-only access
        with engine.begin() as connection:
            if revision(connection) != HEAD:
                with unlimited_statements(connection):
                    run_migrations(connection)


def _is_current(engine: Engine) -> bool:
    with engine.execution_options(**{READ_ONLY: True}).begin() as connection:
        return revision(connection) == HEAD


def revision(connection: Connection) -> str | None:
    """Return the newest applied migration; None for an empty database."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.scalar(text("SELECT version_num FROM alembic_version"))


def run_migrations(connection: Connection) -> None:
    """Apply the missing migrations, inside the caller's transaction.

    Raises:
        StoreUnavailableError: The database has a migration that this version does not know.
    """
    # Alembic is slow to import, and most commands have nothing to migrate.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["connection"] = connection
    current = revision(connection)
    known = {each.revision for each in ScriptDirectory.from_config(config).walk_revisions()}
    if current is not None and current not in known:
        raise StoreUnavailableError(
            f"it was created by a newer version of Ballast (migration {current}); upgrade "
            "Ballast, or create a new database if this one is from before version 0.1.0"
        )
    command.upgrade(config, HEAD)
