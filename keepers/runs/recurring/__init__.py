"""Keeper of recurring rebalancers: executes due profitable jobs, then fixes stuck ones.

`tick` is one pass, `run` sends its batches, and `failures` reads failed bookings.
"""

from keepers.runs.recurring.ports import RecurringDependencies
from keepers.runs.recurring.tick import RecurringResult, RecurringScope, recurring_tick

__all__ = ["RecurringDependencies", "RecurringResult", "RecurringScope", "recurring_tick"]
