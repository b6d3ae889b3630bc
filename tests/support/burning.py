"""Burn messages of CCTP V2, built from its documentation and without our own code."""

from __future__ import annotations

from dataclasses import dataclass, replace

from eth_abi.abi import encode

from keepers.model.chain import Log
from keepers.model.transfer import TransferTerms
from tests.support.bridging import ROUTES, TOKENS, TRANSMITTER, event

MESSENGER = "0x" + "99" * 20


@dataclass(frozen=True, kw_only=True)
class Burning:
    """Fields of a burn message."""

    source_domain: int = 0
    destination_domain: int = 3
    sender: str = ROUTES[0]
    recipient: str = ROUTES[1]
    caller: str = ROUTES[1]
    amount: int = 100_000_000
    max_fee: int = 0
    threshold: int = 2000
    hook: bytes = b""


def burn_of(of: TransferTerms, **changes: object) -> Burning:
    """Return the burn of a transfer."""
    hook = bytes.fromhex(of.transfer_id[2:])
    return replace(Burning(amount=of.amount, hook=hook), **changes)


def message_of(burn: Burning) -> bytes:
    """Return the emitted message."""
    header = (
        *(_number(each, 4) for each in (1, burn.source_domain, burn.destination_domain)),
        bytes(32),
        *(_account(each) for each in (MESSENGER, MESSENGER, burn.caller)),
        *(_number(burn.threshold, 4), bytes(4)),
    )
    body = (
        *(_number(1, 4), _account(TOKENS[0]), _account(burn.recipient)),
        *(_number(burn.amount, 32), _account(burn.sender), _number(burn.max_fee, 32)),
        *(bytes(32), bytes(32), burn.hook),
    )
    return b"".join((*header, *body))


def sent(message: bytes, transmitter: str = TRANSMITTER) -> Log:
    """Return the event with a message."""
    return event("MessageSent(bytes)", transmitter, (), encode(["bytes"], [message]))


def _number(value: int, size: int) -> bytes:
    return value.to_bytes(size, "big")


def _account(address: str) -> bytes:
    return bytes.fromhex(address[2:]).rjust(32, b"\0")
