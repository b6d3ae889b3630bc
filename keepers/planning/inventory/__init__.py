"""Inventory planner: the fewest transfers that restore each chain's base balance.

Modules in planning order: `needs` (triggers, surpluses), `market` (routes and their arithmetic),
`cover` (choice of triggers), `fewest` (choice of method: `packing`, `trees`, `search`), `amounts`
(amount per route), combined in `plan`. `greedy` is the baseline.
"""

from keepers.planning.inventory.plan import plan_inventory

__all__ = ["plan_inventory"]
