"""A portfolio: one of the vault's tiers."""

from dataclasses import dataclass
from typing import Any

from eth_utils.address import to_checksum_address

from keepers.chain.codec import Call, Contract
from keepers.model.vault import HoldingKind


@dataclass(frozen=True, slots=True)
class RawPosition:
    """A holding as the contract has it.

    `known` tells whether `value` is right: not while its price cannot be read or believed. What is
    `marked` down counts at the lower value and cannot be bought; nor can what is `low`, which pays
    less than its least rate.
    """

    asset: str
    kind: HoldingKind
    target_bps: int
    maximum_loss_bps: int
    cap_bps: int
    venue: str
    held: bool
    balance: int
    value: int
    marked: bool
    known: bool
    low: bool

    @classmethod
    def of(cls, fields: tuple[Any, ...]) -> "RawPosition":
        """From the contract's struct."""
        asset, kind, target, loss, cap, venue, *rest = fields
        venue = to_checksum_address(venue)
        return cls(to_checksum_address(asset), HoldingKind(kind), target, loss, cap, venue, *rest)


@dataclass(frozen=True, slots=True)
class RawHolding:
    """A holding's terms, without what is held of it."""

    asset: str
    kind: HoldingKind
    target_bps: int
    maximum_loss_bps: int
    cap_bps: int
    venue: str

    @classmethod
    def of(cls, fields: tuple[Any, ...]) -> "RawHolding":
        """From the contract's struct."""
        asset, kind, target, loss, cap, venue, *_ = fields
        venue = to_checksum_address(venue)
        return cls(to_checksum_address(asset), HoldingKind(kind), target, loss, cap, venue)


class Portfolio(Contract):
    """Holdings with target weights."""

    def holdings(self) -> Call[tuple[RawHolding, ...]]:
        """The terms of all holdings, for which no contract of others is asked."""
        return self._call(
            "holdings", convert=lambda values: tuple(RawHolding.of(each) for each in values[0])
        )

    def positions(self) -> Call[tuple[RawPosition, ...]]:
        """All holdings with balance and value."""
        return self._call(
            "positions", convert=lambda values: tuple(RawPosition.of(each) for each in values[0])
        )

    def value_of(self, asset: str) -> Call[int]:
        """Value of one holding in settlement base units."""
        return self._call("valueOf", asset, convert=lambda values: values[0])

    def weights(self) -> Call[str]:
        """Who runs its weights; the zero address where nobody does."""
        return self._call("weights", convert=lambda values: to_checksum_address(values[0]))
