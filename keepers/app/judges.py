"""What receipts mean, by the kind of step: who works for a vault needs all of them."""

from __future__ import annotations

from functools import partial

from keepers.adapters.chain.recurring.events import read_executions, read_fixes
from keepers.adapters.chain.upkeep_events import read_claim, read_fulfilment
from keepers.adapters.chain.vault_chain import VaultChain
from keepers.adapters.chain.weights_events import read_run
from keepers.app.recurring.places import recurring_addresses
from keepers.app.wiring import VaultSetup
from keepers.domain.chain import Receipt
from keepers.domain.recurring import EXECUTE, FIX, MANAGE, RecurringEvent
from keepers.domain.run import ACTION
from keepers.domain.upkeep import CLAIM, FULFIL, UpkeepEvent
from keepers.domain.weights_run import WEIGHTS
from keepers.engine.rebalance.judging import ActionJudge
from keepers.engine.recurring.judging import RecurringJudge
from keepers.engine.transactions.ports import Judge
from keepers.engine.upkeep.judging import UpkeepJudge
from keepers.engine.weights.judging import WeightsJudge


def judges_of(chain: VaultChain, setup: VaultSetup) -> dict[str, Judge]:
    """The judges of rebalances, of weights, of chores and of recurring rebalancers."""
    return {
        ACTION: ActionJudge(chain.action_of),
        WEIGHTS: WeightsJudge(read_run),
        **upkeep_judges(chain),
        **recurring_judges(setup),
    }


def recurring_judges(setup: VaultSetup) -> dict[str, RecurringJudge]:
    """The judges of batches; none where nothing of the kind is deployed."""
    places = recurring_addresses(setup.deployment)
    if places is None:
        return {}
    return {
        EXECUTE: RecurringJudge(partial(read_executions, scheduler=places.scheduler)),
        FIX: RecurringJudge(read_fixes),
        MANAGE: RecurringJudge(lambda _: RecurringEvent(1)),
    }


def upkeep_judges(chain: VaultChain) -> dict[str, UpkeepJudge]:
    """The judges of the kinds of chores."""
    addresses = chain.addresses

    def fulfilment(receipt: Receipt) -> UpkeepEvent | None:
        return None if addresses.queue is None else read_fulfilment(receipt, addresses.queue)

    def claim(receipt: Receipt) -> UpkeepEvent | None:
        return read_claim(receipt, addresses.controller)

    return {FULFIL: UpkeepJudge(fulfilment), CLAIM: UpkeepJudge(claim)}
