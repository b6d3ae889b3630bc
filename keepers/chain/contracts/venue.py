"""The Uniswap V3 venue, the quoter for its pools, and the venue that chooses among others."""

from eth_utils.address import to_checksum_address

from keepers.chain.codec import Call, Contract


class UniswapV3Venue(Contract):
    """Where swaps are made."""

    def path_of(self, token_in: str, token_out: str) -> Call[bytes]:
        """The packed path of pools; empty where none is set."""
        return self._call("pathOf", token_in, token_out)


class AutoVenue(Contract):
    """Trades in the venue that it is told, of those that it lists."""

    def venues_of(self, token_in: str, token_out: str) -> Call[tuple[str, ...]]:
        """The venues of a pair, the default first."""
        return self._call(
            "venuesOf",
            token_in,
            token_out,
            convert=lambda values: tuple(to_checksum_address(each) for each in values[0]),
        )


class QuoterV2(Contract):
    """Uniswap's quoter, which swaps and reverts; for `eth_call` alone."""

    def quote(self, path: bytes, amount_in: int) -> Call[int]:
        """What a swap along a path brings."""
        return self._call("quoteExactInput", path, amount_in)
