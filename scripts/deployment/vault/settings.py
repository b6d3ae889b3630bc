"""Parameters of the contracts: feeds, holdings, bounds, paths and operators."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from eth_utils.address import to_checksum_address

from scripts.deployment.deployment import Difference
from scripts.deployment.permissions import (
    PAUSED,
    approver_differences,
    kill_switch_differences,
    named_in_events,
    permission_differences,
)
from scripts.deployment.vault.contracts import TIERS, VaultContracts, venue_name
from scripts.deployment.vault.limits import keeper_accounts, limit_differences
from scripts.deployment.vault.parts import Holding, HoldingKind, Token, VenueName
from scripts.deployment.vault.recurring import REGISTRY, SCHEDULER, SUPERVISOR
from scripts.deployment.vault.venues import AUTO, venue_differences

ZERO = to_checksum_address("0x" + "00" * 20)
NO_CAP = 2**128 - 1
CLOSED = (
    "a guardian closed deposits: once the reason is resolved, a configurator calls setDepositCap"
)
VENUES = {
    VenueName.UNISWAP_V3: "UniswapV3Venue",
    VenueName.OTC: "OtcVenue",
    VenueName.AUTO: AUTO,
}


def setting_differences(
    deployment: VaultContracts, *, restore_keepers: bool = False
) -> Iterator[Difference]:
    """Yield parameters that differ from the configuration, in an order in which to fix them.

    A keeper that the guardian removed is restored only with `restore_keepers`.
    """
    yield from _oracle(deployment)
    yield from venue_differences(deployment)
    for tier, holdings in zip(TIERS, (deployment.config.l2, deployment.config.l3), strict=True):
        yield from _portfolio(deployment, tier, holdings)
        yield from _weights(deployment, tier)
    yield from _vault(deployment)
    yield from _queue(deployment)
    yield from _controller(deployment)
    yield from kill_switch_differences(
        deployment, keeper_accounts(deployment), restore_keepers=restore_keepers
    )
    yield from limit_differences(deployment, restore_keepers=restore_keepers)
    yield from approver_differences(deployment, deployment.config.approvers)
    yield from _recurring(deployment)


def _oracle(deployment: VaultContracts) -> Iterator[Difference]:
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


def _superfluous_feeds(deployment: VaultContracts) -> Iterator[Difference]:
    fed = {token.address for token in deployment.config.tokens.values() if token.feed is not None}
    for token in sorted(named_in_events(deployment, "PriceOracle", "FeedSet", "token") - fed):
        aggregator = deployment.read("PriceOracle", "feedOf", token)[0]
        yield from deployment.compare(
            "PriceOracle", f"feed of {token}", ZERO, aggregator, "removeFeed", token
        )


def _feed(deployment: VaultContracts, symbol: str, token: Token) -> Iterator[Difference]:
    feed = token.feed
    assert feed is not None  # noqa: S101 - checked by the caller
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


def _venue_of(deployment: VaultContracts, holding: Holding) -> str:
    if holding.kind is HoldingKind.ERC4626:
        return ZERO
    if holding.kind is HoldingKind.ASYNC:
        return deployment.address(venue_name(holding))
    return deployment.address(VENUES[holding.venue])


def _holding(
    deployment: VaultContracts, holding: Holding
) -> tuple[str, int, int, int, int, str, int, int]:
    """Return the fields of the contract's structure."""
    config = deployment.config
    return (
        config.address(holding.asset),
        list(HoldingKind).index(holding.kind),
        holding.target_bps,
        holding.maximum_loss_bps,
        holding.cap_bps,
        _venue_of(deployment, holding),
        config.units(holding.maximum_rate or Decimal(0)),
        holding.least_rate_bps,
    )


def _portfolio(
    deployment: VaultContracts, tier: str, holdings: tuple[Holding, ...]
) -> Iterator[Difference]:
    name = f"Portfolio{tier}"
    expected = [_holding(deployment, holding) for holding in holdings]
    actual = [tuple(entry) for entry in deployment.read(name, "holdings")]
    yield from deployment.compare(name, "holdings", expected, actual, "setHoldings", expected)
    controller = deployment.address("AssetController")
    yield from permission_differences(
        deployment, name, [controller], event="OperatorSet", view="isOperator", setter="setOperator"
    )


def _weights(deployment: VaultContracts, tier: str) -> Iterator[Difference]:
    portfolio, judge, name = (
        f"{kind}{tier}" for kind in ("Portfolio", "WeightJudge", "WeightRebalancer")
    )
    for owner, view, wanted in ((portfolio, "weights", judge), (judge, "rebalancer", name)):
        intended, actual = deployment.address(wanted), deployment.read(owner, view)
        setter = f"set{view.capitalize()}"
        yield from deployment.compare(owner, view, intended, actual, setter, intended)
    config = deployment.config
    weights = config.weights_of(tier)
    bound, lost = weights.maximum_loss_bps, deployment.read(judge, "maxLossBps")
    yield from deployment.compare(judge, "maximum loss", bound, lost, "setMaxLoss", bound)
    terms = (
        weights.drift_bps,
        weights.cool_down_seconds,
        weights.maximum_loss_bps,
        weights.open_maximum_loss_bps,
        weights.spot_tolerance_bps,
        config.units(weights.minimum_trade),
    )
    actual = tuple(deployment.read(name, "terms"))
    yield from deployment.compare(name, "terms", terms, actual, "setTerms", terms)
    yield from _running(deployment, name)


def _vault(deployment: VaultContracts) -> Iterator[Difference]:
    for what, name in (("controller", "AssetController"), ("queue", "RedemptionQueue")):
        intended = deployment.address(name)
        actual = deployment.read("LiquidityVault", what)
        setter = f"set{what.capitalize()}"
        yield from deployment.compare("LiquidityVault", what, intended, actual, setter, intended)
    seconds = deployment.config.vault.holding_seconds
    actual = deployment.read("LiquidityVault", "holdingTime")
    what = "holding time in seconds"
    yield from deployment.compare(
        "LiquidityVault", what, seconds, actual, "setHoldingTime", seconds
    )
    yield from _deposit_cap(deployment)


def _deposit_cap(deployment: VaultContracts) -> Iterator[Difference]:
    name, what, cap = "LiquidityVault", "cap on deposits", deployment.config.vault.deposit_cap
    intended = NO_CAP if cap is None else deployment.config.units(cap)
    actual = deployment.read(name, "depositCap")
    expected, present = (_cap_text(deployment, each) for each in (intended, actual))
    if actual == 0:
        yield from deployment.report(name, what, expected, present, CLOSED)
        return
    for plain in deployment.compare(name, what, intended, actual, "setDepositCap", intended):
        yield replace(plain, expected=expected, actual=present)


def _cap_text(deployment: VaultContracts, cap: int) -> str:
    return "none" if cap == NO_CAP else deployment.money(cap)


def _queue(deployment: VaultContracts) -> Iterator[Difference]:
    name, queue = "RedemptionQueue", deployment.config.queue
    notice, actual = queue.notice_seconds, deployment.read(name, "notice")
    yield from deployment.compare(name, "notice in seconds", notice, actual, "setNotice", notice)
    decimals = deployment.read("LiquidityVault", "decimals")
    least = int(queue.minimum_shares.scaleb(decimals))
    actual = deployment.read(name, "minimumShares")
    yield from deployment.compare(
        name, "minimum shares of a request", least, actual, "setMinimumShares", least
    )


def _controller(deployment: VaultContracts) -> Iterator[Difference]:
    name, vault = "AssetController", deployment.config.vault
    actual = deployment.read(name, "bounds")
    yield from deployment.compare(name, "bounds", vault.bounds, actual, "setBounds", vault.bounds)
    size = deployment.config.units(vault.dual_approval_above)
    actual = deployment.read(name, "dualApprovalAbove")
    what = "size above which plans need two approvals"
    for plain in deployment.compare(name, what, size, actual, "raiseDualApproval", size):
        yield replace(plain, expected=deployment.money(size), actual=deployment.money(actual))
    yield from _running(deployment, name)


def _running(deployment: VaultContracts, name: str) -> Iterator[Difference]:
    if deployment.read("KillSwitch", "paused"):
        return  # its pause stops this contract too, and is reported once
    running = False
    yield from deployment.report(name, "paused", running, deployment.read(name, "paused"), PAUSED)


def _recurring(deployment: VaultContracts) -> Iterator[Difference]:
    # An allowed target that is not configured is left for the guardian to disallow.
    wanted = deployment.config.recurring
    if wanted is None:
        return
    actual = list(deployment.read(SCHEDULER, "prices"))
    yield from deployment.compare(
        SCHEDULER, "prices", wanted.prices, actual, "setPrices", wanted.prices
    )
    config = tuple(deployment.read(REGISTRY, "defaultRecurringConfig"))
    what, update = "configuration of new rebalancers", "updateDefaultRecurringConfig"
    yield from deployment.compare(REGISTRY, what, wanted.config, config, update, wanted.config)
    schedule = tuple(deployment.read(SUPERVISOR, "schedule"))
    yield from deployment.compare(
        SUPERVISOR, "schedule", wanted.schedule, schedule, "setSchedule", wanted.schedule
    )
    for each in wanted.targets:
        owner = deployment.read(REGISTRY, "entryOf", each.target)[0]
        what = f"owner for {each.target}"
        arguments = ("allowTarget", each.target, each.owner)
        yield from deployment.compare(REGISTRY, what, each.owner, owner, *arguments)
