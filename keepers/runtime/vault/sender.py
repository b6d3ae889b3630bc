"""Sender of a vault, with the interpreters of its receipts."""

from __future__ import annotations

from functools import partial

from keepers.chain.recurring.events import read_executions, read_fixes
from keepers.chain.vault.events import read_action, read_claim, read_fulfilment, read_run
from keepers.model.chain import ActionEvent, Receipt
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
from keepers.runtime.process.owner import SenderSetup
from keepers.runtime.vault.policy import vault_policy
from keepers.runtime.vault.recurring import batch_gas, recurring_addresses
from keepers.runtime.vault.setup import VaultSetup
from keepers.transactions.ports import ReceiptInterpreter


def sender_of_vault(setup: VaultSetup) -> SenderSetup:
    """Return the sender of a vault."""
    return SenderSetup(
        name=f"vault {setup.name}",
        subject=f"vault {setup.name}",
        owner=setup.name,
        chain=setup.chain,
        limits=setup.vault,
        tokens=setup.addresses.tokens,
        policy=partial(vault_policy, setup),
        interpreters=_interpreters(setup),
        least_gas=partial(batch_gas, setup),
    )


def _interpreters(setup: VaultSetup) -> dict[str, ReceiptInterpreter]:
    """Return the interpreters of rebalances, weights, maintenance and recurring rebalancers."""
    addresses, recurring = setup.addresses, recurring_addresses(setup.deployment)

    def action(receipt: Receipt) -> ActionEvent | None:
        return read_action(receipt, addresses.controller)

    def fulfilment(receipt: Receipt) -> UpkeepEvent | None:
        return None if addresses.queue is None else read_fulfilment(receipt, addresses.queue)

    def claim(receipt: Receipt) -> UpkeepEvent | None:
        return read_claim(receipt, addresses.controller)

    found: dict[str, ReceiptInterpreter] = {
        ACTION: TradeInterpreter(action),
        WEIGHTS: WeightsInterpreter(read_run),
        FULFIL: MaintenanceInterpreter(fulfilment),
        CLAIM: MaintenanceInterpreter(claim),
    }
    if recurring is not None:
        executions = partial(read_executions, scheduler=recurring.scheduler)
        found |= {
            EXECUTE: BatchInterpreter(executions),
            FIX: BatchInterpreter(read_fixes),
            MANAGE: BatchInterpreter(lambda _: RecurringEvent(1)),
        }
    return found
