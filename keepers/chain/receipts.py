"""Receipts, as nodes give them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eth_utils.address import to_checksum_address

from keepers.chain.typed import as_bytes, as_list, as_object, as_quantity, as_text
from keepers.model.chain import Log, Receipt
from keepers.model.errors.chain import BadAnswerError

GET_RECEIPT = "eth_getTransactionReceipt"
GET_TRANSACTION = "eth_getTransactionByHash"


def read_receipt(raw: Mapping[str, Any], price: int | None = None) -> Receipt | None:
    """A receipt as the node gives it.

    Args:
        raw: What the node answered.
        price: What a unit of gas cost, where the receipt does not say.

    Returns:
        None while it names no block, as of a transaction that still waits.
    """
    if raw.get("blockNumber") is None or raw.get("blockHash") is None:
        return None
    succeeded = as_quantity(raw.get("status"), GET_RECEIPT) == 1
    logs = as_list(raw.get("logs"), GET_RECEIPT) if succeeded else []
    known = raw.get("effectiveGasPrice")
    return Receipt(
        transaction_hash=as_text(raw.get("transactionHash"), GET_RECEIPT),
        block_number=as_quantity(raw["blockNumber"], GET_RECEIPT),
        block_hash=as_text(raw["blockHash"], GET_RECEIPT),
        succeeded=succeeded,
        gas_used=as_quantity(raw.get("gasUsed"), GET_RECEIPT),
        effective_gas_price=as_quantity(known, GET_RECEIPT) if price is None else price,
        logs=tuple(map(_log, logs)),
    )


def read_logs(raw: object, method: str) -> tuple[Log, ...]:
    """Logs as a method of a node gives them."""
    return tuple(map(_log, as_list(raw, method)))


def read_price(raw: object) -> int:
    """What a unit of a transaction's gas costs at most, for receipts that do not say what it did.

    Args:
        raw: The transaction, as the node gives it.
    """
    found = as_object(raw, GET_TRANSACTION)
    return as_quantity(found.get("gasPrice") or found.get("maxFeePerGas"), GET_TRANSACTION)


def _log(raw: object) -> Log:
    log = as_object(raw, GET_RECEIPT)
    topics = (as_bytes(each, GET_RECEIPT) for each in as_list(log.get("topics"), GET_RECEIPT))
    return Log(
        address=_address(log.get("address")),
        topics=tuple(f"0x{each.hex()}" for each in topics),
        data=f"0x{as_bytes(log.get('data'), GET_RECEIPT).hex()}",
    )


def _address(value: object) -> str:
    try:
        return to_checksum_address(as_text(value, GET_RECEIPT))
    except ValueError:
        raise BadAnswerError(GET_RECEIPT, "an event of no address") from None
