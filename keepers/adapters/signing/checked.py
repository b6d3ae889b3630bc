"""The gate behind every signer: what does not pass it does not exist."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from eth_utils.crypto import keccak

from keepers.adapters.signing.curve import recover
from keepers.adapters.signing.decoded import Decoded, decode
from keepers.domain.chain import Signed
from keepers.domain.errors_signing import AlteredTransactionError, WrongSignerError

if TYPE_CHECKING:
    from keepers.domain.chain import Unsigned

LONGEST_SHOWN = 74
"""Characters of calldata in an error: selector and first argument."""


def checked(asked: Unsigned, raw: bytes, address: str) -> Signed:
    """Signed bytes, once they are what was asked for and of whom it was asked.

    The bytes are decoded by code of its own; every field, the form of the signature, and the
    account that it recovers to are compared; the hash is computed here and never taken over.

    Args:
        asked: The transaction that was to be signed.
        raw: What the signer gave.
        address: Whose signature it has to be.

    Raises:
        BadSignatureError: It is no signed transaction, or not in the one form that we take.
        AlteredTransactionError: It is another transaction.
        WrongSignerError: It is another account's.
    """
    decoded = decode(raw)
    for field, wanted, found in _pairs(asked, decoded):
        if wanted != found:
            raise AlteredTransactionError(field, _short(wanted), _short(found))
    sender = recover(decoded.digest, parity=decoded.parity, r=decoded.r, s=decoded.s)
    if sender != address:
        raise WrongSignerError(address, sender)
    return Signed(f"0x{raw.hex()}", f"0x{keccak(raw).hex()}", sender)


def _pairs(asked: Unsigned, found: Decoded) -> Iterator[tuple[str, object, object]]:
    yield "chain id", asked.chain_id, found.chain_id
    yield "nonce", asked.nonce, found.nonce
    yield "target", asked.call.target.lower(), found.target
    yield "value", asked.value, found.value
    yield "calldata", asked.call.calldata.lower(), found.calldata
    yield "gas limit", asked.gas_limit, found.gas_limit
    yield "maximum fee", asked.fees.maximum, found.maximum_fee
    yield "priority fee", asked.fees.priority, found.priority_fee


def _short(value: object) -> object:
    if isinstance(value, str) and len(value) > LONGEST_SHOWN:
        return f"{value[:LONGEST_SHOWN]}… ({len(value) // 2 - 1} bytes)"
    return value
