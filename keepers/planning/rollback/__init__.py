"""Rollback of a run: purchases are sold and sales are bought back, in reverse order.

`plan` reads the executed actions of a run; `orders` makes an order to undo each of them on the
current vault.
"""

from keepers.planning.rollback.plan import executed_of, plan_rollback

__all__ = ["executed_of", "plan_rollback"]
