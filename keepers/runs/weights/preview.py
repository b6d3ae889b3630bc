"""Preview of a weights run with its simulation; nothing is stored or sent."""

from __future__ import annotations

from dataclasses import dataclass, replace

from keepers.model.errors.chain import CallRevertedError, LimitExceededError
from keepers.model.errors.run import NoWeightsError
from keepers.model.left_out import LeftOut
from keepers.model.order import OrderKind
from keepers.model.run import RunStatus
from keepers.model.tier_config import Tier
from keepers.model.vault import VaultSnapshot
from keepers.model.weights_run import RebalanceRefusedError, SkipReason, WeightsSimulation
from keepers.runs.results import Ending
from keepers.runs.tiers.offers import LOW, MARKED
from keepers.runs.weights.dependencies import WeightRunDependencies
from keepers.runs.weights.plan import WeightsDraft, draft
from keepers.runs.weights.risk import WeightsRisk, assess_weights

MARK = (
    "while a holding has no value and is not marked down, the chain trades nothing of "
    "the portfolio; fix its price, or have a guardian mark it down with markDown "
    "(without a price only to 0); the others are then traded without it"
)
NOT_HELD = (
    "every holding has a value, so the missing price is that of the settlement token or "
    "of an asset that may be bought; for such an asset a guardian can set the cap to 0 "
    "with lowerCap"
)


def not_traded(snapshot: VaultSnapshot, tier: Tier) -> tuple[LeftOut, ...]:
    """Return a portfolio's holdings that are marked down, pay too little or have no value.

    A holding that pays less than its minimum rate can still be sold.
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
    """Return the holdings that block a portfolio: without a value and not marked down."""
    return tuple(
        LeftOut(each.symbol, each.problem)
        for each in snapshot.positions
        if each.tier == tier and each.problem is not None and not each.marked
    )


def ending_unweighed(snapshot: VaultSnapshot, tier: Tier, error: CallRevertedError) -> Ending:
    """Return the ending of a run whose portfolio the verifier cannot value.

    A refusal that is not caused by a current holding is transient.
    """
    found = unvalued(snapshot, tier)
    if isinstance(error, RebalanceRefusedError):
        if error.reason is not SkipReason.STALE_PRICE:
            return Ending(RunStatus.NOTHING_TO_DO, str(error))
        if not found:
            return Ending(RunStatus.NOTHING_TO_DO, f"{error}; {NOT_HELD}")
    texts = [each.text for each in found] or [f"{tier.name} cannot be valued: {error}"]
    return Ending(RunStatus.REFUSED, "; ".join([*texts, MARK]))


PASSING = (RebalanceRefusedError, LimitExceededError)
"""Transient refusals, which may be over at the next check."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightsPreview:
    """Preview of a portfolio's run.

    Attributes:
        snapshot: The vault.
        drafted: The trades and their risk; None if they cannot be planned.
        simulated: The simulation of the call; None if it was not reached.
        ending: The ending of a run before anything is sent; None if it may continue.
        left_out: The left-out holdings with reasons.
    """

    snapshot: VaultSnapshot
    drafted: tuple[WeightsDraft, WeightsRisk] | None
    simulated: WeightsSimulation | None = None
    ending: Ending | None
    left_out: tuple[LeftOut, ...] = ()


async def preview_weights(ports: WeightRunDependencies, tier: Tier) -> WeightsPreview:
    """Value a portfolio, and plan, check and simulate its run.

    Holdings that cannot be quoted or are marked down are left out. If a holding has no value and is
    not marked down, the verifier values nothing, and only this portfolio's run is refused.

    Raises:
        BallastError: The vault cannot be read or valued, or nodes are unavailable.
    """
    snapshot = await ports.runs.chain.snapshot()
    found = await _weighed(ports, tier, snapshot)
    return replace(found, left_out=(*not_traded(snapshot, tier), *found.left_out))


async def _weighed(
    ports: WeightRunDependencies, tier: Tier, snapshot: VaultSnapshot
) -> WeightsPreview:
    try:
        portfolio = await ports.portfolios.scales(tier, snapshot)
    except NoWeightsError as error:
        return at_rest(snapshot, RunStatus.REFUSED, str(error))
    except CallRevertedError as error:
        ending = ending_unweighed(snapshot, tier, error)
        return WeightsPreview(snapshot=snapshot, drafted=None, ending=ending)
    if not any(each.quantity for each in portfolio.constituents):
        return at_rest(snapshot, RunStatus.NOTHING_TO_DO, None)
    try:
        made = await draft(ports, snapshot, portfolio)
    except CallRevertedError as error:
        # No single quote reports this: the market as a whole cannot be queried.
        return at_rest(snapshot, RunStatus.REFUSED, f"a trade cannot be quoted: {error}")
    risk = await assess_weights(ports, made)
    if risk.ending is not None or made.call is None:
        return WeightsPreview(
            snapshot=snapshot, drafted=(made, risk), ending=risk.ending, left_out=made.left_out
        )
    simulated = await ports.portfolios.simulate(ports.runs.keeper, tier, made.call)
    ending = _failed(simulated)
    return WeightsPreview(
        snapshot=snapshot,
        drafted=(made, risk),
        simulated=simulated,
        ending=ending,
        left_out=made.left_out,
    )


def at_rest(snapshot: VaultSnapshot, status: RunStatus, reason: str | None) -> WeightsPreview:
    """Return a preview without a plan, with the reason."""
    return WeightsPreview(snapshot=snapshot, drafted=None, ending=Ending(status, reason))


def _failed(simulated: WeightsSimulation) -> Ending | None:
    """Return the ending after a failed simulation; a transient error is no failure."""
    error = simulated.failed
    if error is None:
        return None
    if isinstance(error, PASSING):
        return Ending(RunStatus.NOTHING_TO_DO, str(error))
    return Ending(RunStatus.FAILED, f"simulation: {error}; nothing was sent")
