"""The Uniswap V3 venue and the quoter for its pools."""

from keepers.adapters.chain.codec import Call, Contract


class UniswapV3Venue(Contract):
    """Where swaps are made."""

    def path_of(self, token_in: str, token_out: str) -> Call[bytes]:
        """The packed path of pools; empty where none is set."""
        return self._call("pathOf", token_in, token_out)


class QuoterV2(Contract):
    """Uniswap's quoter, which swaps and reverts; for `eth_call` alone."""

    def quote(self, path: bytes, amount_in: int) -> Call[int]:
        """What a swap along a path brings."""
        return self._call("quoteExactInput", path, amount_in)
