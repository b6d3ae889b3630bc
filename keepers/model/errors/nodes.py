"""What can go wrong between a keeper and several nodes of one chain."""

from __future__ import annotations

from keepers.model.errors import InputError
from keepers.model.errors.chain import ChainError


class NoQuorumError(ChainError):
    """Too few nodes answer.

    Attributes:
        what: What they were asked for.
        needed: How many have to answer.
        answered: How many did.
        reasons: Why the others did not, one each.
    """

    def __init__(self, what: str, needed: int, answered: int, reasons: tuple[str, ...]) -> None:
        why = f" ({'; '.join(reasons)})" if reasons else ""
        super().__init__(
            f"{answered} nodes answered for {what} and {needed} have to{why}; "
            "`ballast check` shows each node; check chains.*.rpc_urls and quorum"
        )
        self.what = what
        self.needed = needed
        self.answered = answered
        self.reasons = reasons


class NodesDisagreeError(ChainError):
    """Enough nodes answer, and no quorum of them says the same.

    Attributes:
        what: What they were asked for.
        needed: How many have to agree.
    """

    def __init__(self, what: str, needed: int) -> None:
        super().__init__(
            f"nodes do not agree on {what}: no {needed} of them say the same and outnumber the "
            "rest; nothing is done until they do; `ballast check` shows each node"
        )
        self.what = what
        self.needed = needed


class NodesBehindError(ChainError):
    """The nodes that answer have lost blocks that a quorum had, and no reorg explains it.

    Attributes:
        agreed: The head that a quorum agreed on before.
        offered: The highest that a quorum has now.
    """

    def __init__(self, agreed: int, offered: int) -> None:
        super().__init__(
            f"nodes agreed on block {agreed} before and on {offered} now, of the same chain: those "
            "that answer lag behind; nothing is done until they catch up"
        )
        self.agreed = agreed
        self.offered = offered


class NoRelayError(InputError):
    """Something is to be sent in private, and no relay is configured for that."""

    def __init__(self) -> None:
        super().__init__(
            "chains.*.private_relay_urls",
            "there is none, so nothing can be sent in private; add one, or allow public sending",
        )
