"""Whether each deficit fits whole into one surplus: then no plan has less transfers than that."""

from keepers.planning.inventory.market import Market


def packs_whole(market: Market) -> bool:
    """Whether the largest deficit first, each into the tightest source that can, all fit.

    False does not mean that they could not be packed in another way.
    """
    left = list(market.supplies)
    order = sorted(range(len(market.deficits)), key=lambda sink: -market.deficit_in_finest(sink))
    for sink in order:
        fitting = [
            (left[edge.source] * edge.token, edge.name, edge.source, edge.amount(steps))
            for edge in market.edges
            if edge.sink == sink and not edge.fallback
            for steps in [-(-market.deficits[sink] // edge.step)]
            if edge.least <= steps <= edge.most and edge.amount(steps) <= left[edge.source]
        ]
        if not fitting:
            return False
        _, _, source, amount = min(fitting)
        left[source] -= amount
    return True
