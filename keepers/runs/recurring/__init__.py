"""The keeper of recurring rebalancers: executes what is due and pays, then fixes what is stuck.

`tick` is one look; `choosing` says what is executed and in which batches, `failures` reads who
could not be booked, `recovery` first resolves what a killed run left behind.
"""

from keepers.runs.recurring.ports import RecurringDependencies
from keepers.runs.recurring.tick import RecurringResult, RecurringScope, recurring_tick

__all__ = ["RecurringDependencies", "RecurringResult", "RecurringScope", "recurring_tick"]
