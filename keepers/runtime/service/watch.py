"""Watch of a vault's events, as the settings have it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from keepers.chain.node import Node
from keepers.chain.pool import FailoverReader, Members
from keepers.chain.reverts import Reverts
from keepers.chain.vault.chain_events import VaultDeposits, VaultGauge
from keepers.chain.vault.snapshot import VaultChain
from keepers.config import Settings
from keepers.model.transfer_record import TREASURY
from keepers.runs.events.deposits import DepositReader
from keepers.runs.events.events import EventLimits, EventWatch
from keepers.runs.schedule.ports import Offer, Watch
from keepers.runtime.process.nodes import members_of
from keepers.runtime.vault.setup import VaultSetup, set_up
from keepers.store.chain_events import SqlWatchLedger
from keepers.store.database import Ledger
from keepers.store.leases import HeldLease


@asynccontextmanager
async def watch_of(
    settings: Settings, vault: str, ledger: Ledger, lease: HeldLease
) -> AsyncGenerator[Watch]:
    """The watch of a vault; the chain is first asked when it first looks. Treasuries have none.

    Raises:
        InputError, DeploymentError: The settings do not lead to a vault.
    """
    if vault == TREASURY and settings.treasury is not None:
        yield NoWatch()
        return
    setup = set_up(settings, vault)
    async with members_of(setup.chain) as members:
        yield SettledWatch(setup, members, ledger, lease)


class NoWatch:
    """Watch without events."""

    async def look(self) -> Offer:
        """Return no events."""
        return Offer()


class SettledWatch:
    """Watch that begins once the settlement token's decimals are known, in which the limits are."""

    def __init__(
        self, setup: VaultSetup, members: Members, ledger: Ledger, lease: HeldLease
    ) -> None:
        self._setup = setup
        self._members = members
        self._known = SqlWatchLedger(ledger, setup.name, setup.chain.chain_id, lease)
        self._watch: EventWatch | None = None

    async def look(self) -> Offer:
        """Return the events since the last that was handled."""
        if self._watch is None:
            self._watch = await self._make()
        return await self._watch.look()

    async def _make(self) -> EventWatch:
        setup, addresses = self._setup, self._setup.addresses
        reader, reverts = FailoverReader(self._members), Reverts(addresses.tokens)
        node = Node(reader, setup.chain.chain_id, addresses.multicall3, reverts)
        settlement = await VaultChain(node, addresses, setup.name, None).settlement()
        tiers = setup.vault.tier_config(settlement.decimals)
        deposits = DepositReader(
            VaultDeposits(self._members, addresses.vault),
            self._known,
            confirmations=setup.chain.confirmations,
        )
        limits = EventLimits(tiers.event_subscription_amount, tiers.event_price_move)
        return EventWatch(deposits, VaultGauge(node, addresses), self._known, limits)
