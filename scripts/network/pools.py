"""Exact arithmetic of Uniswap V3 prices."""

import math
from decimal import Decimal
from fractions import Fraction

from eth_typing import ChecksumAddress

from scripts.network.specs import DECIMALS

Q96 = 2**96
MAX_TICK = 887_272
TICK_SPACING = {100: 1, 500: 10, 3_000: 60, 10_000: 200}


def base_is_token0(base: ChecksumAddress, quote: ChecksumAddress) -> bool:
    """Return whether a pool of the two sorts the base first."""
    return int(base, 16) < int(quote, 16)


def raw_price(price: Decimal | Fraction, base: str, quote: str, *, base_first: bool) -> Fraction:
    """Return base units of token1 per base unit of token0, at `price` whole quote per base."""
    quote_per_base = Fraction(price) * Fraction(10) ** (DECIMALS[quote] - DECIMALS[base])
    return quote_per_base if base_first else 1 / quote_per_base


def sqrt_price_x96(raw: Fraction) -> int:
    """Return a raw price in the pool's notation, rounded down."""
    return math.isqrt(raw.numerator * Q96 * Q96 // raw.denominator)


def price_of(sqrt_x96: int, base: str, quote: str, *, base_first: bool) -> Fraction:
    """Return the price at a pool's square-root price, in whole quote tokens per base token."""
    raw = Fraction(sqrt_x96 * sqrt_x96, Q96 * Q96)
    quote_per_base = raw if base_first else 1 / raw
    return quote_per_base * Fraction(10) ** (DECIMALS[base] - DECIMALS[quote])


def tick_near(raw: Fraction, spacing: int) -> int:
    """Return the usable tick nearest to a raw price; limits of positions need not be exact."""
    tick = round(math.log(raw) / math.log(1.0001) / spacing) * spacing
    return min(max(tick, -full_range(spacing)), full_range(spacing))


def full_range(spacing: int) -> int:
    """Return the last usable tick."""
    return MAX_TICK // spacing * spacing
