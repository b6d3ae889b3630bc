"""What is held back on the way, for tests and for people who want to see a transfer wait."""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass
class Switches:
    """What is held back while it is set.

    Attributes:
        attestations: CCTP's messages stay pending.
        packets: LayerZero's messages are not delivered.
        composes: Their tokens arrive, and not whose they are.
        deposits: The exchange does not see deposits.
        unlocks: It credits them, and lets nothing be withdrawn.
        withdrawals: It takes orders to withdraw, and pays nothing.
        crossings: The custodian takes orders, and pays nothing.
    """

    attestations: bool = False
    packets: bool = False
    composes: bool = False
    deposits: bool = False
    unlocks: bool = False
    withdrawals: bool = False
    crossings: bool = False

    def reset(self) -> None:
        """Hold nothing back."""
        for each in fields(self):
            setattr(self, each.name, False)
