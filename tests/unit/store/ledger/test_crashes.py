"""A process is killed before, inside or after a write: it is stored completely or not at all."""

import subprocess
import sys

import pytest

from keepers.model.transaction_states import IntentState
from keepers.store.connection import connect
from keepers.store.database import Database
from keepers.store.transaction_queries import live_intents
from keepers.transactions.crash_points import VARIABLE
from tests.unit.store.ledger.samples import SENDER

PROCESS = """
import sys
from keepers.store.database import open_database
from keepers.transactions.crash_points import crash_point
from tests.unit.store.ledger.story import Story

story = Story(open_database(sys.argv[1], crash_point))
_, slot_id = story.numbered()
story.hashes = 1
from keepers.store.attempts import store_attempt
from tests.unit.store.ledger.samples import signed
story.do(lambda writing: store_attempt(writing, slot_id, signed(2)), "store_attempt")
"""


@pytest.mark.parametrize(
    ("point", "state"),
    [
        ("before_store_attempt", IntentState.NUMBERED),
        ("inside_store_attempt", IntentState.NUMBERED),
        ("after_store_attempt", IntentState.SIGNED),
    ],
)
def test_store_attempt__killed__is_all_or_nothing(url: str, point: str, state: IntentState) -> None:
    environment = {VARIABLE: point, "PATH": "", "PYTHONWARNINGS": "ignore"}
    process = subprocess.run(
        [sys.executable, "-c", PROCESS, url], env=environment, check=False, timeout=60
    )
    assert process.returncode == -9
    ledger = Database(connect(url))
    (intent,) = ledger.read(lambda connection: live_intents(connection, 1, SENDER))
    ledger.close()
    assert intent.state is state
    assert len(intent.slots[0].attempts) == (state is IntentState.SIGNED)


def test_transact__every_write__passes_its_three_points(url: str) -> None:
    points: list[str] = []
    ledger = Database(connect(url), crash=points.append)
    ledger.transact("look", lambda writing: points.append(writing.name))
    ledger.close()
    assert points == ["before_look", "look", "inside_look", "after_look"]
