"""Explanations of common reverts, with advice; amounts are base units."""

TREASURY_ADVICE = {
    "Treasury_NotHere": (
        "the transfer names treasury {1} of chain {0}, which is not this one; compare the "
        "deployments files"
    ),
    "Treasury_LegDone": (
        "this step of transfer {0} was made before; nothing is made twice, so look at its receipt"
    ),
    "Treasury_UnknownAsset": "the treasury has no asset {0}; compare the deployments file",
    "Treasury_UnknownRoute": "the treasury has no route {1} for {0}; compare the deployments file",
    "Treasury_UnknownLane": (
        "{0} has no lane between here and treasury {2} of chain {1}; a configurator has to set it"
    ),
    "Treasury_LaneClosed": (
        "the lane of {0} to chain {1} is closed; a configurator has to open it, or take another "
        "route"
    ),
    "Treasury_AmountOutOfBounds": (
        "the lane carries {1} to {2}, and {0} were to leave; plan anew within these bounds"
    ),
    "Treasury_InvalidMinimum": (
        "the least that must arrive is {0}, and the lane's bound on fees admits {1} to {2}; the "
        "fee is too high now: wait, or take another route"
    ),
    "Treasury_NothingReceived": "nothing of transfer {0} arrived; wait for the bridge",
    "Treasury_UnknownVenue": "{0} is not on the treasury's list of venues",
    "Treasury_VenueClosed": "nothing may go into {0}: it is closed; a configurator has to open it",
    "Treasury_OtherShares": (
        "{0} moved {1} shares, and {2} were the bound; its price has moved: plan anew"
    ),
    "Treasury_OtherAmount": (
        "{0} moved {1}, and {2} were asked for; it takes fees or lacks liquidity: move less"
    ),
    "Treasury_ExcessiveLoss": (
        "the move with {0} would lose {1}, and {2} are allowed; wait, or move less"
    ),
    "Treasury_NeedsPlan": (
        "a size of {0} (of six decimals, in dollars) needs a plan with {1} approvals; move less, "
        "or have it approved"
    ),
    "Treasury_NotApproved": "plan {0} has {1} approvals, and {2} are needed",
    "Treasury_PlanTooLong": "the plan would live until {0}, and at most until {1} it may",
    "Treasury_NotKeeper": (
        "{0} is no keeper of the treasury, and this route has no proof of its own: a keeper has to "
        "take it in"
    ),
    "Treasury_KeeperRemoved": (
        "the guardian has removed {0} by the kill switch, so it may do nothing here; use another "
        "key, or run the configure script with --restore-keepers"
    ),
    "Treasury_Paused": (
        "the treasury is paused, by itself or by the kill switch, so nothing can leave; arrivals "
        "and divestments go on; once the reason is gone, a configurator has to unpause what is "
        "paused"
    ),
    "TreasuryLens_NoWay": (
        "the treasury has no route {1} for {0} to that treasury of chain {2}; compare the "
        "deployments files"
    ),
    "BridgeRoute_UnknownChain": (
        "the route has no counterpart on chain {0}; a configurator has to set it"
    ),
    "BridgeRoute_Remainder": (
        "the route holds {0} where {1} belong there; the bridge has not taken all: look into it"
    ),
    "BridgeRoute_MissingFee": "the message costs {1} wei, and {0} were sent along; quote anew",
    "BridgeRoute_RefundFailed": "{1} wei that were left could not be given back to {0}",
    "CctpV2Route_InvalidThreshold": "a threshold of {0} is none of CCTP's: 1000 or 2000",
    "CctpV2Route_ExcessiveFee": (
        "a fee of up to {0} is offered, and {1} are allowed; quote anew, or go the slow way"
    ),
    "CctpV2Route_OtherMessage": (
        "the attested message is not this transfer's: its field {0} differs"
    ),
    "CctpV2Route_NotReceived": (
        "transfer {0} has not been received, so its message goes through the treasury"
    ),
    "CctpV2Route_NothingMinted": "nothing was minted for transfer {0}; look at the attestation",
    "OftRoute_Dust": "of {0} only {1} would leave; plan an amount of no more than 6 decimals",
    "OftRoute_ExcessiveFee": (
        "the message costs {0} wei, and {1} are allowed; wait, or let a configurator raise it"
    ),
    "OftRoute_NothingArrived": (
        "nothing has arrived for transfer {0} from chain {1}; wait for the bridge"
    ),
    "OftRoute_SweepNotDue": (
        "{0} were to be swept; {1} are announced, from {2} on: announce it, and wait seven days "
        "without an arrival"
    ),
    "CustodialRoute_NoDepositAddress": (
        "the route has no deposit address, so nothing can leave; a configurator has to set it"
    ),
    "CustodialRoute_EvidenceUsed": "payment {0} was booked for another transfer",
    "CustodialRoute_OtherAmount": (
        "{0} are said to have arrived, and the transfer's terms admit {1} to {2}; ask the custodian"
    ),
    "CustodialRoute_NotThere": (
        "{0} are said to have arrived, and the inbox has {1}; ask the custodian"
    ),
    "LZ_InsufficientFee": "LayerZero wants {0} wei, and {1} were sent along; quote anew",
    "NotEnoughNative": "LayerZero's fee is not what was sent along, {0} wei; quote anew",
    "SlippageExceeded": "{0} would arrive, below the minimum of {1}; the fee has moved: quote anew",
    "NoPeer": "the token has no counterpart on LayerZero's chain {0}; take another route",
    "LZ_DefaultSendLibUnavailable": "LayerZero has no way to that chain now; take another route",
}
"""Messages by error, with the error's arguments in their order."""


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
