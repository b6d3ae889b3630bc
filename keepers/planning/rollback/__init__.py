"""Undoing a run: what was bought is sold, what was sold is bought back, in reverse order.

`journal` reads what a run has really done, `desk` makes an order of each on the vault as it is now,
`plan` puts them together.
"""

from keepers.planning.rollback.plan import executed_of, plan_rollback

__all__ = ["executed_of", "plan_rollback"]
