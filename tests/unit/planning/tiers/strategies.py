"""Random planning files for tiers, mostly small, so that rounding and equality occur."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from keepers.model.money import format_exact, format_units

NAMES = ("L1", "L2", "L3")
TRIGGERS = ("auto", "auto", "LIQUIDITY", "THRESHOLD", "EVENT", "SCHEDULED", "MANUAL")
AMOUNTS = (
    "REBALANCE_MIN_AMOUNT",
    "REBALANCE_REVIEW_THRESHOLD",
    "REBALANCE_APPROVAL_THRESHOLD",
    "REBALANCE_MULTISIG_THRESHOLD",
    "EVENT_SUBSCRIPTION_AMOUNT",
)
SHARES = (
    "L1_LOW_RATIO",
    "L1_HIGH_RATIO",
    "DEVIATION_THRESHOLD",
    "ASSET_CONCENTRATION",
    "TOP3_CONCENTRATION",
    "EVENT_PRICE_MOVE",
)
ASSETS = ("A", "B", "Ä", "b c", "Ω")


@st.composite
def configs(draw: st.DrawFn, largest: int) -> dict[str, str]:
    """Draw variables with small amounts, and targets inside their bands that sum to 10,000."""
    config = {name: str(draw(st.integers(0, largest))) for name in AMOUNTS}
    if draw(st.booleans()):
        return config
    first = draw(st.integers(0, 10000))
    second = draw(st.integers(0, 10000 - first))
    for name, target in zip(NAMES, (first, second, 10000 - first - second), strict=True):
        config[f"{name}_TARGET_RATIO"] = str(target)
        config[f"{name}_MIN_RATIO"] = str(draw(st.integers(0, target)))
        config[f"{name}_MAX_RATIO"] = str(draw(st.integers(target, 10000)))
    for name in draw(st.sets(st.sampled_from(SHARES))):
        config[name] = format_exact(Fraction(draw(st.integers(0, 100000)), 10))
    config["REDEMPTION_COVERAGE"] = str(draw(st.integers(1, 12000)))
    return config


@st.composite
def events(draw: st.DrawFn, held: Sequence[str], largest: int) -> dict[str, str]:
    """Draw one event of any kind."""
    kinds = ["subscription", "window_open", "maturity"] + (["price_move"] if held else [])
    kind = draw(st.sampled_from(kinds))
    amount = str(draw(st.integers(0, largest)))
    if kind == "subscription":
        return {"kind": kind, "amount": amount}
    if kind == "price_move":
        change = format_exact(Fraction(draw(st.integers(-1000, 1000)), 10000))
        return {"kind": kind, "asset": draw(st.sampled_from(held)), "change": change}
    event = {"kind": kind, "asset": draw(st.sampled_from(ASSETS))}
    return event | ({"amount": amount} if kind == "maturity" else {})


@st.composite
def documents(draw: st.DrawFn, largest: int = 150, decimals: int | None = None) -> dict[str, Any]:
    """Draw a planning file for a vault of at most three times `largest` base units."""
    places = draw(st.integers(0, 2)) if decimals is None else decimals
    values = st.integers(0, largest).map(lambda units: format_units(units, places))
    held = draw(st.lists(st.sampled_from(ASSETS), unique=True))
    return {
        "settlement": {"symbol": "USDT", "decimals": places},
        "tiers": {name: {"value": draw(values)} for name in NAMES},
        "redemptions_due": draw(st.one_of(st.just("0"), values)),
        "holdings": [
            {"asset": asset, "tier": draw(st.sampled_from(NAMES)), "value": draw(values)}
            for asset in held
        ],
        "events": draw(st.lists(events(held, largest), max_size=3)),
        "trigger": draw(st.sampled_from(TRIGGERS)),
        "weekly": draw(st.booleans()),
        "config": draw(configs(largest // 5)),
    }
