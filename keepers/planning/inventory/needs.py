"""Triggers, deficits and surpluses (rulebook, sections 2 and 3)."""

from collections.abc import Iterable
from fractions import Fraction

from keepers.model.inventory import BalanceTrigger, InventoryRequest, Surplus


def triggers_of(request: InventoryRequest) -> list[BalanceTrigger]:
    """Return the chains at or below their threshold, sorted by asset and chain."""
    effective = request.effective_balances()
    found: list[BalanceTrigger] = []
    for asset, chain in sorted(effective):
        each, balance = request.assets[asset][chain], effective[asset, chain]
        threshold = each.base * (1 - request.trigger_percentage)
        if balance <= threshold:
            found.append(
                BalanceTrigger(
                    asset=asset,
                    chain=chain,
                    decimals=each.decimals,
                    base=each.base,
                    balance=balance,
                    threshold=threshold,
                    deficit=each.base - balance,
                )
            )
    return found


def surpluses_of(request: InventoryRequest) -> list[Surplus]:
    """Return the chains above their base, sorted by asset and chain."""
    effective = request.effective_balances()
    return [
        Surplus(asset=asset, chain=chain, decimals=each.decimals, amount=balance - each.base)
        for (asset, chain), balance in sorted(effective.items())
        if balance > (each := request.assets[asset][chain]).base
    ]


def tokens(units: int, decimals: int) -> Fraction:
    """Convert base units to whole tokens."""
    return Fraction(units, 10**decimals)


def total_deficit(triggers: Iterable[BalanceTrigger]) -> Fraction:
    """Return the total deficit in whole tokens."""
    return sum((tokens(each.deficit, each.decimals) for each in triggers), Fraction(0))


def total_surplus(surpluses: Iterable[Surplus]) -> Fraction:
    """Return the total surplus in whole tokens."""
    return sum((tokens(each.amount, each.decimals) for each in surpluses), Fraction(0))
