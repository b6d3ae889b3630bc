"""Contracts of a vault: share token, asset controller, portfolios, redemption queue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Self

from eth_utils.address import to_checksum_address

from keepers.chain.codec import Call, Contract, Method, address, nothing, pair
from keepers.chain.contracts.ledger import ActionRow, HeaderRow
from keepers.chain.contracts.limited import LimitedContract
from keepers.model.money import UINT256_MAX
from keepers.model.tier_config import TierValues, per_tier
from keepers.model.vault import HoldingKind, TierBand
from keepers.model.weights_run import Constituent, Swap


class LiquidityVault(Contract):
    """The vault: depositors' shares and idle cash."""

    asset = Method[[], str]("asset", address)
    """Settlement token."""
    total_assets = Method[[], int]("totalAssets")
    """Value of all shares in settlement base units."""
    queue = Method[[], str]("queue", address)
    """Redemption queue; the zero address before it is set."""
    total_supply = Method[[], int]("totalSupply")
    """Number of shares."""


Bands = tuple[TierBand, TierBand, TierBand]
TIERS, PER_TIER = 3, 3


def _bands(values: tuple[Any, ...]) -> Bands:
    (bounds,) = values
    first, second, third = (
        TierBand(minimum_bps=low, target_bps=target, maximum_bps=high)
        for low, target, high in (
            bounds[start : start + PER_TIER] for start in range(0, TIERS * PER_TIER, PER_TIER)
        )
    )
    return first, second, third


def _tiers(values: tuple[Any, ...]) -> TierValues:
    return per_tier(iter(values[0]))


StepRow = tuple[int, int, ActionRow, bytes]
"""Index, most gas, action, and data of its venue (`IAssetController.Step`)."""


class AssetController(LimitedContract):
    """The asset controller: the only account that moves the vault's assets."""

    tier_values = Method[[], TierValues]("tierValues", _tiers)
    """Values of the tiers in settlement base units."""
    book_values = Method[[], TierValues]("bookValues", _tiers)
    """Values of the tiers in the controller's book, which needs no price; cash is current."""
    tier_bands = Method[[], Bands]("bounds", _bands)
    """Minimum, target and maximum of each tier: the first of the bounds that the chain enforces."""
    paused = Method[[], bool]("paused")
    """Whether actions that add risk are refused."""
    purchase = Method[[str, int, int, bytes], int]("purchaseAsset")
    """Spend settlement token on an asset: token, amount, minimum output, data of its venue."""
    redeem = Method[[str, int, int, bytes], int]("redeemAsset")
    """Redeem units of an asset for settlement token: token, amount, minimum output, data."""
    ledger = Method[[], str]("ledger", address)
    """Ledger of the controller's plans."""
    epoch = Method[[], int]("epoch")
    """Number of pauses; each one voids all earlier plans."""
    approvals_for = Method[[int], int]("approvalsFor")
    """Approvals that a plan requires, by the amount that its purchases spend."""
    open_plan = Method[
        [tuple[HeaderRow, Sequence[ActionRow]], TierValues, Sequence[tuple[str, bytes]]], bytes
    ]("openPlan")
    """Open an approved plan with its prior state and signatures; return its hash."""
    execute = Method[[HeaderRow, Sequence[bytes], int, ActionRow, bytes], int]("execute")
    """Execute one action of an open plan: header, leaves, index, action, data of its venue."""
    execute_plan = Method[[HeaderRow, Sequence[bytes], Sequence[StepRow]], int]("executePlan")
    """Execute actions of an open plan: header, leaves, steps; return the executed ones as bits."""
    execute_actions = Method[[Sequence[StepRow]], int]("executeActions")
    """Execute actions without a plan; return the executed ones as bits."""
    claim = Method[[str], tuple[int, int]]("claimAsset", pair)
    """Receive the settled requests of an asset: its shares, and settlement base units."""


@dataclass(frozen=True, slots=True)
class RawHolding:
    """Terms of a holding, without its balance."""

    asset: str
    kind: HoldingKind
    target_bps: int
    maximum_loss_bps: int
    cap_bps: int
    venue: str

    @classmethod
    def of(cls, values: tuple[Any, ...]) -> Self:
        """Decode the contract's struct, which may have more fields at its end."""
        asset, kind, target, loss, cap, venue, *rest = values
        known: tuple[Any, ...] = (
            *(to_checksum_address(asset), HoldingKind(kind), target, loss, cap),
            *(to_checksum_address(venue), *rest),
        )
        return cls(*known[: len(fields(cls))])


@dataclass(frozen=True, slots=True)
class RawPosition(RawHolding):
    """Holding with its balance and value.

    Attributes:
        known: Whether `value` is valid: not while the price cannot be read or is out of bounds.
        marked: Whether it is marked down: it counts at the lower value and cannot be bought.
        low: Whether the holding pays less than its minimum rate; it then cannot be bought.
    """

    held: bool
    balance: int
    value: int
    marked: bool
    known: bool
    low: bool


class Portfolio(Contract):
    """A portfolio, one of the vault's tiers: holdings with target weights."""

    holdings = Method[[], tuple[RawHolding, ...]](
        "holdings", lambda values: tuple(map(RawHolding.of, values[0]))
    )
    """Terms of all holdings, read without a call to any other contract."""
    positions = Method[[], tuple[RawPosition, ...]](
        "positions", lambda values: tuple(map(RawPosition.of, values[0]))
    )
    """All holdings with balance and value."""
    value_of = Method[[str], int]("valueOf")
    """Value of one holding in settlement base units."""
    weights = Method[[], str]("weights", address)
    """Contract that rebalances its weights; the zero address if there is none."""


@dataclass(frozen=True, slots=True)
class RawBatch:
    """Redemption requests of one day in shares of the vault, and the payments for them."""

    shares: int
    fulfilled: int
    assets: int
    opened_at: int
    due_at: int

    @property
    def open(self) -> int:
        """Shares that are not paid yet."""
        return self.shares - self.fulfilled


class RedemptionQueue(Contract):
    """The queue of redemptions that are larger than the vault's idle cash."""

    due_within = Method[[int], int]("dueWithin")
    """Settlement base units to be paid within a number of seconds from now."""
    oldest_batch = Method[[], int]("oldestBatch")
    """The only batch that can be fulfilled; 0 without requests."""
    batch = Method[[int], RawBatch]("batchOf", lambda values: RawBatch(*values[0]))
    """A batch by its number."""

    def fulfil(self, maximum_shares: int = UINT256_MAX) -> Call[tuple[int, int]]:
        """Pay the oldest batch from the cash; return shares and settlement base units."""
        return self._call("fulfil", maximum_shares, convert=pair)


@dataclass(frozen=True, slots=True)
class RawTerms:
    """Bounds of every run."""

    cool_down: int
    maximum_loss_bps: int
    minimum_trade: int

    @classmethod
    def of(cls, values: tuple[Any, ...]) -> RawTerms:
        """Decode the contract's answer."""
        _, cool_down, maximum_loss, _, _, minimum_trade = values[0]
        return cls(cool_down, maximum_loss, minimum_trade)


def _portfolio_state(values: tuple[Any, ...]) -> tuple[int, tuple[Constituent, ...]]:
    """Decode assets and prices; the settlement token comes last, and only its price counts."""
    (prices, quantities, targets), items = values[0]
    found = tuple(
        Constituent(
            asset=to_checksum_address(asset),
            price=price,
            quantity=quantity,
            target_bps=target,
            sale_limit=sale_limit,
            payment_limit=payment_limit,
        )
        for (asset, _, _, sale_limit, payment_limit), price, quantity, target in zip(
            items, prices[:-1], quantities[:-1], targets[:-1], strict=True
        )
    )
    return prices[-1], found


class WeightJudge(Contract):
    """The contract that starts runs and verifies their outcome."""

    scales = Method[[], tuple[int, tuple[Constituent, ...]]]("scales", _portfolio_state)
    """Price of the settlement token, and the assets."""
    rebalancer = Method[[], str]("rebalancer", address)
    """Executor of the runs; the zero address if there is none."""
    maximum_loss = Method[[], int]("maxLossBps")
    """Largest value that any run may lose, in basis points."""

    def reweigh(self, swaps: Sequence[Swap]) -> Call[None]:
        """Rebalance the weights with a keeper's swaps."""
        terms = [(each.asset, each.minimum_out, each.data) for each in swaps]
        return self._call("reweigh", terms, convert=nothing)


class WeightRebalancer(LimitedContract):
    """The executor of runs, within its limits."""

    terms = Method[[], RawTerms]("terms", RawTerms.of)
    """Bounds of every run."""
    last_run = Method[[], int]("lastRun")
    """Time of the last run that traded, in seconds; 0 if none did."""
    paused = Method[[], bool]("paused")
    """Whether runs are stopped."""
