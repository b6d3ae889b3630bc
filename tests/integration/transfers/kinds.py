"""Kinds of transfers, and the checks of a finished one."""

from __future__ import annotations

from dataclasses import dataclass

from tests.integration.transfers.carriers import Order
from tests.integration.transfers.outcome import Outcome
from tests.integration.transfers.test_end_to_end import ORDERS


@dataclass(frozen=True)
class Kind:
    """Kind of transfer, with the events that its treasuries emit."""

    order: Order
    invest: bool = False

    @property
    def legs(self) -> dict[str, int]:
        """Expected events by chain, each once."""
        there = self.order.destination
        told = [f"{self.order.source} TransferSent", f"{there} TransferReceived"]
        return dict.fromkeys([*told, f"{there} Invested"] if self.invest else told, 1)


KINDS = {
    "CCTP": Kind(ORDERS["CCTP"]),
    "CCTP, invested": Kind(ORDERS["CCTP"], invest=True),
    "OFT": Kind(ORDERS["OFT 6 to 18"]),
    "EXCHANGE": Kind(ORDERS["EXCHANGE"]),
    "CUSTODIAN": Kind(ORDERS["CUSTODIAN 6 to 18"]),
}
ROUTES = ("CCTP", "OFT", "EXCHANGE", "CUSTODIAN")


def assert_once(outcome: Outcome, kind: Kind) -> None:
    """Check for one debit, one credit, no loss, and one request to the exchange or custodian."""
    order = kind.order
    assert dict(outcome.legs) == kind.legs
    assert outcome.withdrawals == (order.route == "EXCHANGE")
    assert outcome.crossings == (order.route == "CUSTODIAN")
    assert not outcome.total, "something came from nowhere, or went there"
    credited = outcome.moved[f"{order.destination} {order.asset}"]
    assert credited == (0 if kind.invest else order.wanted)
    assert all(each.startswith(f"DONE {order.wanted} ") for each in outcome.transfers)
