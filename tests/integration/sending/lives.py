"""Scripts of the scenarios that are killed at every point: steps of the chain and the owner."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.integration.sending.life import PLENTY, SENDER, Intents, Life
from tests.integration.support.faults import UNDERPRICED, Forward, Outcome
from tests.integration.support.upstream import SEND

LONG_AGO = "2020-01-01T00:00:00+00:00"


def state(shown: Intents, key: str) -> str:
    """Return the state of an intent."""
    return shown[key]["state"]


def all_are(shown: Intents, wanted: str, *keys: str) -> bool:
    """Return whether all these intents have the state."""
    return all(state(shown, key) == wanted for key in keys)


def newest(shown: Intents, key: str) -> list[Mapping[str, Any]]:
    """Return the attempts for an intent's newest nonce."""
    return shown[key]["slots"][-1]["attempts"] if shown[key]["slots"] else []


def replaced(shown: Intents, key: str, attempts: int) -> bool:
    """Return whether its nonce has that number of attempts and the last one was sent."""
    made = newest(shown, key)
    return len(made) == attempts and made[-1]["state"] == "BROADCAST"


def bumped_and_reorganised(life: Life) -> None:
    """Two calls: one is bumped; both are included, lose their block, and are included again."""
    chain = life.chain
    chain.set_balance(SENDER, PLENTY)
    life.submit("a")
    life.submit("b", value=7)
    life.until(lambda shown: all_are(shown, "BROADCAST", "a", "b"))
    chain.mine_empty(3)
    life.until(lambda shown: replaced(shown, "a", 2))
    chain.mine()
    life.until(lambda shown: all_are(shown, "INCLUDED", "a", "b"))
    chain.reorg(1)
    life.until(lambda shown: all_are(shown, "BROADCAST", "a", "b") and len(chain.pool()) == 2)
    chain.mine()
    life.until(lambda shown: all_are(shown, "INCLUDED", "a", "b"))
    chain.mine_empty(3)
    life.until(lambda shown: all_are(shown, "SAFE", "a", "b"))
    chain.mine_empty(3)
    life.until(lambda shown: all_are(shown, "FINAL", "a", "b"))
    life.conclude()
    life.end()


def refused_and_displaced(life: Life) -> None:
    """Late funds, cancellations, a node's refusal, external transactions, and broken finality."""
    without_funds(life)
    refused_and_cancelled(life)
    displaced(life)
    life.conclude()
    life.chain.reorg(9)
    life.until_paused()
    life.end()


def without_funds(life: Life) -> None:
    """`c` waits for funds, `d` is cancelled meanwhile, `e` expires."""
    life.chain.set_balance(SENDER, 0)
    life.submit("c")
    life.until(lambda shown: state(shown, "c") == "BLOCKED")
    life.submit("d")
    life.want("d", "CANCEL")
    life.submit("e", expires=LONG_AGO)
    life.until(lambda shown: all_are(shown, "CANCELLED", "d") and all_are(shown, "FAILED", "e"))
    refuse_first_bytes(life)
    life.chain.set_balance(SENDER, PLENTY)


def refused_and_cancelled(life: Life) -> None:
    """The node requires a higher fee for `c`, which is cancelled in the end."""
    life.until(lambda shown: replaced(shown, "c", 2))
    life.want("c", "CANCEL")
    life.until(lambda shown: replaced(shown, "c", 3))
    life.chain.mine()
    life.until(lambda shown: state(shown, "c") == "INCLUDED")


def displaced(life: Life) -> None:
    """A stranger takes `f`'s nonce, loses it in a reorg, and takes it again; `f` gets another."""
    chain, stranger = life.chain, life.stranger(1)
    life.submit("f")
    life.until(lambda shown: state(shown, "f") == "BROADCAST")
    chain.mine_raw(stranger)
    chain.mine_empty(2)
    life.until(lambda shown: state(shown, "f") == "DISPLACED")
    chain.reorg(3)
    life.until(lambda shown: replaced(shown, "f", 2) and len(chain.pool()) == 1)
    chain.mine_raw(stranger)
    chain.mine_empty(2)
    life.until(lambda shown: state(shown, "f") == "DISPLACED")
    chain.mine_empty(6)
    life.until(lambda shown: len(shown["f"]["slots"]) == 2 and state(shown, "f") == "BROADCAST")
    chain.mine()
    chain.mine_empty(6)
    life.until(lambda shown: state(shown, "f") == "FINAL")


def refuse_first_bytes(life: Life) -> None:
    """Make the node always refuse the first bytes that it receives, from any process."""
    (proxy,) = life.chain.proxies
    first: list[str] = []

    def is_first(params: list[Any]) -> bool:
        if not first:
            first.append(params[0])
        return params[0] == first[0]

    def refuse(forward: Forward) -> Outcome:
        del forward
        return UNDERPRICED

    proxy.when(SEND, refuse, matching=is_first)


LIVES = {each.__name__: each for each in (bumped_and_reorganised, refused_and_displaced)}
