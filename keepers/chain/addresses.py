"""Where a vault's contracts are."""

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
    """One vault's contracts and tokens on one chain; addresses are checksummed.

    `queue` is its redemption queue, `kill_switch` what removes keepers everywhere; older
    deployments have none.
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
        """A token of the deployments file.

        Raises:
            UnlistedTokenError: It is not in there.
        """
        if address not in self.tokens:
            raise UnlistedTokenError(address)
        return self.tokens[address]

    def portfolio(self, tier: int) -> str:
        """The portfolio that is a tier."""
        return self.portfolios[tier - 1]
