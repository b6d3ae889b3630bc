"""End of each sequence: without faults, everything ends in a bounded number of passes."""

from __future__ import annotations

from collections import Counter

from keepers.model.transaction_states import AttemptState, SlotState
from tests.unit.store.ledger.consistency import check, picture
from tests.unit.transactions.model.checks import Check
from tests.unit.transactions.model.replica import LEASE_SECONDS
from tests.unit.transactions.model.world import World

MOST_ROUNDS = 80
"""Maximum number of blocks, with a pass after each, until everything has ended."""


def settle(world: World) -> Counter[str]:
    """Remove all faults, run one replica alone, and count the final states of intents."""
    _heal(world)
    survivor = world.replicas[len(world.sent) % 2]
    found, rounds = Check(world), 0
    while not rounds or not found.is_quiet():
        rounds += 1
        if rounds > MOST_ROUNDS:
            found.nothing_is_left()
        world.chain.mine()
        world.clock.advance(12)
        survivor.run(survivor.engine.run_pass())
        found = Check(world)
        found.everything()
    assert not world.is_paused
    check(world.database.read(picture))
    states = Counter(str(each["state"]) for each in found.now.intents.values())
    states["displaced"] = sum(each["state"] == "FOREIGN_FINAL" for each in found.now.slots.values())
    states["rounds"] = rounds
    return states


def break_finality(world: World) -> bool:
    """Remove the newest final block; return whether there was one.

    From then on nothing is signed or sent, because any earlier result may be wrong.
    """
    _heal(world)
    now = world.rows()
    ours = [each for each in now.attempts.values() if each["state"] == AttemptState.FINAL]
    others = [each for each in now.slots.values() if each["state"] == SlotState.FOREIGN_FINAL]
    known = [
        *(each["block_number"] for each in ours),
        *(each["seen_block_number"] for each in others),
    ]
    if not known:
        return False
    world.chain.reorganise(world.chain.head.number - max(known) + 1)
    before = len(world.sent), len(world.scribe.written)
    for _ in range(3):
        for replica in world.replicas:
            world.clock.advance(LEASE_SECONDS + 1)
            replica.run(replica.engine.run_pass())
        world.chain.mine()
    assert world.is_paused, "what was final is not in the chain, and nobody is stopped"
    assert before == (len(world.sent), len(world.scribe.written))
    return True


def _heal(world: World) -> None:
    world.heal()
    world.retry_fillers()
    for replica in world.replicas:
        if replica.is_standing:
            replica.go_on()
    world.resume()
    world.clock.advance(LEASE_SECONDS + 1)
