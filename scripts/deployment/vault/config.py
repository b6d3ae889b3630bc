"""Intended state of a vault on one network: `deployments/<network>.toml`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Self

from pydantic import model_validator

from scripts.deployment.config import (
    WHOLE_BPS,
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
from scripts.deployment.vault.parts import (
    External,
    Holding,
    Keeper,
    LossBudgets,
    Otc,
    PortfolioWeights,
    Queue,
    Token,
    Vault,
    VenueName,
    Weights,
)
from scripts.deployment.vault.recurring import Recurring

MAXIMUM_FEE = 1_000_000  # Uniswap V3, in millionths


def _check_path(holding: Holding, settlement: str, name: str) -> None:
    """Raise ValueError unless the path leads from settlement to asset, with fees between tokens."""
    path = holding.path
    if not path:
        raise ValueError(f"{name}: a VENUE holding needs a path")
    tokens, fees = path[::2], path[1::2]
    alternates = all(isinstance(each, str) for each in tokens) and all(
        isinstance(fee, int) and 0 < fee < MAXIMUM_FEE for fee in fees
    )
    if not alternates or len(tokens) != len(fees) + 1 or not fees:
        raise ValueError(f"{name}: its path needs a token, a pool's fee, a token, and so on")
    if (tokens[0], tokens[-1]) != (settlement, holding.asset):
        raise ValueError(f"{name}: its path must run from {settlement} to {holding.asset}")


class VaultConfig(ManagedConfig):
    """Intended state of a vault on one chain."""

    EXAMPLE = "deployments/example.toml"

    roles: Roles
    tokens: dict[str, Token]
    vault: Vault
    l2: tuple[Holding, ...]
    l3: tuple[Holding, ...]
    keepers: tuple[Keeper, ...] = ()
    approvers: tuple[Approver, ...] = ()
    loss_budgets: LossBudgets
    queue: Queue = Queue()
    weights: PortfolioWeights = PortfolioWeights()
    otc: Otc | None = None
    recurring: Recurring | None = None
    external: External

    @model_validator(mode="after")
    def _names_are_known(self) -> Self:
        named = {self.vault.settlement}
        for holding in (*self.l2, *self.l3):
            named |= {holding.asset, *(part for part in holding.path if isinstance(part, str))}
        require_known("tokens", named, self.tokens)
        return self

    @model_validator(mode="after")
    def _targets_sum_to_one(self) -> Self:
        for name, parts in (("vault.bands", self.vault.bands), ("l2", self.l2), ("l3", self.l3)):
            if sum(part.target_bps for part in parts) != WHOLE_BPS:
                raise ValueError(f"the targets of {name} do not sum to 10000 basis points")
        return self

    @model_validator(mode="after")
    def _paths_lead_to_their_assets(self) -> Self:
        for name, holdings in (("l2", self.l2), ("l3", self.l3)):
            for holding in holdings:
                if holding.on_uniswap:
                    _check_path(holding, self.vault.settlement, f"{name} holding {holding.asset}")
        return self

    @model_validator(mode="after")
    def _venues_are_there(self) -> Self:
        for holding in self.holdings:
            if self.otc is None and holding.venue is not VenueName.UNISWAP_V3:
                raise ValueError(f"{holding.asset}: it trades over the counter, so add [otc]")
        return self

    @model_validator(mode="after")
    def _nothing_is_there_twice(self) -> Self:
        listed: dict[str, Sequence[str]] = {
            "l2 and l3": [self.address(holding.asset) for holding in self.holdings],
            "keepers": [keeper.account for keeper in self.keepers],
            "approvers": [approver.account for approver in self.approvers],
            "otc.desks": self.otc.desks if self.otc else (),
        }
        refuse_repeats(listed)
        return self

    @model_validator(mode="after")
    def _caps_admit_the_targets(self) -> Self:
        for band, holdings in zip(self.vault.bands[1:], (self.l2, self.l3), strict=True):
            for holding in holdings:
                share = -(-band.target_bps * holding.target_bps // WHOLE_BPS)
                if 0 < holding.cap_bps < share:
                    raise ValueError(
                        f"{holding.asset}: its target is {share} basis points of the vault, above "
                        f"its cap_bps of {holding.cap_bps}"
                    )
        return self

    @model_validator(mode="after")
    def _amounts_are_whole_units(self) -> Self:
        limits = {
            **{f"keeper {each.account}": each.automatic for each in self.keepers},
            **{f"reducing limit of keeper {each.account}": each.reducing for each in self.keepers},
            **{f"limit of {each.asset}": each.limit for each in self.holdings},
            **self.loss_budgets.limits,
            **{
                f"weights.{tier}.{name}": limit
                for tier, weights in (("l2", self.weights.l2), ("l3", self.weights.l3))
                for name, limit in weights.limits.items()
            },
            **{f"recurring.{name}": limit for name, limit in self.registry_limits.items()},
        }
        for name, limit in limits.items():
            require_cap(name, self.units(limit.cap), self.limit_exponent, " for the controller")
        for holding in self.holdings:
            if not 0 <= self.units(holding.maximum_rate or Decimal(0)) < 2**96:
                raise ValueError(f"{holding.asset}: its maximum_rate is too large")
        self.units(self.vault.dual_approval_above)
        for weights in (self.weights.l2, self.weights.l3):
            if self.units(weights.minimum_trade) >= 2**96:
                raise ValueError("weights: a minimum_trade is too large")
        return self

    @property
    def holdings(self) -> tuple[Holding, ...]:
        """Holdings of L2, then of L3."""
        return (*self.l2, *self.l3)

    @property
    def longest_period(self) -> int:
        """Return the seconds after which every limit is full."""
        limits = (
            *(each.automatic for each in self.keepers),
            *(each.reducing for each in self.keepers),
            *(each.reducing_loss for each in self.keepers if each.reducing_loss is not None),
            *(() if self.vault.single_approval is None else (self.vault.single_approval,)),
            *(each.limit for each in self.holdings),
            *self.loss_budgets.limits.values(),
            *self.weights.l2.limits.values(),
            *self.weights.l3.limits.values(),
            *self.registry_limits.values(),
        )
        return max(limit.period_seconds for limit in limits)

    @property
    def registry_limits(self) -> dict[str, Limit]:
        """Return the controller's limits for paid rebalancers' runs, by kind.

        Without them a paid run is charged, but moves nothing. A limit that is not given equals that
        of the most limited keeper.
        """
        wanted = self.recurring
        if wanted is None:
            return {}
        least = min(self.keepers, key=lambda keeper: keeper.automatic.cap, default=None)
        automatic = wanted.automatic or (least and least.automatic)
        reducing = wanted.reducing or (least and least.reducing)
        turnover = (wanted.turnover or automatic) if wanted.force else None
        found = {"automatic": automatic, "reducing": reducing, "turnover": turnover}
        return {name: limit for name, limit in found.items() if limit is not None}

    def weights_of(self, tier: str) -> Weights:
        """Return the terms of the portfolio of a tier, "L2" or "L3"."""
        return self.weights.l2 if tier == "L2" else self.weights.l3

    def turnover_of(self, keeper: Keeper, tier: str) -> Limit:
        """Return the limit on trades of a keeper's runs in the portfolio of a tier."""
        return self.weights_of(tier).turnover or keeper.automatic

    def open_turnover(self, tier: str) -> Limit | None:
        """Return the limit on trades of runs started by anybody; None if they may not trade."""
        least = min(
            (keeper.automatic for keeper in self.keepers),
            key=lambda limit: limit.cap,
            default=None,
        )
        return self.weights_of(tier).open_turnover or least

    @property
    def limit_exponent(self) -> int:
        """Return the decimals that limits drop: a controller counts 18 decimals in millionths."""
        return limit_exponent(self.tokens[self.vault.settlement].decimals)

    def units(self, amount: Decimal) -> int:
        """Return the base units of whole settlement tokens.

        Raises:
            ValueError: The amount has more decimals than the token.
        """
        scaled = amount.scaleb(self.tokens[self.vault.settlement].decimals)
        if scaled != int(scaled):
            raise ValueError(f"{amount} has more decimals than {self.vault.settlement}")
        return int(scaled)

    def address(self, symbol: str) -> str:
        """Return the address of a token by symbol."""
        return self.tokens[symbol].address

    def accounts(self) -> dict[str, tuple[str, ...]]:
        """Return accounts of operators and programs, by configuration key."""
        return accounts_of(self.roles) | {
            "keepers": tuple(keeper.account for keeper in self.keepers),
            "approvers": tuple(approver.account for approver in self.approvers),
            "otc.desks": self.otc.desks if self.otc else (),
            "recurring": _of_recurring(self),
        }

    def record_fields(self, addresses: Mapping[str, str]) -> dict[str, Any]:
        """Return tokens, keepers and external contracts."""
        del addresses
        return {
            "tokens": {
                symbol: {"address": token.address, "decimals": token.decimals}
                for symbol, token in self.tokens.items()
            },
            "keepers": [keeper.account for keeper in self.keepers],
            "external": {
                "multicall3": self.external.multicall3,
                "uniswap_factory": self.external.uniswap_factory,
                "uniswap_quoter": self.external.uniswap_quoter,
            },
        }


def _of_recurring(config: VaultConfig) -> tuple[str, ...]:
    found = config.recurring
    if found is None:
        return ()
    return (found.payer, found.treasury, *(each.owner for each in found.targets))
