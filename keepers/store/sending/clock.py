"""The time of the database, which all keepers of one database share."""

from datetime import UTC, datetime

from sqlalchemy import Connection, text

NOW = {
    "sqlite": text("SELECT strftime('%Y-%m-%dT%H:%M:%f', 'now')"),
    "postgresql": text(
        "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US')"
    ),
}


def database_time(connection: Connection) -> datetime:
    """What time it is; not that of this machine, which may be another for each keeper."""
    spelled = connection.execute(NOW[connection.dialect.name]).scalar_one()
    return datetime.fromisoformat(spelled).replace(tzinfo=UTC)
