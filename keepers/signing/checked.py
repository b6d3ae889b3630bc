"""Check of signed bytes from any signer: they are decoded and compared with the request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

import rlp
from eth_utils.crypto import keccak
from rlp.exceptions import RLPException

from keepers.model.chain import AccessList, Signed, Unsigned
from keepers.model.errors.signing import AlteredTransactionError, BadSignatureError
from keepers.signing.curve import normalize_signature
from keepers.signing.payload import with_signature

DYNAMIC_FEE = b"\x02"
"""Type byte of EIP-1559 transactions, the only ones that are signed."""

FIELDS = 12
UNSIGNED_FIELDS = 9
ENTRY_FIELDS = 2
ADDRESS_BYTES = 20
WORD_BYTES = 32

Item = bytes | Sequence["Item"]

_rlp = cast("Any", rlp)  # untyped


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """Fields of a signed transaction, its signature, and the digest that it signs."""

    chain_id: int
    nonce: int
    priority_fee: int
    maximum_fee: int
    gas_limit: int
    target: str
    value: int
    calldata: str
    access_list: AccessList
    parity: int
    r: int
    s: int
    digest: bytes


def decode(raw: bytes) -> Decoded:
    """Decode a signed EIP-1559 transaction; hexadecimal values are in lower case.

    Raises:
        BadSignatureError: It is anything else, or not in canonical form.
    """
    if not raw.startswith(DYNAMIC_FEE):
        raise BadSignatureError("it is not an EIP-1559 transaction")
    items = _items(raw[1:])
    if len(items) != FIELDS:
        raise BadSignatureError(f"it has {len(items)} fields, not {FIELDS}")
    digest = keccak(DYNAMIC_FEE + _rlp.encode(items[:UNSIGNED_FIELDS]))
    return Decoded(
        chain_id=_number(items[0]),
        nonce=_number(items[1]),
        priority_fee=_number(items[2]),
        maximum_fee=_number(items[3]),
        gas_limit=_number(items[4]),
        target=_address(items[5]),
        value=_number(items[6]),
        calldata=f"0x{_bytes(items[7]).hex()}",
        access_list=_access_list(items[8]),
        parity=_number(items[9]),
        r=_number(items[10]),
        s=_number(items[11]),
        digest=digest,
    )


def _items(payload: bytes) -> list[Item]:
    try:
        decoded = cast("Item", _rlp.decode(payload))
        canonical = cast("bytes", _rlp.encode(decoded)) == payload
    except (RLPException, RecursionError):
        raise BadSignatureError("it is not RLP") from None
    if not canonical or isinstance(decoded, bytes):
        raise BadSignatureError("it is not a list in canonical RLP")
    return list(decoded)


def _bytes(item: Item) -> bytes:
    if not isinstance(item, bytes):
        raise BadSignatureError("a field is a list where bytes are expected")
    return item


def _number(item: Item) -> int:
    data = _bytes(item)
    if len(data) > WORD_BYTES or data.startswith(b"\x00"):
        raise BadSignatureError("a field is not a canonical number of 256 bits")
    return int.from_bytes(data)


def _address(item: Item) -> str:
    data = _bytes(item)
    if len(data) != ADDRESS_BYTES:
        raise BadSignatureError("an address does not have 20 bytes, or it creates a contract")
    return f"0x{data.hex()}"


def _access_list(item: Item) -> AccessList:
    return tuple(_entry(each) for each in _list(item))


def _entry(item: Item) -> tuple[str, tuple[str, ...]]:
    fields = _list(item)
    if len(fields) != ENTRY_FIELDS:
        raise BadSignatureError("an entry of its access list is not an account with slots")
    account, slots = fields
    return _address(account), tuple(_slot(each) for each in _list(slots))


def _slot(item: Item) -> str:
    data = _bytes(item)
    if len(data) != WORD_BYTES:
        raise BadSignatureError("a slot of its access list does not have 32 bytes")
    return f"0x{data.hex()}"


def _list(item: Item) -> Sequence[Item]:
    if isinstance(item, bytes):
        raise BadSignatureError("its access list has bytes where a list is expected")
    return item


LONGEST_SHOWN = 74
"""Maximum characters of calldata in an error: selector and first argument."""


def check_signed(asked: Unsigned, raw: bytes, address: str) -> Signed:
    """Return signed bytes if they match the requested transaction and account.

    The bytes are decoded by independent code; every field, the form of the signature, and the
    recovered account are compared. A signature with a high s or the wrong parity is normalised to
    the form that chains accept; the hash is computed here.

    Args:
        asked: The requested transaction.
        raw: The signer's bytes.
        address: Expected account of the signature.

    Raises:
        BadSignatureError: The bytes are not a signed transaction, or have no valid signature.
        AlteredTransactionError: They are a different transaction.
        WrongSignerError: They are signed by another account.
    """
    decoded = decode(raw)
    for field, wanted, found in _pairs(asked, decoded):
        if wanted != found:
            raise AlteredTransactionError(field, _short(wanted), _short(found))
    parity, s = normalize_signature(
        decoded.digest, parity=decoded.parity, r=decoded.r, s=decoded.s, account=address
    )
    if (parity, s) != (decoded.parity, decoded.s):
        raw = bytes(with_signature(asked, parity=parity, r=decoded.r, s=s))
    return Signed(f"0x{raw.hex()}", f"0x{keccak(raw).hex()}", address)


def _pairs(asked: Unsigned, found: Decoded) -> Iterator[tuple[str, object, object]]:
    yield "chain id", asked.chain_id, found.chain_id
    yield "nonce", asked.nonce, found.nonce
    yield "target", asked.call.target.lower(), found.target
    yield "value", asked.value, found.value
    yield "calldata", asked.call.calldata.lower(), found.calldata
    yield "gas limit", asked.gas_limit, found.gas_limit
    yield "maximum fee", asked.fees.maximum, found.maximum_fee
    yield "priority fee", asked.fees.priority, found.priority_fee
    yield "access list", _lower(asked.access_list), found.access_list


def _lower(access_list: AccessList) -> AccessList:
    return tuple(
        (account.lower(), tuple(slot.lower() for slot in slots)) for account, slots in access_list
    )


def _short(value: object) -> object:
    if isinstance(value, str) and len(value) > LONGEST_SHOWN:
        return f"{value[:LONGEST_SHOWN]}… ({len(value) // 2 - 1} bytes)"
    if isinstance(value, tuple):
        return f"one of {len(cast('AccessList', value))} accounts"
    return value
