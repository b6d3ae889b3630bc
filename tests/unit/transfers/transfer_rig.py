"""The machine on two simulated chains and a real database; its process can die at any point."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from eth_account import Account
from eth_utils.crypto import keccak
from sqlalchemy import select

from keepers.model.batch import BatchOrigin, BatchState, NewBatch
from keepers.model.chain import Receipt
from keepers.model.notice import Notice
from keepers.model.run import RunStatus
from keepers.model.transaction_records import account_scope
from keepers.model.transfer import TransferTerms
from keepers.model.transfer_record import (
    TREASURY,
    NewPlacement,
    NewTransfer,
    PlacementVerb,
    TransferRecord,
    TransferWork,
    VenueTerms,
)
from keepers.signing.local import LocalSigner
from keepers.store.connection import connect
from keepers.store.database import Database
from keepers.store.leases import HeldLease
from keepers.store.tables import runs
from keepers.store.transfers import TransferRepository
from keepers.transactions.engine import TransactionEngine
from keepers.transfers.machine.calls import TransferInterpreter
from keepers.transfers.machine.dependencies import TransferDependencies
from keepers.transfers.machine.machine import advance_all
from tests.support.sending import POLICY, RecordedTelemetry, SteppedClock, sender_context
from tests.unit.store.ledger.samples import StillClock
from tests.unit.transactions.paper_engine import KEY, Auditor
from tests.unit.transfers.paper_bridges import AttestingBridge, CustodialBridge
from tests.unit.transfers.paper_treasury import (
    VENUE,
    PaperTreasury,
    PaperTreasuryChain,
    TreasuryNodes,
    read_call,
)

ONE, TWO = 1, 42_161
FUNDS = 1_000_000
AMOUNT = 1_000


class Died(BaseException):
    """The process is killed."""


@dataclass
class Crash:
    """Callback that dies at the point with the number `at`; it records all points passed."""

    at: int | None = None
    passed: list[str] = field(default_factory=list[str])

    def __call__(self, point: str) -> None:
        self.passed.append(point)
        if self.at is not None and len(self.passed) - 1 == self.at:
            raise Died(point)


@dataclass
class Notices:
    """Notifier that records its calls."""

    reported: list[Notice] = field(default_factory=list[Notice])
    over: list[str] = field(default_factory=list[str])

    def report(self, notice: Notice) -> None:
        self.reported.append(notice)

    def recovered(self, key: str, text: str) -> None:
        del text
        self.over.append(key)


class TransferRig:
    """Everything outside the keeper, its database, and a keeper that can be restarted."""

    ids: tuple[int, ...] = (ONE, TWO)

    def __init__(self, file: Path, *, confirmations: int = 2) -> None:
        self.file = file
        self.clock, self.database_clock = SteppedClock(), StillClock()
        self.treasuries = {
            each: PaperTreasury(each, {"USDC": FUNDS}, invested={"USDC": FUNDS})
            for each in self.ids
        }
        self.nodes = {each: TreasuryNodes(paper) for each, paper in self.treasuries.items()}
        self.attesting = AttestingBridge("CCTP", self.treasuries, fee=3)
        self.custodial = CustodialBridge("EXCHANGE", self.treasuries, fee=5)
        self.policy = replace(POLICY, confirmations=confirmations)
        self.notices = Notices()
        self.telemetry = RecordedTelemetry()
        self.start(Crash())

    @property
    def bridges(self) -> Mapping[str, AttestingBridge | CustodialBridge]:
        return {each.name: each for each in (self.attesting, self.custodial)}

    def start(self, crash: Crash) -> None:
        """Start the keeper's process; all its state is in the database."""
        self.crash = crash
        self.custodial.kill = crash
        url = f"sqlite:///{self.file}"
        self.database = Database(connect(url), crash, clock=self.database_clock)
        lease = HeldLease(self.database, account_scope(TREASURY), "keeper", 60)
        self.transfers = TransferRepository(self.database, lease)
        self.chains = {each: self._chain(each) for each in self.treasuries}
        self.world = TransferDependencies(
            chains=self.chains,
            bridges=self.bridges,
            transfers=self.transfers,
            notifier=self.notices,
            clock=self.clock,
            progress=lambda _: None,
        )

    def begin(
        self,
        route: str = "CCTP",
        *,
        invest: int = 0,
        divest: int = 0,
        count: int = 1,
        nonce: int = 0,
        way: tuple[int, int] = (ONE, TWO),
    ) -> list[str]:
        """Begin a batch of transfers, from ONE to TWO by default; return their ids."""
        batch_id = f"batch-{nonce}"
        numbers = range(nonce, nonce + count)
        made = [self._transfer(route, invest, each, batch_id, way) for each in numbers]
        placements: tuple[NewPlacement, ...] = ()
        if divest:
            terms = VenueTerms(venue=VENUE, amount=divest, shares=divest)
            key = f"0x{keccak(text=f'divest {nonce}').hex()}"
            placements = (
                NewPlacement(
                    placement_id=key,
                    run_id=f"divest-{nonce}",
                    batch_id=batch_id,
                    chain_id=ONE,
                    asset="USDC",
                    verb=PlacementVerb.DIVEST,
                    move=terms,
                ),
            )
        batch = NewBatch(
            batch_id=batch_id,
            client_key=f"key-{nonce}",
            origin=BatchOrigin.RULEBOOK,
            state=BatchState.RUNNING,
            reason=None,
            detail={},
            deadline=self.database_clock.now + timedelta(hours=1),
            transfers=tuple(made),
            placements=placements,
        )
        self.transfers.begin_batch(batch)
        return [each.transfer_id for each in made]

    def turn(self, *, mine: bool = True) -> bool:
        """Run a pass of the machine, then mine a block on each chain and advance the time."""
        changed = asyncio.run(advance_all(self.world)).changed
        if mine:
            for each in self.treasuries.values():
                each.chain.mine()
        self.pass_time(1)
        return changed

    def take_back(self, chain_id: int, verb: str, *, returned: bool = False) -> None:
        """Reorganise a chain from the block that contains a call of the first transfer."""
        paper = self.treasuries[chain_id]
        (legs,) = (each for each in paper.books().legs.values() if verb in each)
        depth = paper.chain.head.number - legs[verb] + 1
        paper.chain.reorganise(depth, returned=returned)

    def pass_time(self, seconds: float) -> None:
        self.clock.seconds += seconds
        self.database_clock.advance(seconds)

    def run(self, turns: int = 60) -> None:
        """Run passes until nothing can change any more."""
        for _ in range(turns):
            self.turn()
            if not self.transfers.unsettled() and not self.transfers.open_placements():
                return
        stands = [(each.position.text, each.wait) for each in self.transfers.unsettled()]
        raise AssertionError(f"not at its end: {stands}")

    def run_until(self, place: str, turns: int = 40) -> TransferRecord:
        """Run passes until the first transfer reaches a position."""
        for _ in range(turns):
            first = self.transfers.transfers()[0]
            if first.position.text == place:
                return first
            self.turn()
        raise AssertionError(f"it stands at {self.transfers.transfers()[0].position.text}")

    def idle(self, chain_id: int) -> int:
        return self.treasuries[chain_id].books().idle["USDC"]

    def invested(self, chain_id: int) -> int:
        return self.treasuries[chain_id].books().invested["USDC"]

    def status(self, key: str) -> RunStatus:
        """Return the status of a transfer's run."""
        run_id = self.transfers.transfer(key).new.run_id
        query = select(runs.c.status).where(runs.c.run_id == run_id)
        return RunStatus(self.database.read(lambda connection: connection.scalar(query)))

    def _chain(self, chain_id: int) -> PaperTreasuryChain:
        signer = LocalSigner(Account.from_key(KEY))
        context = sender_context(
            self.database,
            signer,
            self.nodes[chain_id],
            chain_id=chain_id,
            auditor=Auditor(),
            telemetry=self.telemetry,
            clock=self.clock,
            policy=self.policy,
            interpreters=dict(self._judges(chain_id)),
            holder="keeper",
        )
        return PaperTreasuryChain(
            self.treasuries[chain_id], signer.address, TransactionEngine(context)
        )

    def _judges(self, chain_id: int) -> Mapping[str, TransferInterpreter]:
        judge = TransferInterpreter(lambda receipt: self._amounts(chain_id, receipt))
        works = (TransferWork.TRANSFER_OUT, TransferWork.TRANSFER_IN, *PlacementVerb)
        return {str(each): judge for each in works}

    def _amounts(self, chain_id: int, receipt: Receipt) -> Mapping[str, int]:
        for _, each in self.treasuries[chain_id].chain.included():
            if each.hash == receipt.transaction_hash:
                return {read_call(each.decoded.calldata)["id"]: 1}
        return {}

    def _transfer(
        self, route: str, invest: int, nonce: int, batch_id: str, way: tuple[int, int]
    ) -> NewTransfer:
        source, destination = way
        terms = TransferTerms(
            source_chain=source,
            source_treasury=self.treasuries[source].address,
            destination_chain=destination,
            destination_treasury=self.treasuries[destination].address,
            asset="USDC",
            amount=AMOUNT,
            min_received=AMOUNT - 10,
            route=route,
            nonce=nonce,
        )
        put = None
        if invest:
            put = VenueTerms(venue=VENUE, amount=invest, shares=invest)
        return NewTransfer(
            transfer_id=terms.transfer_id,
            run_id=f"run-{route}-{nonce}",
            batch_id=batch_id,
            terms=terms,
            options=b"",
            native_fee=0,
            seconds=60,
            destination_block=0,
            invest=put,
        )


def copies(empty: Path, folder: Path) -> Callable[[], Path]:
    """Return a function that copies a database with all tables."""
    made: list[Any] = []

    def copy() -> Path:
        made.append(None)
        return Path(shutil.copy(empty, folder / f"{len(made)}.sqlite"))

    return copy
