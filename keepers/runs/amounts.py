"""Amounts of the calls: in integers, down at a source, up for a need."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from keepers.model.money import WHOLE_BPS, format_rounded, format_units
from keepers.model.order import Order
from keepers.model.vault import VaultSnapshot

BPS_PLACES = 4


def ceil_share(amount: int, part: int, whole: int) -> int:
    """Return `amount * part / whole`, rounded up."""
    return -(-amount * part // whole)


def units_to_sell(balance: int, value: int, wanted: int, left: int) -> int:
    """Return asset units worth a wanted value at the position's own price, rounded up.

    Args:
        balance: Units held.
        value: What they are worth in settlement base units.
        wanted: What shall be sold, in settlement base units.
        left: Units that earlier sales of the same plan leave.
    """
    return left if wanted >= value else min(ceil_share(balance, wanted, value), left)


def minimum_output(quoted: int, tolerance_bps: int) -> int:
    """Return the least that an action may bring, rounded up."""
    return ceil_share(quoted, WHOLE_BPS - tolerance_bps, WHOLE_BPS)


def affordable(order: Order, proceeds: Mapping[int, int], orders: Mapping[int, Order]) -> int:
    """Return what a purchase may spend of the proceeds of its sales; all where it depends on none.

    Args:
        order: The purchase.
        proceeds: What each sale brought or is quoted to bring, by its index.
        orders: All orders by index.
    """
    if not order.depends_on:
        return order.amount
    return sum(
        min(spent, proceeds[sale] * spent // orders[sale].amount)
        for sale, spent in zip(order.depends_on, order.funding, strict=True)
    )


def measured_slippage_bps(*, quoted: Fraction, estimated_bps: Fraction, received: int) -> Fraction:
    """Return the loss of an action against the oracle: its estimate, corrected by what really came.

    Args:
        quoted: What the quote says of the amount that was really traded.
        estimated_bps: What the quote lost against the oracle.
        received: What came.
    """
    if quoted == 0:
        return estimated_bps
    return WHOLE_BPS - (WHOLE_BPS - estimated_bps) * received / quoted


def bps_text(bps: Fraction) -> str:
    """Return basis points as a decimal string."""
    return format_rounded(bps, BPS_PLACES)


def money_of(snapshot: VaultSnapshot, units: int) -> str:
    """Return an amount of the settlement token, for people."""
    return f"{format_units(units, snapshot.settlement_decimals)} {snapshot.settlement_symbol}"
