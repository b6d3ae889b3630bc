"""Signatures of approvers: created here or elsewhere, verified by the chain, then stored."""

from __future__ import annotations

from eth_utils.address import to_checksum_address

from keepers.chain.contracts.approved_plans import recover_signer
from keepers.chain.contracts.ledger import (
    ISafe,
    PlanLedger,
    action_row,
    header_row,
    message_digest,
    signable,
)
from keepers.chain.node import Node
from keepers.model.approval import Signature, TicketState
from keepers.model.errors import InputError
from keepers.model.errors.run import (
    AlteredPlanError,
    NotAnApproverError,
    TicketClosedError,
    WrongSignatureError,
)
from keepers.runtime.approvals.requests import Request
from keepers.signing.local import MessageSigner, safe_message
from keepers.store.database import Database
from keepers.store.tickets import TicketRepository


async def sign(
    database: Database, request: Request, signer: MessageSigner, safe: str | None
) -> bool:
    """Sign as an approver, or as an owner of a Safe that is one; return whether it is new.

    Raises:
        NotAnApproverError: The chain gives the signer no weight.
        WrongSignatureError: The account is not an owner of the Safe.
        TicketClosedError: The request is already decided.
    """
    plan_hash = bytes.fromhex(request.record.ticket.plan_hash[2:])
    if safe is None:
        signature = signer.sign(signable(request.record.ticket.plan))
        return await bring(database, request, signer.address, signature)
    message = safe_message(request.record.ticket.plan.chain_id, safe, plan_hash)
    return await bring(database, request, signer.address, signer.sign(message), safe=safe)


async def bring(
    database: Database, request: Request, owner: str, signature: str, *, safe: str | None = None
) -> bool:
    """Store a signature made elsewhere if the chain accepts it; return whether it is new.

    Args:
        database: The database.
        request: The request that was signed.
        owner: The account that signed.
        signature: The signature, as hexadecimal text.
        safe: The Safe for which the owner signed.

    Raises:
        NotAnApproverError, WrongSignatureError, TicketClosedError: As for `sign`.
        InputError: An address is invalid.
        AlteredPlanError: The chain computes another plan hash.
    """
    if request.record.state is not TicketState.WAITING:
        raise TicketClosedError(request.run_id, request.record.state, request.record.reason)
    account, approver = _address("--by", owner), _address("--safe", safe or owner)
    signature = plain(account, signature)
    async with request.subject.node() as node:
        await _check_hash(node, request)
        if safe is None:
            await _check_approver(node, request, Signature(approver, signature))
        else:
            await _check_owner(node, request, approver, account, signature)
    return TicketRepository(database).approve(request.run_id, approver, account, signature)


def plain(owner: str, signature: str) -> str:
    """Return a signature in its stored form, in which owners' signatures are concatenated.

    Raises:
        WrongSignatureError: The signature is not hexadecimal text.
    """
    try:
        return f"0x{bytes.fromhex(signature.removeprefix('0x')).hex()}"
    except ValueError:
        raise WrongSignatureError(owner, "it is not hexadecimal text") from None


def _address(option: str, text: str) -> str:
    try:
        return to_checksum_address(text)
    except ValueError:
        raise InputError(option, f"{text!a} is not an address") from None


async def _check_hash(node: Node, request: Request) -> None:
    ticket, plan = request.record.ticket, request.record.ticket.plan
    rows = [action_row(each) for each in plan.actions]
    call = PlanLedger(plan.ledger).hash_of(header_row(plan), rows)
    found = f"0x{(await node.read(call, (await node.head()).number)).hex()}"
    if found != ticket.plan_hash:
        raise AlteredPlanError(request.run_id, ticket.plan_hash, found)


async def _check_approver(node: Node, request: Request, signature: Signature) -> None:
    await _check_weight(node, request, signature.signer)
    plan = request.record.ticket.plan
    (weight,) = await request.subject.plans(node, plan).weights(plan, [signature])
    if not weight:
        raise WrongSignatureError(signature.signer, "it is for another plan, or by another account")


async def _check_owner(node: Node, request: Request, safe: str, owner: str, signature: str) -> None:
    await _check_weight(node, request, safe)
    head = await node.head()
    owners = await node.read(ISafe(safe).owners(), head.number)
    if owner not in {to_checksum_address(each) for each in owners}:
        raise WrongSignatureError(owner, f"it is not an owner of Safe {safe}")
    plan_hash = bytes.fromhex(request.record.ticket.plan_hash[2:])
    message = safe_message(request.record.ticket.plan.chain_id, safe, plan_hash)
    digest = message_digest(message)
    if recover_signer(digest, bytes.fromhex(signature.removeprefix("0x"))) != owner:
        raise WrongSignatureError(owner, "it is for another plan or Safe, or by another account")


async def _check_weight(node: Node, request: Request, signer: str) -> None:
    ledger = request.record.ticket.plan.ledger
    call = PlanLedger(ledger).weight_of(signer)
    if not await node.read(call, (await node.head()).number):
        raise NotAnApproverError(signer, ledger)
