"""View of one chain through several nodes, and the fees of transactions.

First fees, and the ladder of fees of replacements: design, section 8, rule 4. Nodes take a
replacement only if both fields rise by 10 %.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil

from keepers.model.chain import AccessList, Fees, Head, NodeErrorKind


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainView:
    """One moment of a chain, for one account. Everything is of the same block, the head.

    Attributes:
        head: The highest block that a quorum of nodes has.
        gas_limit: Of that block.
        nonce: Transactions of the account that are included up to the head, by a quorum.
        pending_nonce: The same with those under way, the most that a node knows of.
        balance: The account's coins, in wei.
        safe: The newest safe block; None where the chain has no such tag.
        finalized: The newest final block; None where the chain has no such tag.
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
    """Gas prices now, in wei: the base fee of the head, and the tip that nodes suggest."""

    base_fee: int
    tip: int


@dataclass(frozen=True, slots=True)
class Estimate:
    """Gas that a call takes, with the access list under which it takes that, if any helps."""

    gas: int
    access_list: AccessList


@dataclass(frozen=True, slots=True)
class MadeCall:
    """Call of a transaction in a block: target, data and value (wei)."""

    target: str | None
    calldata: str
    value: int


@dataclass(frozen=True, slots=True)
class SendAnswer:
    """Response of one node to bytes; `problem` is None where it took them.

    Attributes:
        node: The node's address as it may be shown.
        problem: What its error means.
        message: Its own words.
    """

    node: str
    problem: NodeErrorKind | None
    message: str = ""


BPS = 10_000
REPLACEMENT_BPS = 1_000
"""The least by which nodes want both fields of a replacement to rise."""

BASE_FEE_HEADROOM = 2
"""The base fee can double in six full blocks; what is not needed is not paid."""

BASE_FEE_RISE = Fraction(9, 8)
"""The most by which EIP-1559 lets the base fee rise from one block to the next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeLimits:
    """Limits that the owner sets; wei, and basis points for the rise.

    Attributes:
        maximum: The most that a unit of gas may cost.
        priority: The most of it that may be a tip.
        rise_bps: By how much a replacement pays more, at least 1,000.
        bump_blocks: After how many blocks a replacement may itself be replaced.
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
        """The same with limits so many times as high, for cancellations."""
        wider = (self.maximum * factor, self.priority * factor)
        return replace(self, maximum=wider[0], priority=wider[1])


def first_fees(market: FeeMarket, limits: FeeLimits) -> Fees | None:
    """Fees with room for a rising base fee; None while the base fee alone is above the limit."""
    if market.base_fee > limits.maximum:
        return None
    tip = min(market.tip, limits.priority, limits.maximum - market.base_fee)
    return Fees(min(BASE_FEE_HEADROOM * market.base_fee + tip, limits.maximum), tip)


def next_fees(before: Iterable[Fees], market: FeeMarket, limits: FeeLimits) -> Fees | None:
    """Fees that replace all those before: both fields higher by the rise, or as the market asks.

    The market asks for what any of the blocks until the next replacement can need. Near a limit
    fees rise by less, but never by less than nodes ask for.

    Returns:
        None where that is above a limit; the bytes that are there are sent again then.
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
    """The most that the base fee can be in a number of blocks, no more than first fees pay."""
    return min(ceil(base_fee * BASE_FEE_RISE**blocks), BASE_FEE_HEADROOM * base_fee)


def _risen(old: int, asked: int, limit: int, rise_bps: int) -> int | None:
    floor = max(_up(old, REPLACEMENT_BPS), old + 1)
    wanted = max(_up(old, rise_bps), floor, asked)
    return None if floor > limit else min(wanted, limit)


def _up(old: int, bps: int) -> int:
    """Raised by basis points, rounded up."""
    return -(-old * (BPS + bps) // BPS)
