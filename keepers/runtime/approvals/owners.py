"""Where a plan that waits is executed: a vault, or a treasury on one chain."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TypeAlias

from keepers.chain.node import Node
from keepers.chain.plans.on_chain import ChainPlans
from keepers.chain.plans.vault import VaultPlans
from keepers.chain.pool import FailoverReader
from keepers.chain.reverts import Reverts
from keepers.chain.treasury.calls import LedgerTreasuryPlans
from keepers.config import Settings
from keepers.model.approval import SignedPlan
from keepers.model.errors import InputError
from keepers.model.inventory_state import state_machine_id
from keepers.model.treasury import TreasuryPlan
from keepers.runtime.process.nodes import members_of
from keepers.runtime.treasury.setup import TreasuryChainSetup, set_up_treasury
from keepers.runtime.vault.setup import VaultSetup, connected, set_up

Place: TypeAlias = VaultSetup | TreasuryChainSetup


def place_of(settings: Settings, vault: str, plan: SignedPlan) -> Place:
    """The vault or the treasury of a plan.

    Raises:
        InputError: It is not configured.
        DeploymentError: Its deployments file cannot be used.
    """
    if not isinstance(plan, TreasuryPlan):
        return set_up(settings, vault)
    found = set_up_treasury(settings).of_chain(plan.chain_id)
    if found is None:
        name = state_machine_id(plan.chain_id)
        raise InputError("treasury.chains", f"has no chain {name}, whose treasury's plan this is")
    return found


def subject_of(place: Place) -> str:
    """A place for people."""
    if isinstance(place, TreasuryChainSetup):
        return f"treasury on {place.name}"
    return f"vault {place.name}"


@asynccontextmanager
async def node_of(place: Place) -> AsyncGenerator[Node]:
    """The chain of a place, through the best of its nodes."""
    if isinstance(place, VaultSetup):
        async with connected(place, None) as chain:
            yield chain.node
        return
    addresses = place.addresses
    async with members_of(place.chain) as members:
        yield Node(
            FailoverReader(members),
            place.chain.chain_id,
            addresses.multicall3,
            Reverts(addresses.tokens),
            is_checked=True,  # each node is, before it is first asked
        )


def plans_of(node: Node, plan: SignedPlan) -> ChainPlans:
    """What the chain knows of plans of the same consumer."""
    if isinstance(plan, TreasuryPlan):
        return LedgerTreasuryPlans(node, plan.consumer)
    return VaultPlans(node, plan.consumer)
