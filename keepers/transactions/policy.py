"""How carefully one sender's transactions are sent."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from keepers.model.transactions.chain_view import FeeLimits
from keepers.model.transactions.states import AttemptKind


@dataclass(frozen=True, slots=True, kw_only=True)
class SendingPolicy:
    """Limits and patience; amounts in wei, patience in blocks unless it says seconds.

    Attributes:
        fees: What a unit of gas may cost.
        gas_headroom: By which the estimate is multiplied; what is not used is not paid.
        minimum_balance: Coins that the sender keeps.
        maximum_in_flight: Transactions with a nonce that are not included yet.
        bump_after_blocks: After so many blocks without inclusion the fee is raised.
        confirmations: Blocks from a receipt's on, itself included, until it counts.
        finality_blocks: Until a block is final, where the chain does not say.
        trust_tags: Whether the chain's own `safe` and `finalized` are used.
        foreign_after_blocks: A nonce that is consumed for so long, and not by us, is foreign.
        private: Whether bytes go to private relays first.
        public_after_blocks: A relay's time, before bytes go to public nodes; None for ever.
        cancel_factor: A cancellation may cost so many times the limit.
        cancel_reverting: Whether a waiting call that would revert now is cancelled.
        poll_seconds: How often the chain is looked at.
        stalled_head_seconds: Without a new block for so long, somebody should know.
    """

    fees: FeeLimits
    gas_headroom: Fraction = Fraction(6, 5)
    minimum_balance: int = 0
    maximum_in_flight: int = 16
    bump_after_blocks: int = 3
    confirmations: int = 1
    finality_blocks: int = 64
    trust_tags: bool = True
    foreign_after_blocks: int = 2
    private: bool = False
    public_after_blocks: int | None = None
    cancel_factor: int = 2
    cancel_reverting: bool = False
    poll_seconds: float = 0.5
    stalled_head_seconds: int = 600

    def limits_of(self, kind: AttemptKind) -> FeeLimits:
        """What an attempt of a kind may cost: getting out may cost more than getting in."""
        return self.fees.widened(self.cancel_factor) if kind is AttemptKind.CANCEL else self.fees
