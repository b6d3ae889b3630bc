"""Keys of a contract's limits, as `IRateLimits` packs them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from eth_utils.address import to_checksum_address

WORD, ADDRESS = 32, 20


class LimitKind(IntEnum):
    """Kind of a limit (`IRateLimits.Kind`).

    Limits of accounts and assets have a subject. `LOSS_REDUCING` takes a keeper; without one, it is
    the reserve of approved plans.
    """

    AUTOMATIC = 1
    REDUCING = 2
    ASSET = 3
    LOSS_ADDING = 4
    LOSS_REDUCING = 5
    SINGLE_APPROVED = 6
    LOSS_OVERDUE = 7


@dataclass(frozen=True, slots=True)
class LimitKey:
    """Key of a limit: its kind in the highest byte, its subject in the lowest twenty."""

    kind: LimitKind
    subject: str | None = None

    @property
    def packed(self) -> bytes:
        """The key as the contract packs it."""
        subject = bytes.fromhex(self.subject[2:]) if self.subject else bytes(ADDRESS)
        return bytes([self.kind]) + bytes(WORD - 1 - ADDRESS) + subject

    @classmethod
    def unpacked(cls, key: bytes) -> LimitKey:
        """Decode the contract's key.

        Raises:
            ValueError: The kind is unknown.
        """
        subject = key[-ADDRESS:]
        return cls(LimitKind(key[0]), to_checksum_address(subject) if any(subject) else None)
