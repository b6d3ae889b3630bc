"""Keeper of the treasuries on the local network: its configuration and its processes."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from pathlib import Path
from uuid import NAMESPACE_OID, uuid5

from keepers.config import Settings, load_settings
from keepers.model.batch import BatchOrigin, BatchState, NewBatch
from keepers.model.bridge import CrossingRequest
from keepers.model.transfer import TransferTerms
from keepers.model.transfer_record import NewTransfer, TransferEvent, TransferRecord, VenueTerms
from keepers.runtime.treasury.runtime import treasury_runtime
from keepers.runtime.treasury.single_pass import treasury_pass
from keepers.store.database import Database, open_database
from keepers.store.transfers import TransferRepository
from keepers.transfers.machine.ports import Bridge
from scripts.network.accounts import TREASURY_KEEPER, test_account
from scripts.network.bridging.local import EXCHANGE_KEY, EXCHANGE_SECRET
from tests.integration.support.keeper import Done
from tests.integration.support.processes import python, running
from tests.integration.transfers.carriers import Order
from tests.integration.transfers.later import later
from tests.integration.transfers.treasuries import Treasuries

RUN_SECONDS = 120
MOST_ROUNDS = 12
LATER = "tests.integration.transfers.later"
KEY_VARIABLE = "BALLAST_TEST_TREASURY_KEY"
ENVIRONMENT = {
    KEY_VARIABLE: f"0x{bytes(test_account(TREASURY_KEEPER).key).hex()}",
    "BALLAST_EXCHANGE_KEY": EXCHANGE_KEY,
    "BALLAST_EXCHANGE_SECRET": EXCHANGE_SECRET,
    "BALLAST_CUSTODIAN_TOKEN": "local",
}
HEAD = """\
database = "{database}"

[signers.treasury]
kind = "private_key_env"
variable = "{variable}"

[treasury]
trigger_percentage = "0.5"

[treasury.bridges.CCTP]
url = "{attestation}"
fast = {fast}

[treasury.bridges.OFT]
url = "{scan}"

[treasury.bridges.EXCHANGE]
url = "{exchange}"

[treasury.bridges.CUSTODIAN]
url = "{custodian}"
fallback = true
"""
CHAIN = """
[chains.{name}]
chain_id = {chain_id}
rpc_urls = ["{url}"]
confirmations = {confirmations}
trust_finality_tags = false
finality_blocks = {finality}
poll_interval_seconds = "0.05"

[treasury.chains.{name}]
deployments = "{file}"
signer = "treasury"
base = {{ USDC = "{base}", USDT = "{base}" }}
"""


async def begin(settings: Settings, batch: NewBatch) -> None:
    """Store a planned batch, as the treasuries' keeper does."""
    async with treasury_runtime(settings, arm=True, progress=lambda _: None) as work:
        work.machine.transfers.begin_batch(batch)


@dataclass
class Ahead:
    """Seconds by which a keeper's clocks are ahead of real time."""

    seconds: int = 0


@dataclass(frozen=True)
class TreasuryKeeper:
    """Keeper of the treasuries, with its configuration in a folder."""

    treasuries: Treasuries
    folder: Path
    database: str
    ahead: Ahead = field(default_factory=Ahead)

    def configure(
        self,
        *,
        base: str = "100000",
        confirmations: int = 1,
        finality: int = 2,
        fast: bool = False,
    ) -> Path:
        """Write `ballast.toml`."""
        text = HEAD.format(
            database=self.database,
            variable=KEY_VARIABLE,
            fast=str(fast).lower(),
            **self.treasuries.bridges.urls,
        )
        for name, chain in self.treasuries.chains.items():
            text += CHAIN.format(
                name=name,
                chain_id=chain.chain_id,
                url=chain.url,
                confirmations=confirmations,
                finality=finality,
                file=self.treasuries.folder / f"{name}.treasury.json",
                base=base,
            )
        file = self.folder / "ballast.toml"
        file.write_text(text)
        return file

    @property
    def settings(self) -> Settings:
        """Settings as a process reads them."""
        return load_settings(self.folder / "ballast.toml")

    def ledger(self) -> Database:
        """Open the keeper's database."""
        return open_database(self.database)

    def transfers(self) -> tuple[TransferRecord, ...]:
        """Return the stored transfers."""
        ledger = self.ledger()
        try:
            return TransferRepository(ledger).transfers(None)
        finally:
            ledger.close()

    def timeline(self) -> tuple[TransferEvent, ...]:
        """Return the timeline of the only transfer."""
        ledger = self.ledger()
        try:
            return TransferRepository(ledger).timeline(self.only().transfer_id)
        finally:
            ledger.close()

    def pass_time(self, by: timedelta) -> None:
        """Advance the clocks of the keeper's database and processes, and of the exchange."""
        self.ahead.seconds += int(by.total_seconds())
        seconds = self.ahead.seconds
        self.treasuries.bridges.now = lambda: time.time() + seconds

    def begin(self, *orders: Order, invest: bool = False) -> NewBatch:
        """Plan and store transfers, as an inventory check does; a repetition changes nothing."""
        batch = self.plan(*orders, invest=invest)
        asyncio.run(begin(self.settings, batch))
        return batch

    def plan(self, *orders: Order, invest: bool = False) -> NewBatch:
        """Plan the ordered transfers as one batch, without storing it."""
        return asyncio.run(self._plan(orders, invest=invest))

    def run(self, *arguments: str, environment: Mapping[str, str] | None = None) -> Done:
        """Run `ballast` in the folder as a separate process."""
        return self.process(("keepers.cli", *arguments), environment)

    def bring_on(self) -> Sequence[TransferRecord]:
        """Run one pass in this process, for speed; return the transfers that have not ended."""
        with later(self.ahead.seconds):
            return asyncio.run(treasury_pass(self.settings, arm=True, progress=print)).under_way

    def settle(self) -> None:
        """Alternate passes and deliveries of the bridges until every transfer has ended."""
        for _ in range(MOST_ROUNDS):
            if not self.bring_on():
                return
            self.treasuries.bridges.deliver()
        raise AssertionError([(each.position.text, each.wait) for each in self.transfers()])

    def bring_to_the_end(self) -> TransferRecord:
        """Settle, and return the only transfer."""
        self.settle()
        return self.only()

    def only(self) -> TransferRecord:
        """Return the only stored transfer."""
        (record,) = self.transfers()
        return record

    def treasury_pass(self, environment: Mapping[str, str] | None = None) -> Done:
        """Run `ballast run --once --arm --vault treasury --json`."""
        arguments = ("run", "--once", "--arm", "--vault", "treasury", "--json")
        return self.run(*arguments, environment=environment)

    def process(self, module: Sequence[str], environment: Mapping[str, str] | None = None) -> Done:
        """Run a module in the folder with the keeper's keys, until it ends or is killed."""
        given = {**ENVIRONMENT, **(environment or {})}
        command = python(LATER, str(self.ahead.seconds), *module)
        with running(command, environment=given, folder=self.folder) as child:
            status = child.wait(RUN_SECONDS)
        return Done(status, child.out, child.err)

    async def _plan(self, orders: tuple[Order, ...], *, invest: bool) -> NewBatch:
        async with treasury_runtime(self.settings, arm=True, progress=lambda _: None) as work:
            name = str(uuid5(NAMESPACE_OID, json.dumps([asdict(order) for order in orders])))
            made = [
                await self._planned(work.machine.bridges[order.route], order, name, invest=invest)
                for order in orders
            ]
            return NewBatch(
                batch_id=name,
                client_key=name,
                origin=BatchOrigin.RULEBOOK,
                state=BatchState.RUNNING,
                reason=None,
                detail={},
                deadline=work.machine.transfers.now() + timedelta(days=1),
                transfers=tuple(made),
            )

    async def _planned(
        self, bridge: Bridge, order: Order, batch_id: str, *, invest: bool
    ) -> NewTransfer:
        source, there = (self.treasuries.chains[each] for each in (order.source, order.destination))
        quote = await bridge.quote(
            CrossingRequest(
                asset=order.asset,
                source=source.chain_id,
                destination=there.chain_id,
                receive=order.wanted,
            )
        )
        terms = TransferTerms(
            source_chain=source.chain_id,
            source_treasury=self.treasuries.contract(order.source).address,
            destination_chain=there.chain_id,
            destination_treasury=self.treasuries.contract(order.destination).address,
            asset=order.asset,
            amount=quote.send,
            min_received=order.wanted,
            route=order.route,
            nonce=order.nonce,
        )
        put = None
        if invest:
            (venue,) = self.treasuries.record(order.destination)["venues"][order.asset]
            put = VenueTerms(venue=venue, amount=order.wanted, shares=0)
        return NewTransfer(
            transfer_id=terms.transfer_id,
            run_id=str(uuid5(NAMESPACE_OID, terms.transfer_id)),
            batch_id=batch_id,
            terms=terms,
            options=quote.options,
            native_fee=quote.native_fee * 2,
            seconds=int(quote.seconds),
            destination_block=there.web3.eth.block_number,
            invest=put,
        )
