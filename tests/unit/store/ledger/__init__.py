"""The ledger of the transaction engine, on SQLite and on PostgreSQL."""
