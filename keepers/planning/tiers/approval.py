"""How many people have to agree to a plan, and how soon."""

from keepers.model.tier_config import TierConfig
from keepers.model.tier_plan import Approval

ONE_APPROVER_HOURS = 2
TWO_APPROVERS_HOURS = 4


def approval_for(total: int, config: TierConfig, *, manual: bool) -> Approval:
    """Approval by a plan's total amount in base units; a plan without actions needs none.

    Args:
        total: The sum of the plan's actions.
        config: The thresholds.
        manual: Whether a person asked for the plan, which another one then has to agree to.
    """
    if total > config.rebalance_multisig_threshold:
        return Approval(2, TWO_APPROVERS_HOURS, review_afterwards=False)
    if total > config.rebalance_approval_threshold or (manual and total > 0):
        return Approval(1, ONE_APPROVER_HOURS, review_afterwards=False)
    review = total > 0 and total >= config.rebalance_review_threshold
    return Approval(0, None, review_afterwards=review)
