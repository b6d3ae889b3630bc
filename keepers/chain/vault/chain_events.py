"""Watched events of a vault: deposits from `eth_getLogs`, price levels, and claimable requests."""

from __future__ import annotations

from collections.abc import Iterator

from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError

from keepers.chain.addresses import Addresses
from keepers.chain.batch import ReadBatch, ReadSlot
from keepers.chain.codec import Call, event_topic
from keepers.chain.contracts.market import IERC4626, Erc7540Venue, PriceOracle
from keepers.chain.contracts.vault import LiquidityVault, Portfolio, RawHolding
from keepers.chain.node import Node
from keepers.chain.node_errors import is_too_large
from keepers.chain.pool.failover import RangeReader
from keepers.chain.pool.heads import header_at
from keepers.chain.pool.members import Members
from keepers.chain.responses import (
    GET_LOGS,
    Header,
    as_bytes,
    as_list,
    as_object,
    as_quantity,
    as_text,
)
from keepers.chain.rpc import Requests, RpcError
from keepers.chain.vault.reads import BlockReads
from keepers.model.chain_events import BlockCursor, Deposit, DepositScan, Level, LevelKind
from keepers.model.errors.chain import (
    BadAnswerError,
    ChainError,
    ChainUnreachableError,
)
from keepers.model.vault import HoldingKind

AMOUNTS = ("uint256", "uint256")
"""Data of a deposit: assets, shares."""

SILENCE = "no answer in time"
"""Error text of a node that may still be processing too long a range."""


class VaultDeposits(RangeReader):
    """Reader of the deposits into one vault.

    A range is read from one node, between two reads of its last block, so that the logs belong to
    the chain with that block.
    """

    def __init__(self, members: Members, vault: str) -> None:
        super().__init__(members)
        self._vault = vault

    async def deposits(self, first: int, last: int) -> DepositScan:
        """Return the deposits in a range of blocks, from the best node that returns them.

        Raises:
            RangeRefusedError: A node refuses or does not respond, and no other has the range.
            ChainError: The deposits cannot be read now.
        """

        async def work(requests: Requests) -> DepositScan:
            return await self._read(requests, first, last)

        return await self._read_range(first, last, work, _refusal)

    async def _read(self, requests: Requests, first: int, last: int) -> DepositScan:
        begin, end = await _header(requests, first), await _header(requests, last)
        wanted = {
            "address": self._vault,
            "topics": [event_topic("LiquidityVault", "Deposit")],
            "fromBlock": hex(first),
            "toBlock": hex(last),
        }
        raw = as_list(await requests.ask(GET_LOGS, wanted), GET_LOGS)
        if await _header(requests, last) != end:
            raise ChainUnreachableError(requests.shown_url, "its chain changed while it was read")
        found = tuple(_deposit(each, first, last) for each in raw)
        cursor = BlockCursor(last, end.head.block_hash)
        if any(each.block.number == last and each.block != cursor for each in found):
            raise BadAnswerError(GET_LOGS, "a log of another block")
        return DepositScan(begin.parent_hash, cursor, found)


def _refusal(problem: ChainError | RpcError) -> str | None:
    """Return the text of an error that a shorter range may avoid."""
    match problem:
        case RpcError():
            return problem.message
        case ChainUnreachableError() if problem.problem == SILENCE:
            return SILENCE
        case _:
            return "its response is too large" if is_too_large(problem) else None


async def _header(requests: Requests, block: int) -> Header:
    header = await header_at(block)(requests)
    if header is None:
        raise ChainUnreachableError(requests.shown_url, f"it does not have block {block}")
    return header


def _deposit(raw: object, first: int, last: int) -> Deposit:
    log = as_object(raw, GET_LOGS)
    number = as_quantity(log.get("blockNumber"), GET_LOGS)
    if not first <= number <= last or log.get("removed"):
        raise BadAnswerError(GET_LOGS, "a log of another block")
    try:
        assets, _shares = decode(AMOUNTS, as_bytes(log.get("data"), GET_LOGS))
    except (DecodingError, ValueError):
        raise BadAnswerError(GET_LOGS, "a deposit of an unexpected form") from None
    return Deposit(
        block=BlockCursor(number, as_text(log.get("blockHash"), GET_LOGS)),
        log_index=as_quantity(log.get("logIndex"), GET_LOGS),
        amount=assets,
    )


PRICED_UNITS = 10**9
"""Units that a price is for; for one unit, a token of few decimals would hide small moves."""


class VaultGauge:
    """Reader of price levels and claimable requests of one vault, by asset symbol."""

    def __init__(self, node: Node, addresses: Addresses) -> None:
        self._node = node
        self._addresses = addresses

    async def levels(self) -> tuple[Level, ...]:
        """Return prices in base units of the settlement token, and claimable amounts.

        A price that cannot be read, for example from a stale feed, is left out.
        """
        head = await self._node.head()
        first = BlockReads(self._node, head.number, head.at)
        settlement = first.add(LiquidityVault(self._addresses.vault).asset())
        listed = [first.add(Portfolio(each).holdings()) for each in self._addresses.portfolios]
        await first.run(head.number)
        second = BlockReads(self._node, head.number, head.at)
        reads = [
            _AssetReads(second, self._addresses, holding, settlement.value)
            for slot in listed
            for holding in slot.value
        ]
        await second.run(head.number)
        return tuple(level for each in reads for level in each.levels())


class _AssetReads:
    """Reads of one asset."""

    def __init__(
        self, batch: ReadBatch, addresses: Addresses, holding: RawHolding, settlement: str
    ) -> None:
        token, fund = addresses.token(holding.asset), IERC4626(holding.asset)
        self._symbol = token.symbol
        amount = PRICED_UNITS * 10**token.decimals
        self._price: ReadSlot[int] = batch.add(_price(addresses, holding, settlement, amount))
        self._claims: tuple[ReadSlot[tuple[int, int]], ReadSlot[int], ReadSlot[int]] | None = None
        if holding.kind is HoldingKind.ASYNC:
            venue = holding.venue
            self._claims = (
                batch.add(Erc7540Venue(venue).requested(holding.asset)),
                batch.add(fund.max_deposit(venue)),
                batch.add(fund.max_withdraw(venue)),
            )

    def levels(self) -> Iterator[Level]:
        """Yield the levels that could be read."""
        price = self._price.found
        if price is not None:
            yield Level(LevelKind.PRICE, self._symbol, price)
        if self._claims is None:
            return
        requested, deposits, redemptions = (each.found for each in self._claims)
        if not isinstance(requested, tuple):
            return
        assets, shares = requested
        # Others may settle requests in our name; only the vault's own requests count.
        yield Level(LevelKind.WINDOW, self._symbol, _claimable(deposits) if assets else 0)
        yield Level(LevelKind.MATURITY, self._symbol, _claimable(redemptions) if shares else 0)


def _claimable(found: int | tuple[int, int] | None) -> int:
    return found if isinstance(found, int) else 0


def _price(addresses: Addresses, holding: RawHolding, settlement: str, amount: int) -> Call[int]:
    if holding.kind is HoldingKind.VENUE:
        return PriceOracle(addresses.oracle).convert(holding.asset, settlement, amount)
    return IERC4626(holding.asset).convert_to_assets(amount)
