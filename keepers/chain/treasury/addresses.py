"""Where a treasury's contracts are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from keepers.chain.addresses import Token


@dataclass(frozen=True, slots=True, kw_only=True)
class TreasuryAddresses:
    """One chain's treasury; addresses are checksummed.

    Attributes:
        assets: Address and decimals of each token, by the asset's name.
        routes: Contracts by asset and route, both by name.
        venues: Contracts by asset.
    """

    treasury: str
    lens: str
    multicall3: str
    assets: Mapping[str, tuple[str, int]]
    routes: Mapping[tuple[str, str], str]
    venues: Mapping[str, tuple[str, ...]]

    @property
    def tokens(self) -> dict[str, Token]:
        """What errors call its tokens, routes and venues."""
        named = {address: Token(name, size) for name, (address, size) in self.assets.items()}
        for (asset, route), address in self.routes.items():
            named[address] = Token(f"route {route} of {asset}", self.assets[asset][1])
        for asset, venues in self.venues.items():
            named |= {each: Token(f"a venue of {asset}", self.assets[asset][1]) for each in venues}
        return named
