"""What receipts mean, by the kind of step: who works for a vault needs all of them."""

from __future__ import annotations

from functools import partial

from keepers.chain.recurring.events import read_executions, read_fixes
from keepers.chain.vault.events import read_claim, read_fulfilment, read_run
from keepers.chain.vault.snapshot import VaultChain
from keepers.model.chain import Receipt
from keepers.model.maintenance import CLAIM, FULFIL, UpkeepEvent
from keepers.model.recurring import EXECUTE, FIX, MANAGE, RecurringEvent
from keepers.model.run import ACTION
from keepers.model.weights_run import WEIGHTS
from keepers.runs.outcomes import (
    BatchInterpreter,
    MaintenanceInterpreter,
    TradeInterpreter,
    WeightsInterpreter,
)
from keepers.runtime.recurring.addresses import recurring_addresses
from keepers.runtime.vault.setup import VaultSetup
from keepers.transactions.ports import ReceiptInterpreter


def judges_of(chain: VaultChain, setup: VaultSetup) -> dict[str, ReceiptInterpreter]:
    """The judges of rebalances, of weights, of chores and of recurring rebalancers."""
    return {
        ACTION: TradeInterpreter(chain.action_of),
        WEIGHTS: WeightsInterpreter(read_run),
        **upkeep_judges(chain),
        **recurring_judges(setup),
    }


def recurring_judges(setup: VaultSetup) -> dict[str, BatchInterpreter]:
    """The judges of batches; none where nothing of the kind is deployed."""
    places = recurring_addresses(setup.deployment)
    if places is None:
        return {}
    return {
        EXECUTE: BatchInterpreter(partial(read_executions, scheduler=places.scheduler)),
        FIX: BatchInterpreter(read_fixes),
        MANAGE: BatchInterpreter(lambda _: RecurringEvent(1)),
    }


def upkeep_judges(chain: VaultChain) -> dict[str, MaintenanceInterpreter]:
    """The judges of the kinds of chores."""
    addresses = chain.addresses

    def fulfilment(receipt: Receipt) -> UpkeepEvent | None:
        return None if addresses.queue is None else read_fulfilment(receipt, addresses.queue)

    def claim(receipt: Receipt) -> UpkeepEvent | None:
        return read_claim(receipt, addresses.controller)

    return {FULFIL: MaintenanceInterpreter(fulfilment), CLAIM: MaintenanceInterpreter(claim)}
