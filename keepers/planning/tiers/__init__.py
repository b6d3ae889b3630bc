"""Plans for the liquidity tiers of a vault.

The tiers that a trigger names go to their targets; the others give or take what that needs, in a
fixed order, inside their bands. In the order in which a plan is made: `triggers`, `goals`,
`legs`, put together in `plan`.
"""

from keepers.planning.tiers.plan import plan_tiers

__all__ = ["plan_tiers"]
