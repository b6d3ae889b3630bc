"""Signed bytes, read again."""

from __future__ import annotations

from eth_account.typed_transactions.typed_transaction import TypedTransaction
from hexbytes import HexBytes

from keepers.model.chain import ContractCall


def call_of(raw: str) -> ContractCall:
    """The call that a signed transaction of ours makes."""
    fields = TypedTransaction.from_bytes(HexBytes(raw)).as_dict()
    return ContractCall(HexBytes(fields["to"]).to_0x_hex(), HexBytes(fields["data"]).to_0x_hex())


def value_of(raw: str) -> int:
    """The chain's coin that it carries, in wei."""
    return int(TypedTransaction.from_bytes(HexBytes(raw)).as_dict()["value"])
