"""An ERC-4626 fund."""

from keepers.chain.codec import Call, Contract


class IERC4626(Contract):
    """What a fund says of its rate and its room."""

    def preview_deposit(self, assets: int) -> Call[int]:
        """Shares that a deposit brings now, fees included."""
        return self._call("previewDeposit", assets)

    def preview_redeem(self, shares: int) -> Call[int]:
        """Assets that a redemption brings now, fees included."""
        return self._call("previewRedeem", shares)

    def convert_to_shares(self, assets: int) -> Call[int]:
        """The plain rate."""
        return self._call("convertToShares", assets)

    def convert_to_assets(self, shares: int) -> Call[int]:
        """The plain rate."""
        return self._call("convertToAssets", shares)

    def balance_of(self, owner: str) -> Call[int]:
        """Units that an account holds."""
        return self._call("balanceOf", owner)

    def max_withdraw(self, owner: str) -> Call[int]:
        """The most that an owner can take out now."""
        return self._call("maxWithdraw", owner)

    def max_deposit(self, receiver: str) -> Call[int]:
        """The most that can be put in now."""
        return self._call("maxDeposit", receiver)


class Erc7540Venue(Contract):
    """Where requests to asynchronous funds are made and claimed."""

    def requested(self, fund: str) -> Call[tuple[int, int]]:
        """What was requested and not claimed: assets of deposits, shares of redemptions."""
        return self._call("requested", fund, convert=lambda values: (values[0], values[1]))
