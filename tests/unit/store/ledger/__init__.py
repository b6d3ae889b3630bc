"""Tests of the transaction engine's store, on SQLite and on PostgreSQL."""
