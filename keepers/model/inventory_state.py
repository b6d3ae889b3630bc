"""Inventory across chains: settings (targets), and a snapshot of the current state.

Amounts are in units of the token on its chain unless stated otherwise. Sizes are in US dollars with
six decimals; every stablecoin counts as one dollar.
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
"""Maximum length of a state machine id; chain ids have at most 64 bits."""


def state_machine_id(chain_id: int) -> str:
    """Return the state machine id of a chain, as in `EVM-42161`."""
    return f"{STATE_MACHINE}{chain_id}"


def chain_id_of(name: str) -> int:
    """Return the chain id of a state machine id.

    Raises:
        InputError: The text is no state machine id, or not in canonical spelling.
    """
    if len(name) > LONGEST_NAME:
        raise InputError("chain", f"has {len(name)} characters, more than a state machine id")
    digits = name.removeprefix(STATE_MACHINE)
    if not digits.isascii() or not digits.isdigit() or state_machine_id(int(digits)) != name:
        raise InputError("chain", f"{name!a} is no state machine id like EVM-42161")
    return int(digits)


def size_of(amount: int, decimals: int) -> int:
    """Return the size of an amount for limits and bands, rounded up as by the treasury."""
    return to_units(amount, decimals, SIZE_DECIMALS)


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetSettings:
    """Settings of an asset on one chain.

    Attributes:
        token: Token contract.
        base: Target idle balance; None if the asset is not rebalanced.
        venues: Venues in which it may be invested.
        invest: Venue for the idle amount above base; None to leave it idle.
        invest_minimum: Minimum amount to invest.
    """

    token: str
    decimals: int
    base: int | None = None
    venues: tuple[str, ...] = ()
    invest: str | None = None
    invest_minimum: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainInventory:
    """Settings of one chain of the inventory.

    Attributes:
        ledger: The contract that records approved plans.
        maximum_native_fee: Maximum native fee of a transfer's message, in wei.
        gas_reserve: Native balance that must remain for gas, in wei.
        keeper_only: Routes whose transfers only a keeper of this chain's treasury may receive.
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
        trigger_percentage: `p` of the rulebook.
        chains: Chains by chain id.
        maximum_loss_bps: Maximum fees of a batch, relative to the amount it sends.
        venue_tolerance_bps: Tolerated price move of a venue between planning and execution.
        time_limit: Time limit of planning, in seconds.
        expiry: Time within which a batch that needs no approval must start.
        approval_window: Time that approvers have for a batch.
        fallbacks: Routes that are only for amounts that other routes cannot cover.
        fallback_patience: Time for which no other route must have been able to cover a chain's
            deficit before a fallback is used.
        look_seconds: Timeout of the reads of each chain or bridge.
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
        """Return the names of all assets, sorted."""
        return tuple(sorted({name for each in self.chains.values() for name in each.assets}))

    def asset(self, chain_id: int, name: str) -> AssetSettings | None:
        """Return an asset's settings on a chain, or None."""
        chain = self.chains.get(chain_id)
        return None if chain is None else chain.assets.get(name)

    def decimals(self, chain_id: int, name: str) -> int:
        """Return the decimals of an asset's token on a chain.

        Raises:
            InputError: The chain does not have the asset.
        """
        found = self.asset(chain_id, name)
        if found is None:
            raise InputError("asset", f"{name} is not configured on {state_machine_id(chain_id)}")
        return found.decimals

    def chains_of(self, name: str) -> Iterator[tuple[int, AssetSettings]]:
        """Yield chains with an asset, ordered by chain id."""
        for chain_id, chain in sorted(self.chains.items()):
            if name in chain.assets:
                yield chain_id, chain.assets[name]


@dataclass(frozen=True, slots=True, kw_only=True)
class InventorySnapshot:
    """All treasuries, each at its own block, and the unfinished transfers between them.

    Attributes:
        views: Treasury views of the readable chains, by chain id.
        in_flight: Transfers that will still change a balance, with chains by state machine id.
        withheld: Idle tokens about to be invested in venues, by asset and chain id.
        released: Tokens about to be withdrawn from venues, by asset and chain id.
        under_way: Ids of unfinished transfers and placements, by asset.
        unreadable: Reason why an asset on a chain cannot be planned, by asset and chain id.
        untracked: Transfers that cannot be tracked now, with the reason; they count with their
            minimum to arrive.
        predecessor: The newest batch that was executed or is being executed.
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
        """Return the idle tokens at the block of the chain's view."""
        view = self.views.get(chain_id)
        holding = None if view is None else view.holdings.get(asset)
        return 0 if holding is None else holding.idle

    def leaving(self, asset: str, chain_id: int) -> int:
        """Return the amount of outgoing transfers that are not sent yet."""
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
        """Return the idle amount once all unfinished movements are finished."""
        released = self.released.get((asset, chain_id), 0)
        return self.available(asset, chain_id) + self.coming(asset, chain_id) + released
