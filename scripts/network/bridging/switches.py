"""Switches that hold back messages and payments, and their delays."""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass
class Switches:
    """Held-back items while set, and delays in blocks.

    Attributes:
        attestations: CCTP's messages stay pending.
        packets: LayerZero's messages are not delivered.
        composes: LayerZero's tokens arrive, but not the message that names the owner.
        deposits: The exchange does not see deposits.
        unlocks: The exchange credits deposits, but does not unlock them.
        withdrawals: The exchange accepts withdrawals, but does not pay them.
        crossings: The custodian accepts orders, but does not pay them.
        burn_blocks: Confirmations that a final burn requires; a fast burn requires one.
        expiry_blocks: Source blocks after which a fast message expires, 0 for never. It is compared
            with the destination's block number, so set it only if both numbers are similar.
        packet_blocks: Confirmations of a packet before it is delivered.
        credit_blocks: Confirmations of a deposit before the exchange credits and locks it.
        unlock_blocks: Confirmations of a deposit before it can be withdrawn.
    """

    attestations: bool = False
    packets: bool = False
    composes: bool = False
    deposits: bool = False
    unlocks: bool = False
    withdrawals: bool = False
    crossings: bool = False
    burn_blocks: int = 1
    expiry_blocks: int = 0
    packet_blocks: int = 1
    credit_blocks: int = 1
    unlock_blocks: int = 1

    def reset(self) -> None:
        """Clear all switches, and set every delay to one block."""
        for each in fields(self):
            setattr(self, each.name, each.default)
