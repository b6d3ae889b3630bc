"""The inventory across chains: what belongs where, and how it stands at one look.

Amounts are units of the token on its chain unless something else is said. Sizes are US dollars of
six decimals, where every stablecoin counts as a dollar.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from fractions import Fraction

from keepers.model.bridge import to_units
from keepers.model.errors import InputError
from keepers.model.inventory import InFlight
from keepers.model.treasury import TreasuryView

SIZE_DECIMALS = 6
STATE_MACHINE = "EVM-"
LONGEST_NAME = len(STATE_MACHINE) + 20
"""Characters of a state machine id; no chain id is wider than 64 bits."""


def state_machine_id(chain_id: int) -> str:
    """A chain as people and plans name it: `EVM-42161`."""
    return f"{STATE_MACHINE}{chain_id}"


def chain_id_of(name: str) -> int:
    """The chain of a state machine id.

    Raises:
        InputError: It is none, or not in its one spelling.
    """
    if len(name) > LONGEST_NAME:
        raise InputError("chain", f"has {len(name)} characters, more than a state machine id")
    digits = name.removeprefix(STATE_MACHINE)
    if not digits.isascii() or not digits.isdigit() or state_machine_id(int(digits)) != name:
        raise InputError("chain", f"{name!a} is no state machine id like EVM-42161")
    return int(digits)


def size_of(amount: int, decimals: int) -> int:
    """Return the size of an amount for limits and bands, rounded up as the treasury does."""
    return to_units(amount, decimals, SIZE_DECIMALS)


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetSettings:
    """Settings of an asset on one chain.

    Attributes:
        token: Its contract.
        base: What should be idle; None where the asset is not rebalanced.
        venues: Where it may be invested.
        invest: The venue into which goes what is idle above base; None for nothing.
        invest_minimum: Less than this is not worth it.
    """

    token: str
    decimals: int
    base: int | None = None
    venues: tuple[str, ...] = ()
    invest: str | None = None
    invest_minimum: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainInventory:
    """One chain of the inventory.

    Attributes:
        ledger: The contract that remembers approved plans.
        maximum_native_fee: Coins that a transfer's message may cost, in wei.
        gas_reserve: Coins that must be left for gas, in wei.
        keeper_only: Routes whose arrivals only a keeper of this chain's treasury may take in.
    """

    ledger: str
    assets: Mapping[str, AssetSettings]
    maximum_native_fee: int
    gas_reserve: int
    keeper_only: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class InventorySettings:
    """Settings of the inventory over all chains.

    Attributes:
        trigger_percentage: The rulebook's p.
        chains: By chain id.
        maximum_loss_bps: A batch whose fees are above this part of what it sends is refused.
        venue_tolerance_bps: By how much a venue's price may move until it is used.
        time_limit: Seconds of planning.
        expiry: Until when a batch may begin to leave that nobody has to approve.
        approval_window: How long people have to approve one.
        fallbacks: Routes that are only for what others cannot cover.
        fallback_patience: How long no other route must have been able to bring a chain what it
            lacks before a fallback does.
        look_seconds: How long a chain or a bridge has to answer, each on its own.
        switched_off: Names of chains that are neither read nor planned, by chain id.
    """

    trigger_percentage: Fraction
    chains: Mapping[int, ChainInventory]
    maximum_loss_bps: int = 20
    venue_tolerance_bps: int = 10
    time_limit: Fraction = Fraction(5)
    expiry: timedelta = timedelta(minutes=30)
    approval_window: timedelta = timedelta(hours=4)
    fallbacks: frozenset[str] = frozenset()
    fallback_patience: timedelta = timedelta(minutes=30)
    look_seconds: float = 10.0
    switched_off: Mapping[int, str] = field(default_factory=dict[int, str])

    @property
    def assets(self) -> tuple[str, ...]:
        """All assets, by name."""
        return tuple(sorted({name for each in self.chains.values() for name in each.assets}))

    def asset(self, chain_id: int, name: str) -> AssetSettings | None:
        """An asset on a chain; None where it is not."""
        chain = self.chains.get(chain_id)
        return None if chain is None else chain.assets.get(name)

    def decimals(self, chain_id: int, name: str) -> int:
        """Of an asset's token on a chain.

        Raises:
            InputError: The chain does not have it.
        """
        found = self.asset(chain_id, name)
        if found is None:
            raise InputError("asset", f"{name} is not configured on {state_machine_id(chain_id)}")
        return found.decimals

    def chains_of(self, name: str) -> Iterator[tuple[int, AssetSettings]]:
        """The chains that have an asset, by id."""
        for chain_id, chain in sorted(self.chains.items()):
            if name in chain.assets:
                yield chain_id, chain.assets[name]


@dataclass(frozen=True, slots=True, kw_only=True)
class InventorySnapshot:
    """All treasuries, each at a block of its own, with what is under way between them.

    Attributes:
        views: By chain id, of the chains that could be read.
        in_flight: Transfers that still change a balance, with chains by state machine id.
        withheld: Idle tokens that are about to go into venues, by asset and chain id.
        released: What is about to come out of venues, likewise.
        under_way: Ids of transfers and placements that have not ended, by asset.
        unreadable: Why an asset on a chain can neither give nor get, by asset and chain id.
        untracked: Transfers that nobody can follow now, with the reason; they count with what
            must arrive.
        predecessor: The newest batch that was carried out, or is.
    """

    views: Mapping[int, TreasuryView]
    in_flight: tuple[InFlight, ...] = ()
    withheld: Mapping[tuple[str, int], int] = field(default_factory=dict[tuple[str, int], int])
    released: Mapping[tuple[str, int], int] = field(default_factory=dict[tuple[str, int], int])
    under_way: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    unreadable: Mapping[tuple[str, int], tuple[str, ...]] = field(
        default_factory=dict[tuple[str, int], tuple[str, ...]]
    )
    untracked: Mapping[str, str] = field(default_factory=dict[str, str])
    predecessor: str = ""

    def unreadable_of(self, asset: str) -> tuple[str, ...]:
        """Return the reasons why chains of an asset cannot be read."""
        return tuple(
            reason
            for (each, _), reasons in sorted(self.unreadable.items())
            if each == asset
            for reason in reasons
        )

    def idle(self, asset: str, chain_id: int) -> int:
        """Idle tokens at the block that was looked at."""
        view = self.views.get(chain_id)
        holding = None if view is None else view.holdings.get(asset)
        return 0 if holding is None else holding.idle

    def leaving(self, asset: str, chain_id: int) -> int:
        """Return the amount of transfers that have not left."""
        name = state_machine_id(chain_id)
        return sum(
            each.amount
            for each in self.in_flight
            if (each.asset, each.source) == (asset, name) and not each.debited
        )

    def coming(self, asset: str, chain_id: int) -> int:
        """Return the amount that will arrive and stay idle."""
        name = state_machine_id(chain_id)
        return sum(
            each.arriving
            for each in self.in_flight
            if (each.asset, each.destination) == (asset, name) and not each.credited
        )

    def available(self, asset: str, chain_id: int) -> int:
        """Return the idle amount that is not committed; negative if more is committed."""
        withheld = self.withheld.get((asset, chain_id), 0)
        return self.idle(asset, chain_id) - self.leaving(asset, chain_id) - withheld

    def effective(self, asset: str, chain_id: int) -> int:
        """Return the idle amount once all movements under way have ended."""
        released = self.released.get((asset, chain_id), 0)
        return self.available(asset, chain_id) + self.coming(asset, chain_id) + released
