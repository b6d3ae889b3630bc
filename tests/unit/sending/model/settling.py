"""The end of every story: nothing is wrong any more, and a bounded number of passes ends it."""

from __future__ import annotations

from collections import Counter

from tests.unit.ledger.consistency import check, picture
from tests.unit.sending.model.checks import Check
from tests.unit.sending.model.replica import LEASE_SECONDS
from tests.unit.sending.model.world import World

MOST_ROUNDS = 80
"""Blocks, with a pass of each replica after each, within which everything has ended."""


def settle(world: World) -> Counter[str]:
    """Heal everything and let both replicas go on; answers how the intents have ended."""
    world.heal()
    for replica in world.replicas:
        if replica.is_standing:
            replica.go_on()
    world.resume()
    found, rounds = Check(world), 0
    while not found.is_quiet() or not rounds:
        rounds += 1
        if rounds > MOST_ROUNDS:
            found.nothing_is_left()
        world.chain.mine()
        world.clock.advance(LEASE_SECONDS + 1 if rounds % 7 == 0 else 12)
        for replica in world.replicas if rounds % 2 else reversed(world.replicas):
            replica.run(replica.engine.run_pass())
        found = Check(world)
        found.everything()
    assert not world.is_paused
    check(world.ledger.read(picture))
    states = Counter(str(each["state"]) for each in found.now.intents.values())
    states["displaced"] = sum(each["state"] == "FOREIGN_FINAL" for each in found.now.slots.values())
    states["rounds"] = rounds
    return states
