"""The asset controller: the only account that moves the vault's assets."""

from collections.abc import Sequence

from eth_utils.address import to_checksum_address

from keepers.chain.codec import Call
from keepers.chain.contracts.limited import LimitedContract
from keepers.model.tier import TierValues, per_tier
from keepers.model.vault import TierBand

Bands = tuple[TierBand, TierBand, TierBand]
TIERS, PER_TIER = 3, 3


class AssetController(LimitedContract):
    """What a keeper reads and calls."""

    def tier_values(self) -> Call[TierValues]:
        """The tiers in settlement base units."""
        return self._call("tierValues", convert=lambda values: per_tier(iter(values[0])))

    def book_values(self) -> Call[TierValues]:
        """The tiers by the controller's book, which needs no price: cash as it is now."""
        return self._call("bookValues", convert=lambda values: per_tier(iter(values[0])))

    def tier_bands(self) -> Call[Bands]:
        """The first of the bounds that the chain enforces."""
        return self._call("bounds", convert=lambda values: _bands(values[0]))

    def paused(self) -> Call[bool]:
        """Whether what adds risk is refused."""
        return self._call("paused")

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
