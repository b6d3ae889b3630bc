"""What receipts mean, by the kind of step: who works for a vault needs all of them."""

from __future__ import annotations

from keepers.adapters.chain.upkeep_events import read_claim, read_fulfilment
from keepers.adapters.chain.vault_chain import VaultChain
from keepers.adapters.chain.weights_events import read_run
from keepers.domain.chain import Receipt
from keepers.domain.run import ACTION
from keepers.domain.upkeep import CLAIM, FULFIL, UpkeepEvent
from keepers.domain.weights_run import WEIGHTS
from keepers.engine.rebalance.judging import ActionJudge
from keepers.engine.transactions.ports import Judge
from keepers.engine.upkeep.judging import UpkeepJudge
from keepers.engine.weights.judging import WeightsJudge


def judges_of(chain: VaultChain) -> dict[str, Judge]:
    """The judges of rebalances, of weights and of chores."""
    return {
        ACTION: ActionJudge(chain.action_of),
        WEIGHTS: WeightsJudge(read_run),
        **upkeep_judges(chain),
    }


def upkeep_judges(chain: VaultChain) -> dict[str, UpkeepJudge]:
    """The judges of the kinds of chores."""
    addresses = chain.addresses

    def fulfilment(receipt: Receipt) -> UpkeepEvent | None:
        return None if addresses.queue is None else read_fulfilment(receipt, addresses.queue)

    def claim(receipt: Receipt) -> UpkeepEvent | None:
        return read_claim(receipt, addresses.controller)

    return {FULFIL: UpkeepJudge(fulfilment), CLAIM: UpkeepJudge(claim)}
