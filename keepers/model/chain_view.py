"""View of one chain through several nodes, and the fees of transactions.

Initial fees and fees of replacements: design, section 8, rule 4. Nodes accept a replacement only
if both fee fields rise by at least 10 %.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil

from keepers.model.chain import AccessList, Fees, Head, NodeErrorKind


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainView:
    """State of a chain for one account, all at the same block, the head.

    Attributes:
        head: Highest block that a quorum of nodes has.
        gas_limit: Gas limit of that block.
        nonce: Transaction count of the account at the head, by a quorum.
        pending_nonce: Transaction count with pending ones; the highest that any node reports.
        balance: Native balance of the account, in wei.
        safe: Newest safe block; None if the chain has no such tag.
        finalized: Newest final block; None if the chain has no such tag.
    """

    head: Head
    gas_limit: int
    nonce: int
    pending_nonce: int
    balance: int
    safe: int | None
    finalized: int | None


@dataclass(frozen=True, slots=True)
class FeeMarket:
    """Current gas prices in wei: the base fee of the head and the priority fee nodes suggest."""

    base_fee: int
    tip: int


@dataclass(frozen=True, slots=True)
class Estimate:
    """Gas of a call, with the access list that lowers it, if one does."""

    gas: int
    access_list: AccessList


@dataclass(frozen=True, slots=True)
class MadeCall:
    """Call made by an included transaction: target, data and value (wei)."""

    target: str | None
    calldata: str
    value: int


@dataclass(frozen=True, slots=True)
class SendAnswer:
    """Response of one node to a submitted transaction; `problem` is None if accepted.

    Attributes:
        node: Masked URL of the node.
        problem: Kind of its error.
        message: Text of its error.
    """

    node: str
    problem: NodeErrorKind | None
    message: str = ""


BPS = 10_000
REPLACEMENT_BPS = 1_000
"""Minimum rise of both fee fields that nodes require of a replacement, in basis points."""

BASE_FEE_HEADROOM = 2
"""The base fee can double in six full blocks; the unused part is not charged."""

BASE_FEE_RISE = Fraction(9, 8)
"""Maximum rise of the base fee per block under EIP-1559."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeLimits:
    """Configured fee limits, in wei; the rise in basis points.

    Attributes:
        maximum: Maximum price of a unit of gas.
        priority: Maximum priority fee, part of `maximum`.
        rise_bps: Fee increase of a replacement, at least 1,000.
        bump_blocks: Number of blocks after which a replacement may itself be replaced.
    """

    maximum: int
    priority: int
    rise_bps: int = 1_250
    bump_blocks: int = 3

    def __post_init__(self) -> None:
        if self.rise_bps < REPLACEMENT_BPS:
            raise ValueError(f"nodes refuse replacements below {REPLACEMENT_BPS} basis points")
        if not 0 <= self.priority <= self.maximum:
            raise ValueError("the tip's limit is above the fee's")

    def widened(self, factor: int) -> FeeLimits:
        """Return the limits multiplied by a factor, for cancellations."""
        wider = (self.maximum * factor, self.priority * factor)
        return replace(self, maximum=wider[0], priority=wider[1])


def first_fees(market: FeeMarket, limits: FeeLimits) -> Fees | None:
    """Return initial fees with headroom; None while the base fee alone is above the limit."""
    if market.base_fee > limits.maximum:
        return None
    tip = min(market.tip, limits.priority, limits.maximum - market.base_fee)
    return Fees(min(BASE_FEE_HEADROOM * market.base_fee + tip, limits.maximum), tip)


def next_fees(before: Iterable[Fees], market: FeeMarket, limits: FeeLimits) -> Fees | None:
    """Return fees of a replacement: both fields raised by `rise_bps`, or to the market if higher.

    The market price covers every block until the next replacement. Near a limit fees rise by less,
    but never by less than nodes require.

    Returns:
        None if that exceeds a limit; the existing signed bytes are then sent again.
    """
    known = tuple(before)
    if not known:
        return first_fees(market, limits)
    fee, tip = (max(each.maximum for each in known), max(each.priority for each in known))
    asked = _base_fee_within(market.base_fee, limits.bump_blocks) + market.tip
    maximum = _risen(fee, asked, limits.maximum, limits.rise_bps)
    priority = _risen(tip, market.tip, limits.priority, limits.rise_bps)
    if maximum is None or priority is None or priority > maximum:
        return None
    return Fees(maximum, priority)


def _base_fee_within(base_fee: int, blocks: int) -> int:
    """Return the maximum base fee after a number of blocks, capped at what first fees pay."""
    return min(ceil(base_fee * BASE_FEE_RISE**blocks), BASE_FEE_HEADROOM * base_fee)


def _risen(old: int, asked: int, limit: int, rise_bps: int) -> int | None:
    floor = max(_up(old, REPLACEMENT_BPS), old + 1)
    wanted = max(_up(old, rise_bps), floor, asked)
    return None if floor > limit else min(wanted, limit)


def _up(old: int, bps: int) -> int:
    """Return a value raised by basis points, rounded up."""
    return -(-old * (BPS + bps) // BPS)
