"""The market under a fork of the local network: its pools, feeds and time."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from scripts.network.accounts import WHALE
from scripts.network.chain import LocalChain
from scripts.network.market import move_pool, refresh_feeds, set_feed

_FOREVER = 2**63
_EVERYTHING = 2**128 - 1


@dataclass(frozen=True)
class Market:
    """Changes that other parties make to the markets where the vault trades."""

    chain: LocalChain

    @contextmanager
    def thin(self, pool: str, kept_per_mille: int) -> Generator[None]:
        """Withdraw a pool's liquidity down to `kept_per_mille`; restore it afterwards."""
        taken = {token_id: self._withdraw(token_id, kept_per_mille) for token_id in self._of(pool)}
        yield
        for token_id, (first, second) in taken.items():
            order = (token_id, first, second, 0, 0, _FOREVER)
            self.chain.send(self._manager.increaseLiquidity(order))

    @contextmanager
    def manipulated(self, pool: str, usual: Decimal, moved: Decimal) -> Generator[None]:
        """Move a pool's price by trading; move it back afterwards, as arbitrage does."""
        move_pool(self.chain, pool, moved)
        yield
        move_pool(self.chain, pool, usual)

    @contextmanager
    def quoted(self, symbol: str, usual: Decimal, price: Decimal) -> Generator[None]:
        """Set a feed's price; restore the usual one afterwards."""
        set_feed(self.chain, symbol, price)
        yield
        set_feed(self.chain, symbol, usual)

    @contextmanager
    def silent(self, seconds: int) -> Generator[None]:
        """Let all feeds age by `seconds`; refresh them afterwards."""
        self.chain.set_time(self.chain.timestamp() + seconds)
        yield
        refresh_feeds(self.chain)

    @property
    def _manager(self) -> Any:
        positions = self.chain.addresses.uniswap.positions
        return self.chain.contract("NonfungiblePositionManager", positions).functions

    def _of(self, name: str) -> list[int]:
        """Return the ids of a pool's positions, all of which belong to the whale."""
        pool, tokens = self.chain.addresses.pools[name], self.chain.addresses.tokens
        wanted = ({tokens[pool.base], tokens[pool.quote]}, pool.fee)
        count = self._manager.balanceOf(WHALE).call()
        owned = [self._manager.tokenOfOwnerByIndex(WHALE, place).call() for place in range(count)]
        described = {token_id: self._manager.positions(token_id).call() for token_id in owned}
        return [each for each, text in described.items() if ({*text[2:4]}, text[4]) == wanted]

    def _withdraw(self, token_id: int, kept_per_mille: int) -> tuple[int, int]:
        liquidity = self._manager.positions(token_id).call()[7]
        order = (token_id, liquidity * (1000 - kept_per_mille) // 1000, 0, 0, _FOREVER)
        removed = self._manager.decreaseLiquidity(order)
        amounts = removed.call({"from": WHALE})
        self.chain.send(removed)
        self.chain.send(self._manager.collect((token_id, WHALE, _EVERYTHING, _EVERYTHING)))
        return amounts[0], amounts[1]
