"""The asset controller: the only account that moves the vault's assets."""

from keepers.adapters.chain.codec import Call, Contract
from keepers.domain.tier import TierValues, per_tier
from keepers.domain.vault import TierBand

Bands = tuple[TierBand, TierBand, TierBand]


class AssetController(Contract):
    """What a keeper reads and calls."""

    def tier_values(self) -> Call[TierValues]:
        """The tiers in settlement base units."""
        return self._call("tierValues", convert=lambda values: per_tier(iter(values[0])))

    def tier_bands(self) -> Call[Bands]:
        """The limits that the chain enforces."""
        return self._call("tierBands", convert=lambda values: _bands(values[0]))

    def paused(self) -> Call[bool]:
        """Whether all keeper actions are refused."""
        return self._call("paused")

    def is_keeper(self, account: str) -> Call[bool]:
        """Whether an account may act."""
        return self._call("isKeeper", account)

    def purchase(self, token: str, amount: int, minimum_out: int, data: bytes) -> Call[int]:
        """Spend settlement token on an asset."""
        return self._call("purchaseAsset", token, amount, minimum_out, data)

    def redeem(self, token: str, amount: int, minimum_out: int, data: bytes) -> Call[int]:
        """Turn units of an asset into settlement token."""
        return self._call("redeemAsset", token, amount, minimum_out, data)


def _bands(rows: list[tuple[int, int, int]]) -> Bands:
    first, second, third = (
        TierBand(minimum_bps=low, target_bps=target, maximum_bps=high) for low, target, high in rows
    )
    return first, second, third
