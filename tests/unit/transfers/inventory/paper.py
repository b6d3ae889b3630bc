"""Inventory checks on two simulated chains, with the real machine, engines and database."""

from __future__ import annotations

# ruff: noqa: ARG002 - a double has the parameters of its port
import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import select

from keepers.model.approval import PlanStatus, Signature, SignedPlan
from keepers.model.batch import BatchRecord
from keepers.model.bridge import (
    BridgeQuote,
    CrossingRequest,
    Departure,
    Pending,
    Tariff,
    Tracking,
    Wait,
)
from keepers.model.chain import ContractCall, ValuedCall
from keepers.model.errors.chain import UnsupportedNodeError
from keepers.model.inventory_state import (
    AssetSettings,
    ChainInventory,
    InventorySettings,
)
from keepers.model.limits import Limit
from keepers.model.risk import FailedCall
from keepers.model.run import RunStatus
from keepers.model.treasury import TreasuryPlan
from keepers.store.tables import notifications, runs
from keepers.store.tickets import TicketRepository
from keepers.transfers.inventory.dependencies import InventoryCheck, InventoryDependencies
from keepers.transfers.inventory.instructions import take_instructions
from keepers.transfers.inventory.scheduled_check import check_inventory
from tests.unit.transfers.paper_bridges import AttestingBridge
from tests.unit.transfers.paper_treasury import UNLIMITED, VENUE, PaperTreasuryChain
from tests.unit.transfers.transfer_rig import Crash, TransferRig

TOKEN = "0x" + "70" * 20
LEDGER = "0x" + "1e" * 20
UNIT = 10**6
BASE = 100 * UNIT


@dataclass
class TimedBridge(AttestingBridge):
    """Bridge that takes seconds of the database's clock, and a fee that may be a share."""

    seconds: int = 0
    bps: Fraction = Fraction(0)
    minimum: int = 0
    maximum: int | None = None
    unavailable: str = ""
    fallback: bool = False
    hangs: bool = False
    native_fee: int = 0
    dear: dict[int, int] = field(default_factory=dict[int, int])
    """Fees by destination, where they differ from the usual fee."""
    closed: set[tuple[int, int]] = field(default_factory=set[tuple[int, int]])
    """Pairs of source and destination between which it declines."""
    clock: Any = None
    quoted: list[CrossingRequest] = field(default_factory=list[CrossingRequest])

    async def quote(self, request: CrossingRequest) -> BridgeQuote:
        if self.hangs:
            await asyncio.Event().wait()
        self._ask("quote")
        self.quoted.append(request)
        tariff = replace(self._tariff(), fixed=self.dear.get(request.destination, self.fee))
        is_closed = (request.source, request.destination) in self.closed
        send, most = tariff.least_for(request.receive), tariff.most()
        whole = most is None or send <= most
        send = send if whole else most or 0
        return BridgeQuote(
            send=send,
            receive=tariff.arriving(send),
            fee=tariff.fee(send),
            minimum=self.minimum,
            maximum=most,
            seconds=Fraction(max(self.seconds, 1)),
            whole=whole,
            unavailable=self.unavailable or ("closed" if is_closed else ""),
            fallback=self.fallback,
            native_fee=self.native_fee,
        )

    def arriving(self, amount: int) -> int:
        """Return what arrives of an amount."""
        return self._tariff().arriving(amount)

    def _tariff(self) -> Tariff:
        return Tariff(fixed=self.fee, bps=self.bps, minimum=self.minimum, maximum=self.maximum)

    async def track(self, departure: Departure, remote_id: str) -> Tracking:
        answer = await super().track(departure, remote_id)
        if self.clock.now < departure.at + timedelta(seconds=self.seconds):
            return Pending(Wait.CONFIRMING, "on its way")
        return answer


@dataclass
class PaperSimulator:
    """Simulator that runs calls on the books of a simulated chain."""

    chain: PaperTreasuryChain
    is_able: bool = True
    problem: str = ""

    async def run(self, sender: str, calls: Sequence[ValuedCall]) -> FailedCall | None:
        if not self.is_able:
            raise UnsupportedNodeError("eth_simulateV1", "unknown")
        if self.problem:
            return FailedCall(0, self.problem)
        books = self.chain.paper.books()
        for index, each in enumerate(calls):
            try:
                self.chain.paper.run_on(books, each.call)
            except ValueError as error:
                return FailedCall(index, str(error))
        return None


@dataclass
class PaperTreasuryPlans:
    """Simulated plans; the text of a signature is the plan's hash."""

    chain: PaperTreasuryChain
    approvers: dict[str, int] = field(default_factory=dict[str, int])
    cancelled: bool = False
    epoch: int = 0

    def hash_of(self, plan: SignedPlan) -> str:
        return f"0x{sha256(repr(plan).encode()).hexdigest()}"

    def open_call(self, plan: TreasuryPlan, signatures: Sequence[Signature]) -> ContractCall:
        return self.chain.opening_call(self.hash_of(plan))

    async def status(self, plan: SignedPlan) -> PlanStatus:
        is_open = self.hash_of(plan) in self.chain.paper.books().opened
        return PlanStatus(
            is_open=is_open,
            done=0,
            approvals=0,
            cancelled=self.cancelled,
            nonce_used=is_open,
            epoch=self.epoch,
        )

    async def weights(self, plan: SignedPlan, signatures: Sequence[Signature]) -> tuple[int, ...]:
        good = self.hash_of(plan)
        return tuple(
            self.approvers.get(each.signer, 0) if each.data == good else 0 for each in signatures
        )

    async def threshold(self, signer: str) -> int:
        return 1

    async def owners(self, signer: str) -> frozenset[str]:
        return frozenset({signer})


class PaperInventory(TransferRig):
    """Required balances of two chains, and the checks that keep them."""

    def __init__(
        self,
        file: Path,
        *,
        funds: Mapping[int, int] | None = None,
        trigger: Fraction = Fraction(1, 2),
        confirmations: int = 1,
    ) -> None:
        self.settings = InventorySettings(
            trigger_percentage=trigger,
            chains={
                each: ChainInventory(
                    ledger=LEDGER,
                    assets={
                        "USDC": AssetSettings(token=TOKEN, decimals=6, base=BASE, venues=(VENUE,))
                    },
                    maximum_native_fee=10**15,
                    gas_reserve=10**15,
                )
                for each in self.ids
            },
            time_limit=Fraction(2),
        )
        self.checked = InventoryCheck()
        self.shown: dict[int, dict[str, Any]] = {
            each: {"route_limits": {("USDC", "TIMED"): UNLIMITED}} for each in self.ids
        }
        super().__init__(file, confirmations=confirmations)
        for chain_id, amount in (funds or dict.fromkeys(self.ids, BASE)).items():
            self.treasuries[chain_id].funds["USDC"] = amount
            self.treasuries[chain_id].invested["USDC"] = 0

    def start(self, crash: Crash) -> None:
        """Start the keeper's process; all its state is in the database."""
        if not hasattr(self, "timed"):
            self.timed = TimedBridge("TIMED", self.treasuries, clock=self.database_clock)
        super().start(crash)
        self.world = replace(self.world, bridges={"TIMED": self.timed})
        for chain_id, chain in self.chains.items():
            chain.shown = self.shown[chain_id]
        self.tickets = TicketRepository(self.database)
        self.plans = {each: PaperTreasuryPlans(chain) for each, chain in self.chains.items()}
        self.simulators = {each: PaperSimulator(chain) for each, chain in self.chains.items()}
        self.inventory = InventoryDependencies(
            machine=self.world,
            settings=self.settings,
            simulators=self.simulators,
            plans=self.plans,
            tickets=self.tickets,
        )

    def change(self, chain_id: int, **changes: Any) -> None:
        """Change the settings of the asset on a chain."""
        chain = self.settings.chains[chain_id]
        asset = replace(chain.assets["USDC"], **changes)
        chains = {**self.settings.chains, chain_id: replace(chain, assets={"USDC": asset})}
        self.settings = replace(self.settings, chains=chains)
        self.inventory = replace(self.inventory, settings=self.settings)

    def check(self, *, armed: bool = True) -> tuple[BatchRecord, ...]:
        """Run one check; return the batches that it created."""
        self.checked = asyncio.run(check_inventory(self.inventory, armed=armed))
        return self.checked.batches

    def left(self) -> str:
        """Return what the last check left undone."""
        return "; ".join(each.text for each in self.checked.leftovers)

    def use(self, chain_id: int, amount: int) -> None:
        """Take tokens out of a treasury, or add some if the amount is negative."""
        self.treasuries[chain_id].funds["USDC"] -= amount

    def limit(self, chain_id: int, available: int) -> None:
        """Set the amount that the route admits."""
        limits = {("USDC", "TIMED"): Limit(10**30, available, 86_400)}
        self.shown[chain_id]["route_limits"] = limits

    def made(self) -> list[BatchRecord]:
        """Return all batches, the oldest first."""
        return list(reversed(self.transfers.batches(None)))

    def instruct(self) -> tuple[BatchRecord, ...]:
        """Take up the instructions in the table."""
        return asyncio.run(take_instructions(self.inventory, armed=True))

    def transfers_notices(self) -> list[str]:
        """Return the title and text of all queued notifications."""
        query = select(notifications.c.title, notifications.c.text)
        rows = self.database.read(lambda connection: connection.execute(query).all())
        return [f"{title}: {text}" for title, text in rows]

    def status_of_run(self, run_id: str) -> RunStatus:
        """Return the status of a run."""
        query = select(runs.c.status).where(runs.c.run_id == run_id)
        return RunStatus(self.database.read(lambda connection: connection.scalar(query)))
