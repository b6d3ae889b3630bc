"""Triggers that refuse a change, in the words of each database. Migrations use them: only add."""

from alembic import op

POSTGRES = "postgresql"


def refuse(name: str, change: str, condition: str | None = None) -> None:
    """Refuse a change of rows, as `UPDATE OF status ON runs`, always or under a condition.

    The condition speaks of `OLD` and `NEW` and may ask other tables. The refusal is an integrity
    error that names the trigger.
    """
    if op.get_bind().dialect.name == POSTGRES:
        _refuse_in_postgres(name, change, condition or "true")
    else:
        when = f" WHEN {condition}" if condition else ""
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {change}{when} BEGIN SELECT RAISE(ABORT, '{name}'); END"
        )


def allow(name: str, table: str) -> None:
    """Take a refusal back."""
    if op.get_bind().dialect.name == POSTGRES:
        op.execute(f"DROP TRIGGER {name} ON {table}")
        op.execute(f"DROP FUNCTION {name}()")
    else:
        op.execute(f"DROP TRIGGER {name}")


def _refuse_in_postgres(name: str, change: str, condition: str) -> None:
    # A condition of the trigger itself could not ask other tables.
    row = "OLD" if change.startswith("DELETE") else "NEW"
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" IF {condition} THEN"
        f" RAISE EXCEPTION '{name}' USING ERRCODE = 'check_violation', CONSTRAINT = '{name}';"
        f" END IF; RETURN {row}; END $$"
    )
    op.execute(f"CREATE TRIGGER {name} BEFORE {change} FOR EACH ROW EXECUTE FUNCTION {name}()")
