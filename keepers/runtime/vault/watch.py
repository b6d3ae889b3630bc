"""Watch of a vault's events."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from keepers.chain.pool import Members
from keepers.chain.vault.chain_events import VaultDeposits, VaultGauge
from keepers.config import Settings
from keepers.runs.events.deposits import DepositReader
from keepers.runs.events.events import EventLimits, EventWatch
from keepers.runs.schedule.ports import Offer, Watch
from keepers.runtime.process.nodes import members_of
from keepers.runtime.vault.setup import VaultSetup, set_up, vault_chain, vault_node
from keepers.store.chain_events import ChainEventRepository
from keepers.store.database import Database
from keepers.store.leases import HeldLease


@asynccontextmanager
async def vault_watch(
    settings: Settings, vault: str, database: Database, lease: HeldLease
) -> AsyncGenerator[Watch]:
    """Open the watch of a vault; the first poll reads the chain.

    Raises:
        InputError, DeploymentError: The settings or deployments cannot be used.
    """
    setup = set_up(settings, vault)
    async with members_of(setup.chain) as members:
        yield SettledWatch(setup, members, database, lease)


class SettledWatch:
    """Watch that starts once the decimals of the settlement token are known, the limits' unit."""

    def __init__(
        self, setup: VaultSetup, members: Members, database: Database, lease: HeldLease
    ) -> None:
        self._setup = setup
        self._members = members
        self._known = ChainEventRepository(database, setup.name, setup.chain.chain_id, lease)
        self._watch: EventWatch | None = None

    async def poll(self) -> Offer:
        """Return the events since the last one handled."""
        if self._watch is None:
            self._watch = await self._make()
        return await self._watch.poll()

    async def _make(self) -> EventWatch:
        setup, addresses = self._setup, self._setup.addresses
        node = vault_node(setup, self._members)
        settlement = await vault_chain(setup, node).settlement()
        tiers = setup.vault.tier_config(settlement.decimals)
        deposits = DepositReader(
            VaultDeposits(self._members, addresses.vault),
            self._known,
            confirmations=setup.chain.confirmations,
        )
        limits = EventLimits(tiers.event_subscription_amount, tiers.event_price_move)
        return EventWatch(deposits, VaultGauge(node, addresses), self._known, limits)
