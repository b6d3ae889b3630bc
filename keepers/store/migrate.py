"""Bringing a database to the tables of this version."""

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from keepers.model.errors.run import JournalUnavailable
from keepers.store.postgres import READ_ONLY, unlimited_statements
from keepers.store.unit_of_work import translated

HEAD = "0012"
"""The newest migration; a database that has it needs no more."""

FOLDER = Path(__file__).parent / "migrations"


def upgrade(engine: Engine) -> None:
    """Apply the migrations that are missing, all or none.

    Raises:
        JournalUnavailable: The database refused, or was written by a newer version.
    """
    with translated(engine):
        if _is_current(engine):
            return  # not even a lock is needed, so that who may only read can read
        with engine.begin() as connection:
            if revision(connection) != HEAD:
                with unlimited_statements(connection):
                    run_migrations(connection, HEAD)


def _is_current(engine: Engine) -> bool:
    with engine.execution_options(**{READ_ONLY: True}).begin() as connection:
        return revision(connection) == HEAD


def revision(connection: Connection) -> str | None:
    """The newest migration that a database has; None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.scalar(text("SELECT version_num FROM alembic_version"))


def run_migrations(connection: Connection, target: str) -> None:
    """Migrate up or down to a revision, inside the caller's transaction.

    Raises:
        JournalUnavailable: The database has a migration that this version does not know.
    """
    # Alembic takes its time to import, and most commands find nothing to migrate.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["connection"] = connection
    current = revision(connection)
    known = {each.revision for each in ScriptDirectory.from_config(config).walk_revisions()}
    if current is not None and current not in known:
        raise JournalUnavailable(f"it is of a newer Ballast (migration {current}); upgrade Ballast")
    move = command.upgrade if target == HEAD else command.downgrade
    move(config, target)
