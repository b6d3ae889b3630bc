"""Orders for legs: holdings that are sold and bought so that each leg is served.

`plan` serves the legs in turn, and `book` keeps what each position is worth meanwhile.
"""

from keepers.planning.orders.plan import plan_orders

__all__ = ["plan_orders"]
