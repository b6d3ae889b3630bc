"""Node responses as typed values: headers, receipts and logs; any other form is an error."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from eth_utils.address import to_checksum_address

from keepers.model.chain import Head, Log, Receipt
from keepers.model.errors.chain import BadAnswerError

HEX = "0x"
UINT256_DIGITS = 64


def as_quantity(value: object, method: str) -> int:
    """Return a number, given as `0x1f`."""
    text = _hex(value)
    if not text or len(text) > UINT256_DIGITS:
        raise _bad(method, value, "a number")
    try:
        return int(text, 16)
    except ValueError:
        raise _bad(method, value, "a number") from None


def as_bytes(value: object, method: str) -> bytes:
    """Return bytes, given as `0xabcd` or `0x`."""
    text = _hex(value)
    try:
        if text is not None:
            return bytes.fromhex(text)
    except ValueError:
        pass
    raise _bad(method, value, "bytes")


def as_text(value: object, method: str) -> str:
    """Return a non-empty text."""
    if not isinstance(value, str) or not value:
        raise _bad(method, value, "a text")
    return value


def as_object(value: object, method: str) -> Mapping[str, Any]:
    """Return an object."""
    if not isinstance(value, Mapping):
        raise _bad(method, value, "an object")
    return cast("Mapping[str, Any]", value)


def as_list(value: object, method: str) -> list[Any]:
    """Return a list."""
    if not isinstance(value, list):
        raise _bad(method, value, "a list")
    return cast("list[Any]", value)


def as_time(value: object, method: str) -> datetime:
    """Return a time, given in seconds since 1970."""
    seconds = as_quantity(value, method)
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        raise _bad(method, value, "a time") from None


def _hex(value: object) -> str | None:
    if isinstance(value, str) and value.startswith(HEX) and value.isalnum():
        return value.removeprefix(HEX)
    return None


def _bad(method: str, value: object, wanted: str) -> BadAnswerError:
    """Return an error with the type of the value, not the value, which may be of any size."""
    came = "nothing" if value is None else f"{type(value).__name__} of an unexpected form"
    return BadAnswerError(method, f"{came} where {wanted} is expected")


GET_BLOCK = "eth_getBlockByNumber"


@dataclass(frozen=True, slots=True)
class Header:
    """Part of a block header that is compared between nodes."""

    head: Head
    parent_hash: str
    gas_limit: int

    @property
    def number(self) -> int:
        """The block's number."""
        return self.head.number


def read_head(raw: object) -> Head:
    """Parse the fields of a header that a keeper needs."""
    header = as_object(raw, GET_BLOCK)
    return Head(
        number=as_quantity(header.get("number"), GET_BLOCK),
        block_hash=as_text(header.get("hash"), GET_BLOCK),
        at=as_time(header.get("timestamp"), GET_BLOCK),
        base_fee=as_quantity(header.get("baseFeePerGas", "0x0"), GET_BLOCK),
    )


def read_header(raw: object) -> Header:
    """Parse a header with its parent and gas limit."""
    header = as_object(raw, GET_BLOCK)
    return Header(
        head=read_head(raw),
        parent_hash=as_text(header.get("parentHash"), GET_BLOCK),
        gas_limit=as_quantity(header.get("gasLimit"), GET_BLOCK),
    )


GET_RECEIPT = "eth_getTransactionReceipt"
GET_LOGS = "eth_getLogs"
GET_TRANSACTION = "eth_getTransactionByHash"


def read_receipt(raw: Mapping[str, Any], price: int | None = None) -> Receipt | None:
    """Parse a receipt.

    Args:
        raw: The node's response.
        price: Price per unit of gas, if the receipt has none.

    Returns:
        The receipt; None if it has no block yet, as for a pending transaction.
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
        logs=tuple(_log(each, GET_RECEIPT) for each in logs),
    )


def read_logs(raw: object, method: str) -> tuple[Log, ...]:
    """Parse the logs in the response to a method."""
    return tuple(_log(each, method) for each in as_list(raw, method))


def read_price(raw: object) -> int:
    """Return the highest gas price of a transaction, as reported by the node."""
    found = as_object(raw, GET_TRANSACTION)
    return as_quantity(found.get("gasPrice") or found.get("maxFeePerGas"), GET_TRANSACTION)


def _log(raw: object, method: str) -> Log:
    log = as_object(raw, method)
    topics = (as_bytes(each, method) for each in as_list(log.get("topics"), method))
    try:
        emitter = to_checksum_address(as_text(log.get("address"), method))
    except ValueError:
        raise BadAnswerError(method, "an event without an address") from None
    return Log(
        address=emitter,
        topics=tuple(f"0x{each.hex()}" for each in topics),
        data=f"0x{as_bytes(log.get('data'), method).hex()}",
    )
