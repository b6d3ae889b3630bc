"""Contracts of a vault in the order of their deployment, with constructor arguments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from keepers.model.money import format_units
from scripts.deployment.config import Roles
from scripts.deployment.deployment import Blueprint, ManagedContracts
from scripts.deployment.vault.config import VaultConfig
from scripts.deployment.vault.parts import Holding, HoldingKind
from scripts.deployment.vault.recurring import RECURRING

TIERS = ("L2", "L3")
"""Tiers with a portfolio; suffixes in the names of contracts deployed once per tier."""

ISSUER_VENUE = "Erc7540Venue"
"""Contract deployed once per asynchronous holding; its name ends with the asset's symbol."""

ALWAYS = (
    "AccessManager",
    "KillSwitch",
    "PriceOracle",
    "LiquidityVault",
    "RedemptionQueue",
    "PlanLedger",
    "PortfolioL2",
    "PortfolioL3",
    "AssetController",
    "UniswapV3Venue",
    "WeightJudgeL2",
    "WeightJudgeL3",
    "WeightRebalancerL2",
    "WeightRebalancerL3",
)
CONSTRUCTORS: dict[str, tuple[str, ...]] = {
    "AccessManager": ("deployer",),
    "KillSwitch": ("AccessManager",),
    "PriceOracle": ("AccessManager",),
    "LiquidityVault": ("AccessManager", "settlement", "name", "symbol"),
    "RedemptionQueue": ("AccessManager", "LiquidityVault"),
    "PlanLedger": ("AccessManager",),
    "Portfolio": ("AccessManager", "settlement", "PriceOracle", "LiquidityVault"),
    "AssetController": (
        "AccessManager", "LiquidityVault", "PortfolioL2", "PortfolioL3", "PriceOracle",
        "PlanLedger", "KillSwitch",
    ),
    "UniswapV3Venue": ("AccessManager", "uniswap_factory"),
    "WeightJudge": ("AccessManager", "Portfolio{tier}"),
    "WeightRebalancer": ("AccessManager", "WeightJudge{tier}", "KillSwitch"),
    "Erc7540Venue": ("Portfolio{tier}", "asset"),
    "OtcVenue": ("AccessManager", "PriceOracle"),
    "AutoVenue": ("AccessManager",),
    "TransactionScheduler": ("AccessManager", "terms", "prices"),
    "PaidRebalancerRegistry": ("AccessManager", "TransactionScheduler", "maximum_failures"),
    "RebalanceSupervisor": ("AccessManager", "PaidRebalancerRegistry"),
    "SchedulerLens": ("TransactionScheduler",),
}  # fmt: skip
"""Constructor arguments: contracts deployed before, and values from the configuration."""


def deployed_names(config: VaultConfig) -> tuple[str, ...]:
    """Return the contracts of a deployment in the order of deployment, optional ones last."""
    slow = [venue_name(each) for each in config.holdings if each.kind is HoldingKind.ASYNC]
    automatic = any(holding.is_automatic for holding in config.holdings)
    desks = () if config.otc is None else ("OtcVenue",)
    recurring = () if config.recurring is None else RECURRING
    return (*ALWAYS, *slow, *desks, *(("AutoVenue",) if automatic else ()), *recurring)


def venue_name(holding: Holding) -> str:
    """Return the name of an asynchronous holding's venue; each issuer has a separate one."""
    return f"{ISSUER_VENUE}.{holding.asset}"


@dataclass(frozen=True)
class VaultContracts(ManagedContracts[VaultConfig]):
    """A vault's contracts."""

    without_manager = ("Erc7540Venue", "SchedulerLens")
    """The first obeys only its portfolio, the second is read-only."""

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all intended contracts."""
        return deployed_names(self.config)

    @property
    def roles(self) -> Roles:
        """Holders of the manager's roles."""
        return self.config.roles

    def artifact_of(self, name: str) -> str:
        """Return the name of the compiled contract of a deployed one."""
        if name.startswith(f"{ISSUER_VENUE}."):
            return ISSUER_VENUE
        return name[:-2] if name.endswith(TIERS) else name

    def blueprint(self, name: str, deployer: str) -> Blueprint:
        """Return artifact and arguments of `name`; the contracts before it must be recorded."""
        artifact, config = self.artifact_of(name), self.config
        given: dict[str, Any] = {
            "deployer": deployer,
            "settlement": config.address(config.vault.settlement),
            "name": config.vault.name,
            "symbol": config.vault.symbol,
            "uniswap_factory": config.external.uniswap_factory,
            **self.record.addresses,
        }
        if (wanted := config.recurring) is not None:
            given |= {"terms": wanted.terms, "prices": wanted.prices}
            given["maximum_failures"] = wanted.maximum_failures
        tier = name[-2:]
        if artifact == ISSUER_VENUE:
            asset = name.removeprefix(f"{ISSUER_VENUE}.")
            tier = TIERS[all(each.asset != asset for each in config.l2)]
            given["asset"] = config.address(asset)
        named = (each.format(tier=tier) for each in CONSTRUCTORS[artifact])
        return Blueprint(artifact, tuple(given[each] for each in named))

    def money(self, units: int) -> str:
        """Return an amount of the settlement token as text."""
        symbol = self.config.vault.settlement
        return f"{format_units(units, self.config.tokens[symbol].decimals)} {symbol}"
