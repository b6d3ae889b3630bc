"""Triggers that refuse a change of rows, written for SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, Table

POSTGRES = "postgresql"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A change that the database refuses, with an integrity error that names the rule.

    Attributes:
        name: The rule's name after `tr_` and the table's name.
        table: The table whose rows are changed.
        change: `INSERT`, `UPDATE` or `DELETE`.
        columns: The columns that are updated; any if empty.
        condition: When the change is refused, in terms of `OLD`, `NEW` and other tables; always if
            None.
    """

    name: str
    table: Table
    change: str
    columns: tuple[str, ...] = ()
    condition: str | None = None

    @property
    def trigger(self) -> str:
        """Name of the trigger, and of its function in PostgreSQL."""
        return f"tr_{self.table.name}_{self.name}"

    def statements(self, dialect: str) -> Iterator[str]:
        """Return the statements that make the trigger in a database of this dialect."""
        if dialect == POSTGRES:
            yield self._function()
            action = f"FOR EACH ROW EXECUTE FUNCTION {self.trigger}()"
        else:
            when = f"WHEN {self.condition} " if self.condition else ""
            action = f"{when}BEGIN SELECT RAISE(ABORT, '{self.trigger}'); END"
        yield f"CREATE TRIGGER {self.trigger} BEFORE {self._changed()} {action}"

    def _changed(self) -> str:
        # A database may accept a column that a table does not have.
        named = ", ".join(self.table.c[each].name for each in self.columns)
        return f"{self.change}{f' OF {named}' if named else ''} ON {self.table.name}"

    def _function(self) -> str:
        # The condition of a trigger in PostgreSQL cannot ask other tables; a function can.
        row = "OLD" if self.change == "DELETE" else "NEW"
        return (
            f"CREATE FUNCTION {self.trigger}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            f" IF {self.condition or 'true'} THEN RAISE EXCEPTION '{self.trigger}'"
            f" USING ERRCODE = 'check_violation', CONSTRAINT = '{self.trigger}';"
            f" END IF; RETURN {row}; END $$"
        )


def create_triggers(connection: Connection, refusals: Iterator[Refusal]) -> None:
    """Make the triggers of refusals, inside the caller's transaction."""
    for refusal in refusals:
        for statement in refusal.statements(connection.dialect.name):
            connection.exec_driver_sql(statement)
