"""Plans for the liquidity tiers of a vault.

Triggered tiers move to their targets; the other tiers give or take the difference, in a fixed
order, within their bands. Modules in planning order: `triggers`, `goals`, `legs`, combined in
`plan`.
"""

from keepers.planning.tiers.plan import plan_tiers

__all__ = ["plan_tiers"]
