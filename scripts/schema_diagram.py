"""Write `docs/reference/database-schema.md`, a diagram of the tables of the database.

`python -m scripts.schema_diagram` writes it; a test compares it with the tables.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from sqlalchemy import Column, ForeignKeyConstraint, Table

from keepers.store.tables import metadata

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "database-schema.md"

INTRODUCTION = """\
# Database schema

<!-- `python -m scripts.schema_diagram` writes this page. -->

The tables of the keepers' database, on SQLite and on PostgreSQL, as `keepers/store/tables` declares
them. Lines are foreign keys. `PK` is a part of the primary key, `FK` a foreign key, `UK` a column
that is unique by itself; "null" marks a column that may be empty. Checks and triggers, which refuse
every illegal state and transition, are not drawn: the transitions are in
[transaction states](transaction-states.md).
"""

GROUPS: dict[str, tuple[str, tuple[str, ...]]] = {
    "Runs": (
        "A run of a vault or of a transfer, its stages and steps, approvals, and what is measured.",
        ("runs", "stages", "run_steps", "tickets", "approvals", "samples", "yield_samples"),
    ),
    "Transactions": (
        "The effects that steps ask for: intents on a chain, requests to bridges, nonces, bytes.",
        ("intents", "nonce_slots", "slot_attempts", "requests", "events"),
    ),
    "Transfers": (
        "Money between chains: instructions, batches, transfers, movements in and out of venues.",
        (
            "instructions",
            "batches",
            "batch_plans",
            "transfers",
            "transfer_events",
            "placements",
            "fallback_waits",
        ),
    ),
    "Coordination": (
        "Leases and pauses of keepers, due times, events of chains, messages.",
        ("leases", "pauses", "ticks", "watched_blocks", "deposits", "levels", "notifications"),
    ),
}


def page() -> str:
    """Return the page."""
    return INTRODUCTION + "".join(
        f"\n## {title}\n\n{text}\n\n{_diagram([metadata.tables[each] for each in names])}"
        for title, (text, names) in GROUPS.items()
    )


def _diagram(tables: Sequence[Table]) -> str:
    lines = [*_entities(tables), *_relations(tables)]
    return "```mermaid\nerDiagram\n" + "".join(f"    {line}\n" for line in lines) + "```\n"


def _entities(tables: Sequence[Table]) -> Iterator[str]:
    for table in tables:
        yield f"{table.name} {{"
        yield from (f"    {_column(column)}" for column in table.columns)
        yield "}"


def _column(column: Column[object]) -> str:
    keys = [("PK", column.primary_key), ("FK", bool(column.foreign_keys)), ("UK", column.unique)]
    marks = ", ".join(mark for mark, holds in keys if holds)
    kind = type(column.type).__name__.lower()
    null = '"null"' if column.nullable else ""
    return " ".join(part for part in (kind, column.name, marks, null) if part)


def _relations(tables: Sequence[Table]) -> Iterator[str]:
    for table in tables:
        lines = (_relation(table, key) for key in table.foreign_key_constraints)
        yield from sorted(lines)


def _relation(table: Table, key: ForeignKeyConstraint) -> str:
    columns = [element.parent for element in key.elements]
    alone = len(columns) == 1 and (
        columns[0].unique or list(table.primary_key.columns) == [columns[0]]
    )
    many = "o|" if alone else "o{"
    one = "|o" if any(column.nullable for column in columns) else "||"
    named = ", ".join(column.name for column in columns)
    return f'{key.referred_table.name} {one}--{many} {table.name} : "{named}"'


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
