"""Fixtures of an engine whose telemetry these tests replace."""

from tests.unit.transactions.conftest import clock, empty, ledger, rig

__all__ = ["clock", "empty", "ledger", "rig"]
