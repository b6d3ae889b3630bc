"""In-memory portfolios whose judge computes as on chain; each unit is worth one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from keepers.model.chain import ContractCall, Receipt
from keepers.model.errors.chain import CallRevertedError
from keepers.model.limits import Limit
from keepers.model.order import Quote, QuoteRequest
from keepers.model.tier_config import Tier, TierValues
from keepers.model.vault import VaultSnapshot
from keepers.model.weights_run import (
    Constituent,
    PortfolioState,
    RebalanceRefusedError,
    RunTerms,
    SkipReason,
    Swap,
    WeightsEvent,
    WeightsSimulation,
)
from keepers.planning.weights import plan_weights
from keepers.runs.weights.plan import Estimates, weights_request
from tests.unit.runs.market import PLENTY, Asset, Memory, is_trade, opening, trade_of

JUDGE = "0x" + "1d" * 20
RUN = opening("WEIGHTS:")
TERMS = RunTerms(
    paused=False,
    cool_down_seconds=3_600,
    last_run=None,
    maximum_loss_bps=100,
    minimum_trade=1,
    turnover=PLENTY,
    loss=PLENTY,
)


def calldata_of(tier: Tier, swaps: Iterable[Swap]) -> str:
    """Return calldata that the in-memory judge understands."""
    said = {"tier": int(tier), "swaps": {each.asset: each.minimum_out for each in swaps}}
    return opening(f"WEIGHTS:{json.dumps(said)}")


@dataclass
class WeighedMemory(Memory):
    """Market whose vault also runs weights; `targets` are in basis points, by symbol."""

    targets: dict[str, int] = field(default_factory=dict[str, int])
    run_terms: RunTerms = TERMS
    refusal: SkipReason | None = None
    refusal_when_simulated: CallRevertedError | None = None
    runs_are_silent: bool = False
    quote_error: CallRevertedError | None = None
    scales_error: CallRevertedError | None = None
    simulated: list[ContractCall] = field(default_factory=list[ContractCall])

    gifts: list[tuple[int, str, int]] = field(default_factory=list[tuple[int, str, int]])

    def give(self, name: str, amount: int) -> None:
        """Add an amount after the transactions so far, as a price rise would."""
        self.gifts.append((len(list(self.paper.included())), name, amount))

    def holdings(self) -> dict[str, int]:
        """Return the balances after all blocks, applied in order."""
        held = {"idle": self.idle, **{name: each.balance for name, each in self.assets.items()}}
        for place, (_, each) in enumerate(self.paper.included()):
            self._receive(held, place)
            calldata = each.decoded.calldata
            if calldata.startswith(RUN):
                held = self._after_run(held, calldata)
            elif is_trade(calldata) and not self._reverts(each):
                self._do(held, trade_of(calldata))
        self._receive(held, len(list(self.paper.included())))
        return held

    def _receive(self, held: dict[str, int], place: int) -> None:
        for at, name, amount in self.gifts:
            held[name] += amount if at == place else 0

    def event_of(self, receipt: Receipt, judge: str) -> WeightsEvent | None:
        """Return the judge's event with a turnover of one hundred units, or None if silent."""
        assert judge == JUDGE
        assert receipt.transaction_hash
        return None if self.runs_are_silent else WeightsEvent(100, 0, 0)

    async def quotes(self, requests: Sequence[QuoteRequest], block: int) -> tuple[Quote, ...]:
        """Quote as the market does, or raise the configured error."""
        if self.quote_error is not None:
            raise self.quote_error
        return await super().quotes(requests, block)

    async def scales(self, tier: Tier, snapshot: VaultSnapshot) -> PortfolioState:
        """Return the portfolio state; marked assets cannot be traded, low ones not bought."""
        del snapshot
        if self.refusal is not None and tier is Tier.L3:
            raise RebalanceRefusedError(self.refusal)
        if self.scales_error is not None and tier is Tier.L3:
            raise self.scales_error
        if any(self._is_unknown(each) for each in self.assets.values() if each.tier == tier):
            raise RebalanceRefusedError(SkipReason.STALE_PRICE)
        return self._scales(tier, self.holdings())

    def run_call(self, scales: PortfolioState, swaps: Sequence[Swap]) -> ContractCall:
        """Return a call that the in-memory chain understands."""
        return ContractCall(JUDGE, calldata_of(scales.tier, swaps))

    def left_by(self, call: ContractCall) -> Mapping[str, int]:
        """Return the balances that a call would leave."""
        return self._after_run(self.holdings(), call.calldata)

    @staticmethod
    def _is_unknown(asset: Asset) -> bool:
        return asset.problem is not None and not asset.marked

    def _scales(self, tier: Tier, held: Mapping[str, int]) -> PortfolioState:
        return PortfolioState(
            tier=tier,
            judge=JUDGE,
            cash_price=1,
            constituents=tuple(
                Constituent(
                    asset=f"0x{name}",
                    price=1,
                    quantity=held[name],
                    target_bps=self.targets[name],
                    sale_limit=0 if each.marked else held[name],
                    payment_limit=0 if each.marked or each.low else 10**18,
                )
                for name, each in self.assets.items()
                if each.tier == tier
            ),
            terms=self.run_terms,
        )

    def _after_run(self, held: Mapping[str, int], calldata: str) -> dict[str, int]:
        """Sell what is above target, plan again, buy; every trade is at its asset's rate."""
        said = json.loads(bytes.fromhex(calldata[2:]).decode().split("WEIGHTS:", 1)[1])
        left, rates = dict(held), {f"0x{name}": each.rate for name, each in self.assets.items()}
        estimates = Estimates(
            sales={asset: 1 - rate for asset, rate in rates.items()},
            purchases={asset: 1 / rate - 1 for asset, rate in rates.items()},
        )
        request = weights_request(self._scales(Tier(said["tier"]), held), estimates, said["swaps"])
        plan = plan_weights(request)
        for sale in plan.sales:
            left[sale.symbol[2:]] -= int(sale.quantity)
            left["idle"] += int(sale.received)
        for purchase in plan.purchases:
            left["idle"] -= int(purchase.paid)
            left[purchase.symbol[2:]] += int(purchase.quantity)
        return left


@dataclass(frozen=True)
class PaperPortfolios:
    """In-memory `Portfolios`."""

    memory: WeighedMemory

    async def scales(self, tier: Tier, snapshot: VaultSnapshot) -> PortfolioState:
        """Return the portfolio state of a tier."""
        return await self.memory.scales(tier, snapshot)

    def call(self, scales: PortfolioState, swaps: Sequence[Swap]) -> ContractCall:
        """Return a call that the in-memory chain understands."""
        return self.memory.run_call(scales, swaps)

    async def simulate(self, sender: str, tier: Tier, call: ContractCall) -> WeightsSimulation:
        """Return the values that a call would leave."""
        assert sender
        memory = self.memory
        memory.simulated.append(call)
        if memory.refusal_when_simulated is not None:
            return WeightsSimulation(
                method="memory",
                gas=None,
                tier_values=None,
                values={},
                failed=memory.refusal_when_simulated,
            )
        left = memory.left_by(call)
        return WeightsSimulation(
            method="memory",
            gas=7,
            tier_values=tiers_of(memory, left),
            values={f"0x{name}": left[name] for name in names_of(memory, tier)},
            failed=None,
        )


def tiers_of(memory: Memory, held: Mapping[str, int]) -> TierValues:
    """Return the values of the tiers."""
    of = [sum(held[name] for name in names_of(memory, tier)) for tier in (Tier.L2, Tier.L3)]
    return held["idle"], of[0], of[1]


def names_of(memory: Memory, tier: Tier) -> list[str]:
    """Return the assets of a tier."""
    return [name for name, each in memory.assets.items() if each.tier == tier]


def since(memory: WeighedMemory, last_run: datetime) -> None:
    """Set the time of the last run that traded."""
    memory.run_terms = replace(memory.run_terms, last_run=last_run)


def limited(memory: WeighedMemory, **limits: Limit) -> None:
    """Set limits on chain."""
    memory.run_terms = replace(memory.run_terms, **limits)
