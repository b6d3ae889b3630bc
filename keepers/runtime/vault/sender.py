"""Sender of a vault, with the interpreters of its receipts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from keepers.audit.policy import Policy, Rule
from keepers.audit.signature import Function
from keepers.chain.recurring.events import read_executions, read_fixes
from keepers.chain.reverts import Reverts
from keepers.chain.vault.events import (
    read_action,
    read_claim,
    read_fulfilment,
    read_plan,
    read_run,
)
from keepers.config import Deployment
from keepers.model.chain import ActionEvent, PlanEvents, Receipt
from keepers.model.maintenance import CLAIM, FULFIL, UpkeepEvent
from keepers.model.recurring import EXECUTE, FIX, MANAGE, RecurringEvent
from keepers.model.run import ACTION, PLAN
from keepers.model.weights_run import WEIGHTS
from keepers.runs.outcomes import (
    BatchInterpreter,
    MaintenanceInterpreter,
    PlanInterpreter,
    TradeInterpreter,
    WeightsInterpreter,
)
from keepers.runtime.process.owner import SenderSetup
from keepers.runtime.process.policy import (
    ACTION_TYPE,
    HEADER_TYPE,
    SIGNATURES_TYPE,
    default_policy,
)
from keepers.runtime.vault.setup import VaultSetup, batch_gas, recurring_addresses
from keepers.transactions.ports import ReceiptInterpreter

VENUE = "Venue"
"""Part of the names of venues."""

JUDGE = "WeightJudge"
"""Prefix of the names of the contracts that verify a portfolio's weights."""

VERBS = ("purchaseAsset", "redeemAsset")
COMMON = "address token, uint256 amount, uint256 minimumOut"
SWAP = "uint256 deadline, bytes path"
FULFIL_CALL = "fulfil(uint256 maximumShares)"
OPEN_PLAN = (
    f"openPlan(({HEADER_TYPE}, {ACTION_TYPE}[] actions) plan, uint256[3] state, {SIGNATURES_TYPE})"
)
STEPS_TYPE = f"(uint8 index, uint32 gas, {ACTION_TYPE} action, bytes data)[] steps"
TOGETHER = (
    f"executeActions({STEPS_TYPE})",
    f"executePlan({HEADER_TYPE}, bytes32[] leaves, {STEPS_TYPE})",
)
EXECUTE_CALL = f"{HEADER_TYPE}, bytes32[] leaves, uint8 index, {ACTION_TYPE} action"
CLAIM_CALL = "claimAsset(address token)"
REWEIGH = "reweigh((address asset, uint256 minimumOut, bytes data)[] swaps)"
RECURRING = {
    "TransactionScheduler": ("executeBatch(uint256[] ids, bytes[] datas, address rewardTo)",),
    "PaidRebalancerRegistry": (
        "fixRescheduleBatch(address[] targets)",
        "createPaidRebalancer(address target)",
        "deletePaidRebalancer(uint256 handle)",
    ),
}
AGGREGATE = "aggregate3((address target, bool allowFailure, bytes callData)[] calls)"
LATEST = 1 << 40
"""Upper bound of a deadline in seconds; an address in its place would exceed it."""

SWAPS = 2
"""Gas of a swap as a multiple of the gas of another action."""


def vault_policy(setup: VaultSetup, account: str) -> Policy:
    """Return the default policy: calls of the deployed contracts, tokens and venues.

    Amounts are free: plans and the limits on chain bound them.
    """
    recurring = 0 if setup.recurring is None else setup.recurring.batch_gas
    return default_policy(
        f"vault {setup.name}",
        setup.chain,
        setup.vault,
        account,
        (*_vault(setup), *_recurring(setup)),
        gas_limit=max(setup.vault.gas_limit * SWAPS, setup.vault.plan_gas_limit, recurring),
    )


def _vault(setup: VaultSetup) -> Iterator[Rule]:
    """Yield the rules of a vault's calls, each with its limits of gas and fee."""
    limits = setup.vault
    fee = limits.maximum_fee_per_gas_wei
    for rule in _rules(setup.deployment):
        gas = limits.gas_limit * SWAPS
        yield replace(rule, maximum_gas_limit=gas, maximum_fee_per_gas=fee)
    for text in TOGETHER:
        name = text.split("(", maxsplit=1)[0]
        rule = _trade(setup.deployment, name, text, "steps[*].action.asset")
        yield replace(rule, maximum_gas_limit=limits.plan_gas_limit, maximum_fee_per_gas=fee)


def _rules(deployment: Deployment) -> Iterator[Rule]:
    for verb in VERBS:
        yield from _trades(deployment, verb, COMMON, "token")
    yield from _trades(deployment, "execute", EXECUTE_CALL, "action.asset")
    opening = _trade(deployment, "openPlan", OPEN_PLAN, "plan.actions[*].asset")
    yield opening.where("plan.header.consumer", one_of=[opening.target])
    yield _trade(deployment, "claim", CLAIM_CALL, "token")
    for name, each in deployment.contracts.items():
        if name.startswith(JUDGE):
            yield _reweigh(deployment, name, each.address)
    queue = deployment.contracts.get("RedemptionQueue")
    if queue is not None:
        yield Rule(name="fulfil", target=queue.address.lower(), function=Function.read(FULFIL_CALL))


def _recurring(setup: VaultSetup) -> Iterator[Rule]:
    """Yield batches, and calls of the team's registry, for the key that sends them.

    Calls through Multicall3 come from that contract, which holds nothing and has no rights.
    """
    if setup.recurring is None:
        return
    known = setup.deployment.contracts
    for name, functions in RECURRING.items():
        if name in known:
            target = known[name].address.lower()
            for text in functions:
                yield Rule(name=text, target=target, function=Function.read(text))
    multicall3 = setup.deployment.external.get("multicall3")
    if multicall3 is not None:
        rule = Function.read(AGGREGATE)
        yield Rule(name="fixes through Multicall3", target=multicall3.lower(), function=rule)


def _reweigh(deployment: Deployment, name: str, judge: str) -> Rule:
    """Return the rule of a weight rebalance; data is free, as the contract bounds trades."""
    rule = Rule(name=f"reweigh at {name}", target=judge.lower(), function=Function.read(REWEIGH))
    tokens = [each.address for each in deployment.tokens.values()]
    return rule.where("swaps[*].asset", one_of=tokens)


def _trades(deployment: Deployment, verb: str, common: str, token: str) -> Iterator[Rule]:
    """Yield the rules of a trade: with a fund, by swap, and by swap at a named venue."""
    yield _trade(deployment, f"{verb} of a fund", f"{verb}({common}, bytes<> data)", token)
    swap = _trade(deployment, f"{verb} by swap", f"{verb}({common}, bytes<{SWAP}> data)", token)
    yield swap.where("data.deadline", at_most=LATEST)
    venues = [each.address for name, each in deployment.contracts.items() if VENUE in name]
    terms = f"{verb}({common}, bytes<address venue, bytes<{SWAP}> terms> data)"
    at_venue = _trade(deployment, f"{verb} at a venue", terms, token)
    chosen = at_venue.where("data.terms.deadline", at_most=LATEST)
    yield chosen.where("data.venue", one_of=venues)


def _trade(deployment: Deployment, name: str, text: str, token: str) -> Rule:
    controller = deployment.address("AssetController").lower()
    rule = Rule(name=name, target=controller, function=Function.read(text))
    return rule.where(token, one_of=[each.address for each in deployment.tokens.values()])


def sender_of_vault(setup: VaultSetup) -> SenderSetup:
    """Return the sender of a vault."""
    return SenderSetup(
        name=f"vault {setup.name}",
        subject=f"vault {setup.name}",
        owner=setup.name,
        chain=setup.chain,
        limits=setup.vault,
        tokens=setup.addresses.tokens,
        policy=partial(vault_policy, setup),
        interpreters=_interpreters(setup),
        least_gas=partial(batch_gas, setup),
    )


def _interpreters(setup: VaultSetup) -> dict[str, ReceiptInterpreter]:
    """Return the interpreters of rebalances, weights, maintenance and recurring rebalancers."""
    addresses, recurring = setup.addresses, recurring_addresses(setup.deployment)

    def action(receipt: Receipt) -> ActionEvent | None:
        return read_action(receipt, addresses.controller)

    def plan(receipt: Receipt) -> PlanEvents:
        return read_plan(receipt.logs, addresses.controller, Reverts(addresses.tokens))

    def fulfilment(receipt: Receipt) -> UpkeepEvent | None:
        return None if addresses.queue is None else read_fulfilment(receipt, addresses.queue)

    def claim(receipt: Receipt) -> UpkeepEvent | None:
        return read_claim(receipt, addresses.controller)

    found: dict[str, ReceiptInterpreter] = {
        ACTION: TradeInterpreter(action),
        PLAN: PlanInterpreter(plan),
        WEIGHTS: WeightsInterpreter(read_run),
        FULFIL: MaintenanceInterpreter(fulfilment),
        CLAIM: MaintenanceInterpreter(claim),
    }
    if recurring is not None:
        executions = partial(read_executions, scheduler=recurring.scheduler)
        found |= {
            EXECUTE: BatchInterpreter(executions),
            FIX: BatchInterpreter(read_fixes),
            MANAGE: BatchInterpreter(lambda _: RecurringEvent(1)),
        }
    return found
