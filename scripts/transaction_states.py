"""Write `docs/reference/transaction-states.md` from the table of legal moves.

`python -m scripts.transaction_states` writes it; a test compares it with the table.
"""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from keepers.model.transaction_moves import MOVES
from keepers.model.transaction_states import MEANINGS, EntityType

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "transaction-states.md"

INTRODUCTION = """\
# States of transactions

<!-- `python -m scripts.transaction_states` writes this page. -->

Each stored entity of the transaction engine has a state and makes only the transitions below. The
code reads them from one table, `keepers/model/transaction_moves.py`; SQLite and PostgreSQL refuse
all others by triggers. The label of an arrow is its cause; the end of the page explains each cause.

A run has steps. A step has one live effect: an intent on a chain or a request to a bridge. An
intent holds one nonce slot at a time. All bytes that were ever signed for a nonce are attempts of
its slot: the call, its bumps, its cancellation. So whichever of them is included is known.

- A nonce is released only before anything is signed for it. Later it is used by the call, by a
  cancellation, or by an external transaction.
- An intent gets another nonce only once an external transaction that used its own is final.
- A receipt settles the step, a reorganisation reverses that, and only finality ends an intent. The
  receipt decides the result: a call that is included before its cancellation is executed.
- Bytes that the validator refused are never sent. If they are included all the same, the receipt
  counts.
- A restart changes no state. Attempts in SEALED or BROADCAST are sent again as stored.
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


def diagram(entity: EntityType) -> Iterator[str]:
    """Yield the moves of an entity type as a Mermaid diagram, one arrow per pair of states."""
    arrows: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for move in MOVES:
        if move.entity is entity:
            arrows[move.start or "[*]", move.end].append(move.cause)
    starts = {start for start, _ in arrows}
    ends = list(dict.fromkeys(end for _, end in arrows if end not in starts))
    yield "```mermaid"
    yield "stateDiagram-v2"
    yield from (f"    {start} --> {end}: {', '.join(why)}" for (start, end), why in arrows.items())
    yield from (f"    {end} --> [*]" for end in ends)
    yield "```"


def page() -> str:
    """Return the whole page."""
    lines = [INTRODUCTION]
    for entity, title in TITLES.items():
        lines += [f"## {title}", "", f"Table `{entity}`.", "", *diagram(entity), ""]
    lines += ["## Causes", "", "| cause | what happened |", "| --- | --- |"]
    lines += [f"| {cause} | {meaning} |" for cause, meaning in MEANINGS.items()]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page())
