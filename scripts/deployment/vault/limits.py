"""Limits of the controller and the weight rebalancers."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from scripts.deployment.config import Limit
from scripts.deployment.deployment import Difference
from scripts.deployment.limits import (
    Bucket,
    Known,
    bucket,
    bucket_differences,
    kind_of,
    limit_key,
    subject_of,
)
from scripts.deployment.permissions import removed_keepers_of
from scripts.deployment.vault.contracts import TIERS, VaultContracts
from scripts.deployment.vault.recurring import REGISTRY

CONTROLLER = "AssetController"
REGISTRYS = {
    "Auto": "limit of paid runs that add risk (recurring.automatic, or turnover)",
    "Derisk": "limit of paid runs that reduce risk (recurring.reducing)",
}
"""Limits of the registry: without them its runs are charged, but move nothing."""


def keeper_accounts(deployment: VaultContracts) -> list[str]:
    """Return the configured keepers, and the registry that pays for recurring rebalances."""
    accounts = [keeper.account for keeper in deployment.config.keepers]
    if deployment.config.recurring is not None:
        accounts.append(deployment.address(REGISTRY))
    return accounts


def limit_differences(deployment: VaultContracts, *, restore_keepers: bool) -> Iterator[Difference]:
    """Yield limits that differ from the configuration, regardless of their current fill."""
    withheld: set[str] = (
        set() if restore_keepers else removed_keepers_of(deployment, keeper_accounts(deployment))
    )
    known = _known(deployment)
    controller = _buckets(deployment, _of_controller(deployment))
    yield from bucket_differences(deployment, CONTROLLER, controller, known, withheld)
    for tier in TIERS:
        name, rebalancer = f"WeightRebalancer{tier}", _of_rebalancer(deployment, tier)
        intended = _buckets(deployment, rebalancer)
        yield from bucket_differences(deployment, name, intended, known, withheld)


def _buckets(deployment: VaultContracts, limits: dict[bytes, Limit]) -> dict[bytes, Bucket]:
    config = deployment.config
    exponent = config.limit_exponent
    return {key: bucket(each, config.units(each.cap), exponent) for key, each in limits.items()}


def _of_rebalancer(deployment: VaultContracts, tier: str) -> dict[bytes, Limit]:
    config = deployment.config
    loss = config.weights_of(tier).loss or config.loss_budgets.limits["LossAdd"]
    found = {limit_key("LossAdd"): loss}
    for keeper in config.keepers:
        found[limit_key("Auto", keeper.account)] = config.turnover_of(keeper, tier)
    if (open_turnover := config.open_turnover(tier)) is not None:
        found[limit_key("Auto", deployment.address(f"Portfolio{tier}"))] = open_turnover
    if (turnover := config.registry_limits.get("turnover")) is not None:
        found[limit_key("Auto", deployment.address(REGISTRY))] = turnover
    return found


def _of_controller(deployment: VaultContracts) -> dict[bytes, Limit]:
    config = deployment.config
    found: dict[bytes, Limit] = {}
    budgets = config.loss_budgets.limits
    for keeper in config.keepers:
        found[limit_key("Auto", keeper.account)] = keeper.automatic
        found[limit_key("Derisk", keeper.account)] = keeper.reducing
        loss = keeper.reducing_loss or budgets["LossReduce"]
        found[limit_key("LossReduce", keeper.account)] = loss
    if (single := config.vault.single_approval_limit) is not None:
        found[limit_key("SingleApproved")] = single
    for holding in config.holdings:
        found[limit_key("Asset", config.address(holding.asset))] = holding.limit
    for name, kind in (("automatic", "Auto"), ("reducing", "Derisk"), ("reducing", "LossReduce")):
        if (limit := config.registry_limits.get(name)) is not None:
            key = limit_key(kind, deployment.address(REGISTRY))
            found[key] = budgets["LossReduce"] if kind == "LossReduce" else limit
    return found | {limit_key(kind): limit for kind, limit in budgets.items()}


def _known(deployment: VaultContracts) -> Callable[[bytes], Known]:
    symbols = {token.address: symbol for symbol, token in deployment.config.tokens.items()}
    portfolios = {deployment.address(f"Portfolio{tier}") for tier in TIERS}
    registry = deployment.address(REGISTRY) if deployment.config.recurring is not None else None

    def known(key: bytes) -> Known:
        kind, subject = kind_of(key), subject_of(key)
        if kind == "Auto" and subject in portfolios:
            return Known("limit of open runs", deployment.money)
        if kind in REGISTRYS and subject == registry:
            return Known(REGISTRYS[kind], deployment.money)
        if kind == "LossReduce" and int(subject, 16):
            title = f"loss budget of keeper {subject} for actions that reduce risk"
            return Known(title, deployment.money)
        titles = {
            "Auto": f"automatic limit of keeper {subject}",
            "Derisk": f"risk-reducing limit of keeper {subject}",
            "Asset": f"limit of asset {symbols.get(subject, subject)}",
            "LossAdd": "loss budget of actions that add risk",
            "LossReduce": "loss budget of approved plans that reduce risk",
            "SingleApproved": "limit of plans with one approval",
            "LossOverdue": "loss budget of overdue redemptions",
        }
        return Known(titles[kind], deployment.money)

    return known
