"""Two simulated bridges: one attests departures, the other pays out on request."""

from __future__ import annotations

# ruff: noqa: ARG002 - a double has the parameters of its port
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from keepers.model.bridge import (
    Accepted,
    BridgeQuote,
    Crossed,
    CrossingRequest,
    Departure,
    Effect,
    Initiation,
    Pending,
    Stuck,
    Tracking,
    Wait,
)
from keepers.model.errors.transfers import BridgeUnreachableError
from tests.unit.transfers.paper_treasury import PaperTreasury


@dataclass
class PaperBridge:
    """Common part of both bridges; its state survives the keeper's process."""

    name: str
    treasuries: Mapping[int, PaperTreasury]
    fee: int = 0
    ready: bool = True
    down: bool = False
    stuck: str = ""
    asked: list[str] = field(default_factory=list[str])
    kill: Callable[[str], None] = lambda _: None

    async def quote(self, request: CrossingRequest) -> BridgeQuote:
        self._ask("quote")
        return BridgeQuote(
            send=request.receive + self.fee,
            receive=request.receive,
            fee=self.fee,
            minimum=0,
            maximum=None,
            seconds=Fraction(60),
        )

    async def complete(self, departure: Departure, crossed: Crossed) -> bytes:
        self._ask("complete")
        return crossed.proof

    def explain(self, state: BridgeQuote | Initiation | Tracking) -> str:
        return f"{self.name}: {type(state).__name__.lower()}"

    def arriving(self, amount: int) -> int:
        """Return what arrives of an amount."""
        return amount - self.fee

    def _left(self, departure: Departure) -> bool:
        source = self.treasuries[departure.terms.source_chain]
        return departure.transfer_id in source.books().departures

    def _proof(self, departure: Departure, amount: int) -> Crossed:
        text = f"{departure.transfer_id}:{amount}"
        self.treasuries[departure.terms.destination_chain].valid.add(text)
        return Crossed(amount=amount, proof=text.encode())

    def _ask(self, what: str) -> None:
        self.asked.append(what)
        if self.down:
            raise BridgeUnreachableError(self.name, "down")


@dataclass
class AttestingBridge(PaperBridge):
    """Bridge that attests what it sees on the source, without a request."""

    expired: set[str] = field(default_factory=set[str])
    """Proofs that the treasury no longer accepts."""
    reissues: int = 0

    async def initiate(self, departure: Departure, effect: Effect) -> Initiation:
        self._ask("initiate")
        return Accepted(departure.receipt.transaction_hash)

    async def track(self, departure: Departure, remote_id: str) -> Tracking:
        self._ask("track")
        if self.stuck:
            return Stuck(self.stuck, "look")
        if not self.ready or not self._left(departure):
            return Pending(Wait.UNSEEN, "not seen")
        amount = self.arriving(departure.terms.amount)
        text = f"{departure.transfer_id}:{amount}"
        valid = self.treasuries[departure.terms.destination_chain].valid
        if text in self.expired:
            self.reissues += 1
            text = f"{departure.transfer_id}:{amount}:{self.reissues}"
        valid.add(text)
        return Crossed(amount=amount, proof=text.encode())


@dataclass
class CustodialBridge(PaperBridge):
    """Custodian that pays once for each key on request, possibly without a response."""

    crossings: dict[str, int] = field(default_factory=dict[str, int])
    withdrawals: list[str] = field(default_factory=list[str])
    deaf: int = 0
    """Number of requests that are executed without a response."""
    unlocked: bool = True

    async def initiate(self, departure: Departure, effect: Effect) -> Initiation:
        self._ask("initiate")
        if self.stuck:
            return Stuck(self.stuck, "ask it")
        if effect.client_key in self.crossings:
            return Accepted(effect.client_key)
        if not self.unlocked:
            return Pending(Wait.LOCKED, "credited and locked")
        assert self._left(departure), "asked to carry what has not left"
        await effect.record()
        self.kill("before_withdrawal")
        self.crossings[effect.client_key] = departure.terms.amount - self.fee
        self.withdrawals.append(effect.client_key)
        self.kill("after_withdrawal")
        if self.deaf:
            self.deaf -= 1
            return Pending(Wait.UNSURE, "no answer")
        return Accepted(effect.client_key)

    async def track(self, departure: Departure, remote_id: str) -> Tracking:
        self._ask("track")
        amount = self.crossings.get(remote_id)
        if amount is None:
            return Stuck("it does not know the crossing", "ask it")
        if not self.ready:
            return Pending(Wait.PROCESSING, "working")
        return self._proof(departure, amount)
