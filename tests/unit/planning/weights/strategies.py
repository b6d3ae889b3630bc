"""Random planning files for weights."""

from fractions import Fraction
from itertools import pairwise
from typing import Any

from hypothesis import strategies as st

from keepers.model.money import format_exact, format_units

NAMES = ("A", "B", "Ä", "b c", "Ω")
DECIMALS = (0, 2, 6, 8, 18)
LARGEST = 2000
"""Maximum quantity of an asset in whole tokens."""


def numbers(largest: int, places: int, smallest: int = 0) -> st.SearchStrategy[str]:
    """Generate numbers from `smallest` to `largest`, in units of the last decimal."""
    return st.integers(smallest, largest).map(lambda units: format_units(units, places))


PRICES = st.sampled_from((("1", 0), (10**6, 2), (10**9, 8))).flatmap(
    lambda kind: st.just(kind[0]) if isinstance(kind[0], str) else numbers(kind[0], kind[1], 1)
)
QUANTITIES = {
    decimals: numbers(LARGEST * 10**decimals, decimals) | st.just("0") for decimals in DECIMALS
}
TOKENS = st.sampled_from(DECIMALS).flatmap(
    lambda decimals: st.fixed_dictionaries(
        {"quantity": QUANTITIES[decimals], "price": PRICES, "decimals": st.just(decimals)}
    )
)
SLIPPAGES = st.just("0") | numbers(3000, 4)
ASSETS = st.tuples(TOKENS, SLIPPAGES, SLIPPAGES).map(
    lambda drawn: drawn[0] | {"sell_slippage": drawn[1], "buy_slippage": drawn[2]}
)
SPENDS = st.sampled_from(("surplus", "proceeds"))
MINIMUMS = numbers(10**7, 3)
LIMITS = numbers(10_000, 0)
ROUNDINGS = st.sampled_from(("token", "exact"))
BORDERS = st.lists(st.integers(0, 10_000), min_size=len(NAMES), max_size=len(NAMES))
SHARES = st.integers(1, 4)


def targets(borders: list[int], count: int, part: Fraction) -> list[str]:
    """Return target weights that sum to 10,000; `part` moves the first two off whole bps."""
    ends = [0, *sorted(borders[: count - 1]), 10_000]
    shares = [Fraction(high - low) for low, high in pairwise(ends)]
    if shares[0] >= 1:
        shares[0], shares[1] = shares[0] - part, shares[1] + part
    return [format_exact(share) for share in shares]


def sales(assets: list[dict[str, Any]], quarters: list[int]) -> dict[str, str]:
    """Return a number of quarters, rounded up, of the quantity of each held asset."""
    found: dict[str, str] = {}
    for asset, part in zip(assets, quarters, strict=False):
        held = int(Fraction(asset["quantity"]) * 10 ** asset["decimals"])
        if held and part:
            found[asset["symbol"]] = format_units(-(-held * part // 4), asset["decimals"])
    return found


@st.composite
def documents(
    draw: st.DrawFn, rounding: str | None = None, *, whole_bps: bool = False
) -> dict[str, Any]:
    """Draw a planning file for up to four assets with a value above 0."""
    names = draw(st.permutations(NAMES))[: draw(SHARES)]
    settlement: dict[str, Any] = draw(TOKENS) | {"symbol": "USDT"}
    assets: list[dict[str, Any]] = [draw(ASSETS) | {"symbol": name} for name in names]
    if not any(Fraction(each["quantity"]) for each in (settlement, *assets)):
        settlement["quantity"] = "1"
    part = Fraction(0) if whole_bps else Fraction(draw(st.integers(0, 9)), 10)
    shares = targets(draw(BORDERS), len(names) + 1, part)
    if draw(st.booleans()):
        settlement["target_weight_bps"] = shares[-1]
    else:
        shares[0] = format_exact(Fraction(shares[0]) + Fraction(shares[-1]))
    for asset, share in zip(assets, shares, strict=False):
        asset["target_weight_bps"] = share
    document: dict[str, Any] = {"settlement": settlement, "assets": assets}
    if draw(st.booleans()):
        document["sell"] = sales(assets, draw(st.lists(st.integers(0, 4), max_size=4)))
    optional = {"spend": SPENDS, "minimum_trade": MINIMUMS, "max_total_value_loss_bps": LIMITS}
    for name, values in optional.items():
        if draw(st.booleans()):
            document[name] = draw(values)
    if rounding or draw(st.booleans()):
        document["rounding"] = rounding or draw(ROUNDINGS)
    return document
