"""The vault's share token."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from eth_utils.address import to_checksum_address

from keepers.chain.codec import Call, Contract
from keepers.chain.contracts.limited import LimitedContract
from keepers.model.money import UINT256_MAX
from keepers.model.tier import TierValues, per_tier
from keepers.model.vault import HoldingKind, TierBand


class LiquidityVault(Contract):
    """Where depositors' shares and idle cash are."""

    def asset(self) -> Call[str]:
        """The settlement token."""
        return self._call("asset", convert=lambda values: to_checksum_address(values[0]))

    def total_assets(self) -> Call[int]:
        """What all shares are worth."""
        return self._call("totalAssets")

    def queue(self) -> Call[str]:
        """The redemption queue; the zero address before it is set."""
        return self._call("queue", convert=lambda values: to_checksum_address(values[0]))

    def total_supply(self) -> Call[int]:
        """Shares."""
        return self._call("totalSupply")


Bands = tuple[TierBand, TierBand, TierBand]
TIERS, PER_TIER = 3, 3


class AssetController(LimitedContract):
    """What a keeper reads and calls."""

    def tier_values(self) -> Call[TierValues]:
        """The tiers in settlement base units."""
        return self._call("tierValues", convert=lambda values: per_tier(iter(values[0])))

    def book_values(self) -> Call[TierValues]:
        """The tiers by the controller's book, which needs no price: cash as it is now."""
        return self._call("bookValues", convert=lambda values: per_tier(iter(values[0])))

    def tier_bands(self) -> Call[Bands]:
        """The first of the bounds that the chain enforces."""
        return self._call("bounds", convert=lambda values: _bands(values[0]))

    def paused(self) -> Call[bool]:
        """Whether what adds risk is refused."""
        return self._call("paused")

    def purchase(self, token: str, amount: int, minimum_out: int, data: bytes) -> Call[int]:
        """Spend settlement token on an asset."""
        return self._call("purchaseAsset", token, amount, minimum_out, data)

    def redeem(self, token: str, amount: int, minimum_out: int, data: bytes) -> Call[int]:
        """Turn units of an asset into settlement token."""
        return self._call("redeemAsset", token, amount, minimum_out, data)

    def ledger(self) -> Call[str]:
        """The ledger that remembers its plans."""
        return self._call("ledger", convert=lambda values: to_checksum_address(values[0]))

    def epoch(self) -> Call[int]:
        """Raised by each pause, which voids the plans of the one before."""
        return self._call("epoch")

    def approvals_for(self, size: int) -> Call[int]:
        """How many approvals a plan needs whose purchases spend so much."""
        return self._call("approvalsFor", size)

    def open_plan(
        self,
        plan: tuple[object, Sequence[object]],
        state: TierValues,
        signatures: Sequence[tuple[str, bytes]],
    ) -> Call[bytes]:
        """Open an approved plan; the answer is its hash."""
        return self._call("openPlan", plan, state, list(signatures))

    def execute(
        self,
        header: tuple[object, ...],
        leaves: Sequence[bytes],
        index: int,
        action: tuple[object, ...],
        data: bytes,
    ) -> Call[int]:
        """Execute one action of an open plan."""
        return self._call("execute", header, list(leaves), index, action, data)

    def claim(self, token: str) -> Call[tuple[int, int]]:
        """Take in what is settled of an asset: its shares, and settlement base units."""
        return self._call("claimAsset", token, convert=lambda values: (values[0], values[1]))


def _bands(bounds: list[int]) -> Bands:
    first, second, third = (
        TierBand(minimum_bps=low, target_bps=target, maximum_bps=high)
        for low, target, high in (
            bounds[place : place + PER_TIER] for place in range(0, TIERS * PER_TIER, PER_TIER)
        )
    )
    return first, second, third


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


@dataclass(frozen=True, slots=True)
class RawBatch:
    """The requests of a day, in shares of the vault, and what was paid for them."""

    shares: int
    fulfilled: int
    assets: int
    opened_at: int
    due_at: int

    @property
    def open(self) -> int:
        """Shares that wait."""
        return self.shares - self.fulfilled

    @classmethod
    def of(cls, fields: tuple[Any, ...]) -> "RawBatch":
        """From the contract's struct."""
        return cls(*fields)


class RedemptionQueue(Contract):
    """Redemptions that are larger than the vault's idle cash."""

    def due_within(self, seconds: int) -> Call[int]:
        """What must be paid within some time from now, in settlement base units."""
        return self._call("dueWithin", seconds)

    def oldest_batch(self) -> Call[int]:
        """The only batch that can be fulfilled; 0 when nothing waits."""
        return self._call("oldestBatch")

    def batch(self, number: int) -> Call[RawBatch]:
        """A batch."""
        return self._call("batchOf", number, convert=lambda values: RawBatch.of(tuple(values[0])))

    def fulfil(self, maximum_shares: int = UINT256_MAX) -> Call[tuple[int, int]]:
        """Pay the oldest batch as far as cash admits: shares redeemed, settlement base units."""
        return self._call("fulfil", maximum_shares, convert=lambda values: (values[0], values[1]))
