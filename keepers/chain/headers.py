"""Block headers as nodes give them."""

from __future__ import annotations

from dataclasses import dataclass

from keepers.chain.typed import as_object, as_quantity, as_text, as_time
from keepers.model.chain import Head

GET_BLOCK = "eth_getBlockByNumber"


@dataclass(frozen=True, slots=True)
class Header:
    """What of a header counts when nodes are compared."""

    head: Head
    parent_hash: str
    gas_limit: int

    @property
    def number(self) -> int:
        """The block's number."""
        return self.head.number


def read_head(raw: object) -> Head:
    """The part of a header that a keeper needs."""
    header = as_object(raw, GET_BLOCK)
    return Head(
        number=as_quantity(header.get("number"), GET_BLOCK),
        block_hash=as_text(header.get("hash"), GET_BLOCK),
        at=as_time(header.get("timestamp"), GET_BLOCK),
        base_fee=as_quantity(header.get("baseFeePerGas", "0x0"), GET_BLOCK),
    )


def read_header(raw: object) -> Header:
    """The same with what binds it to its parent and bounds what fits in."""
    header = as_object(raw, GET_BLOCK)
    return Header(
        head=read_head(raw),
        parent_hash=as_text(header.get("parentHash"), GET_BLOCK),
        gas_limit=as_quantity(header.get("gasLimit"), GET_BLOCK),
    )
