"""What the transaction engine needs of the world, and nothing of how it is done."""

from __future__ import annotations

from typing import Protocol

from keepers.domain.chain import ContractCall, Receipt, Signed, Unsigned
from keepers.domain.transaction.sealed import Sealed
from keepers.domain.transaction.view import ChainView, Estimate, FeeMarket, SendAnswer


class Nodes(Protocol):
    """Several nodes of one chain as one. Reads are of the highest agreed head; writes go to all.

    Every method raises a `ChainError` when too few nodes answer, or when they do not agree.
    """

    async def view(self, account: str) -> ChainView:
        """The chain now, with the nonce of an account by a quorum."""
        ...

    async def market(self) -> FeeMarket:
        """What gas costs."""
        ...

    async def nonce_at(self, account: str, block: int) -> int:
        """How many transactions of an account are included up to a block."""
        ...

    async def estimate(self, sender: str, call: ContractCall, value: int) -> Estimate:
        """Gas for a call, with an access list where that makes it cheaper.

        Raises:
            CallRevertedError: It would revert.
        """
        ...

    async def simulate(self, sender: str, call: ContractCall, value: int, gas: int) -> None:
        """Run a call on the head without sending it.

        Raises:
            CallRevertedError: It reverts.
        """
        ...

    async def send(self, raw: str, *, public: bool = True) -> tuple[SendAnswer, ...]:
        """Hand bytes to every node, once each; to private relays alone where not `public`."""
        ...

    async def knows(self, transaction_hash: str) -> bool:
        """Whether any node has a transaction, included or not."""
        ...

    async def receipt(self, transaction_hash: str) -> Receipt | None:
        """The receipt that a quorum gives, of a block that is in the chain; None without one."""
        ...

    async def block_hash(self, block: int) -> str | None:
        """The hash of a block of the chain as it is now; None if it is not that long."""
        ...

    async def spender(self, account: str, nonce: int, block: int) -> str | None:
        """The hash of the transaction that used a nonce by a block; None if that is not known."""
        ...

    async def revert_reason(self, sender: str, raw: str, block: int) -> str:
        """Why signed bytes reverted in a block; a node that cannot say so is no error."""
        ...


class Signer(Protocol):
    """Signs with the keeper's key, wherever that is; what it seals, only the validator reads."""

    @property
    def address(self) -> str:
        """The keeper's account."""
        ...

    def sign(self, transaction: Unsigned) -> Signed | Sealed:
        """Sign; raises a `SigningError` unless the result is what was asked for, of this account.

        It may ask a machine elsewhere, so it takes its time: call it in a thread.
        """
        ...


class Auditor(Protocol):
    """Reads a transaction with code of its own, and says whether policy allows it."""

    def audit(self, transaction: Unsigned, sender: str) -> None:
        """Raise `AuditRefused` if policy does not allow it, `AuditUnavailable` if it cannot tell.

        It may ask a machine elsewhere, so it takes its time: call it in a thread.
        """
        ...


class Validator(Protocol):
    """Compares what was signed with what was audited, and only then opens it."""

    def open(self, sealed: Sealed, audited: Unsigned, sender: str) -> Signed:
        """The signed bytes, if they are what was audited; raises a `SigningError` if not."""
        ...
