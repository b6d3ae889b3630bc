"""Weight rebalances of a vault's portfolios: state, calls and simulation."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from keepers.chain.addresses import Addresses
from keepers.chain.batch import ReadBatch
from keepers.chain.codec import ZERO_ADDRESS
from keepers.chain.contracts.limited import LimitSlot
from keepers.chain.contracts.vault import (
    AssetController,
    Portfolio,
    WeightJudge,
    WeightRebalancer,
)
from keepers.chain.limit_keys import LimitKey, LimitKind
from keepers.chain.node import Node
from keepers.chain.simulation import DryRun, read_after
from keepers.model.chain import ContractCall
from keepers.model.errors.run import NoWeightsError
from keepers.model.tier_config import Tier
from keepers.model.vault import VaultSnapshot
from keepers.model.weights_run import PortfolioState, RunTerms, Swap, WeightsSimulation

LOSS = LimitKey(LimitKind.LOSS_ADDING)


class VaultPortfolios:
    """Portfolios of a vault, read by multicalls; the limits are those of `keeper`."""

    def __init__(self, node: Node, addresses: Addresses, keeper: str) -> None:
        self._node = node
        self._addresses = addresses
        self._turnover = LimitKey(LimitKind.AUTOMATIC, keeper)

    async def scales(self, tier: Tier, snapshot: VaultSnapshot) -> PortfolioState:
        """Return the state of a portfolio for a run, at the snapshot's block.

        Raises:
            NoWeightsError: The portfolio has no contract that rebalances it.
            RebalanceRefusedError: A price of the portfolio is missing or unusable.
        """
        block = snapshot.block_number
        judge = WeightJudge(await self._judge_of(tier, block))
        first = ReadBatch(self._node, snapshot.at)
        executor, scales = first.add(judge.rebalancer()), first.add(judge.scales())
        most_lost = first.add(judge.maximum_loss())
        await first.run(block)
        if executor.value == ZERO_ADDRESS:
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
        """Return the call of a keeper's run."""
        return WeightJudge(scales.judge).reweigh(swaps).contract_call

    async def simulate(self, sender: str, tier: Tier, call: ContractCall) -> WeightsSimulation:
        """Simulate the call on the newest block, then read the resulting state.

        Raises:
            UnsupportedNodeError: The node supports no simulation.
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
        if judge == ZERO_ADDRESS:
            raise NoWeightsError(portfolio.address)
        return judge

    async def _terms(
        self, executor: WeightRebalancer, most_lost: int, snapshot: VaultSnapshot
    ) -> RunTerms:
        batch = ReadBatch(self._node, snapshot.at)
        terms, last = batch.add(executor.terms()), batch.add(executor.last_run())
        paused = batch.add(executor.paused())
        turnover, loss = (LimitSlot(batch, executor, key) for key in (self._turnover, LOSS))
        await batch.run(snapshot.block_number)
        raw = terms.value
        return RunTerms(
            paused=paused.value,
            cool_down_seconds=raw.cool_down,
            last_run=datetime.fromtimestamp(last.value, UTC) if last.value else None,
            maximum_loss_bps=min(raw.maximum_loss_bps, most_lost),
            minimum_trade=raw.minimum_trade,
            turnover=turnover.value,
            loss=loss.value,
        )
