"""Sender of a chain's treasury, with the interpreters of its receipts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

from keepers.audit.policy import Policy, Rule
from keepers.audit.signature import Function
from keepers.bridges.cctp.lane import FAST, STANDARD
from keepers.chain.contracts.treasury import name_word
from keepers.chain.treasury.calls import (
    read_divested,
    read_invested,
    read_received,
    read_sent,
)
from keepers.config.treasury_deployment import DeployedRoute, RouteKind
from keepers.model.chain import Receipt
from keepers.model.transfer_record import TREASURY, PlacementVerb, TransferWork
from keepers.model.treasury import TreasuryVerb
from keepers.runtime.process.owner import SenderSetup
from keepers.runtime.process.policy import (
    ACTION_TYPE,
    HEADER_TYPE,
    SIGNATURES_TYPE,
    default_policy,
)
from keepers.runtime.treasury.setup import LaneSetup, TreasuryChainSetup, TreasurySetup
from keepers.transactions.ports import ReceiptInterpreter
from keepers.transfers.machine.calls import TransferInterpreter

TRANSFER = (
    "(uint256 sourceChain, address sourceTreasury, uint256 destinationChain,"
    " address destinationTreasury, bytes32 asset, uint256 amount, uint256 minReceived,"
    " bytes32 route, uint256 nonce) transfer"
)
TICKET = f"({HEADER_TYPE}, bytes32[] leaves, uint8 index, uint64 dependsOn) ticket"
OPTIONS = {
    RouteKind.CCTP: "bytes<uint32 threshold, uint256 maxFee> options",
    RouteKind.OFT: "bytes<> options",
    RouteKind.CUSTODIAL: "bytes<> options",
}
PROOFS = {
    RouteKind.CCTP: "bytes<bytes message, bytes attestation> proof",
    RouteKind.OFT: "bytes<> proof",
    RouteKind.CUSTODIAL: "bytes<bytes32 evidence, uint256 amount> proof",
}
MOVES = {"invest": "minShares", "divest": "maxShares"}
OPEN_PLAN = f"openPlan(({HEADER_TYPE}, {ACTION_TYPE}[] actions) plan, {SIGNATURES_TYPE})"


def treasury_policy(setup: TreasurySetup, chain: TreasuryChainSetup, account: str) -> Policy:
    """Return the default policy of a chain's treasury.

    Each transfer rule covers one route between two configured treasuries, so that chain and
    treasury always match. Amounts, bounds, nonces, ids and shares are free: the chain bounds them.
    """
    limits = chain.treasury
    moves = (*_moves(chain, account), _opening(chain, account))
    return default_policy(
        f"the treasury on {chain.name}",
        chain.chain,
        limits,
        account,
        (*_transfers(setup, chain, account), *moves),
        gas_limit=limits.gas_limit,
        value=limits.maximum_native_fee_wei,
    )


def _transfers(setup: TreasurySetup, chain: TreasuryChainSetup, sender: str) -> Iterator[Rule]:
    for lane in setup.lanes():
        if lane.source is chain:
            kind = lane.source_route.kind
            value = chain.treasury.maximum_native_fee_wei if kind is RouteKind.OFT else 0
            text = f"{TRANSFER}, {OPTIONS[kind]}"
            free = _of(lane, chain, f"sendToBridge({text})", value)
            planned = _of(lane, chain, f"sendApproved({text}, {TICKET})", value)
            yield _priced(free, lane.source_route)
            yield _priced(_ticketed(planned, sender), lane.source_route)
        if lane.destination is chain:
            yield _of(
                lane, chain, f"receiveFromBridge({TRANSFER}, {PROOFS[lane.destination_route.kind]})"
            )


def _of(lane: LaneSetup, chain: TreasuryChainSetup, text: str, value: int = 0) -> Rule:
    """Return the rule of a transfer function, for transfers of one lane only."""
    function = Function.read(text)
    route, ends = lane.source_route, f"{lane.source.name} to {lane.destination.name}"
    rule = Rule(
        name=f"{function.name} of {route.asset} by {route.name} from {ends}",
        target=chain.deployment.treasury.lower(),
        function=function,
        maximum_value=value,
    )
    for end, there in (("source", lane.source), ("destination", lane.destination)):
        rule = rule.where(f"transfer.{end}Chain", equals=there.chain.chain_id)
        rule = rule.where(f"transfer.{end}Treasury", equals=there.deployment.treasury)
    rule = rule.where("transfer.asset", equals=_word(route.asset))
    return rule.where("transfer.route", equals=_word(route.name))


def _priced(rule: Rule, route: DeployedRoute) -> Rule:
    """Add the bounds of CCTP's options: one of the two thresholds, and the largest fee."""
    if route.kind is not RouteKind.CCTP:
        return rule
    assert route.max_fee_bps is not None  # noqa: S101 - checked by the loader
    rule = rule.where("options.threshold", one_of=[FAST, STANDARD])
    return rule.where("options.maxFee", share=("transfer.amount", route.max_fee_bps))


def _moves(chain: TreasuryChainSetup, sender: str) -> Iterator[Rule]:
    """Yield the rules of investments and divestments in deployed venues, by plan or without."""
    target = chain.deployment.treasury.lower()
    venues = [each for listed in chain.deployment.venues.values() for each in listed]
    for verb, bound in MOVES.items():
        arguments = f"bytes32 id, address venue, uint256 amount, uint256 {bound}"
        free = Function.read(f"{verb}({arguments})")
        yield Rule(name=verb, target=target, function=free).where("venue", one_of=venues)
        planned = Function.read(f"{verb}Approved({arguments}, {TICKET})")
        rule = Rule(name=f"{verb} of a plan", target=target, function=planned)
        yield _ticketed(rule.where("venue", one_of=venues), sender)


def _ticketed(rule: Rule, sender: str) -> Rule:
    rule = rule.where("ticket.header.consumer", equals=rule.target)
    return rule.where("ticket.header.keeper", equals=sender)


def _opening(chain: TreasuryChainSetup, sender: str) -> Rule:
    """Return the rule of plans of this treasury and keeper, for its tokens and venues."""
    deployment = chain.deployment
    known = [each.address for each in deployment.assets.values()]
    known += [each for listed in deployment.venues.values() for each in listed]
    target = deployment.treasury.lower()
    rule = Rule(name="open a plan", target=target, function=Function.read(OPEN_PLAN))
    rule = rule.where("plan.header.consumer", equals=target)
    rule = rule.where("plan.header.keeper", equals=sender)
    rule = rule.where("plan.actions[*].verb", one_of=[int(each) for each in TreasuryVerb])
    return rule.where("plan.actions[*].asset", one_of=known)


def _word(name: str) -> str:
    return f"0x{name_word(name).hex()}"


def sender_of_treasury(setup: TreasurySetup, chain: TreasuryChainSetup) -> SenderSetup:
    """Return the sender of a chain's treasury."""
    return SenderSetup(
        name=f"treasury on {chain.name}",
        subject=f"the treasury on chain {chain.chain.chain_id}",
        owner=TREASURY,
        chain=chain.chain,
        limits=chain.treasury,
        tokens=chain.addresses.tokens,
        policy=partial(treasury_policy, setup, chain),
        interpreters=_interpreters(chain.deployment.treasury),
    )


def _interpreters(treasury: str) -> dict[str, ReceiptInterpreter]:
    """Return the interpreters of transfers, investments and divestments."""

    def invested(receipt: Receipt) -> Mapping[str, int]:
        return {key: each.amount for key, each in read_invested(receipt, treasury).items()}

    def divested(receipt: Receipt) -> Mapping[str, int]:
        return {key: each.amount for key, each in read_divested(receipt, treasury).items()}

    return {
        TransferWork.TRANSFER_OUT: TransferInterpreter(partial(read_sent, treasury=treasury)),
        TransferWork.TRANSFER_IN: TransferInterpreter(partial(read_received, treasury=treasury)),
        TransferWork.INVEST: TransferInterpreter(invested),
        PlacementVerb.DIVEST: TransferInterpreter(divested),
    }
