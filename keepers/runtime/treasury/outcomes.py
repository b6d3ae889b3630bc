"""What receipts mean for the treasuries' steps."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from keepers.chain.treasury.events import (
    read_divested,
    read_invested,
    read_received,
    read_sent,
)
from keepers.model.chain import Receipt
from keepers.model.transfer_record import PlacementVerb, TransferWork
from keepers.transactions.ports import ReceiptInterpreter
from keepers.transfers.machine.calls import TransferInterpreter


def treasury_judges(treasury: str) -> dict[str, ReceiptInterpreter]:
    """The judges of transfers and of movements inside a treasury, by kind of step."""

    def invested(receipt: Receipt) -> Mapping[str, int]:
        return {key: each.amount for key, each in read_invested(receipt, treasury).items()}

    def divested(receipt: Receipt) -> Mapping[str, int]:
        return {key: each.amount for key, each in read_divested(receipt, treasury).items()}

    return {
        TransferWork.TRANSFER_OUT: TransferInterpreter(partial(read_sent, treasury=treasury)),
        TransferWork.TRANSFER_IN: TransferInterpreter(partial(read_received, treasury=treasury)),
        TransferWork.INVEST: TransferInterpreter(invested),
        PlacementVerb.DIVEST: TransferInterpreter(divested),
    }
