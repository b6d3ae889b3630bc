"""Quotes, trading limits and trading calls of a vault's positions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from keepers.chain.addresses import Addresses
from keepers.chain.batch import ReadBatch, ReadSlot
from keepers.chain.contracts.ledger import ActionRow, action_row
from keepers.chain.contracts.market import IERC4626, PriceOracle, QuoterV2
from keepers.chain.contracts.vault import AssetController
from keepers.chain.node import Node
from keepers.chain.vault.paths import Paths, SwapPath
from keepers.chain.vault.reads import VaultReads
from keepers.chain.vault.survey import Key, key_of, room_of
from keepers.model.approval import VERBS, ApprovedAction
from keepers.model.chain import ContractCall
from keepers.model.errors.chain import CallRevertedError, ContractMissingError
from keepers.model.order import OrderKind, Quote, QuoteRequest, Trade, TradingRoom
from keepers.model.vault import HoldingKind, VaultPosition

NO_DATA = b""
NO_LIMIT = TradingRoom(None, None)
BY_REQUESTS = (
    "it is bought and sold through requests that its issuer settles later (ERC-7540), which "
    "plans do not make"
)
NOTHING_FOR_IT = "it cannot be quoted: its market would pay nothing for it"


@dataclass(frozen=True, slots=True)
class QuoteSlots:
    """Reads of a quote: one output per path, or one for a fund, and the fair output."""

    request: QuoteRequest
    outs: tuple[ReadSlot[int], ...]
    expected: ReadSlot[int]

    def best(self) -> int:
        """Return the index of the path that pays most; the first if none can be quoted."""
        return max(range(len(self.outs)), key=lambda index: self.outs[index].found or 0)

    def quote(self, index: int) -> Quote:
        """Return the quote of a path, or the reason why there is none."""
        try:
            out, expected = self.outs[index].value, self.expected.value
        except (CallRevertedError, ContractMissingError) as error:
            return Quote(self.request.amount_in, 0, 0, f"it cannot be quoted: {error}")
        if self.request.amount_in and not out:
            return Quote(self.request.amount_in, 0, expected, NOTHING_FOR_IT)
        return Quote(self.request.amount_in, out, expected)


class VaultMarket:
    """Market of a vault's positions, read by multicalls."""

    def __init__(self, node: Node, addresses: Addresses, reads: VaultReads | None = None) -> None:
        """Set up the market; `reads` may already contain some answers."""
        self._node = node
        self._addresses = addresses
        self._reads = reads or VaultReads(node, addresses.vault)
        self._paths = Paths(node, self._reads)
        self._chosen: dict[Key, SwapPath] = {}

    async def quotes(self, requests: Sequence[QuoteRequest], block: int) -> tuple[Quote, ...]:
        """Return a quote of each order separately, with a reason if there is none.

        If a holding's venue chooses among several, the best one for the largest order of an asset
        and direction is used for all of them.
        """
        await self._paths.learn([(each.kind, each.position) for each in requests], block)
        batch = await self._reads.at(block)
        found = [self._add(batch, each) for each in requests]
        if self._reads.survey is not None:
            self._reads.survey.prefetch_rounds(batch)
        await batch.run(block)
        asked = [each for each in found if isinstance(each, QuoteSlots)]
        best = _best(asked)
        for each in (each.request for each in asked):
            if each.position.kind is HoldingKind.VENUE:
                paths = self._paths.known(each.kind, each.position).paths
                self._chosen[_key(each)] = paths[best[_key(each)]]
        return tuple(
            each.quote(best[_key(each.request)]) if isinstance(each, QuoteSlots) else each
            for each in found
        )

    async def room(self, positions: Sequence[VaultPosition], block: int) -> tuple[TradingRoom, ...]:
        """Return the largest purchase and sale of each fund now, or why it cannot trade.

        Pools have no such limit; an asset whose requests are settled later is closed.
        """
        batch = await self._reads.at(block)
        if self._reads.survey is not None:
            self._reads.survey.prefetch(batch)
        slots = [_add_room(batch, self._addresses, each) for each in positions]
        await batch.run(block)
        trades = [(kind, each) for each in positions for kind in OrderKind]
        await self._paths.learn(trades, block)
        return tuple(self._room(each, slot) for each, slot in zip(positions, slots, strict=True))

    async def call(
        self,
        kind: OrderKind,
        position: VaultPosition,
        *,
        amount_in: int,
        minimum_out: int,
        deadline: datetime,
    ) -> ContractCall:
        """Return the controller's call of a trade; a swap includes its deadline and path.

        Uses the path of the quote; without one, a trade with several paths is quoted now.
        """
        data = await self.terms(kind, position, amount_in=amount_in, deadline=deadline)
        controller = AssetController(self._addresses.controller)
        make = controller.purchase if kind is OrderKind.PURCHASE else controller.redeem
        made = make(position.asset, amount_in, minimum_out, data)
        return made.contract_call

    async def call_together(self, trades: Sequence[Trade]) -> ContractCall:
        """Return the controller's call of several trades, with indices in their order."""
        steps = [(index, each.gas, *await self._action(each)) for index, each in enumerate(trades)]
        return AssetController(self._addresses.controller).execute_actions(steps).contract_call

    async def _action(self, trade: Trade) -> tuple[ActionRow, bytes]:
        data = await self.terms(
            trade.kind, trade.position, amount_in=trade.amount_in, deadline=trade.deadline
        )
        action = ApprovedAction(
            verb=VERBS[trade.kind],
            asset=trade.position.asset,
            amount=trade.amount_in,
            minimum_out=trade.minimum_out,
            data=f"0x{data.hex()}",
            depends_on=trade.depends_on,
        )
        return action_row(action), data

    async def terms(
        self, kind: OrderKind, position: VaultPosition, *, amount_in: int, deadline: datetime
    ) -> bytes:
        """Return the data of a trade's venue: empty for a fund, deadline and path for a swap."""
        if position.kind is not HoldingKind.VENUE:
            return NO_DATA
        path = await self._path(QuoteRequest(kind, position, amount_in))
        return path.terms(int(deadline.timestamp()))

    async def _path(self, request: QuoteRequest) -> SwapPath:
        paths = await self._paths.of(request.kind, request.position)
        if len(paths) == 1:
            return paths[0]
        if _key(request) not in self._chosen:
            await self.quotes([request], (await self._node.head()).number)
        return self._chosen[_key(request)]

    def _room(
        self, position: VaultPosition, slots: tuple[ReadSlot[int], ReadSlot[int]] | None
    ) -> TradingRoom:
        if position.kind is HoldingKind.ASYNC:
            return TradingRoom.closed(BY_REQUESTS)
        if slots is None:
            sale, purchase = (
                self._paths.known(kind, position).problem
                for kind in (OrderKind.SALE, OrderKind.PURCHASE)
            )
            return TradingRoom(None, None, sale, purchase)
        try:
            return TradingRoom(slots[0].value, slots[1].value)
        except (CallRevertedError, ContractMissingError) as error:
            return TradingRoom.closed(f"its capacity cannot be read: {error}")

    def _add(self, batch: ReadBatch, request: QuoteRequest) -> QuoteSlots | Quote:
        position, amount = request.position, request.amount_in
        buying = request.kind is OrderKind.PURCHASE
        if position.kind is HoldingKind.ERC4626:
            fund = IERC4626(position.asset)
            preview = fund.preview_deposit if buying else fund.preview_redeem
            plain = fund.convert_to_shares if buying else fund.convert_to_assets
            return QuoteSlots(request, (batch.add(preview(amount)),), batch.add(plain(amount)))
        if position.kind is HoldingKind.ASYNC:
            return Quote(amount, 0, 0, BY_REQUESTS)
        known = self._paths.known(request.kind, position)
        if known.problem is not None:
            return Quote(amount, 0, 0, known.problem)
        paths = known.paths
        quoter = QuoterV2(self._addresses.quoter)
        outs = tuple(batch.add(quoter.quote(path.packed, amount)) for path in paths)
        pair = paths[0].source, paths[0].target
        fair = PriceOracle(self._addresses.oracle).convert(*pair, amount)
        return QuoteSlots(request, outs, batch.add(fair))


def _key(request: QuoteRequest) -> Key:
    return key_of(request.kind, request.position)


def _best(asked: Sequence[QuoteSlots]) -> dict[Key, int]:
    """Return the best path per kind of trade, by its largest order; its orders share the path."""
    by_size = sorted(asked, key=lambda each: each.request.amount_in)
    return {_key(each.request): each.best() for each in by_size}


def _add_room(
    batch: ReadBatch, addresses: Addresses, position: VaultPosition
) -> tuple[ReadSlot[int], ReadSlot[int]] | None:
    if position.kind is not HoldingKind.ERC4626:
        return None
    withdraw, deposit = room_of(position, addresses)
    return batch.add(withdraw), batch.add(deposit)
