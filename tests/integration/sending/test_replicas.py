"""Two keepers with one key: one that loses the lease does no harm, wherever it was stopped."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Generator, Iterable
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.integration.sending.conftest import NewDatabase
from tests.integration.sending.life import KEY, PLENTY, SENDER, TARGET
from tests.integration.support.bare import CHAIN_ID
from tests.integration.support.faulty_chain import FaultyChain, faulty_chain
from tests.integration.support.processes import Child, python, running

LEASE_SECONDS = 5
CALLS = 40
MOST_LOOKS = 60
POLICY = {"trust_tags": False, "finality_blocks": 2, "maximum_in_flight": 16}
STOPPED_AT = ("before_store:12", "after_store:12", "before_sent:12")
"""Crash points with bytes signed but not stored, stored but not sent, sent but not noted."""


@contextmanager
def replica(
    folder: Path, database: str, node: str, holder: str, **more: object
) -> Generator[Child]:
    config = {
        "database": database,
        "nodes": [node],
        "chain_id": CHAIN_ID,
        "key": KEY,
        "holder": holder,
        "lease_seconds": LEASE_SECONDS,
        "policy": POLICY,
        **more,
    }
    file = folder / f"{holder}.json"
    file.write_text(json.dumps(config))
    with running(python("tests.integration.sending.outpost", str(file)), listens=True) as child:
        yield child


def tell(child: Child, **command: object) -> None:
    child.tell(json.dumps(command))


def submit(child: Child, numbers: Iterable[int]) -> list[dict[str, Any]]:
    """Submit calls with these numbers; return the answer to each."""
    told = list(numbers)
    for number in told:
        tell(child, do="submit", key=f"call-{number}", target=TARGET, data=f"0x{number:04x}")
    return [json.loads(child.wait_for('"(done|do)": "submit"')) for _ in told]


def all_final(child: Child) -> list[dict[str, Any]]:
    """Run passes until all intents are final; return all intents."""
    shown: list[dict[str, Any]] = []
    for _ in range(MOST_LOOKS):
        tell(child, do="pass")
        tell(child, do="show")
        shown = json.loads(child.wait_for('"done": "show"'))["intents"]
        if all(each["state"] == "FINAL" for each in shown):
            return shown
    raise AssertionError(f"not all are final: {Counter(each['state'] for each in shown)}\n{child}")


def executed(chain: FaultyChain) -> list[tuple[int, int]]:
    """Return nonce and number of every call in the chain."""
    blocks = [
        chain.rpc("eth_getBlockByNumber", hex(number), True) for number in range(chain.head + 1)
    ]
    return [
        (int(each["nonce"], 16), int(each["input"], 16))
        for block in blocks
        for each in block["transactions"]
        if each["from"] == SENDER.lower()
    ]


@pytest.mark.parametrize("point", STOPPED_AT)
def test_replicas__holder_stopped_and_continued__every_call_once(
    point: str, new_url: NewDatabase, tmp_path: Path
) -> None:
    database = new_url()
    with ExitStack() as stack:
        chain = stack.enter_context(faulty_chain(2, automine=True))
        chain.set_balance(SENDER, PLENTY)
        urls = chain.urls
        first = stack.enter_context(replica(tmp_path, database, urls[0], "first", stop_at=point))
        second = stack.enter_context(replica(tmp_path, database, urls[1], "second"))
        assert all("done" in said for said in submit(first, range(20)))
        refusals = submit(second, range(20, 25))
        assert {said.get("refused") for said in refusals} == {"LeaseHeldError"}
        tell(first, do="serve")
        first.wait_for('"stopping"')
        first.wait_until_stopped()

        tell(second, do="serve")
        second.wait_for('"refused": "LeaseHeldError", "do": "serve"')
        second.wait_for('"event": "leading"')
        assert all("done" in said for said in submit(second, range(20, 30)))
        tell(second, do="serve")

        first.resume()
        first.wait_for('"refused": "StaleLeaseError", "do": "serve"')
        refusals = submit(first, range(30, CALLS))
        assert {said.get("refused") for said in refusals} == {"LeaseHeldError"}
        assert all("done" in said for said in submit(second, range(30, CALLS)))
        tell(second, do="pass")
        second.wait_for('"done": "pass"')
        chain.mine(3)
        intents = all_final(second)

        attempts = [
            each for intent in intents for slot in intent["slots"] for each in slot["attempts"]
        ]
        stored = {each["raw"] for each in attempts}
        assert set(chain.proxies[0].sent) | set(chain.proxies[1].sent) <= stored
        assert chain.proxies[0].sent, "the first one has sent something itself"
        found = executed(chain)
        assert [nonce for nonce, _ in found] == list(range(CALLS))
        assert sorted(number for _, number in found) == list(range(CALLS))
