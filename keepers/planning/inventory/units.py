"""Markets whose tokens have different decimals, brought to one unit where that loses nothing."""

from keepers.planning.inventory.market import Market


def common_units(market: Market) -> tuple[list[int], list[int]] | None:
    """Supplies and needs in steps of the coarsest token; None where steps differ among edges.

    Where all sources are equally coarse, needs are rounded up, as what arrives is; where all
    triggers are, supplies are rounded down, as what can arrive is. Otherwise all have to be whole.
    """
    sources = {each.decimals for each in market.surpluses}
    sinks = {each.decimals for each in market.triggers}
    coarsest = min(sources | sinks)
    supplies = [
        _whole(supply, each.decimals - coarsest)
        for supply, each in zip(market.supplies, market.surpluses, strict=True)
    ]
    needs = [_whole(each.deficit, each.decimals - coarsest) for each in market.triggers]
    exact = all(rest == 0 for _, rest in (*supplies, *needs))
    if not exact and sources != {coarsest} and sinks != {coarsest}:
        return None
    return [whole for whole, _ in supplies], [whole + (rest > 0) for whole, rest in needs]


def _whole(units: int, decimals: int) -> tuple[int, int]:
    return divmod(units, 10**decimals)
