"""Plans for stablecoins over chains: the fewest transfers that bring each back to its base.

In the order in which a plan is made: `needs` (triggers, surpluses), `market` (routes and their
arithmetic), `cover` (which triggers), `fewest` (with which method: `packing`, `trees`, `search`),
`amounts` (how much over each route), put together in `plan`; `greedy` is the comparison.
"""

from keepers.planning.inventory.plan import plan_inventory

__all__ = ["plan_inventory"]
