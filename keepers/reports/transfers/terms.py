"""How chains and amounts of transfers are told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from keepers.reports.amounts import NOTHING, grouped

Decimals = Callable[[int, str], int | None]
"""The decimals of an asset on a chain, where they are known."""


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one configuration.

    Attributes:
        chains: Names by chain id.
        decimals: Of an asset on a chain.
    """

    chains: Mapping[int, str]
    decimals: Decimals

    def chain(self, chain_id: int) -> str:
        """A chain's name, or its state machine's id."""
        return self.chains.get(chain_id, f"EVM-{chain_id}")

    def amount(self, units: int | None, chain_id: int, asset: str) -> str:
        """Whole tokens, or units where the decimals are not known."""
        if units is None:
            return NOTHING
        decimals = self.decimals(chain_id, asset)
        return f"{units} units" if decimals is None else grouped(units, decimals)
