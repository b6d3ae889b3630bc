"""Ledger of approved plans: its contracts, and plans as structs and EIP-712 typed data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from eth_abi.abi import encode
from eth_account.messages import SignableMessage, encode_typed_data
from eth_utils.crypto import keccak

from keepers.chain.codec import Call, Contract, Method, elements
from keepers.model.approval import ApprovablePlan, ApprovedAction, Signature, SignedPlan
from keepers.model.treasury import TreasuryAction

ActionRow = tuple[int, str, int, int, bytes, int]
"""Verb, asset, amount, bound, hash of the data, and dependencies as bits (`IPlanLedger.Action`)."""

HeaderRow = tuple[str, str, int, int, int, bytes]
"""Consumer, keeper, nonce, deadline, epoch, and hash of the state before (`IPlanLedger.Header`)."""

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
"""First byte of signed messages; no transaction starts with it (EIP-191)."""


@dataclass(frozen=True, slots=True)
class RawStatus:
    """Status of a plan in the ledger; all zero if it was never opened."""

    done: int
    deadline: int
    epoch: int
    count: int
    approvals: int
    cancelled: bool


class PlanLedger(Contract):
    """Ledger of approved plans and of their executed actions."""

    weight_of = Method[[str], int]("weightOf")
    """Weight of an approver's signature; 0 if the account is no approver."""
    status_of = Method[[str, bytes], RawStatus]("statusOf", lambda values: RawStatus(*values[0]))
    """Status of a consumer's plan, by its hash."""
    is_nonce_used = Method[[str, str, int], bool]("isNonceUsed")
    """Whether a plan of a consumer and keeper with this nonce can no longer be opened."""

    def hash_of(self, header: HeaderRow, actions: Sequence[ActionRow]) -> Call[bytes]:
        """Return the hash of a plan, which approvers sign."""
        return self._call("hashOf", (header, list(actions)))


class IERC1271(Contract):
    """Contract that verifies its own signatures, such as a Safe."""

    is_valid_signature = Method[[bytes, bytes], bytes]("isValidSignature")
    """The standard's magic value if the signature of the digest is valid."""


class ISafe(Contract):
    """Safe with its owners and its threshold."""

    threshold = Method[[], int]("getThreshold")
    """Number of owners that have to sign."""
    owners = Method[[], tuple[str, ...]]("getOwners", elements)
    """Accounts of the owners."""


def typed_data(plan: SignedPlan) -> dict[str, Any]:
    """Return the data that a wallet signs (`eth_signTypedData_v4`); hashes are hexadecimal text."""
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
            "chainId": plan.chain_id,
            "verifyingContract": plan.ledger,
        },
        "message": {
            **_named(HEADER, header_row(plan)),
            "actions": [_named(ACTION, action_row(each)) for each in plan.actions],
        },
    }


def signable(plan: SignedPlan) -> SignableMessage:
    """Return the message that an account signs."""
    return encode_typed_data(full_message=typed_data(plan))


def hash_of(plan: SignedPlan) -> str:
    """Return the hash that approvers sign, as hexadecimal text."""
    return f"0x{message_digest(signable(plan)).hex()}"


def message_digest(message: SignableMessage) -> bytes:
    """Return the digest of a message, the 32 bytes that are signed."""
    return keccak(PREFIX + message.version + message.header + message.body)


def header_row(plan: SignedPlan) -> HeaderRow:
    """Return the header as the contract's struct."""
    if isinstance(plan, ApprovablePlan):
        state = keccak(encode(("uint256[3]",), (plan.state,)))
    else:
        state = bytes.fromhex(plan.state.removeprefix("0x"))
    return (plan.consumer, plan.keeper, plan.nonce, plan.deadline, plan.epoch, state)


def action_row(action: ApprovedAction | TreasuryAction) -> ActionRow:
    """Return an action as the contract's struct; a treasury's data hash is the transfer's id."""
    if isinstance(action, ApprovedAction):
        bound, data_hash = action.minimum_out, keccak(data_of(action))
    else:
        bound, data_hash = action.bound, bytes.fromhex(action.transfer_id.removeprefix("0x"))
    mask = mask_of(action.depends_on)
    return (int(action.verb), action.asset, action.amount, bound, data_hash, mask)


def mask_of(indices: Iterable[int]) -> int:
    """Return indices of actions as a set of bits."""
    return sum(1 << index for index in indices)


def leaf_of(action: ApprovedAction | TreasuryAction) -> bytes:
    """Return the hash of an action."""
    kinds = ("bytes32", *(kind for _, kind in ACTION))
    return keccak(encode(kinds, (keccak(text=ACTION_TEXT), *action_row(action))))


def data_of(action: ApprovedAction) -> bytes:
    """Return the data of an action's venue."""
    return bytes.fromhex(action.data.removeprefix("0x"))


def signature_rows(signatures: Sequence[Signature]) -> list[tuple[str, bytes]]:
    """Return signatures as the contract's structs, in the order of their signers."""
    ordered = sorted(signatures, key=lambda each: int(each.signer, 16))
    return [(each.signer, bytes.fromhex(each.data.removeprefix("0x"))) for each in ordered]


def _fields(rows: tuple[tuple[str, str], ...]) -> list[dict[str, str]]:
    return [{"name": name, "type": kind} for name, kind in rows]


def _named(rows: tuple[tuple[str, str], ...], values: tuple[object, ...]) -> dict[str, Any]:
    """Return values by name; wallets take large numbers and bytes as text."""
    return {
        name: f"0x{value.hex()}" if isinstance(value, bytes) else _number(value)
        for (name, _), value in zip(rows, values, strict=True)
    }


def _number(value: object) -> object:
    return str(value) if isinstance(value, int) and value.bit_length() > 53 else value  # noqa: PLR2004 - JSON's limit
