"""Why a portfolio's weights cannot be brought to their targets now."""

from keepers.model.errors.chain import CallRevertedError, ChainError
from keepers.model.weights_run import SkipReason

ADVICE = {
    SkipReason.PAUSED: "its runs are paused; a configurator has to unpause the WeightRebalancer",
    SkipReason.BUSY: "the vault is at work in the same transaction",
    SkipReason.COOL_DOWN: "it cools down after the last run that traded",
    SkipReason.INSIDE_DRIFT: "no weight is far enough from its target",
    SkipReason.STALE_PRICE: "a price is missing or cannot be believed; look at the feeds",
    SkipReason.SPOT_OFF_ORACLE: "a venue's price is not the oracle's",
    SkipReason.BUCKET_EMPTY: "more than may be traded or lost now; limits fill with time",
    SkipReason.MAX_TOTAL_VALUE_LOSS: "too much value would be lost",
    SkipReason.NOT_IMPROVED: "the weights would come no nearer to their targets",
    SkipReason.NOTHING_TO_MOVE: "nothing can be given or taken now",
}


class RebalanceRefusedError(CallRevertedError):
    """A run may not go on, for a reason that is no error: the next one may find it otherwise.

    Attributes:
        reason: The contract's reason.
    """

    def __init__(self, reason: SkipReason) -> None:
        message = f"the chain would refuse the run: {ADVICE[reason]} ({reason.name})"
        super().__init__("Rebalance_Refused", (int(reason),), message)
        self.reason = reason


class NoWeightsError(ChainError):
    """Nobody runs rebalances of a portfolio's weights.

    Attributes:
        portfolio: The portfolio.
    """

    def __init__(self, portfolio: str) -> None:
        super().__init__(
            f"portfolio {portfolio} names no contract that runs its weights; "
            "run the verify script, then configure"
        )
        self.portfolio = portfolio
