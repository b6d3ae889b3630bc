"""The treasuries' world for whoever only looks: no key is read, no lease taken, nothing sent."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from uuid import uuid4

from keepers.chain.node import Node
from keepers.chain.reverts import Reverts
from keepers.config import Settings
from keepers.runtime.process.database import opened
from keepers.runtime.process.nodes import members_of, pool_of
from keepers.runtime.process.notifications import Unheard
from keepers.runtime.process.system_clock import SystemClock
from keepers.runtime.process.transaction_engine import Duties, engine_with
from keepers.runtime.senders import sender_of_treasury
from keepers.runtime.transactions.read_only import Idle
from keepers.runtime.treasury.bridges import bridges_of
from keepers.runtime.treasury.chain_runtime import Post, inventory_of, post_of
from keepers.runtime.treasury.guarded_bridge import unasked
from keepers.runtime.treasury.inventory_settings import inventory_settings
from keepers.runtime.treasury.sender import treasury_judges
from keepers.runtime.treasury.setup import TreasuryChainSetup, TreasurySetup, set_up_treasury
from keepers.runtime.vault.setup import NO_CONTRACT
from keepers.store.database import Database
from keepers.store.transfers import TransferRepository
from keepers.telemetry.log import LogTelemetry
from keepers.transfers.inventory.dependencies import InventoryDependencies
from keepers.transfers.machine.dependencies import TransferDependencies


@dataclass(frozen=True, slots=True)
class TreasuryReading:
    """The treasuries, for as long as they are looked at; nodes by chain id."""

    setup: TreasurySetup
    inventory: InventoryDependencies
    ledger: Database
    nodes: Mapping[int, Node] = field(default_factory=dict[int, Node])


@asynccontextmanager
async def treasury_reading(
    settings: Settings, *, with_bridges: bool
) -> AsyncGenerator[TreasuryReading]:
    """Chains and memory, beside whoever works for the treasuries.

    Args:
        settings: The settings in force.
        with_bridges: Whether bridges may be asked, for which their keys are needed.

    Raises:
        InputError, DeploymentError: Settings or deployments do not fit.
        SecretUnavailableError: A bridge's key is not where the settings say.
    """
    setup = set_up_treasury(settings)
    async with AsyncExitStack() as stack:
        ledger = stack.enter_context(opened(settings))
        posts = {
            each.chain.chain_id: await stack.enter_async_context(
                _post(settings, setup, each, ledger)
            )
            for each in setup.chains.values()
        }
        bridges = unasked(setup)
        if with_bridges:
            readers = {chain_id: post.reader for chain_id, post in posts.items()}
            keepers = {chain_id: post.chain.keeper for chain_id, post in posts.items()}
            bridges = await stack.enter_async_context(
                bridges_of(settings, setup, readers, keepers=keepers)
            )
        machine = TransferDependencies(
            chains={chain_id: post.chain for chain_id, post in posts.items()},
            bridges=bridges,
            transfers=TransferRepository(ledger),
            notifier=Unheard(),
            clock=SystemClock(),
            progress=_quietly,
        )
        inventory = inventory_of(machine, inventory_settings(setup), posts, ledger)
        nodes = {chain_id: post.node for chain_id, post in posts.items()}
        yield TreasuryReading(setup, inventory, ledger, nodes)


@asynccontextmanager
async def _post(
    settings: Settings, setup: TreasurySetup, each: TreasuryChainSetup, ledger: Database
) -> AsyncGenerator[Post]:
    """A chain as the first keeper of its deployments file sees it."""
    sender = sender_of_treasury(setup, each)
    keeper = next(iter(each.deployment.keepers), NO_CONTRACT)
    idle, judges = Idle(keeper), treasury_judges(each.deployment.treasury)
    async with (
        members_of(each.chain) as members,
        pool_of(each.chain, Reverts(sender.tokens)) as nodes,
        engine_with(
            settings,
            sender,
            ledger,
            nodes,
            Duties(idle, idle, idle),
            telemetry=LogTelemetry(_quietly),
            holder=f"looking {uuid4().hex}",  # it never has a lease
            judges=judges,
            armed=False,
        ) as engine,
    ):
        yield post_of(each, members, engine, ledger, keeper)


def _quietly(_: str, /) -> None:
    """Who looks is told by what comes of it."""
