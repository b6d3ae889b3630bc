"""A treasury's plan as EIP-712 typed data: of the same form as a controller's."""

from __future__ import annotations

from typing import Any

from eth_account.messages import encode_typed_data

from keepers.adapters.chain.plans.typed_data import (
    ActionRow,
    HeaderRow,
    digest_of,
    mask_of,
    typed_rows,
)
from keepers.domain.treasury import TreasuryAction, TreasuryPlan


def treasury_typed_data(plan: TreasuryPlan) -> dict[str, Any]:
    """What a wallet shows and signs (`eth_signTypedData_v4`); hashes are hexadecimal text."""
    rows = [action_row(each) for each in plan.actions]
    return typed_rows(plan.chain_id, plan.ledger, header_row(plan), rows)


def treasury_plan_hash(plan: TreasuryPlan) -> str:
    """The hash that approvers sign, as hexadecimal text."""
    message = encode_typed_data(full_message=treasury_typed_data(plan))
    return f"0x{digest_of(message).hex()}"


def header_row(plan: TreasuryPlan) -> HeaderRow:
    """The header, as the contract takes it."""
    state = bytes.fromhex(plan.state.removeprefix("0x"))
    return (plan.treasury, plan.keeper, plan.nonce, plan.deadline, plan.epoch, state)


def action_row(action: TreasuryAction) -> ActionRow:
    """An action, as the contract takes it; the data hash is the transfer's id."""
    return (
        int(action.verb),
        action.asset,
        action.amount,
        action.bound,
        bytes.fromhex(action.transfer_id.removeprefix("0x")),
        mask_of(action.depends_on),
    )
