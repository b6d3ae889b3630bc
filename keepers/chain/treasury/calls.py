"""Calls of a treasury by a keeper, and the events in their receipts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from keepers.chain.codec import Call, account_in, event, to_bytes
from keepers.chain.contracts.approved_plans import ChainPlans
from keepers.chain.contracts.ledger import action_row, header_row, leaf_of, signature_rows
from keepers.chain.contracts.treasury import Ticket, Treasury
from keepers.chain.responses import GET_RECEIPT
from keepers.model.approval import Signature
from keepers.model.chain import ContractCall, Log, Receipt
from keepers.model.errors.chain import BadAnswerError
from keepers.model.transfer import TransferTerms
from keepers.model.treasury import TreasuryPlan, VenueMove

AMOUNT = 5
"""Index of the amount in a transfer's terms."""

TOPICS = 4
"""Topics of an event: its own, and three indexed fields, the first of which is the id."""


@dataclass(frozen=True, slots=True)
class PlanActionRef:
    """Reference to an action of an open plan, by its index."""

    plan: TreasuryPlan
    index: int

    @property
    def ticket(self) -> Ticket:
        """The reference in the contract's form."""
        *_, depends_on = action_row(self.plan.actions[self.index])
        leaves = [leaf_of(each) for each in self.plan.actions]
        return header_row(self.plan), leaves, self.index, depends_on


class TreasuryCalls:
    """Calls of one treasury. Ids are `0x` and 64 digits; amounts are units of the token."""

    def __init__(self, treasury: str) -> None:
        self._treasury = Treasury(treasury)

    def send_call(self, terms: TransferTerms, options: bytes) -> ContractCall:
        """Send a transfer; the call's value is the quote's `native_fee`."""
        return self._treasury.send(terms, options).contract_call

    def send_approved_call(
        self, terms: TransferTerms, options: bytes, action: PlanActionRef
    ) -> ContractCall:
        """Send a transfer of an open plan."""
        return self._treasury.send_approved(terms, options, action.ticket).contract_call

    def receive_call(self, terms: TransferTerms, proof: bytes) -> ContractCall:
        """Receive the tokens that have arrived for a transfer."""
        return self._treasury.receive(terms, proof).contract_call

    def invest_call(self, key: str, venue: str, amount: int, min_shares: int) -> ContractCall:
        """Invest idle tokens in a venue."""
        return self._treasury.invest(to_bytes(key), venue, amount, min_shares).contract_call

    def invest_approved_call(self, action: PlanActionRef) -> ContractCall:
        """Invest idle tokens in a venue by an action of an open plan."""
        return _approved(self._treasury.invest_approved, action)

    def divest_call(self, key: str, venue: str, amount: int, max_shares: int) -> ContractCall:
        """Divest tokens from a venue."""
        return self._treasury.divest(to_bytes(key), venue, amount, max_shares).contract_call

    def divest_approved_call(self, action: PlanActionRef) -> ContractCall:
        """Divest tokens from a venue by an action of an open plan."""
        return _approved(self._treasury.divest_approved, action)

    def open_plan_call(self, plan: TreasuryPlan, signatures: Sequence[Signature]) -> ContractCall:
        """Open a plan; signatures go in the order of their signers."""
        actions = [action_row(each) for each in plan.actions]
        rows = signature_rows(signatures)
        return self._treasury.open_plan(header_row(plan), actions, rows).contract_call


def _approved(
    call: Callable[[bytes, str, int, int, Ticket], Call[int]], action: PlanActionRef
) -> ContractCall:
    taken = action.plan.actions[action.index]
    key = to_bytes(taken.transfer_id)
    return call(key, taken.asset, taken.amount, taken.bound, action.ticket).contract_call


@dataclass(frozen=True, slots=True)
class LedgerTreasuryPlans(ChainPlans):
    """Approved plans of a treasury, which is the consumer."""

    def epoch_call(self) -> Call[int]:
        """Return the read of the treasury's epoch."""
        return Treasury(self.consumer).epoch()

    def open_call(self, plan: TreasuryPlan, signatures: Sequence[Signature]) -> ContractCall:
        """Return the call that opens a plan."""
        return TreasuryCalls(self.consumer).open_plan_call(plan, signatures)


def read_sent(receipt: Receipt, treasury: str) -> dict[str, int]:
    """Return the amounts that left, by transfer id, in units of the token on this chain.

    Raises:
        BadAnswerError: An event has another form; the same in the functions below.
    """
    known = event("Treasury", "TransferSent")
    logs = _logs(receipt, treasury, "TransferSent")
    return {log.topics[1]: known.decode(log)[1][AMOUNT] for log in logs}


def read_received(receipt: Receipt, treasury: str) -> dict[str, int]:
    """Return the amounts that arrived, by transfer id, in units of the token on this chain."""
    logs = _logs(receipt, treasury, "TransferReceived")
    return {log.topics[1]: received_in(log) for log in logs}


def received_in(log: Log) -> int:
    """Return the amount of one arrival event."""
    return event("Treasury", "TransferReceived").decode(log)[0]


def read_invested(receipt: Receipt, treasury: str) -> dict[str, VenueMove]:
    """Return the moves into venues, by id."""
    return _moves(receipt, treasury, "Invested")


def read_divested(receipt: Receipt, treasury: str) -> dict[str, VenueMove]:
    """Return the moves out of venues, by id."""
    return _moves(receipt, treasury, "Divested")


def _moves(receipt: Receipt, treasury: str, name: str) -> dict[str, VenueMove]:
    known = event("Treasury", name)
    return {
        log.topics[1]: VenueMove(account_in(log.topics[2]), *known.decode(log))
        for log in _logs(receipt, treasury, name)
    }


def _logs(receipt: Receipt, treasury: str, name: str) -> Iterator[Log]:
    known = event("Treasury", name)
    for log in receipt.logs:
        if known.is_in(log, treasury):
            if len(log.topics) != TOPICS:
                raise BadAnswerError(GET_RECEIPT, "an event of an unexpected form")
            yield log
