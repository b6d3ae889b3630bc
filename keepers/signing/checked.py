"""The gate behind every signer: what does not pass it does not exist."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

from eth_utils.crypto import keccak

from keepers.model.chain import Signed
from keepers.model.errors.signing import AlteredTransactionError
from keepers.signing.curve import mended
from keepers.signing.decoded import Decoded, decode
from keepers.signing.payload import with_signature

if TYPE_CHECKING:
    from keepers.model.chain import AccessList, Unsigned

LONGEST_SHOWN = 74
"""Characters of calldata in an error: selector and first argument."""


def checked(asked: Unsigned, raw: bytes, address: str) -> Signed:
    """Signed bytes, once they are what was asked for and of whom it was asked.

    The bytes are decoded by code of its own; every field, the form of the signature, and the
    account that it recovers to are compared. A signature with a high s or the wrong parity is
    written anew in the form that chains take; the hash is computed here and never taken over.

    Args:
        asked: The transaction that was to be signed.
        raw: What the signer gave.
        address: Whose signature it has to be.

    Raises:
        BadSignatureError: It is no signed transaction, or no signature.
        AlteredTransactionError: It is another transaction.
        WrongSignerError: It is another account's.
    """
    decoded = decode(raw)
    for field, wanted, found in _pairs(asked, decoded):
        if wanted != found:
            raise AlteredTransactionError(field, _short(wanted), _short(found))
    parity, s = mended(
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
