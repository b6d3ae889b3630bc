"""Undoing a run: what was bought is sold, what was sold is bought back, in reverse order.

`plan` reads the actions that a run executed, and `orders` makes an order to undo each of them on
the vault as it is now.
"""

from keepers.planning.rollback.plan import executed_of, plan_rollback

__all__ = ["executed_of", "plan_rollback"]
