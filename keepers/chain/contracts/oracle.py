"""The price oracle."""

from datetime import UTC, datetime

from eth_utils.address import to_checksum_address

from keepers.chain.codec import Call, Contract


class PriceOracle(Contract):
    """Prices from feeds; a bad one reverts."""

    def convert(self, source: str, target: str, amount: int) -> Call[int]:
        """An amount of one token in base units of another, rounded down."""
        return self._call("convert", source, target, amount)

    def price(self, token: str) -> Call[tuple[int, datetime]]:
        """A token's price, 1e18 for a dollar, and when its feed said so."""
        return self._call(
            "price",
            token,
            convert=lambda values: (values[0], datetime.fromtimestamp(values[1], UTC)),
        )

    def aggregator(self, token: str) -> Call[str]:
        """A token's feed; the zero address where it has none."""
        return self._call("feedOf", token, convert=lambda values: to_checksum_address(values[0][0]))
