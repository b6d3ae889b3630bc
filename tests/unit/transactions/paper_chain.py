"""Simulated chain: blocks, a pool with the rules of a node, and reorganisations."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from eth_utils.crypto import keccak

from keepers.model.chain import Head, NodeErrorKind, Receipt
from keepers.signing.checked import Decoded, decode
from keepers.signing.curve import recover

GENESIS = datetime(2026, 3, 2, 12, tzinfo=UTC)
GWEI = 10**9


@dataclass(frozen=True)
class Paper:
    """A sent transaction."""

    raw: str
    hash: str
    sender: str
    decoded: Decoded

    @property
    def key(self) -> tuple[str, int]:
        """Lower-case sender, and nonce."""
        return self.sender.lower(), self.decoded.nonce


@dataclass(frozen=True)
class Block:
    """Block with its transactions."""

    head: Head
    transactions: tuple[Paper, ...]


def paper(raw: str) -> Paper:
    """Decode signed bytes."""
    data = bytes.fromhex(raw.removeprefix("0x"))
    found = decode(data)
    sender = recover(found.digest, parity=found.parity, r=found.r, s=found.s)
    return Paper(raw, f"0x{keccak(data).hex()}", sender, found)


@dataclass
class PaperChain:
    """A chain, and the pool of its nodes."""

    base_fee: int = 10 * GWEI
    tip: int = GWEI
    balance: int = 10**20
    gas_limit: int = 30_000_000
    blocks: list[Block] = field(default_factory=list[Block])
    pool: dict[tuple[str, int], Paper] = field(default_factory=dict[tuple[str, int], Paper])
    reverts: Callable[[Paper], bool] = lambda _: False
    read: Callable[[str], Paper] = paper
    forks: int = 0

    def __post_init__(self) -> None:
        self._append(())

    @property
    def head(self) -> Head:
        """Header of the newest block."""
        return self.blocks[-1].head

    def included(self) -> Iterator[tuple[Block, Paper]]:
        """Return all transactions in blocks, in order."""
        for block in self.blocks:
            for each in block.transactions:
                yield block, each

    def nonce(self, account: str, block: int | None = None) -> int:
        """Return the number of included transactions of an account."""
        last = self.head.number if block is None else block
        return sum(
            found.sender.lower() == account.lower()
            for where, found in self.included()
            if where.head.number <= last
        )

    def pending_nonce(self, account: str) -> int:
        """Return this number plus the transactions in the pool that follow without a gap."""
        nonce = self.nonce(account)
        while (account.lower(), nonce) in self.pool:
            nonce += 1
        return nonce

    def send(self, raw: str) -> NodeErrorKind | None:
        """Add bytes to the pool, or return the error, with the order of checks of a node."""
        new = self.read(raw)
        if new.hash in {each.hash for each in self.pool.values()}:
            return NodeErrorKind.ALREADY_KNOWN
        if new.decoded.nonce < self.nonce(new.sender):
            return NodeErrorKind.NONCE_TOO_LOW
        cost = new.decoded.gas_limit * new.decoded.maximum_fee + new.decoded.value
        if cost > self.balance:
            return NodeErrorKind.INSUFFICIENT_FUNDS
        old = self.pool.get(new.key)
        if old is not None and not replaces(old, new):
            return NodeErrorKind.REPLACEMENT_UNDERPRICED
        self.pool[new.key] = new
        return None

    def knows(self, transaction_hash: str) -> bool:
        """Return whether the transaction is in the pool or in a block."""
        pooled = any(each.hash == transaction_hash for each in self.pool.values())
        return pooled or any(each.hash == transaction_hash for _, each in self.included())

    def receipt(self, transaction_hash: str) -> Receipt | None:
        """Return the receipt of an included transaction."""
        for block, each in self.included():
            if each.hash == transaction_hash:
                return Receipt(
                    transaction_hash=each.hash,
                    block_number=block.head.number,
                    block_hash=block.head.block_hash,
                    succeeded=not self.reverts(each),
                    gas_used=21_000,
                    effective_gas_price=block.head.base_fee,
                )
        return None

    def block_hash(self, number: int) -> str | None:
        """Return the hash of a block."""
        if number > self.head.number or number < 0:
            return None
        return self.blocks[number].head.block_hash

    def mine(self, blocks: int = 1, *, wanted: Callable[[Paper], bool] = lambda _: True) -> None:
        """Mine blocks with the transactions that pay enough and follow without a gap."""
        for _ in range(blocks):
            chosen: list[Paper] = []
            for sender in {key[0] for key in self.pool}:
                nonce = self.nonce(sender)
                while self._is_ready((sender, nonce), wanted):
                    chosen.append(self.pool.pop((sender, nonce)))
                    nonce += 1
            self._append(tuple(chosen))
            wanted = lambda _: True  # noqa: E731

    def include(self, *raws: str) -> None:
        """Mine a block with these bytes; pooled transactions with the same nonces are dropped."""
        found = tuple(map(self.read, raws))
        for each in found:
            self.pool.pop(each.key, None)
        self._append(found)

    def drop(self, transaction_hash: str) -> None:
        """Drop a transaction from the pool."""
        self.pool = {key: each for key, each in self.pool.items() if each.hash != transaction_hash}

    def reorganise(self, depth: int, *, returned: bool = False, length: int | None = None) -> None:
        """Replace the newest blocks by empty ones; their transactions may return to the pool."""
        gone = self.blocks[-depth:]
        del self.blocks[-depth:]
        self.forks += 1
        if returned:
            for block in gone:
                for each in block.transactions:
                    self.pool.setdefault(each.key, each)
        for _ in range(depth if length is None else length):
            self._append(())

    def _is_ready(self, key: tuple[str, int], wanted: Callable[[Paper], bool]) -> bool:
        found = self.pool.get(key)
        return found is not None and found.decoded.maximum_fee >= self.base_fee and wanted(found)

    def _append(self, transactions: tuple[Paper, ...]) -> None:
        number = len(self.blocks)
        said = f"{self.forks}/{number}/{[each.hash for each in transactions]}"
        head = Head(
            number=number,
            block_hash=f"0x{keccak(text=said).hex()}",
            at=GENESIS + timedelta(seconds=12 * number),
            base_fee=self.base_fee,
        )
        self.blocks.append(Block(head, transactions))


def replaces(old: Paper, new: Paper) -> bool:
    """Return whether a node accepts the replacement: both fees at least 10 % higher."""
    before, after = old.decoded, new.decoded
    return (
        after.maximum_fee * 10 >= before.maximum_fee * 11
        and after.priority_fee * 10 >= before.priority_fee * 11
    )
