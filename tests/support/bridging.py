"""Departures, a simulated chain and a simulated clock for tests of bridges."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from eth_abi.abi import encode
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from keepers.bridges.chain_reader import ChainReader
from keepers.chain.codec import account_topic
from keepers.model.bridge import Departure
from keepers.model.chain import Log, Receipt
from keepers.model.errors.chain import CallRevertedError
from keepers.model.transfer import TransferTerms

SOURCE, DESTINATION = 1, 42161
TREASURIES = ("0x" + "a1" * 20, "0x" + "b2" * 20)
ROUTES = ("0x" + "c3" * 20, "0x" + "d4" * 20)
TOKENS = ("0x" + "51" * 20, "0x" + "52" * 20)
INBOX = "0x" + "e5" * 20
TRANSMITTER = "0x" + "f6" * 20
MULTICALL = "0x" + "ca" * 20
HASH = "0x" + "11" * 32
THEN = datetime(2026, 5, 4, 12, tzinfo=UTC)


def terms(
    *, asset: str = "USDC", route: str = "CCTP", amount: int = 100_000_000, least: int | None = None
) -> TransferTerms:
    """Return the terms of a transfer from chain 1 to chain 42161."""
    return TransferTerms(
        source_chain=SOURCE,
        source_treasury=TREASURIES[0],
        destination_chain=DESTINATION,
        destination_treasury=TREASURIES[1],
        asset=asset,
        amount=amount,
        min_received=amount if least is None else least,
        route=route,
        nonce=7,
    )


def event(signature: str, address: str, topics: Sequence[str], data: bytes = b"") -> Log:
    """Return an event in the form of a receipt."""
    first = f"0x{keccak(text=signature).hex()}"
    return Log(to_checksum_address(address), (first, *topics), f"0x{data.hex()}")


def receipt(logs: Sequence[Log] = (), *, hash_: str = HASH, succeeded: bool = True) -> Receipt:
    """Return a receipt with events."""
    return Receipt(
        transaction_hash=hash_,
        block_number=100,
        block_hash="0x" + "22" * 32,
        succeeded=succeeded,
        gas_used=21_000,
        effective_gas_price=1,
        logs=tuple(logs),
    )


def departure(of: TransferTerms, logs: Sequence[Log] = (), *, at: datetime = THEN) -> Departure:
    """Return the departure of a transfer."""
    return Departure(
        transfer_id=of.transfer_id,
        terms=of,
        receipt=receipt(logs),
        at=at,
        destination_block=50,
    )


def payment(amount: int, *, to: str = INBOX, token: str = TOKENS[1]) -> Log:
    """Return the event of a token transfer."""
    topics = (account_topic("0x" + "77" * 20), account_topic(to))
    return event("Transfer(address,address,uint256)", token, topics, encode(["uint256"], [amount]))


class PaperClock:
    """Clock that moves when the code sleeps or a test moves it."""

    def __init__(self) -> None:
        self.elapsed = 0.0
        self.slept: list[float] = []

    def now(self) -> datetime:
        return THEN + timedelta(seconds=self.elapsed)

    def monotonic(self) -> float:
        return self.elapsed

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.elapsed += seconds

    def pass_(self, **time: float) -> None:
        self.elapsed += timedelta(**time).total_seconds()


Answer = Callable[[bytes], bytes]


@dataclass
class PaperChain(ChainReader):
    """Simulated chain with the receipts, events and call results of a test."""

    block: int = 1_000
    receipts: dict[str, Receipt] = field(default_factory=dict[str, Receipt])
    events: list[Log] = field(default_factory=list[Log])
    answers: dict[tuple[str, bytes], Answer] = field(
        default_factory=dict[tuple[str, bytes], Answer]
    )
    problem: Exception | None = None

    def on(self, target: str, signature: str, answer: Answer) -> None:
        """Set the result of a function, computed from the data after its selector."""
        self.answers[target, keccak(text=signature)[:4]] = answer

    async def contract_block(self) -> int:
        self._may_fail()
        return self.block

    async def receipt(self, transaction_hash: str) -> Receipt | None:
        self._may_fail()
        return self.receipts.get(transaction_hash)

    async def logs(
        self, address: str, topics: Sequence[str | None], from_block: int
    ) -> Sequence[Log]:
        self._may_fail()
        assert from_block > 0
        return [
            log
            for log in self.events
            if log.address.lower() == address.lower()
            and all(one in (None, other) for one, other in zip(topics, log.topics, strict=False))
        ]

    async def call(self, target: str, data: bytes) -> bytes:
        self._may_fail()
        answer = self.answers.get((target, data[:4]))
        if answer is None:
            raise CallRevertedError("no such function")
        return answer(data[4:])

    def _may_fail(self) -> None:
        if self.problem is not None:
            raise self.problem


@dataclass
class PaperEffect:
    """Record of an effect; a `problem` is raised instead of recording."""

    client_key: str
    clock: PaperClock
    last_attempt: datetime | None = None
    problem: Exception | None = None
    recorded: int = 0
    before: Callable[[], None] = lambda: None

    async def record(self) -> None:
        self.before()
        if self.problem is not None:
            raise self.problem
        self.recorded += 1
        self.last_attempt = self.clock.now()


def quoting(
    token_fee: Callable[[int], int], *, least: int = 1, most: int = 10**15, native: int = 0
) -> Answer:
    """Return the result of our route's `quote`."""

    def answer(data: bytes) -> bytes:
        amount = int.from_bytes(data[64:96], "big")
        return encode(["uint256"] * 4, [native, token_fee(amount), least, most])

    return answer


QUOTE = "quote((bytes32,uint256,uint256,uint256),bytes)"
OBSTACLE = "obstacleOf(uint256,address)"


def circle(chain: PaperChain, route: str, obstacle: int = 0) -> None:
    """Set the reason why Circle would refuse a transfer of a CCTP route; 0 is none."""
    chain.on(route, OBSTACLE, lambda _: encode(["uint8"], [obstacle]))
