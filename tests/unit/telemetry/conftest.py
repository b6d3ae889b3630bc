"""The bureau, whose engine's telemetry these tests replace."""

from tests.unit.sending.conftest import bureau, clock, empty, ledger

__all__ = ["bureau", "clock", "empty", "ledger"]
