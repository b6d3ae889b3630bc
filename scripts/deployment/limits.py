"""Limits of the controller and the weights' rebalancers, and approvers of the ledger.

What is too much is taken away by functions of the guardian's role, since those are the ones that
only tighten.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from eth_utils.address import to_checksum_address

from scripts.deployment.contracts import TIERS
from scripts.deployment.differences import Deployment, Difference
from scripts.deployment.members import events
from scripts.deployment.parts import Limit

CONTROLLER, LEDGER = "AssetController", "PlanLedger"
KINDS = ("None", "Auto", "Derisk", "Asset", "LossAdd", "LossReduce")
"""Of limits, in the contract's order."""

REMOVED_KEEPER = (
    "it was removed by the guardian: take it out of keepers, or, if its key is known to be safe, "
    "run configure with --restore-keepers"
)
FIXED_UNIT = "the unit of a limit is fixed once it is set: only a new contract has another"


def limit_key(kind: str, subject: str | None = None) -> bytes:
    """Key of a limit: its kind in the highest byte, its subject in the lowest twenty."""
    address = bytes(20) if subject is None else bytes.fromhex(subject[2:])
    return bytes([KINDS.index(kind)]) + bytes(11) + address


def limit_differences(deployment: Deployment, *, restore_keepers: bool) -> Iterator[Difference]:
    """Limits that are not as configured; what is available of them now does not matter."""
    removed = {
        to_checksum_address(entry["keeper"])
        for entry in events(deployment, CONTROLLER, "KeeperRemoved")
    }
    withheld: set[str] = set() if restore_keepers else {*removed}
    yield from _limits(deployment, CONTROLLER, _of_controller(deployment), withheld)
    for tier in TIERS:
        intended = _of_rebalancer(deployment, tier)
        yield from _limits(deployment, f"WeightRebalancer{tier}", intended, withheld)


def _limits(
    deployment: Deployment, name: str, intended: dict[bytes, Limit], withheld: set[str]
) -> Iterator[Difference]:
    for key, limit in intended.items():
        is_withheld = _is_keepers(key) and to_checksum_address(key[12:]) in withheld
        yield from _limit(deployment, name, key, limit, withheld=is_withheld)
    named = {bytes(entry["key"]) for entry in events(deployment, name, "LimitSet")}
    for key in sorted(named - intended.keys()):
        cap, _, _, period, exponent = deployment.read(name, "bucketOf", key)
        arguments = ("lowerLimit", key, 0, period)
        for plain in deployment.compare(name, _title(deployment, key), 0, cap, *arguments):
            shown = deployment.money(0), deployment.money(cap * 10**exponent)
            yield replace(plain, expected=shown[0], actual=shown[1])


def _of_rebalancer(deployment: Deployment, tier: str) -> dict[bytes, Limit]:
    config = deployment.config
    loss = config.weights_of(tier).loss or config.loss_budgets.limits["LossAdd"]
    found = {limit_key("LossAdd"): loss}
    for keeper in config.keepers:
        found[limit_key("Auto", keeper.account)] = config.turnover_of(keeper, tier)
    if (open_turnover := config.open_turnover(tier)) is not None:
        found[limit_key("Auto", deployment.address(f"Portfolio{tier}"))] = open_turnover
    return found


def _of_controller(deployment: Deployment) -> dict[bytes, Limit]:
    config = deployment.config
    found: dict[bytes, Limit] = {}
    for keeper in config.keepers:
        found[limit_key("Auto", keeper.account)] = keeper.automatic
        found[limit_key("Derisk", keeper.account)] = keeper.reducing
    for holding in config.holdings:
        found[limit_key("Asset", config.address(holding.asset))] = holding.limit
    return found | {limit_key(kind): limit for kind, limit in config.loss_budgets.limits.items()}


def _is_keepers(key: bytes) -> bool:
    return KINDS[key[0]] in {"Auto", "Derisk"}


def _title(deployment: Deployment, key: bytes) -> str:
    """What a limit is about, and which of its facts are compared."""
    kind, subject = KINDS[key[0]], to_checksum_address(key[12:])
    symbols = {token.address: symbol for symbol, token in deployment.config.tokens.items()}
    if kind == "Auto" and subject in {deployment.address(f"Portfolio{tier}") for tier in TIERS}:
        return "limit of anybody's runs"
    return {
        "Auto": f"automatic limit of keeper {subject}",
        "Derisk": f"risk-reducing limit of keeper {subject}",
        "Asset": f"limit of asset {symbols.get(subject, subject)}",
        "LossAdd": "loss budget of what adds risk",
        "LossReduce": "loss budget of what reduces risk",
    }[kind]


def _limit(
    deployment: Deployment, name: str, key: bytes, limit: Limit, *, withheld: bool
) -> Iterator[Difference]:
    config, what = deployment.config, _title(deployment, key)
    exponent = config.limit_exponent
    units, _, _, period, present = deployment.read(name, "bucketOf", key)
    if period != 0 and present != exponent:
        unit = f"unit of {what}"
        yield from deployment.report(name, unit, exponent, present, FIXED_UNIT)
        return
    wanted = (config.units(limit.cap) // 10**exponent, limit.period_seconds, exponent)
    arguments = ("raiseLimit", key, wanted[0] * 10**exponent, limit.period_seconds, exponent)
    found = deployment.compare(name, what, wanted, (units, period, present), *arguments)
    for plain in found:
        shown = _shown(deployment, *wanted), _shown(deployment, units, period, present)
        difference = replace(plain, expected=shown[0], actual=shown[1])
        if withheld and units == 0:
            yield replace(difference, target=None, data=None, hint=REMOVED_KEEPER)
        else:
            yield difference


def _shown(deployment: Deployment, units: int, period: int, exponent: int) -> str:
    """A limit for people: whole settlement tokens, and in which time."""
    if period == 0:
        return "not set"
    return f"{deployment.money(units * 10**exponent)} in {period} s"


def approver_differences(deployment: Deployment) -> Iterator[Difference]:
    """Approvers with another weight than configured, among all that the ledger ever had."""
    wanted = {approver.account: approver.weight for approver in deployment.config.approvers}
    known = {
        to_checksum_address(entry["account"]) for entry in events(deployment, LEDGER, "ApproverSet")
    }
    for account in sorted(wanted.keys() | known):
        weight, actual = wanted.get(account, 0), deployment.read(LEDGER, "weightOf", account)
        setter = "raiseApprover" if weight > actual else "lowerApprover"
        what = f"weight of approver {account}"
        yield from deployment.compare(LEDGER, what, weight, actual, setter, account, weight)
