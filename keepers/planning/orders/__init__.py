"""From legs to calls: which holdings are sold and bought so that a leg is served.

`plan` walks through the legs, `book` keeps what each position is worth meanwhile, `spread` divides
an amount over positions, `funding` says which sale pays for which purchase.
"""

from keepers.planning.orders.plan import plan_orders

__all__ = ["plan_orders"]
