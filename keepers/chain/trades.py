"""What trades have in common that are made in the same pools."""

from __future__ import annotations

from keepers.model.order import OrderKind
from keepers.model.vault import VaultPosition

Trade = tuple[OrderKind, VaultPosition]
Key = tuple[OrderKind, str, str]
"""A direction, a venue and an asset."""

Pair = tuple[str, str]
"""From token to token."""


def key_of(kind: OrderKind, position: VaultPosition) -> Key:
    """What trades have in common that are made in the same pools."""
    return kind, position.venue, position.asset


def pair_of(key: Key, settlement: str) -> Pair:
    """What is given and what is taken."""
    kind, _, asset = key
    return (settlement, asset) if kind is OrderKind.PURCHASE else (asset, settlement)
