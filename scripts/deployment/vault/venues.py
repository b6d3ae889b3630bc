"""Parameters of a vault's venues: paths, desks, lists of venues, and traders."""

from __future__ import annotations

from collections.abc import Iterator

from eth_utils.address import to_checksum_address

from scripts.deployment.deployment import Difference
from scripts.deployment.permissions import events, permission_differences
from scripts.deployment.vault.contracts import TIERS, VaultContracts

AUTO = "AutoVenue"


def venue_differences(deployment: VaultContracts) -> Iterator[Difference]:
    """Yield parameters of venues that differ from the configuration."""
    yield from _uniswap(deployment)
    yield from _otc(deployment)
    yield from _auto(deployment)


def _uniswap(deployment: VaultContracts) -> Iterator[Difference]:
    yield from _paths(deployment)
    yield from _traders(deployment, "UniswapV3Venue")


def _traders(deployment: VaultContracts, name: str) -> Iterator[Difference]:
    traders = [deployment.address(f"Portfolio{tier}") for tier in TIERS]
    if name != AUTO and AUTO in deployment.names:
        traders.append(deployment.address(AUTO))
    yield from permission_differences(
        deployment, name, traders, event="TraderSet", view="isTrader", setter="setTrader"
    )


def _otc(deployment: VaultContracts) -> Iterator[Difference]:
    name, otc = "OtcVenue", deployment.config.otc
    if otc is None:
        return
    actual = deployment.read(name, "maxLossBps")
    what, loss = "maximum loss of a trade", otc.maximum_loss_bps
    yield from deployment.compare(name, what, loss, actual, "setMaxLoss", loss)
    yield from permission_differences(
        deployment, name, otc.desks, event="DeskSet", view="isDesk", setter="setDesk"
    )
    yield from _traders(deployment, name)


def _auto(deployment: VaultContracts) -> Iterator[Difference]:
    if AUTO not in deployment.names:
        return
    settlement = deployment.config.address(deployment.config.vault.settlement)
    # The first venue trades without terms, so it is not the desks' venue.
    venues = [deployment.address(name) for name in ("UniswapV3Venue", "OtcVenue")]
    configured: set[tuple[str, str]] = set()
    for holding in deployment.config.holdings:
        if holding.is_automatic:
            asset = deployment.config.address(holding.asset)
            configured |= {(settlement, asset), (asset, settlement)}
    named = {
        (to_checksum_address(entry["tokenIn"]), to_checksum_address(entry["tokenOut"]))
        for entry in events(deployment, AUTO, "VenuesSet")
    }
    for pair in sorted(named | configured):
        intended = venues if pair in configured else []
        actual = deployment.read(AUTO, "venuesOf", *pair)
        what = f"venues {pair[0]}-{pair[1]}"
        yield from deployment.compare(AUTO, what, intended, actual, "setVenues", *pair, intended)
    yield from _traders(deployment, AUTO)


def _paths(deployment: VaultContracts) -> Iterator[Difference]:
    name = "UniswapV3Venue"
    configured: set[tuple[str, str]] = set()
    for holding in (*deployment.config.l2, *deployment.config.l3):
        if not holding.on_uniswap:
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


def pack_path(deployment: VaultContracts, path: tuple[str | int, ...]) -> bytes:
    """Return Uniswap V3's packed path of symbols and fees: 20 bytes per token, 3 per fee."""
    return b"".join(
        part.to_bytes(3, "big")
        if isinstance(part, int)
        else bytes.fromhex(deployment.config.address(part)[2:])
        for part in path
    )
