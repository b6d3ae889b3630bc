"""Intended state of a treasury on one network: `deployments/<network>.treasury.toml`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Self

from pydantic import Field, model_validator

from scripts.deployment.config import (
    Address,
    Approver,
    Limit,
    ManagedConfig,
    Roles,
    accounts_of,
    limit_exponent,
    refuse_repeats,
    require_cap,
    require_known,
)
from scripts.deployment.treasury.parts import (
    Asset,
    Bands,
    CctpRoute,
    CustodialRoute,
    OftRoute,
    Route,
    TreasuryExternal,
    TreasuryKeeper,
    Venue,
)

USD_DECIMALS = 6
"""Decimals of US dollar amounts in a treasury."""

WORD = 32
LANE_BITS = 128


class TreasuryConfig(ManagedConfig):
    """Intended state of a treasury on one chain.

    Attributes:
        access_manager: Manager of another deployment, if shared; it determines the role holders.
        kill_switch: Switch of another deployment, if shared; it then stops the keepers of both.
        plan_ledger: Ledger of another deployment, if shared; it determines the approvers.
        networks: Chain ids of the other networks, by the names of their files.
    """

    EXAMPLE = "deployments/example.treasury.toml"

    access_manager: Address | None = None
    kill_switch: Address | None = None
    plan_ledger: Address | None = None
    roles: Roles | None = None
    approvers: tuple[Approver, ...] = ()
    keepers: tuple[TreasuryKeeper, ...] = ()
    bands: Bands = Bands()
    assets: dict[str, Asset]
    venues: tuple[Venue, ...] = ()
    routes: tuple[Route, ...] = ()
    networks: dict[str, int] = Field(default_factory=dict[str, int])
    external: TreasuryExternal = TreasuryExternal()

    @model_validator(mode="after")
    def _one_place_says_who_decides(self) -> Self:
        if (self.roles is None) == (self.access_manager is None):
            raise ValueError("give either roles or the access_manager whose roles apply here")
        if self.plan_ledger is not None and self.approvers:
            raise ValueError("approvers of a plan_ledger that is given are set in its own file")
        return self

    @model_validator(mode="after")
    def _names_are_known(self) -> Self:
        named = {each.asset for each in (*self.venues, *self.routes)}
        require_known("assets", named, self.assets)
        lanes = {network for route in self.routes for network in route.lanes}
        require_known("networks", lanes, self.networks)
        if self.network in self.networks or self.chain_id in self.networks.values():
            raise ValueError("networks are the other networks, but this one is among them")
        names = {*self.assets, *(route.name for route in self.routes)}
        if too_long := [name for name in names if not 0 < len(name.encode()) <= WORD]:
            raise ValueError(f"must have 1 to 32 bytes: {too_long[0]!r}")
        return self

    @model_validator(mode="after")
    def _nothing_is_there_twice(self) -> Self:
        listed = {
            "assets": [asset.address for asset in self.assets.values()],
            "keepers": [keeper.account for keeper in self.keepers],
            "approvers": [approver.account for approver in self.approvers],
            "venues": [venue.address for venue in self.venues],
            "routes": [route.contract for route in self.routes],
            "networks": [str(chain) for chain in self.networks.values()],
        }
        refuse_repeats(listed)
        return self

    @model_validator(mode="after")
    def _amounts_fit(self) -> Self:
        for name, limit, decimals in self._limits():
            require_cap(name, base_units(limit.cap, decimals), limit_exponent(decimals))
        for route in self.routes:
            for network, lane in route.lanes.items():
                for amount in (lane.least, lane.most):
                    if self.units(route.asset, amount) >= 2**LANE_BITS:
                        raise ValueError(f"{route.contract} to {network}: {amount} is too large")
        for amount in (self.bands.single_above, self.bands.dual_above):
            base_units(amount, USD_DECIMALS)
        return self

    def _limits(self) -> Iterator[tuple[str, Limit, int]]:
        for keeper in self.keepers:
            yield f"automatic limit of {keeper.account}", keeper.automatic, USD_DECIMALS
            yield f"reducing limit of {keeper.account}", keeper.reducing, USD_DECIMALS
        for venue in self.venues:
            yield f"venue {venue.address}", venue.limit, self.assets[venue.asset].decimals
        for route in self.routes:
            yield f"route {route.contract}", route.limit, self.assets[route.asset].decimals

    @property
    def longest_period(self) -> int:
        """Return the seconds after which every limit is full."""
        return max((limit.period_seconds for _, limit, _ in self._limits()), default=0)

    def units(self, asset: str, amount: Decimal) -> int:
        """Return the base units of whole tokens of an asset.

        Raises:
            ValueError: The amount has more decimals than the token.
        """
        return base_units(amount, self.assets[asset].decimals)

    def accounts(self) -> dict[str, tuple[str, ...]]:
        """Return accounts of operators and programs, by configuration key."""
        custodial = (each for each in self.routes if isinstance(each, CustodialRoute))
        return (accounts_of(self.roles) if self.roles is not None else {}) | {
            "keepers": tuple(keeper.account for keeper in self.keepers),
            "approvers": tuple(approver.account for approver in self.approvers),
            "routes.deposit_address": tuple(each.deposit_address for each in custodial),
        }

    def record_fields(self, addresses: Mapping[str, str]) -> dict[str, Any]:
        """Return the fields that keepers read: keepers, assets, deployed routes, venues."""
        deployed = [route for route in self.routes if route.contract in addresses]
        return {
            "keepers": [keeper.account for keeper in self.keepers],
            "assets": {
                name: {"address": asset.address, "decimals": asset.decimals}
                for name, asset in self.assets.items()
            },
            "routes": [self._route_fields(route, addresses) for route in deployed],
            "venues": {
                name: [venue.address for venue in self.venues if venue.asset == name]
                for name in self.assets
            },
            "external": {"multicall3": self.external.multicall3},
        }

    def _route_fields(self, route: Route, addresses: Mapping[str, str]) -> dict[str, Any]:
        return {
            "asset": route.asset,
            "name": route.name,
            "kind": route.kind,
            "address": addresses[route.contract],
            "lanes": [self.networks[network] for network in route.lanes],
            **_own_fields(route, addresses),
        }


def base_units(amount: Decimal, decimals: int) -> int:
    """Return the base units of an amount in whole tokens.

    Raises:
        ValueError: The amount has more decimals than the token.
    """
    scaled = amount.scaleb(decimals)
    if scaled != int(scaled):
        raise ValueError(f"{amount} has more than {decimals} decimals")
    return int(scaled)


def _own_fields(route: Route, addresses: Mapping[str, str]) -> dict[str, Any]:
    match route:
        case CctpRoute():
            return {
                "domain": route.domain,
                "messenger": route.messenger,
                "transmitter": route.transmitter,
                "max_fee_bps": route.maximum_fee_bps,
            }
        case OftRoute():
            return {
                "oft": route.oft,
                "endpoint": route.endpoint,
                "eid": route.eid,
                "receive_gas": route.receive_gas,
                "compose_gas": route.compose_gas,
            }
        case CustodialRoute():
            return {
                "deposit_address": route.deposit_address,
                "inbox": addresses[route.inbox],
                "network": route.network,
            }
