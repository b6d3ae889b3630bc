"""Tests of the outpost, the program that other tests kill and stop."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from eth_account import Account

from tests.integration.support.bare import CHAIN_ID
from tests.integration.support.faulty_chain import FaultyChain, faulty_chain
from tests.integration.support.processes import python, running
from tests.support.sqlite import new_database

KEY = "0x" + "a7" * 32
SENDER = Account.from_key(KEY).address
TARGET = "0x" + "d1" * 20
CALL = {"do": "submit", "key": "a", "target": TARGET, "data": "0x0a", "value": 5}


def configured(chain: FaultyChain, folder: Path, *commands: dict[str, Any], **more: object) -> str:
    chain.set_balance(SENDER, 10**18)
    config = {
        "database": new_database(folder / "ledger.sqlite"),
        "nodes": chain.urls,
        "chain_id": CHAIN_ID,
        "key": KEY,
        "holder": "one",
        "commands": commands,
        **more,
    }
    file = folder / "config.json"
    file.write_text(json.dumps(config))
    return str(file)


def test_outpost__commands__are_done_and_told(tmp_path: Path) -> None:
    with faulty_chain(automine=True) as chain:
        file = configured(
            chain,
            tmp_path,
            CALL,
            CALL,
            {"do": "settle", "key": "a", "seconds": 30},
            {"do": "want", "key": "none", "wanted": "CANCEL"},
            {"do": "quit"},
        )
        with running(python("tests.integration.sending.outpost", file)) as child:
            assert child.wait() == 0, child
    lines = [json.loads(line) for line in child.out.splitlines()]
    done = [line for line in lines if "done" in line]
    assert [line["done"] for line in done] == ["submit", "submit", "settle", "quit"]
    assert done[0] == done[1]
    assert done[2]["state"] == "INCLUDED"
    steps = ("numbered", "signed", "sent", "included")
    assert [line["event"] for line in lines if line.get("event") in steps] == list(steps)
    assert [line["refused"] for line in lines if "refused" in line] == ["UnknownRecordError"]


def test_outpost__told_while_serving__stops_itself_and_goes_on(tmp_path: Path) -> None:
    with faulty_chain() as chain:
        file = configured(chain, tmp_path, {"do": "serve"}, stop_at="after_store")
        with running(python("tests.integration.sending.outpost", file), listens=True) as child:
            child.tell(json.dumps(CALL))
            child.tell(json.dumps({"do": "serve"}))
            child.wait_for('"stopping": "after_store"')
            child.wait_until_stopped()
            assert "sent" not in child.out
            child.resume()
            child.wait_for('"event": "sent"')


def test_outpost__asked_to_end_while_serving__ends_in_order(tmp_path: Path) -> None:
    with faulty_chain() as chain:
        file = configured(chain, tmp_path, CALL, {"do": "serve"})
        with running(python("tests.integration.sending.outpost", file)) as child:
            child.wait_for('"event": "sent"')
            child.terminate()
            assert child.wait() == 0, child
            assert '"done": "quit"' in child.out
