"""What the commoner refusals mean, and what to do; amounts are base units."""

from keepers.chain.treasury.advice import TREASURY_ADVICE

ADVICE = {
    "AssetController_UnknownAsset": "no tier lists {0}; add it to the deployment's configuration",
    "LiquidityVault_InsufficientIdle": "L1 holds {0}, and more is needed; plan anew",
    "AssetController_BelowMinimumIdle": (
        "L1 would be left with {0}, below its minimum of {1}; buy less, or sell first"
    ),
    "AssetController_AboveTierMaximum": (
        "tier {0} would be worth {1}, above its maximum of {2}; buy less, or move the bounds"
    ),
    "AssetController_AboveAssetCap": (
        "{0} would be worth {1}, above its cap of {2}; buy less of it, or raise its cap_bps in the "
        "deployment's configuration"
    ),
    "AssetController_RedemptionsUncovered": (
        "redemptions due are worth {0}, and of L1 and L2 only {1} may serve them; raise cash first"
    ),
    "AssetController_ExcessiveLoss": (
        "the action would lose {0}, and {1} are allowed; wait for a better market, or trade less"
    ),
    "AssetController_InsufficientOutput": (
        "of {0} only {1} came, below the minimum of {2}; the market moved: plan anew"
    ),
    "AssetController_Locked": "the controller is at work in the same transaction",
    "Portfolio_PurchasesHalted": "{0} may only be sold: its cap is 0, or it is marked down",
    "Portfolio_EntryClosed": (
        "nobody enters now: {0} is marked down, has no price, or pays less than its least rate"
    ),
    "Portfolio_MarkNeedsPrice": (
        "the price of {0} cannot be read: mark it down to 0, or wait for its price"
    ),
    "Portfolio_MarkNotLowered": "the mark would not lower what {0} counts for",
    "Portfolio_NotMarked": "{0} is not marked down",
    "Portfolio_NotSkimmable": (
        "{0} is on the portfolio's list, or no receiver is set; see setSkimReceiver"
    ),
    "BoundedCall_NoAnswer": (
        "{0} answers nothing usable; until it does a guardian can mark its holding down"
    ),
    "BoundedCall_OutOfGas": (
        "too little gas to tell a broken contract from a want of gas; send more"
    ),
    "Portfolio_RateAboveMaximum": (
        "{0} says that it is worth {1}, and {2} are believed; look into the fund, and only then "
        "raise its maximum_rate"
    ),
    "Portfolio_RateBelowMinimum": (
        "{0} pays less than its least rate, so queued redemptions wait, and nothing is bought of "
        "it; look into the fund: redemptions go on when its rate is back, or when a guardian marks "
        "it down"
    ),
    "Portfolio_NothingBought": (
        "nothing of {0} came; a unit of it costs more than was paid: buy more at once"
    ),
    "Portfolio_InsufficientOutput": (
        "of {0} only {1} came, below the minimum of {2}; the market moved: plan anew"
    ),
    "WeightRebalancer_NotKeeper": (
        "{0} has no limit for runs of this portfolio's weights; add it to keepers in the "
        "deployment's configuration and run the configure script"
    ),
    "OwnableUnauthorizedAccount": "only its owner may, and {0} is not",
    "Portfolio_BelowFloor": (
        "what came for {0} is worth {1}, and its loss bound asks for {2}; wait for a better "
        "market, or trade less"
    ),
    **TREASURY_ADVICE,
}
"""Messages by error, with the error's arguments in their order."""
