"""Writes `docs/evidence/crash-points.md`: where a keeper may be killed, and what that means.

`python -m scripts.crash_points` writes it; tests compare it with the code, and with the points
that processes pass.
"""

from __future__ import annotations

from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "evidence" / "crash-points.md"

MOMENTS = {
    "before": "nothing of it is stored",
    "inside": "it is done and not committed: nothing of it is stored",
    "after": "it is stored, and nobody was told",
}
"""Where points are around a named write, and what is true of the write there."""

WRITES = {
    "acquire": "the lease on the sender; a restart under the same name takes it over",
    "submit": "the intent; the same key gives the same intent again",
    "prepare": "estimate, audit and nonce together; a nonce is never reserved twice",
    "store": "signed bytes; bytes that were signed and not stored never left, and are signed anew",
    "seal": "that the validator lets the bytes leave",
    "sent": "that a node has the bytes; before it the same bytes are sent once more",
    "include": "a receipt; it is found again by any hash that is stored",
    "unsettle": "that a reorganisation took the receipt away; the next look at the block sees that",
    "safe": "that the block is safe",
    "finalise": "the end of the intent",
    "release": "the lease given back; whoever has not given it back holds it until it ends",
    "reject": "that it is not signed, as policy, simulation or its end of validity say",
    "withdraw": "that it was called off before anything was signed",
    "block": "that it waits for coins or a person",
    "unblock": "that it goes on; a restart tries once more with the coins that are there",
    "want": "a wish; it is asked for again, or done",
    "refuse": "that bytes may not leave any more; dearer ones are signed for the nonce",
    "foreign": "that a stranger used the nonce; the chain says so again",
    "retract_foreign": "that the stranger's block is gone; the chain says so again",
    "finalise_foreign": "that the stranger's use stays; the intent then starts afresh",
    "pause": "that nothing is sent until a person resumes it; the next pass finds the same reason",
    "renew": "the lease for longer; without it the lease ends when it would have",
    "heartbeat": "the lease for longer, while its holder waits or computes; as `renew`",
    "repair": "an intent that fills a gap of nonces; at its next look the engine asks again",
}
"""Every named write of one sender's ledger, and what it stores."""

ELSEWHERE = frozenset({"renew", "heartbeat", "repair"})
"""Writes that the two lives do not make: they need a lease half over, and a signer that fails."""

DONE_BY_A_LIFE = (*(name for name in WRITES if name not in ELSEWHERE), "send")

INTRODUCTION = """\
# Crash points

<!-- `python -m scripts.crash_points` writes this page. -->

All that the transaction engine knows is in its ledger, so it may be killed at any moment. Named
points in the code let a test kill the real process there: `BALLAST_CRASH_AT=after_store:2` kills
at the second time that the point is passed, `BALLAST_CRASH_TRACE` names a file to which every
point is written. They do nothing without these variables.

`tests/integration/sending/test_crash_points.py` has two scripted lives on a real chain. In the
first, two calls are sent, one is bumped, both are included, a reorganisation takes their block
away, they are sent and included again, and become final. In the second, coins come late, a node
refuses bytes, calls are cancelled, expire and are called off, a stranger uses the nonce, loses it
and uses it again, and finality breaks. Undisturbed, the first passes {} points and the second {},
{count} in all. The chain's part depends on states alone, never on time, so it is the same for
whoever was killed.

- `make test-integration` kills a process at every named point, one after the other in one life,
  on SQLite and on PostgreSQL.
- `make deep` gives each of the {count} passings a life of its own, on both.

Each time the states of intents, steps, nonces and attempts, and the transactions in the chain must
be those of the undisturbed life, and no node may have been given bytes that are not stored.
"""

TRANSFERS = """
## Transfers

Writes about transfers have points around them too, and so has what a bridge is asked.
`tests/integration/transfers/test_kills.py` kills the keeper's process there, on three real chains,
by every route. A process dies at whichever of many points it comes by first, the next one at
another. Each run has one life a route, with a twelfth of the points. `make deep` meets all of them,
in five or six lives: whoever finds a transaction included does not note any more that it was sent.
"""

TRANSFER_WRITES = {
    "begin_batch": "all transfers and placements of a plan; the same key keeps them once",
    "move_batch": "that a batch has ended, with what people are told; the next pass ends it",
    "move_transfer_…": "the next place of a transfer; the next pass finds it out once more",
    "wait": "what a transfer waits for",
    "stick": "that it is stuck, with what people are told; the next pass finds the same",
    "note_transfer": "what is known besides, and that a decision was carried out",
    "wish": "what a person decided; without it nothing is decided",
    "skip_step": "that a step is not to be done",
    "settle_transfer": "that nothing can change any more",
    "settle_placement": "the same of a placement",
    "settle_plan": "the same of the opening of an approved plan",
    "ask_bridge": "what a bridge is to be asked, under the transfer's id",
    "asking_bridge": "that it is about to be asked; from here on it is looked up before",
    "bridge_accepted": "the bridge's name for it; the bridge is asked under the same key again",
    "end_request": "that a crossing has ended",
    "submit_instruction": "an instruction; the same key keeps it once",
    "answer_instruction": "what became of an instruction for which no batch is made",
    "hold_instruction": "what an instruction waits for that has come in",
    "fallback_waits": "since when only a fallback could bring a chain what it lacks",
}
"""Every named write about transfers, and what it stores."""

REQUESTS = {
    "initiate": "a bridge is asked to carry it, or found to have been asked",
    "track": "a bridge is asked where it is; nothing changes by it",
    "complete": "the proof is looked at once more; nothing changes by it",
}
"""What a bridge is asked, with a point before and one after it."""

PASSINGS = {"bumped_and_reorganised": 91, "refused_and_displaced": 158}
"""How many points each life passes, which its test compares."""


def points_of(write: str) -> tuple[str, ...]:
    """The names of the points around a write, or around handing bytes to nodes."""
    moments = ("before", "after") if write == "send" else MOMENTS
    return tuple(f"{moment}_{write}" for moment in moments)


def page() -> str:
    """The whole page."""
    lines = [
        INTRODUCTION.format(*PASSINGS.values(), count=sum(PASSINGS.values())),
        "## Around each write",
        "",
    ]
    lines += ["| killed | then |", "| --- | --- |"]
    lines += [f"| `{moment}_…` | {meaning} |" for moment, meaning in MOMENTS.items()]
    lines += ["", "## Writes", "", "| write | what it stores, and what follows if it is not |"]
    lines += ["| --- | --- |", *(f"| `{name}` | {what} |" for name, what in WRITES.items())]
    lines += [
        *("", "## Sending", "", "| killed | then |", "| --- | --- |"),
        "| `before_send` | the bytes are stored and sealed, and did not leave; they are sent |",
        "| `after_send` | they may have left; the same bytes are sent again |",
        "",
        f"The lives do not make {' and '.join(f'`{name}`' for name in sorted(ELSEWHERE))}.",
    ]
    return "\n".join([*lines, *_of_transfers()]) + "\n"


def _of_transfers() -> list[str]:
    return [
        *(TRANSFERS, "| write | what it stores, and what follows if it is not |", "| --- | --- |"),
        *(f"| `{name}` | {what} |" for name, what in TRANSFER_WRITES.items()),
        *("", "| `before_…`, `after_…` | what is asked |", "| --- | --- |"),
        *(f"| `{name}` | {what} |" for name, what in REQUESTS.items()),
    ]


if __name__ == "__main__":
    PAGE.write_text(page())
