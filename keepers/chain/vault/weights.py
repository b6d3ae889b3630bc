"""The engine's `Portfolios`: state, calls and simulation of runs towards target weights."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from keepers.chain.addresses import Addresses
from keepers.chain.batch import ReadBatch, ReadSlot
from keepers.chain.contracts.limited import Bucket
from keepers.chain.contracts.vault import (
    AssetController,
    Portfolio,
    RawTerms,
    WeightJudge,
    WeightRebalancer,
)
from keepers.chain.limit_keys import LimitKey, LimitKind
from keepers.chain.node import Node
from keepers.chain.simulation import DryRun, read_after
from keepers.model.chain import ContractCall
from keepers.model.errors.run import NoWeightsError
from keepers.model.limits import Limit
from keepers.model.tier_config import Tier
from keepers.model.vault import VaultSnapshot
from keepers.model.weights_run import PortfolioState, RunTerms, Swap, WeightsSimulation

NOBODY = "0x" + "00" * 20
LOSS = LimitKey(LimitKind.LOSS_ADDING)


class VaultPortfolios:
    """The engine's `Portfolios`, by multicalls; `keeper` is whose limits count."""

    def __init__(self, node: Node, addresses: Addresses, keeper: str) -> None:
        self._node = node
        self._addresses = addresses
        self._turnover = LimitKey(LimitKind.AUTOMATIC, keeper)

    async def scales(self, tier: Tier, snapshot: VaultSnapshot) -> PortfolioState:
        """A portfolio as a run would take it at the snapshot's block.

        Raises:
            NoWeightsError: Nobody runs its weights.
            RebalanceRefusedError: A price of it is missing or cannot be believed.
        """
        block = snapshot.block_number
        judge = WeightJudge(await self._judge_of(tier, block))
        first = ReadBatch(self._node, snapshot.at)
        executor, scales = first.add(judge.rebalancer()), first.add(judge.scales())
        most_lost = first.add(judge.maximum_loss())
        await first.run(block)
        if executor.value == NOBODY:
            raise NoWeightsError(self._addresses.portfolio(tier))
        cash_price, constituents = scales.value
        terms = await self._terms(WeightRebalancer(executor.value), most_lost.value, snapshot)
        return PortfolioState(
            tier=tier,
            judge=judge.address,
            cash_price=cash_price,
            constituents=constituents,
            terms=terms,
        )

    def call(self, scales: PortfolioState, swaps: Sequence[Swap]) -> ContractCall:
        """The call of a keeper's run."""
        made = WeightJudge(scales.judge).reweigh(swaps)
        return made.contract_call

    async def simulate(self, sender: str, tier: Tier, call: ContractCall) -> WeightsSimulation:
        """Run the call on the newest block without sending it, then read what it left.

        Raises:
            UnsupportedNodeError: The node cannot.
        """
        tiers = AssetController(self._addresses.controller).tier_values()
        positions = Portfolio(self._addresses.portfolio(tier)).positions()
        ran = await DryRun(self._node, [tiers, positions]).run(sender, [call])
        (answer,), (tiers_after, positions_after) = ran.answers, ran.after
        gas = ran.gas[0] if ran.gas else None
        if not answer.succeeded:
            failed = self._node.reverts.read(answer.data)
            return WeightsSimulation(
                method=ran.method, gas=gas, tier_values=None, values={}, failed=failed
            )
        left = read_after(self._node, positions, positions_after)
        return WeightsSimulation(
            method=ran.method,
            gas=gas,
            tier_values=read_after(self._node, tiers, tiers_after),
            values={each.asset: each.value for each in left},
            failed=None,
        )

    async def _judge_of(self, tier: Tier, block: int) -> str:
        portfolio = Portfolio(self._addresses.portfolio(tier))
        judge = await self._node.read(portfolio.weights(), block)
        if judge == NOBODY:
            raise NoWeightsError(portfolio.address)
        return judge

    async def _terms(
        self, executor: WeightRebalancer, most_lost: int, snapshot: VaultSnapshot
    ) -> RunTerms:
        batch = ReadBatch(self._node, snapshot.at)
        terms, last = batch.add(executor.terms()), batch.add(executor.last_run())
        paused = batch.add(executor.paused())
        limits = [
            (batch.add(executor.bucket(key)), batch.add(executor.available(key)))
            for key in (self._turnover, LOSS)
        ]
        await batch.run(snapshot.block_number)
        turnover, loss = (_limit(*each) for each in limits)
        raw: RawTerms = terms.value
        return RunTerms(
            paused=paused.value,
            cool_down_seconds=raw.cool_down,
            last_run=datetime.fromtimestamp(last.value, UTC) if last.value else None,
            maximum_loss_bps=min(raw.maximum_loss_bps, most_lost),
            minimum_trade=raw.minimum_trade,
            turnover=turnover,
            loss=loss,
        )


def _limit(bucket: ReadSlot[Bucket], available: ReadSlot[int]) -> Limit:
    found = bucket.value
    return Limit(found.cap, available.value, found.period_seconds)
