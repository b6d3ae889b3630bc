"""The asset controller: the only account that moves the vault's assets."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from eth_utils.address import to_checksum_address

from keepers.adapters.chain.codec import Call, Contract
from keepers.domain.tier import TierValues, per_tier
from keepers.domain.vault import TierBand

Bands = tuple[TierBand, TierBand, TierBand]
TIERS, PER_TIER = 3, 3
WORD, ADDRESS = 32, 20


class LimitKind(IntEnum):
    """What a limit is about (`IRateLimits.Kind`); those on losses have no subject."""

    AUTOMATIC = 1
    REDUCING = 2
    ASSET = 3
    LOSS_ADDING = 4
    LOSS_REDUCING = 5


@dataclass(frozen=True, slots=True)
class LimitKey:
    """Which limit: its kind in the highest byte, its subject in the lowest twenty."""

    kind: LimitKind
    subject: str | None = None

    @property
    def packed(self) -> bytes:
        """As the contract has it."""
        subject = bytes.fromhex(self.subject[2:]) if self.subject else bytes(ADDRESS)
        return bytes([self.kind]) + bytes(WORD - 1 - ADDRESS) + subject

    @classmethod
    def unpacked(cls, key: bytes) -> "LimitKey":
        """From the contract's.

        Raises:
            ValueError: It is of no known kind.
        """
        kind = LimitKind(key[0])
        has_subject = kind in {LimitKind.AUTOMATIC, LimitKind.REDUCING, LimitKind.ASSET}
        return cls(kind, to_checksum_address(key[-ADDRESS:]) if has_subject else None)


@dataclass(frozen=True, slots=True)
class Bucket:
    """A limit as it is stored, in base units; all zero when it was never set."""

    cap: int
    period_seconds: int

    @classmethod
    def of(cls, fields: tuple[Any, ...]) -> "Bucket":
        """From the contract's struct."""
        cap, _, _, period, exponent = fields
        return cls(cap * 10**exponent, period)


class AssetController(Contract):
    """What a keeper reads and calls."""

    def tier_values(self) -> Call[TierValues]:
        """The tiers in settlement base units."""
        return self._call("tierValues", convert=lambda values: per_tier(iter(values[0])))

    def tier_bands(self) -> Call[Bands]:
        """The first of the bounds that the chain enforces."""
        return self._call("bounds", convert=lambda values: _bands(values[0]))

    def paused(self) -> Call[bool]:
        """Whether what adds risk is refused."""
        return self._call("paused")

    def bucket(self, key: LimitKey) -> Call[Bucket]:
        """A limit."""
        return self._call(
            "bucketOf", key.packed, convert=lambda values: Bucket.of(tuple(values[0]))
        )

    def available(self, key: LimitKey) -> Call[int]:
        """What a limit admits now."""
        return self._call("available", key.packed)

    def purchase(self, token: str, amount: int, minimum_out: int, data: bytes) -> Call[int]:
        """Spend settlement token on an asset."""
        return self._call("purchaseAsset", token, amount, minimum_out, data)

    def redeem(self, token: str, amount: int, minimum_out: int, data: bytes) -> Call[int]:
        """Turn units of an asset into settlement token."""
        return self._call("redeemAsset", token, amount, minimum_out, data)

    def ledger(self) -> Call[str]:
        """The ledger that remembers its plans."""
        return self._call("ledger", convert=lambda values: to_checksum_address(values[0]))

    def epoch(self) -> Call[int]:
        """Raised by each pause, which voids the plans of the one before."""
        return self._call("epoch")

    def approvals_for(self, size: int) -> Call[int]:
        """How many approvals a plan needs whose purchases spend so much."""
        return self._call("approvalsFor", size)

    def open_plan(
        self,
        plan: tuple[object, Sequence[object]],
        state: TierValues,
        signatures: Sequence[tuple[str, bytes]],
    ) -> Call[bytes]:
        """Open an approved plan; the answer is its hash."""
        return self._call("openPlan", plan, state, list(signatures))

    def execute(
        self,
        header: tuple[object, ...],
        leaves: Sequence[bytes],
        index: int,
        action: tuple[object, ...],
        data: bytes,
    ) -> Call[int]:
        """Execute one action of an open plan."""
        return self._call("execute", header, list(leaves), index, action, data)

    def claim(self, token: str) -> Call[tuple[int, int]]:
        """Take in what is settled of an asset: its shares, and settlement base units."""
        return self._call("claimAsset", token, convert=lambda values: (values[0], values[1]))


def _bands(bounds: list[int]) -> Bands:
    first, second, third = (
        TierBand(minimum_bps=low, target_bps=target, maximum_bps=high)
        for low, target, high in (
            bounds[place : place + PER_TIER] for place in range(0, TIERS * PER_TIER, PER_TIER)
        )
    )
    return first, second, third
