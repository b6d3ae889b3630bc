"""Engine whose telemetry these tests replace."""

from tests.unit.transactions.conftest import bureau, clock, empty, ledger

__all__ = ["bureau", "clock", "empty", "ledger"]
