"""Holdings that a run of weights leaves out, and what only a person can do about them."""

from __future__ import annotations

from keepers.model.errors.chain import CallRevertedError
from keepers.model.errors.run import RebalanceRefusedError
from keepers.model.left_out import LeftOut
from keepers.model.order import OrderKind
from keepers.model.run import RunStatus
from keepers.model.tier import Tier
from keepers.model.vault import VaultSnapshot
from keepers.model.weights_run import SkipReason
from keepers.runs.results import Ending
from keepers.runs.tiers.offers import LOW, MARKED

MARK = (
    "while a holding has no value and is not marked down, the chain trades nothing of the "
    "portfolio; mend its price, or have a guardian mark it down with markDown, without any price "
    "only to 0, and the others are traded without it"
)
NOT_HELD = (
    "everything that is held has a value, so it is the price of the settlement token, or of what "
    "may be bought; of the latter a guardian can set the cap to 0 with lowerCap"
)


def not_traded(snapshot: VaultSnapshot, tier: Tier) -> tuple[LeftOut, ...]:
    """The holdings of a portfolio that are marked down, pay too little or cannot be valued.

    What pays less than its least rate is sold all the same.
    """
    marked = (
        LeftOut(each.symbol, each.problem or MARKED)
        for each in snapshot.positions
        if each.tier == tier and each.marked
    )
    low = (
        LeftOut(each.symbol, LOW, OrderKind.PURCHASE)
        for each in snapshot.positions
        if each.tier == tier and each.low
    )
    return (*unvalued(snapshot, tier), *marked, *low)


def unvalued(snapshot: VaultSnapshot, tier: Tier) -> tuple[LeftOut, ...]:
    """The holdings of a portfolio that stop all of it: without a value, and not marked down."""
    return tuple(
        LeftOut(each.symbol, each.problem)
        for each in snapshot.positions
        if each.tier == tier and each.problem is not None and not each.marked
    )


def ending_unweighed(snapshot: VaultSnapshot, tier: Tier, error: CallRevertedError) -> Ending:
    """How a run ends whose portfolio the judge does not weigh.

    A refusal for which no holding that is held is to blame passes by itself.
    """
    found = unvalued(snapshot, tier)
    if isinstance(error, RebalanceRefusedError):
        if error.reason is not SkipReason.STALE_PRICE:
            return Ending(RunStatus.NOTHING_TO_DO, str(error))
        if not found:
            return Ending(RunStatus.NOTHING_TO_DO, f"{error}; {NOT_HELD}")
    texts = [each.text for each in found] or [f"{tier.name} cannot be weighed: {error}"]
    return Ending(RunStatus.REFUSED, "; ".join([*texts, MARK]))
