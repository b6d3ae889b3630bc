"""Addresses of the contracts of vaults, treasuries and recurring rebalancers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from keepers.model.errors.chain import UnlistedTokenError


@dataclass(frozen=True, slots=True)
class Token:
    """A token's name and decimals."""

    symbol: str
    decimals: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Contracts and tokens of one vault on one chain; addresses are checksummed.

    `queue` is the vault's redemption queue, `kill_switch` the contract that removes keepers from
    all contracts; older deployments have neither.
    """

    vault: str
    controller: str
    portfolios: tuple[str, str]
    oracle: str
    multicall3: str
    quoter: str
    tokens: Mapping[str, Token]
    queue: str | None = None
    kill_switch: str | None = None

    def token(self, address: str) -> Token:
        """Return a token of the deployments file.

        Raises:
            UnlistedTokenError: The file does not list the token.
        """
        if address not in self.tokens:
            raise UnlistedTokenError(address)
        return self.tokens[address]

    def portfolio(self, tier: int) -> str:
        """Return the portfolio of a tier."""
        return self.portfolios[tier - 1]


@dataclass(frozen=True, slots=True, kw_only=True)
class TreasuryAddresses:
    """Contracts of one chain's treasury; addresses are checksummed.

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
        """Names of the treasury's tokens, routes and venues in errors."""
        named = {address: Token(name, size) for name, (address, size) in self.assets.items()}
        for (asset, route), address in self.routes.items():
            named[address] = Token(f"route {route} of {asset}", self.assets[asset][1])
        for asset, venues in self.venues.items():
            named |= {each: Token(f"a venue of {asset}", self.assets[asset][1]) for each in venues}
        return named


@dataclass(frozen=True, slots=True)
class RecurringAddresses:
    """Contracts of recurring rebalancers on one chain."""

    scheduler: str
    registry: str
    supervisor: str
    lens: str
