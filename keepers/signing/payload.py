"""A transaction as it is signed (EIP-1559): the digest, and the bytes with a signature in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from eth_account.typed_transactions.typed_transaction import TypedTransaction
from eth_utils.address import to_checksum_address
from hexbytes import HexBytes

if TYPE_CHECKING:
    from eth_account.types import AccessList
    from eth_typing import HexStr

    from keepers.model.chain import Unsigned


def fields_of(transaction: Unsigned) -> dict[str, AccessList | bytes | HexStr | int]:
    """The fields under the names that eth-account knows."""
    return {
        "type": 2,
        "chainId": transaction.chain_id,
        "nonce": transaction.nonce,
        "to": to_checksum_address(transaction.call.target),
        "data": cast("HexStr", transaction.call.calldata),
        "value": transaction.value,
        "gas": transaction.gas_limit,
        "maxFeePerGas": transaction.fees.maximum,
        "maxPriorityFeePerGas": transaction.fees.priority,
        "accessList": cast("AccessList", access_list_of(transaction)),
    }


def access_list_of(transaction: Unsigned) -> list[dict[str, object]]:
    """The access list as JSON-RPC and eth-account have it."""
    return [
        {"address": to_checksum_address(account), "storageKeys": list(slots)}
        for account, slots in transaction.access_list
    ]


def digest_of(transaction: Unsigned) -> bytes:
    """What is signed: 32 bytes that stand for every field."""
    return bytes(TypedTransaction.from_dict(fields_of(transaction)).hash())


def with_signature(transaction: Unsigned, *, parity: int, r: int, s: int) -> HexBytes:
    """The bytes that a chain takes."""
    signed = fields_of(transaction) | {"v": parity, "r": r, "s": s}
    return HexBytes(TypedTransaction.from_dict(signed).encode())
