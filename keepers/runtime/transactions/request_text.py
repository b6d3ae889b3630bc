"""What became of a wish, in words and as a document."""

from __future__ import annotations

from dataclasses import dataclass

from keepers.model.transactions.details import Overview
from keepers.model.transactions.status_text import STATES, comes_next
from keepers.planning.files.canonical import Json
from keepers.reports.transactions.ladder import gwei
from keepers.runtime.transactions.engine_pass import Passed
from keepers.runtime.transactions.operator_requests import Ask

ASKED = {
    Ask.BUMP: "a higher fee is asked for",
    Ask.CANCEL: "its cancellation is asked for",
    Ask.RETRY: "it may be tried again",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person is told.

    Attributes:
        acted: Whether a pass was made now, and the nodes answered.
        by: Who does it instead, as far as is known.
        text: The same in words.
    """

    overview: Overview
    ask: Ask
    acted: bool
    by: str | None
    text: str

    def document(self) -> dict[str, Json]:
        """The same for machines."""
        return {"asked": str(self.ask), "acted": self.acted, "by": self.by, "text": self.text}


def answer_of(
    before: Overview, after: Overview, ask: Ask, passed: Passed | None, holder: str | None
) -> Answer:
    """What became of a wish.

    Args:
        before: The transaction when it was asked for.
        after: The transaction now.
        ask: What was asked for.
        passed: The pass that was made; None where this command is not armed.
        holder: Which keeper has the lease now.
    """
    asked = ASKED[ask]
    by = holder if passed is None else passed.other
    if by is not None:
        text = f"{asked}; {by} works for its sender, and does it on its next pass"
        return Answer(after, ask, acted=False, by=by, text=text)
    if passed is None:
        text = f"{asked}; an armed keeper does it, or this command with --arm"
        return Answer(after, ask, acted=False, by=None, text=text)
    if not passed.reached:
        text = f"{asked}; nodes do not answer, so an armed keeper does it later"
        return Answer(after, ask, acted=False, by=None, text=text)
    return Answer(after, ask, acted=True, by=None, text=_what_happened(before, after, asked))


def _what_happened(before: Overview, after: Overview, asked: str) -> str:
    new = after.attempts[len(before.attempts) :]
    if new:
        signed = new[-1].signed
        return (
            f"{signed.kind.lower()} at {gwei(signed.max_fee_per_gas)} gwei, tip "
            f"{gwei(signed.max_priority_fee_per_gas)}, is {new[-1].state.lower()}: "
            f"{signed.transaction_hash or 'in its box'}"
        )
    if after.record.state is not before.record.state:
        return f"it is {STATES[after.record.state]} now"
    return f"{asked}, and could not be done now. {comes_next(after)}"
