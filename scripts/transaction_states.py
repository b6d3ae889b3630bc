"""Writes `docs/reference/transaction-states.md` from the table of legal moves.

`python -m scripts.transaction_states` writes it; a test compares it with the table.
"""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from keepers.model.transactions.moves import MOVES
from keepers.model.transactions.states import MEANINGS, EntityType

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "transaction-states.md"

INTRODUCTION = """\
# States of transactions

<!-- `python -m scripts.transaction_states` writes this page. -->

Everything that the transaction engine remembers has a state, and moves only as drawn here. The
code asks one table, `keepers/model/transactions/moves.py`; SQLite and PostgreSQL refuse every
other move on their own. Arrows carry their causes, which are explained at the end.

A run has steps; a step has one live effect, an intent on a chain or a request to somebody else.
An intent holds one nonce slot at a time, and all bytes that were ever signed for a nonce are
attempts of its slot: the call, bumps of it, its cancellation. So whichever of them is mined is
known.

- A nonce is given back only before anything is signed for it. Later it is filled, with the call
  or with a cancellation, or somebody else consumes it.
- An intent gets another nonce only once a foreign transaction that consumed its own is final.
- A receipt settles the step, a reorganisation takes that back, and only finality ends an intent.
  The receipt tells how it has ended, not what was wished: a call that is mined before its
  cancellation is executed.
- What the validator refused is never sent. If it is mined all the same it counts, as everything
  on chain does.
- A restart changes no state. Attempts that are SEALED or BROADCAST are sent again as they are
  stored.
"""

TITLES = {
    EntityType.STEP: "Steps",
    EntityType.INTENT: "Intents",
    EntityType.SLOT: "Nonce slots",
    EntityType.ATTEMPT: "Attempts",
    EntityType.REQUEST: "Requests",
    EntityType.LEASE: "Leases",
    EntityType.TICK: "Ticks",
}


def diagram(thing: EntityType) -> Iterator[str]:
    """The moves of a thing as a Mermaid state diagram, an arrow for each pair of states."""
    arrows: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for move in MOVES:
        if move.thing is thing:
            arrows[move.start or "[*]", move.end].append(move.cause)
    starts = {start for start, _ in arrows}
    ends = list(dict.fromkeys(end for _, end in arrows if end not in starts))
    yield "```mermaid"
    yield "stateDiagram-v2"
    yield from (f"    {start} --> {end}: {', '.join(why)}" for (start, end), why in arrows.items())
    yield from (f"    {end} --> [*]" for end in ends)
    yield "```"


def page() -> str:
    """The whole page."""
    lines = [INTRODUCTION]
    for thing, title in TITLES.items():
        lines += [f"## {title}", "", f"Table `{thing}`.", "", *diagram(thing), ""]
    lines += ["## Causes", "", "| cause | what happened |", "| --- | --- |"]
    lines += [f"| {cause} | {meaning} |" for cause, meaning in MEANINGS.items()]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page())
