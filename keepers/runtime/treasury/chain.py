"""The transfer machine's `TreasuryChain`: one treasury, read, called and sent to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from keepers.bridges.dependencies import ChainReader
from keepers.chain.codec import event_topic
from keepers.chain.treasury.calls import PlanPlace, TreasuryCalls
from keepers.chain.treasury.events import CONTRACT, received_in
from keepers.chain.treasury.reader import TreasuryReader
from keepers.model.chain import ContractCall, Receipt
from keepers.model.transfer import TransferTerms
from keepers.model.transfer_record import PlacementVerb, PlanPart, VenueTerms
from keepers.model.treasury import Legs, TreasuryPlan, TreasuryView
from keepers.transactions.engine import TransactionEngine

Plans = Callable[[str], TreasuryPlan]
"""The approved plan that a run opens."""


class KeeperTreasury:
    """A treasury, as one keeper works for it."""

    def __init__(
        self,
        name: str,
        reader: TreasuryReader,
        events: ChainReader,
        transactions: TransactionEngine,
        plans: Plans,
        *,
        gas_limit: int,
    ) -> None:
        self.name = name
        self.chain_id = reader.node.chain_id
        self.treasury = reader.addresses.treasury
        self.keeper = reader.keeper
        self.gas_limit = gas_limit
        self.transactions = transactions
        self._reader = reader
        self._events = events
        self._plans = plans
        self._calls = TreasuryCalls(self.treasury)

    async def look(self, ids: Sequence[str]) -> TreasuryView:
        """The treasury at the newest block, with legs of transfers."""
        return await self._reader.look(ids)

    async def legs(self, transfer_id: str) -> Legs:
        """When the legs of a transfer happened here."""
        return await self._reader.legs(transfer_id)

    async def final_time(self) -> datetime:
        """When the newest block was made that stays."""
        return (await self._reader.node.head(await self.transactions.final_block())).at

    async def receipt(self, transaction_hash: str) -> Receipt | None:
        """A receipt of the chain as it is now, by a quorum."""
        return await self.transactions.receipt(transaction_hash)

    async def received(self, transfer_id: str, from_block: int) -> int | None:
        """What the treasury took in for a transfer, as its event says."""
        topics = (event_topic(CONTRACT, "TransferReceived"), transfer_id)
        for log in await self._events.logs(self.treasury, topics, from_block):
            return received_in(log)
        return None

    def send_call(
        self, terms: TransferTerms, options: bytes, part: PlanPart | None
    ) -> ContractCall:
        """The call that sends a transfer."""
        if part is None:
            return self._calls.send_call(terms, options)
        return self._calls.send_approved_call(terms, options, self._place(part))

    def receive_call(self, terms: TransferTerms, proof: bytes) -> ContractCall:
        """The call that takes one in."""
        return self._calls.receive_call(terms, proof)

    def venue_call(self, verb: PlacementVerb, transfer_id: str, terms: VenueTerms) -> ContractCall:
        """The call that invests or divests."""
        asked = (transfer_id, terms.venue, terms.amount, terms.shares)
        match verb, terms.part:
            case PlacementVerb.INVEST, None:
                return self._calls.invest_call(*asked)
            case PlacementVerb.INVEST, part:
                return self._calls.invest_approved_call(self._place(part))
            case PlacementVerb.DIVEST, None:
                return self._calls.divest_call(*asked)
            case PlacementVerb.DIVEST, part:
                return self._calls.divest_approved_call(self._place(part))

    def _place(self, part: PlanPart) -> PlanPlace:
        return PlanPlace(self._plans(part.run_id), part.index)
