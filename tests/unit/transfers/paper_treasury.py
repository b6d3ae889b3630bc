"""Treasury on a simulated chain: its state follows from the current blocks."""

from __future__ import annotations

# ruff: noqa: ARG002 - a double has the parameters of its port
import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from keepers.model.chain import ContractCall, Receipt
from keepers.model.errors.chain import CallRevertedError, ChainError, ChainUnreachableError
from keepers.model.limits import KeeperLimits, Limit
from keepers.model.transfer import TransferTerms
from keepers.model.transfer_record import PlacementVerb, PlanPart, VenueTerms
from keepers.model.treasury import (
    Legs,
    SizeBands,
    TreasuryHolding,
    TreasuryView,
    VenuePosition,
)
from keepers.transactions.engine import TransactionEngine
from tests.unit.transactions.paper_chain import Paper, PaperChain
from tests.unit.transactions.paper_nodes import PaperNodes

VENUE = "0x" + "7e" * 20
UNLIMITED = Limit(cap=10**30, available=10**30, period_seconds=86_400)


@dataclass
class Books:
    """Sum of the calls in a chain's blocks."""

    idle: dict[str, int]
    invested: dict[str, int] = field(default_factory=dict[str, int])
    legs: dict[str, dict[str, int]] = field(default_factory=dict[str, dict[str, int]])
    sent: dict[str, TransferTerms] = field(default_factory=dict[str, TransferTerms])
    amounts: dict[str, int] = field(default_factory=dict[str, int])
    failed: set[str] = field(default_factory=set[str])
    departures: dict[str, str] = field(default_factory=dict[str, str])
    opened: set[str] = field(default_factory=set[str])

    def apply(self, call: Mapping[str, Any], at: int, valid: set[str]) -> None:
        """Apply a call, or raise ValueError where the contract reverts."""
        key, verb = call["id"], call["verb"]
        legs = self.legs.setdefault(key, {})
        if verb in legs:
            raise ValueError(f"Treasury_LegDone({verb})")
        match verb:
            case "sent":
                terms = TransferTerms(**call["terms"])
                self._take(terms.asset, terms.amount)
                self.sent[key] = terms
            case "received":
                if call["proof"] not in valid:
                    raise ValueError("bad proof")
                amount = int(call["proof"].split(":")[1])
                self.idle[call["asset"]] = self.idle.get(call["asset"], 0) + amount
                self.amounts[key] = amount
            case "opened":
                self.opened.add(key)
            case "invested":
                self._take(call["asset"], call["amount"])
                self.invested[call["asset"]] = self.invested.get(call["asset"], 0) + call["amount"]
            case _:
                held = self.invested.get(call["asset"], 0)
                if held < call["amount"]:
                    raise ValueError("Treasury_OtherShares")
                self.invested[call["asset"]] = held - call["amount"]
                self.idle[call["asset"]] = self.idle.get(call["asset"], 0) + call["amount"]
        legs[verb] = at

    def _take(self, asset: str, amount: int) -> None:
        if self.idle.get(asset, 0) < amount:
            raise ValueError("ERC20InsufficientBalance")
        self.idle[asset] -= amount


@dataclass
class PaperTreasury:
    """Chain with its treasury; `valid` contains the proofs that its routes accept."""

    chain_id: int
    funds: dict[str, int]
    chain: PaperChain = field(default_factory=PaperChain)
    valid: set[str] = field(default_factory=set[str])
    invested: dict[str, int] = field(default_factory=dict[str, int])
    strangers: list[tuple[int, dict[str, Any]]] = field(
        default_factory=list[tuple[int, dict[str, Any]]]
    )
    refuses: str = ""
    """Reason why every call reverts now; empty if none does."""

    def __post_init__(self) -> None:
        self.chain.reverts = lambda each: each.hash in self.books().failed

    @property
    def address(self) -> str:
        return f"0x{self.chain_id:040x}"

    def books(self, upto: int | None = None) -> Books:
        """Return the books up to a block, the newest by default."""
        books = Books(dict(self.funds), dict(self.invested))
        for block in self.chain.blocks:
            number = block.head.number
            if upto is not None and number > upto:
                break
            for each in block.transactions:
                if each.decoded.calldata != "0x":
                    self._apply(books, each, number)
            for when, call in self.strangers:
                if when == number:
                    books.apply(call, number, self.valid)
        return books

    def _apply(self, books: Books, each: Paper, number: int) -> None:
        call = read_call(each.decoded.calldata)
        try:
            books.apply(call, number, self.valid)
        except ValueError:
            books.failed.add(each.hash)
        else:
            if call["verb"] == "sent":
                books.departures[call["id"]] = each.hash

    def stranger(self, call: dict[str, Any]) -> None:
        """Let an external account call the treasury in a separate block."""
        self.strangers.append((self.chain.head.number + 1, call))
        self.chain.mine(wanted=lambda _: False)

    def run_on(self, books: Books, call: ContractCall) -> None:
        """Apply a call to books, or raise ValueError where the contract reverts."""
        books.apply(read_call(call.calldata), self.chain.head.number + 1, self.valid)

    def check(self, call: ContractCall) -> None:
        """Simulate a call on the newest block."""
        if self.refuses:
            raise CallRevertedError("Refused", (), self.refuses)
        try:
            self.run_on(self.books(), call)
        except ValueError as error:
            raise CallRevertedError("Refused", (), str(error)) from None


class TreasuryNodes(PaperNodes):
    """Nodes that simulate with the treasury's books."""

    def __init__(self, treasury: PaperTreasury) -> None:
        super().__init__(treasury.chain)
        self.treasury = treasury

    def _check(self, call: ContractCall) -> None:
        self.treasury.check(call)


class PaperTreasuryChain:
    """The machine's `TreasuryChain`."""

    def __init__(
        self, treasury: PaperTreasury, keeper: str, transactions: TransactionEngine
    ) -> None:
        self.paper = treasury
        self.name = f"paper-{treasury.chain_id}"
        self.chain_id = treasury.chain_id
        self.treasury = treasury.address
        self.keeper = keeper
        self.gas_limit = 1_000_000
        self.transactions = transactions
        self.down = False
        self.hangs = False
        self.trouble: ChainError | None = None
        """Error that every read raises."""
        self.shown: dict[str, Any] = {}
        """Fields of the view that differ from the default."""

    async def read_view(self, ids: Sequence[str]) -> TreasuryView:
        if self.hangs:
            await asyncio.Event().wait()
        self._ask()
        head, books = self.paper.chain.head, self.paper.books()
        view = TreasuryView(
            chain_id=self.chain_id,
            block_number=head.number,
            block_hash=head.block_hash,
            at=head.at,
            holdings={
                asset: TreasuryHolding(idle, self._positions(books, asset))
                for asset, idle in books.idle.items()
            },
            legs={each: self._legs(books, each) for each in ids},
            keeper_limits=KeeperLimits(self.keeper, UNLIMITED, UNLIMITED),
            route_limits={},
            venue_limits={VENUE: UNLIMITED},
            bands=SizeBands(single_above=10**30, dual_above=10**31, maximum_plan_seconds=86_400),
            paused=False,
            epoch=0,
            keeper_balance_wei=10**20,
        )
        return replace(view, **self.shown)

    async def legs(self, transfer_id: str) -> Legs:
        self._ask()
        return self._legs(self.paper.books(), transfer_id)

    async def final_time(self) -> datetime:
        self._ask()
        return self._genesis + timedelta(seconds=12 * await self.transactions.final_block())

    async def receipt(self, transaction_hash: str) -> Receipt | None:
        self._ask()
        return self.paper.chain.receipt(transaction_hash)

    async def received(self, transfer_id: str, from_block: int) -> int | None:
        self._ask()
        return self.paper.books().amounts.get(transfer_id)

    def send_call(
        self, terms: TransferTerms, options: bytes, part: PlanPart | None
    ) -> ContractCall:
        return self._call("sent", terms.transfer_id, terms=asdict(terms))

    def receive_call(self, terms: TransferTerms, proof: bytes) -> ContractCall:
        return self._call("received", terms.transfer_id, asset=terms.asset, proof=proof.decode())

    def venue_call(self, verb: PlacementVerb, transfer_id: str, terms: VenueTerms) -> ContractCall:
        done = "invested" if verb is PlacementVerb.INVEST else "divested"
        return self._call(done, transfer_id, asset="USDC", amount=terms.amount)

    def opening_call(self, plan_hash: str) -> ContractCall:
        """Return the call that opens a plan."""
        return self._call("opened", plan_hash)

    def _call(self, verb: str, key: str, **fields: Any) -> ContractCall:
        text = json.dumps({"verb": verb, "id": key, **fields}, sort_keys=True)
        return ContractCall(self.treasury, f"0x{text.encode().hex()}")

    def _legs(self, books: Books, key: str) -> Legs:
        return Legs(
            **{
                verb: self._genesis + timedelta(seconds=12 * number)
                for verb, number in books.legs.get(key, {}).items()
            }
        )

    def _positions(self, books: Books, asset: str) -> tuple[VenuePosition, ...]:
        held = books.invested.get(asset, 0)
        return (VenuePosition(venue=VENUE, shares=held, value=held, withdrawable=held),)

    @property
    def _genesis(self) -> datetime:
        return self.paper.chain.blocks[0].head.at

    def _ask(self) -> None:
        if self.trouble is not None:
            raise self.trouble
        if self.down:
            raise ChainUnreachableError(self.name, "down")


def read_call(calldata: str) -> dict[str, Any]:
    """Decode the content of a call."""
    return json.loads(bytes.fromhex(calldata[2:]))
