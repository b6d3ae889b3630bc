"""The vault's share token."""

from eth_utils.address import to_checksum_address

from keepers.chain.codec import Call, Contract


class LiquidityVault(Contract):
    """Where depositors' shares and idle cash are."""

    def asset(self) -> Call[str]:
        """The settlement token."""
        return self._call("asset", convert=lambda values: to_checksum_address(values[0]))

    def total_assets(self) -> Call[int]:
        """What all shares are worth."""
        return self._call("totalAssets")

    def queue(self) -> Call[str]:
        """The redemption queue; the zero address before it is set."""
        return self._call("queue", convert=lambda values: to_checksum_address(values[0]))

    def total_supply(self) -> Call[int]:
        """Shares."""
        return self._call("totalSupply")
