"""The ledger of approved plans."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from keepers.chain.codec import Call, Contract

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
    """Which plans were approved, and which of their actions have run."""

    def weight_of(self, account: str) -> Call[int]:
        """How much an approver's signature counts; 0 if it is none."""
        return self._call("weightOf", account)

    def status_of(self, consumer: str, plan_hash: bytes) -> Call[RawStatus]:
        """A plan of a consumer."""
        return self._call(
            "statusOf", consumer, plan_hash, convert=lambda values: RawStatus(*values[0])
        )

    def is_nonce_used(self, consumer: str, keeper: str, nonce: int) -> Call[bool]:
        """Whether no plan with this nonce can be opened any more."""
        return self._call("isNonceUsed", consumer, keeper, nonce)

    def hash_of(self, header: tuple[object, ...], actions: Sequence[object]) -> Call[bytes]:
        """The hash that approvers sign."""
        return self._call("hashOf", (header, list(actions)))


class IERC1271(Contract):
    """A contract that judges signatures in its name, such as a Safe."""

    def is_valid_signature(self, digest: bytes, signature: bytes) -> Call[bytes]:
        """The standard's magic value if it holds."""
        return self._call("isValidSignature", digest, signature)


class ISafe(Contract):
    """What a Safe says of itself."""

    def threshold(self) -> Call[int]:
        """How many owners have to sign."""
        return self._call("getThreshold")

    def owners(self) -> Call[tuple[str, ...]]:
        """Its owners."""
        return self._call("getOwners", convert=lambda values: tuple(values[0]))
