"""The treasuries' world for whoever only looks: no key is read, no lease taken, nothing sent."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from uuid import uuid4

from keepers.adapters.chain.node import Node
from keepers.adapters.chain.reverts import Reverts
from keepers.adapters.store.ledger.transact import Ledger
from keepers.adapters.store.transfers import SqlTransfers
from keepers.adapters.telemetry.log import LogTelemetry
from keepers.app.nodes import members_of, pool_of
from keepers.app.notifying import Unheard
from keepers.app.opening import opened
from keepers.app.senders import sender_of_treasury
from keepers.app.sending import Duties, engine_with
from keepers.app.settings import Settings
from keepers.app.system_clock import SystemClock
from keepers.app.transactions.idle import Idle
from keepers.app.treasury.bridges import bridges_of
from keepers.app.treasury.judges import treasury_judges
from keepers.app.treasury.posts import Post, inventory_of, post_of
from keepers.app.treasury.setup import TreasuryChainSetup, TreasurySetup, set_up_treasury
from keepers.app.treasury.unasked import unasked
from keepers.app.treasury.wanted import inventory_settings
from keepers.app.wiring import NO_CONTRACT
from keepers.engine.inventory.world import InventoryWorld
from keepers.engine.transfers.world import TransferWorld


@dataclass(frozen=True, slots=True)
class TreasuryReading:
    """The treasuries, for as long as they are looked at; nodes by chain id."""

    setup: TreasurySetup
    inventory: InventoryWorld
    ledger: Ledger
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
        machine = TransferWorld(
            chains={chain_id: post.chain for chain_id, post in posts.items()},
            bridges=bridges,
            transfers=SqlTransfers(ledger),
            notifier=Unheard(),
            clock=SystemClock(),
            say=_quietly,
        )
        inventory = inventory_of(machine, inventory_settings(setup), posts, ledger)
        nodes = {chain_id: post.node for chain_id, post in posts.items()}
        yield TreasuryReading(setup, inventory, ledger, nodes)


@asynccontextmanager
async def _post(
    settings: Settings, setup: TreasurySetup, each: TreasuryChainSetup, ledger: Ledger
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
