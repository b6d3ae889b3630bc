"""Forms of a transaction: EIP-1559 digest and signed bytes, and JSON of `eth_signTransaction`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

from eth_account.typed_transactions.typed_transaction import TypedTransaction
from eth_account.types import AccessList as EthAccessList
from eth_typing import HexStr
from eth_utils.address import is_checksum_address, to_checksum_address
from hexbytes import HexBytes

from keepers.model.chain import AccessList, ContractCall, Fees, Unsigned
from keepers.model.errors.signing import RequestError


def fields_of(transaction: Unsigned) -> dict[str, EthAccessList | bytes | HexStr | int]:
    """Return the fields under the names that eth-account uses."""
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
        "accessList": cast("EthAccessList", access_list_of(transaction)),
    }


def access_list_of(transaction: Unsigned) -> list[dict[str, object]]:
    """Return the access list in the format of JSON-RPC and eth-account."""
    return [
        {"address": to_checksum_address(account), "storageKeys": list(slots)}
        for account, slots in transaction.access_list
    ]


def digest_of(transaction: Unsigned) -> bytes:
    """Return the digest to sign: 32 bytes that commit to every field."""
    return bytes(TypedTransaction.from_dict(fields_of(transaction)).hash())


def with_signature(transaction: Unsigned, *, parity: int, r: int, s: int) -> HexBytes:
    """Return the signed transaction bytes."""
    signed = fields_of(transaction) | {"v": parity, "r": r, "s": s}
    return HexBytes(TypedTransaction.from_dict(signed).encode())


TYPE = "0x2"
FIELDS = frozenset(
    {
        *("type", "from", "to", "data", "input", "value", "nonce", "gas"),
        *("maxFeePerGas", "maxPriorityFeePerGas", "chainId", "accessList"),
    }
)

_QUANTITY = re.compile(r"0x(0|[1-9a-f][0-9a-f]{0,63})")
_DATA = re.compile(r"0x([0-9a-fA-F]{2})*")
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")
_SLOT = re.compile(r"0x[0-9a-fA-F]{64}")


def to_fields(transaction: Unsigned, sender: str) -> dict[str, object]:
    """Return the fields of a request; has both `data` and `input`, as signers differ."""
    call = transaction.call
    return {
        "type": TYPE,
        "from": sender,
        "to": call.target,
        "data": call.calldata,
        "input": call.calldata,
        "value": hex(transaction.value),
        "nonce": hex(transaction.nonce),
        "gas": hex(transaction.gas_limit),
        "maxFeePerGas": hex(transaction.fees.maximum),
        "maxPriorityFeePerGas": hex(transaction.fees.priority),
        "chainId": hex(transaction.chain_id),
        "accessList": access_list_of(transaction),
    }


def from_fields(fields: object) -> tuple[Unsigned, str]:
    """Return the transaction of a request, and its sender.

    Every field is required, except `type`, `value`, `accessList` and one of `data` and `input`;
    unknown fields are refused, since they could change the transaction's meaning.

    Raises:
        RequestError: The fields are malformed.
    """
    if not isinstance(fields, dict):
        raise RequestError("transaction", "is not an object")
    given = cast("dict[str, Any]", fields)
    unknown = sorted(given.keys() - FIELDS)
    if unknown:
        raise RequestError("transaction", f"has unknown fields: {', '.join(unknown)[:100]}")
    if given.get("type", TYPE) != TYPE:
        raise RequestError("type", f"is not {TYPE}")
    transaction = Unsigned(
        chain_id=_quantity(given, "chainId"),
        nonce=_quantity(given, "nonce"),
        call=ContractCall(_address(given.get("to"), "to"), _calldata(given)),
        gas_limit=_quantity(given, "gas"),
        fees=Fees(_quantity(given, "maxFeePerGas"), _quantity(given, "maxPriorityFeePerGas")),
        value=_quantity({"value": "0x0"} | given, "value"),
        access_list=_access_list(given.get("accessList", [])),
    )
    return transaction, _address(given.get("from"), "from")


def from_hex(value: object, name: str) -> bytes:
    """Return bytes from hexadecimal text.

    Raises:
        RequestError: The value is malformed.
    """
    return bytes.fromhex(_matching(_DATA, value, name)[2:])


def _quantity(fields: Mapping[str, Any], name: str) -> int:
    return int(_matching(_QUANTITY, fields.get(name), name), 16)


def _calldata(fields: Mapping[str, Any]) -> str:
    given = {name: fields[name] for name in ("data", "input") if name in fields}
    texts = {_matching(_DATA, value, name).lower() for name, value in given.items()}
    if len(texts) != 1:
        raise RequestError("data", "is missing, or differs from input")
    return texts.pop()


def _address(value: object, name: str) -> str:
    text = _matching(_ADDRESS, value, name)
    if text != text.lower() and not is_checksum_address(text):
        raise RequestError(name, "has a wrong checksum")
    return to_checksum_address(text)


def _access_list(value: object) -> AccessList:
    return tuple(_entry(each) for each in _list(value))


def _entry(value: object) -> tuple[str, tuple[str, ...]]:
    if not isinstance(value, dict):
        raise RequestError("accessList", "has an entry that is not an object")
    entry = cast("dict[str, Any]", value)
    if entry.keys() != {"address", "storageKeys"}:
        raise RequestError("accessList", "has an entry that is not address and storageKeys")
    slots = (_matching(_SLOT, each, "accessList") for each in _list(entry["storageKeys"]))
    return _address(entry["address"], "accessList"), tuple(slots)


def _list(value: object) -> Sequence[object]:
    if not isinstance(value, list):
        raise RequestError("accessList", "is not a list")
    return cast("list[object]", value)


def _matching(form: re.Pattern[str], value: object, name: str) -> str:
    if not isinstance(value, str) or not form.fullmatch(value):
        raise RequestError(name, "is missing, or malformed")
    return value
