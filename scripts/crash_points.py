"""Write `docs/evidence/crash-points.md`: points at which tests kill a keeper, and the effect.

`python -m scripts.crash_points` writes it. Tests compare it with the code and with the points that
processes pass.
"""

from __future__ import annotations

from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "evidence" / "crash-points.md"

MOMENTS = {
    "before": "nothing is stored",
    "inside": "the write is made and not committed: nothing is stored",
    "after": "the write is stored, and the caller does not know it",
}
"""Points around a named write, and the state of the write at each."""

WRITES = {
    "acquire": "lease on the sender; a restart under the same name takes it over",
    "submit": "intent; the same key returns the same intent",
    "submit_plan": "intent with the step that executes several others; they are settled with it",
    "prepare": "estimate, audit and nonce together; a nonce is never reserved twice",
    "store": "signed bytes; bytes that were signed but not stored never left, and are signed again",
    "seal": "the validator's permission to send the bytes",
    "sent": "a node has the bytes; without it the same bytes are sent again",
    "include": "receipt; without it the receipt is found by any stored hash",
    "unsettle": "a reorganisation removed the receipt; the next read of the block shows it again",
    "safe": "the block is safe",
    "finalise": "end of the intent",
    "release": "end of the lease; without it the holder keeps the lease until it expires",
    "reject": "the intent is not signed, because of policy, simulation or expiry",
    "withdraw": "the intent was dropped before anything was signed",
    "block": "the intent waits for native token or an operator",
    "unblock": "the intent continues; a restart tries again with the present balance",
    "want": "operator request; without it the request is made again",
    "refuse": "the bytes may not be sent any more; a higher fee is signed for the nonce",
    "foreign": "an external transaction used the nonce; the chain shows it again",
    "retract_foreign": "the block of the external transaction is gone; the chain shows it again",
    "finalise_foreign": "the external transaction is final; the intent then starts again",
    "pause": "nothing is sent until an operator resumes; the next pass finds the same reason",
    "renew": "longer lease; without it the lease ends at its earlier time",
    "heartbeat": "longer lease while its holder waits or computes; as `renew`",
    "repair": "intent that fills a gap of nonces; at its next pass the engine finds the gap again",
}
"""Named writes of one sender, and the effect of a kill before each is stored."""

ELSEWHERE = frozenset({"renew", "heartbeat", "repair", "submit_plan"})
"""Named writes that the two scripts do not make: they need an old lease, a bad signer or a plan."""

DONE_BY_A_LIFE = (*(name for name in WRITES if name not in ELSEWHERE), "send")

INTRODUCTION = """\
# Crash points

<!-- `python -m scripts.crash_points` writes this page. -->

The transaction engine keeps its whole state in the store, so it may be killed at any moment.
Named points in the code let a test kill the process: `BALLAST_CRASH_AT=after_store:2` kills it
when the point is passed for the second time; `BALLAST_CRASH_TRACE` names a file to which every
point is written. Without these variables the points do nothing.

`tests/integration/sending/test_crash_points.py` runs two scripts on a real chain. In the first,
two calls are sent, one is bumped, both are included, a reorganisation removes their block, they
are sent and included again, and become final. In the second, the native token arrives late, a
node refuses bytes, calls are cancelled, expire and are dropped, an external transaction uses the
nonce, loses it and uses it again, and finality breaks. Without a kill the first passes {} points
and the second {}, {count} in all. The chain's part depends on states alone and never on time, so
it is the same whichever process was killed.

- `make test-integration` kills a process at every named point, one after the other in one script,
  on SQLite and on PostgreSQL.
- `make deep` runs the script once for each of the {count} passings, on both.

Each time the states of intents, steps, nonces and attempts, and the transactions on chain must
equal those of the undisturbed script, and no node may have received bytes that are not stored.
"""

TRANSFERS = """
## Transfers

Writes of transfers and requests to bridges have points too.
`tests/integration/transfers/test_kills.py` kills the keeper's process at them, on three real
chains and on every route. Each process dies at the first of several points that it passes, the
next process at another. Each run has one script per route, with a twelfth of the points. `make
deep` covers all points, in five or six scripts: a process that finds a transaction included no
longer writes that it was sent.
"""

TRANSFER_WRITES = {
    "begin_batch": "transfers and placements of a plan; the same key stores them once",
    "move_batch": "the batch has ended, with its notification; the next pass ends it",
    "move_transfer_…": "next position of a transfer; the next pass computes it again",
    "wait": "reason for which a transfer waits",
    "stick": "the transfer is stuck, with its notification; the next pass finds the same",
    "note_transfer": "annotation, or an applied decision",
    "wish": "decision of an operator; without it nothing is decided",
    "skip_step": "a step is skipped",
    "settle_transfer": "the transfer is final",
    "settle_placement": "the placement is final",
    "settle_plan": "the opening of an approved plan is final",
    "ask_bridge": "request to a bridge, under the transfer's id",
    "asking_bridge": "the request is about to be sent; from here on it is looked up first",
    "bridge_accepted": "the bridge's id; the bridge is asked under the same key again",
    "end_request": "end of a crossing",
    "submit_instruction": "instruction; the same key stores it once",
    "answer_instruction": "result of an instruction without a batch",
    "hold_instruction": "reason for which an accepted instruction waits",
    "fallback_waits": "time since which only a fallback could serve a chain",
}
"""Named writes of transfers, and what each stores."""

REQUESTS = {
    "initiate": "bridge asked to carry the transfer, or found to know it",
    "track": "state read from the bridge; nothing changes",
    "complete": "proof verified again; nothing changes",
}
"""Requests to a bridge, each with one point before and one after."""

PASSINGS = {"bumped_and_reorganised": 91, "refused_and_displaced": 158}
"""Points that each script passes; its test compares them."""


def points_of(write: str) -> tuple[str, ...]:
    """Return the names of the points around a write, or around a submission to nodes."""
    moments = ("before", "after") if write == "send" else MOMENTS
    return tuple(f"{moment}_{write}" for moment in moments)


def page() -> str:
    """Return the whole page."""
    lines = [
        INTRODUCTION.format(*PASSINGS.values(), count=sum(PASSINGS.values())),
        "## Around each write",
        "",
    ]
    lines += ["| killed | then |", "| --- | --- |"]
    lines += [f"| `{moment}_…` | {meaning} |" for moment, meaning in MOMENTS.items()]
    lines += ["", "## Writes", "", "| write | what it stores, and what follows without it |"]
    lines += ["| --- | --- |", *(f"| `{name}` | {what} |" for name, what in WRITES.items())]
    lines += [
        *("", "## Sending", "", "| killed | then |", "| --- | --- |"),
        "| `before_send` | the bytes are stored and validated, and did not leave; they are sent |",
        "| `after_send` | they may have left; the same bytes are sent again |",
        "",
        f"The scripts do not make {' and '.join(f'`{name}`' for name in sorted(ELSEWHERE))}.",
    ]
    return "\n".join([*lines, *_of_transfers()]) + "\n"


def _of_transfers() -> list[str]:
    return [
        *(TRANSFERS, "| write | what it stores, and what follows without it |", "| --- | --- |"),
        *(f"| `{name}` | {what} |" for name, what in TRANSFER_WRITES.items()),
        *("", "| `before_…`, `after_…` | request |", "| --- | --- |"),
        *(f"| `{name}` | {what} |" for name, what in REQUESTS.items()),
    ]


if __name__ == "__main__":
    PAGE.write_text(page())
