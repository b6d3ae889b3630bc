"""The ledger of approved plans."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from keepers.chain.codec import Call, Contract, Method, elements

ActionRow = tuple[int, str, int, int, bytes, int]
"""Verb, asset, amount, bound, hash of the data, and dependencies as bits (`IPlanLedger.Action`)."""

HeaderRow = tuple[str, str, int, int, int, bytes]
"""Consumer, keeper, nonce, deadline, epoch, and hash of the state before (`IPlanLedger.Header`)."""


@dataclass(frozen=True, slots=True)
class RawStatus:
    """A plan as the ledger has it; all zero when it was never opened."""

    done: int
    deadline: int
    epoch: int
    count: int
    approvals: int
    cancelled: bool


class PlanLedger(Contract):
    """The ledger of approved plans, and of their executed actions."""

    weight_of = Method[[str], int]("weightOf")
    """Weight of an approver's signature; 0 if the account is no approver."""
    status_of = Method[[str, bytes], RawStatus]("statusOf", lambda values: RawStatus(*values[0]))
    """Status of a consumer's plan, by its hash."""
    is_nonce_used = Method[[str, str, int], bool]("isNonceUsed")
    """Whether no plan of a consumer and a keeper with this nonce can be opened any more."""

    def hash_of(self, header: HeaderRow, actions: Sequence[ActionRow]) -> Call[bytes]:
        """Hash of a plan, which approvers sign."""
        return self._call("hashOf", (header, list(actions)))


class IERC1271(Contract):
    """A contract that checks signatures in its name, such as a Safe."""

    is_valid_signature = Method[[bytes, bytes], bytes]("isValidSignature")
    """The standard's magic value if the signature of the digest holds."""


class ISafe(Contract):
    """A Safe: its owners and its threshold."""

    threshold = Method[[], int]("getThreshold")
    """Number of owners that have to sign."""
    owners = Method[[], tuple[str, ...]]("getOwners", elements)
    """The accounts of its owners."""
