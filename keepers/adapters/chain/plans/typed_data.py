"""A plan as EIP-712 typed data, and its hash as `PlanLedger` computes it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from eth_abi.abi import encode
from eth_account.messages import SignableMessage, encode_typed_data
from eth_utils.crypto import keccak

from keepers.domain.approval import ApprovablePlan, ApprovedAction

NAME, VERSION = "Ballast PlanLedger", "1"
ACTION = (
    ("verb", "uint8"),
    ("asset", "address"),
    ("amount", "uint256"),
    ("minOut", "uint256"),
    ("dataHash", "bytes32"),
    ("dependsOn", "uint64"),
)
HEADER = (
    ("consumer", "address"),
    ("keeper", "address"),
    ("nonce", "uint256"),
    ("deadline", "uint40"),
    ("epoch", "uint32"),
    ("preState", "bytes32"),
)
ACTION_TEXT = f"Action({','.join(f'{kind} {name}' for name, kind in ACTION)})"
PREFIX = b"\x19"
"""What no transaction begins with (EIP-191)."""

ActionRow = tuple[int, str, int, int, bytes, int]
HeaderRow = tuple[str, str, int, int, int, bytes]


def typed_data(plan: ApprovablePlan) -> dict[str, Any]:
    """What a wallet shows and signs (`eth_signTypedData_v4`); hashes are hexadecimal text."""
    rows = [action_row(each) for each in plan.actions]
    return typed_rows(plan.chain_id, plan.ledger, header_row(plan), rows)


def typed_rows(
    chain_id: int, ledger: str, header: HeaderRow, actions: Sequence[ActionRow]
) -> dict[str, Any]:
    """The same of a plan's rows, as the contract takes them."""
    return {
        "types": {
            "EIP712Domain": _fields(
                (
                    ("name", "string"),
                    ("version", "string"),
                    ("chainId", "uint256"),
                    ("verifyingContract", "address"),
                )
            ),
            "Action": _fields(ACTION),
            "Plan": _fields((*HEADER, ("actions", "Action[]"))),
        },
        "primaryType": "Plan",
        "domain": {
            "name": NAME,
            "version": VERSION,
            "chainId": chain_id,
            "verifyingContract": ledger,
        },
        "message": {
            **_named(HEADER, header),
            "actions": [_named(ACTION, each) for each in actions],
        },
    }


def signable(plan: ApprovablePlan) -> SignableMessage:
    """The plan as an account signs it."""
    return encode_typed_data(full_message=typed_data(plan))


def hash_of(plan: ApprovablePlan) -> str:
    """The hash that approvers sign, as hexadecimal text."""
    return f"0x{digest_of(signable(plan)).hex()}"


def digest_of(message: SignableMessage) -> bytes:
    """The hash of a message, which is what is really signed."""
    return keccak(PREFIX + message.version + message.header + message.body)


def header_row(plan: ApprovablePlan) -> HeaderRow:
    """The header, as the contract takes it."""
    state = keccak(encode(("uint256[3]",), (plan.state,)))
    return (plan.consumer, plan.keeper, plan.nonce, plan.deadline, plan.epoch, state)


def action_row(action: ApprovedAction) -> ActionRow:
    """An action, as the contract takes it."""
    return (
        int(action.verb),
        action.asset,
        action.amount,
        action.minimum_out,
        keccak(data_of(action)),
        mask_of(action.depends_on),
    )


def mask_of(indices: Iterable[int]) -> int:
    """Indices of actions as a set of bits."""
    return sum(1 << index for index in indices)


def leaf_of(action: ApprovedAction) -> bytes:
    """The hash of an action."""
    return leaf_of_row(action_row(action))


def leaf_of_row(row: ActionRow) -> bytes:
    """The hash of an action, as the contract takes it."""
    kinds = ("bytes32", *(kind for _, kind in ACTION))
    return keccak(encode(kinds, (keccak(text=ACTION_TEXT), *row)))


def data_of(action: ApprovedAction) -> bytes:
    """What the venue is told."""
    return bytes.fromhex(action.data.removeprefix("0x"))


def _fields(rows: tuple[tuple[str, str], ...]) -> list[dict[str, str]]:
    return [{"name": name, "type": kind} for name, kind in rows]


def _named(rows: tuple[tuple[str, str], ...], values: tuple[object, ...]) -> dict[str, Any]:
    """Values by their names; a wallet wants large numbers and bytes as text."""
    return {
        name: f"0x{value.hex()}" if isinstance(value, bytes) else _number(value)
        for (name, _), value in zip(rows, values, strict=True)
    }


def _number(value: object) -> object:
    return str(value) if isinstance(value, int) and value.bit_length() > 53 else value  # noqa: PLR2004 - what JSON readers keep
