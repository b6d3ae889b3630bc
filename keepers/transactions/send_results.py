"""What the answers of all nodes to the same bytes mean together."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from keepers.model.nodes import NodeErrorKind
from keepers.model.transactions.chain_view import SendAnswer


class Sending(StrEnum):
    """How sending has ended, as far as nodes say."""

    TAKEN = "taken"
    NONCE_USED = "nonce_used"
    UNDERPRICED = "underpriced"
    FUNDS = "funds"
    GAP = "gap"
    RESERVED = "reserved"
    FEE_CAP = "fee_cap"
    HOPELESS = "hopeless"
    UNKNOWN = "unknown"


DECISIVE: tuple[tuple[Sending, frozenset[NodeErrorKind]], ...] = (
    (Sending.NONCE_USED, frozenset({NodeErrorKind.NONCE_TOO_LOW})),
    (
        Sending.UNDERPRICED,
        frozenset({NodeErrorKind.REPLACEMENT_UNDERPRICED, NodeErrorKind.FEE_TOO_LOW}),
    ),
    (Sending.FUNDS, frozenset({NodeErrorKind.INSUFFICIENT_FUNDS})),
    (Sending.RESERVED, frozenset({NodeErrorKind.RESERVED})),
    (Sending.GAP, frozenset({NodeErrorKind.NONCE_TOO_HIGH})),
    (Sending.FEE_CAP, frozenset({NodeErrorKind.FEE_ABOVE_CAP})),
)
"""One node's word suffices for these, the first that any node says: none makes us sign anew for
another nonce, so being wrong costs a bump or a wait."""

HOPELESS = frozenset(
    {NodeErrorKind.GAS_LIMIT, NodeErrorKind.INVALID, NodeErrorKind.EXECUTION_REVERTED}
)


def sending_of(answers: Sequence[SendAnswer]) -> Sending:
    """One node that takes the bytes is enough; all must agree that they are good for nothing."""
    problems = {each.problem for each in answers}
    if None in problems or NodeErrorKind.ALREADY_KNOWN in problems:
        return Sending.TAKEN
    for sending, kinds in DECISIVE:
        if problems & kinds:
            return sending
    if problems and problems <= HOPELESS:
        return Sending.HOPELESS
    return Sending.UNKNOWN


def words_of(answers: Sequence[SendAnswer]) -> str:
    """The nodes' own words, for people."""
    return "; ".join(f"{each.node}: {each.message}" for each in answers if each.problem)
