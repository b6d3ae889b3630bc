"""Call amounts in integers, rounded down at a source and up for a need."""

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
    """Return the asset units for a value at the position's own price, rounded up.

    Args:
        balance: Units held.
        value: Value of the balance in settlement base units.
        wanted: Value to sell, in settlement base units.
        left: Units left by earlier sales of the same plan.
    """
    return left if wanted >= value else min(ceil_share(balance, wanted, value), left)


def minimum_output(quoted: int, tolerance_bps: int) -> int:
    """Return the minimum output of an action, rounded up."""
    return ceil_share(quoted, WHOLE_BPS - tolerance_bps, WHOLE_BPS)


def affordable(order: Order, proceeds: Mapping[int, int], orders: Mapping[int, Order]) -> int:
    """Return the share of its sales' proceeds that a purchase may spend; all without sales.

    Args:
        order: The purchase.
        proceeds: Actual or quoted proceeds of each sale, by its index.
        orders: All orders by index.
    """
    if not order.depends_on:
        return order.amount
    return sum(
        min(spent, proceeds[sale] * spent // orders[sale].amount)
        for sale, spent in zip(order.depends_on, order.funding, strict=True)
    )


def measured_slippage_bps(*, quoted: Fraction, estimated_bps: Fraction, received: int) -> Fraction:
    """Return an action's loss against the oracle: the estimate corrected by the actual result.

    Args:
        quoted: Quote for the amount actually traded.
        estimated_bps: Loss of the quote against the oracle.
        received: Amount received.
    """
    if quoted == 0:
        return estimated_bps
    return WHOLE_BPS - (WHOLE_BPS - estimated_bps) * received / quoted


def bps_text(bps: Fraction) -> str:
    """Return basis points as a decimal string."""
    return format_rounded(bps, BPS_PLACES)


def money_of(snapshot: VaultSnapshot, units: int) -> str:
    """Format an amount of the settlement token."""
    return f"{format_units(units, snapshot.settlement_decimals)} {snapshot.settlement_symbol}"
