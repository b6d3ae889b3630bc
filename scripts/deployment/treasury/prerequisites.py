"""Facts of the chain on which a treasury's file relies, checked before signing."""

from __future__ import annotations

from collections.abc import Iterator

from scripts.deployment.chain import Chain
from scripts.deployment.prerequisites import code_problems, fund_problems, token_problems
from scripts.deployment.treasury.config import TreasuryConfig
from scripts.deployment.treasury.parts import CctpRoute, CustodialRoute, OftRoute, Route


def treasury_problems(chain: Chain, config: TreasuryConfig) -> Iterator[str]:
    """Yield mismatches of file and chain: assets, venues, bridges and external contracts."""
    for name, asset in config.assets.items():
        yield from token_problems(chain, f"assets.{name}", asset.address, asset.decimals)
    for venue in config.venues:
        key, asset = f"venue {venue.address}", config.assets[venue.asset].address
        yield from code_problems(chain, key, venue.address)
        yield from fund_problems(chain, key, venue.address, asset)
    for route in config.routes:
        yield from _route_problems(chain, config, route)
    yield from code_problems(chain, "external.multicall3", config.external.multicall3)


def _route_problems(chain: Chain, config: TreasuryConfig, route: Route) -> Iterator[str]:
    key, token = f"route {route.contract}", config.assets[route.asset].address
    match route:
        case CctpRoute():
            named = {"messenger": route.messenger, "transmitter": route.transmitter}
            yield from _missing(chain, key, named)
            transmitter = chain.ask(route.messenger, "localMessageTransmitter()", "address")
            yield from _same(f"{key}: transmitter", route.transmitter, transmitter)
            domain = chain.ask(route.transmitter, "localDomain()", "uint32")
            yield from _same(f"{key}: domain", route.domain, domain)
        case OftRoute():
            yield from _missing(chain, key, {"oft": route.oft, "endpoint": route.endpoint})
            moved = chain.ask(route.oft, "token()", "address")
            yield from _same(f"{key}: token of the OFT", token, moved)
            endpoint = chain.ask(route.oft, "endpoint()", "address")
            yield from _same(f"{key}: endpoint", route.endpoint, endpoint)
            eid = chain.ask(route.endpoint, "eid()", "uint32")
            yield from _same(f"{key}: eid", route.eid, eid)
        case CustodialRoute():
            return


def _missing(chain: Chain, key: str, contracts: dict[str, str]) -> Iterator[str]:
    for name, address in contracts.items():
        yield from code_problems(chain, f"{key}: {name}", address)


def _same(what: str, expected: object, actual: object | None) -> Iterator[str]:
    """Yield a difference; None as `actual` is a missing or other contract, reported separately."""
    if actual is not None and actual != expected:
        yield f"{what}: is {expected} in the file and {actual} on the chain; correct it"
