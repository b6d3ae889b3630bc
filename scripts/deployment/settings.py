"""Parameters of the contracts: feeds, holdings, bands, paths, keepers, and who operates what."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from eth_utils.address import to_checksum_address

from scripts.deployment.config import Holding, HoldingKind, Token
from scripts.deployment.differences import Deployment, Difference
from scripts.deployment.members import events, named_in_events, permission_differences

ZERO = to_checksum_address("0x" + "00" * 20)
REMOVED_KEEPER = (
    "it was removed after it had been added: take it out of roles.keepers, or, if its key is known "
    "to be safe, run configure with --restore-keepers"
)


def setting_differences(
    deployment: Deployment, *, restore_keepers: bool = False
) -> Iterator[Difference]:
    """Every parameter that is not as configured, in an order in which they can be mended.

    A keeper who was removed after having been added is only mended with `restore_keepers`.
    """
    yield from _oracle(deployment)
    yield from _venue(deployment)
    yield from _portfolio(deployment, "PortfolioL2", deployment.config.l2)
    yield from _portfolio(deployment, "PortfolioL3", deployment.config.l3)
    yield from _vault(deployment)
    yield from _controller(deployment)
    yield from _keepers(deployment, restore=restore_keepers)


def _oracle(deployment: Deployment) -> Iterator[Difference]:
    for symbol, token in deployment.config.tokens.items():
        if token.feed is not None:
            yield from _feed(deployment, symbol, token)
    yield from _superfluous_feeds(deployment)
    external = deployment.config.external
    aggregator, grace = deployment.read("PriceOracle", "sequencerFeed")
    feed, wanted = ZERO, grace  # without a feed, no grace period matters
    if external.sequencer_feed is not None:
        feed, wanted = external.sequencer_feed, external.sequencer_grace_seconds
    intended, actual = (feed, wanted), (aggregator, grace)
    yield from deployment.compare(
        "PriceOracle", "sequencer feed", intended, actual, "setSequencerFeed", *intended
    )


def _superfluous_feeds(deployment: Deployment) -> Iterator[Difference]:
    fed = {token.address for token in deployment.config.tokens.values() if token.feed is not None}
    for token in sorted(named_in_events(deployment, "PriceOracle", "FeedSet", "token") - fed):
        aggregator = deployment.read("PriceOracle", "feedOf", token)[0]
        yield from deployment.compare(
            "PriceOracle", f"feed of {token}", ZERO, aggregator, "removeFeed", token
        )


def _feed(deployment: Deployment, symbol: str, token: Token) -> Iterator[Difference]:
    feed = token.feed
    assert feed is not None  # noqa: S101 - the caller has looked
    decimals = deployment.chain.decimals(feed.aggregator, f"aggregator of {symbol}")
    bounds = (_scaled(feed.minimum_price, decimals), _scaled(feed.maximum_price, decimals))
    heartbeat = feed.heartbeat_seconds
    expected = (feed.aggregator, heartbeat, decimals, token.decimals, *bounds)
    actual = tuple(deployment.read("PriceOracle", "feedOf", token.address))
    arguments = (token.address, feed.aggregator, heartbeat, *bounds)
    yield from deployment.compare(
        "PriceOracle", f"feed of {symbol}", expected, actual, "setFeed", *arguments
    )


def _scaled(price: Decimal, decimals: int) -> int:
    return int(price.scaleb(decimals))


def _venue(deployment: Deployment) -> Iterator[Difference]:
    yield from _paths(deployment)
    portfolios = [deployment.address(name) for name in ("PortfolioL2", "PortfolioL3")]
    yield from permission_differences(
        deployment,
        "UniswapV3Venue",
        portfolios,
        event="TraderSet",
        view="isTrader",
        setter="setTrader",
    )


def _paths(deployment: Deployment) -> Iterator[Difference]:
    name = "UniswapV3Venue"
    configured: set[tuple[str, str]] = set()
    for holding in (*deployment.config.l2, *deployment.config.l3):
        if holding.kind is not HoldingKind.VENUE:
            continue
        for path in (holding.path, tuple(reversed(holding.path))):
            first, last = (deployment.config.address(str(path[end])) for end in (0, -1))
            configured.add((first, last))
            packed = pack_path(deployment, path)
            actual = deployment.read(name, "pathOf", first, last)
            what = f"path {'-'.join(map(str, path))}"
            arguments = ("setPath", first, last, packed)
            yield from deployment.compare(name, what, packed, actual, *arguments)
    named = {(entry["tokenIn"], entry["tokenOut"]) for entry in events(deployment, name, "PathSet")}
    for first, last in sorted(named - configured):
        actual = deployment.read(name, "pathOf", first, last)
        what = f"path {first}-{last}"
        yield from deployment.compare(name, what, b"", actual, "setPath", first, last, b"")


def pack_path(deployment: Deployment, path: tuple[str | int, ...]) -> bytes:
    """Uniswap V3's packed path of symbols and fees: 20 bytes a token, 3 bytes a fee."""
    return b"".join(
        part.to_bytes(3, "big")
        if isinstance(part, int)
        else bytes.fromhex(deployment.config.address(part)[2:])
        for part in path
    )


def _holding(deployment: Deployment, holding: Holding) -> tuple[str, int, str, int, int]:
    venue = deployment.address("UniswapV3Venue") if holding.kind is HoldingKind.VENUE else ZERO
    kind = list(HoldingKind).index(holding.kind)
    asset = deployment.config.address(holding.asset)
    return (asset, kind, venue, holding.target_bps, holding.maximum_loss_bps)


def _portfolio(
    deployment: Deployment, name: str, holdings: tuple[Holding, ...]
) -> Iterator[Difference]:
    expected = [_holding(deployment, holding) for holding in holdings]
    actual = [tuple(entry) for entry in deployment.read(name, "holdings")]
    yield from deployment.compare(name, "holdings", expected, actual, "setHoldings", expected)
    controller = deployment.address("AssetController")
    yield from permission_differences(
        deployment, name, [controller], event="OperatorSet", view="isOperator", setter="setOperator"
    )


def _vault(deployment: Deployment) -> Iterator[Difference]:
    controller = deployment.address("AssetController")
    actual = deployment.read("LiquidityVault", "controller")
    yield from deployment.compare(
        "LiquidityVault", "controller", controller, actual, "setController", controller
    )


def _controller(deployment: Deployment) -> Iterator[Difference]:
    name, vault = "AssetController", deployment.config.vault
    bands = [(band.minimum_bps, band.target_bps, band.maximum_bps) for band in vault.bands]
    actual = [tuple(band) for band in deployment.read(name, "tierBands")]
    yield from deployment.compare(name, "tier bands", bands, actual, "setTierBands", bands)
    limit = vault.maximum_loss_bps
    yield from deployment.compare(
        name,
        "maximum loss in bps",
        limit,
        deployment.read(name, "maxLossBps"),
        "setMaxLossBps",
        limit,
    )
    hint = "whoever paused it has a reason: once that is gone, a configurator calls unpause()"
    running = False
    yield from deployment.report(name, "paused", running, deployment.read(name, "paused"), hint)


def _keepers(deployment: Deployment, *, restore: bool) -> Iterator[Difference]:
    """Keepers; who was one and was removed, perhaps by a guardian, waits for a decision."""
    name, wanted = "AssetController", deployment.config.roles.keepers
    history = events(deployment, name, "KeeperSet")
    were = {entry["keeper"] for entry in history if entry["allowed"]}
    removed = {f"isKeeper({keeper})" for keeper in were.intersection(wanted)}
    for difference in permission_differences(
        deployment, name, wanted, event="KeeperSet", view="isKeeper", setter="setKeeper"
    ):
        if difference.what in removed and not restore:
            yield replace(difference, target=None, data=None, hint=REMOVED_KEEPER)
        else:
            yield difference
