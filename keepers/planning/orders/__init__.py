"""Orders for legs: sales and purchases of holdings that serve each leg.

`plan` serves the legs in turn; `book` tracks the value of each position.
"""

from keepers.planning.orders.plan import plan_orders

__all__ = ["plan_orders"]
