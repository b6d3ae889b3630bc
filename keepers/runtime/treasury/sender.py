"""Sender of a chain's treasury, with the interpreters of its receipts."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from keepers.chain.treasury.calls import (
    read_divested,
    read_invested,
    read_received,
    read_sent,
)
from keepers.model.chain import Receipt
from keepers.model.transfer_record import TREASURY, PlacementVerb, TransferWork
from keepers.runtime.process.owner import SenderSetup
from keepers.runtime.treasury.policy import treasury_policy
from keepers.runtime.treasury.setup import TreasuryChainSetup, TreasurySetup
from keepers.transactions.ports import ReceiptInterpreter
from keepers.transfers.machine.calls import TransferInterpreter


def sender_of_treasury(setup: TreasurySetup, chain: TreasuryChainSetup) -> SenderSetup:
    """Return the sender of a chain's treasury."""
    return SenderSetup(
        name=f"treasury on {chain.name}",
        subject=f"the treasury on chain {chain.chain.chain_id}",
        owner=TREASURY,
        chain=chain.chain,
        limits=chain.treasury,
        tokens=chain.addresses.tokens,
        policy=partial(treasury_policy, setup, chain),
        interpreters=_interpreters(chain.deployment.treasury),
    )


def _interpreters(treasury: str) -> dict[str, ReceiptInterpreter]:
    """Return the interpreters of transfers and of movements inside a treasury."""

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
