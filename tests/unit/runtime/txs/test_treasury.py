"""Tests of a treasury's transactions: listed, shown and paused as the vault `treasury`."""

from __future__ import annotations

import asyncio
import json
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Any

import pytest

from keepers.config import load_settings
from keepers.config.treasury_deployment import REQUIRED_CONTRACTS
from keepers.model.errors.transaction import RequestNotPossibleError
from keepers.model.transaction_records import sender_scope
from keepers.model.transfer_record import TransferWork
from keepers.runtime.owners import senders_named
from keepers.runtime.process import transaction_engine as passing
from keepers.runtime.process.database import alone
from keepers.runtime.transactions.engine_pass import sender_for
from keepers.runtime.transactions.operator_requests import look_up
from keepers.store import run_writes
from keepers.store.database import Database, Writing
from keepers.store.transfer_writes import begin_run
from keepers.transactions.ports import Nodes
from tests.unit.runtime.txs.conftest import CONFIGURATION, DEPLOYMENT, Desk
from tests.unit.transactions.paper_engine import CHAIN_ID, EngineOnPaper

ALONE = CONFIGURATION.replace('[vaults.main]\nchain = "local"', "[treasury.chains.local]")
OTHER_CHAIN = ALONE.replace(f"chain_id = {CHAIN_ID}", "chain_id = 1")
CONTRACT = next(iter(DEPLOYMENT["contracts"].values()))
RECORD: dict[str, Any] = DEPLOYMENT | {
    "assets": {},
    "routes": [],
    "contracts": dict.fromkeys(REQUIRED_CONTRACTS, CONTRACT),
    "external": {"multicall3": CONTRACT["address"]},
}


@pytest.fixture
def intent_id(rig: EngineOnPaper, ballast: Desk) -> int:
    """Queued call of a transfer; the settings have a treasury and no vault."""
    folder = ballast.folder
    (folder / "ballast.toml").write_text(ALONE)
    (folder / "deployments").mkdir()
    for_chain = RECORD | {"chain_id": CHAIN_ID}
    (folder / "deployments" / "local.treasury.json").write_text(json.dumps(for_chain))

    def begin(writing: Writing) -> int:
        begin_run(writing, "t1", CHAIN_ID, "RULEBOOK")
        return run_writes.add_step(
            writing, "t1", TransferWork.TRANSFER_OUT, {"transfer_id": "0x11"}
        )

    return rig.submit(step_id=rig.database.transact("begin", begin))


def test_list__of_the_treasuries__has_theirs_alone(
    rig: EngineOnPaper, ballast: Desk, intent_id: int
) -> None:
    other = rig.submit()
    named = ballast("txs", "--vault", "treasury", "--json").json["transactions"]
    assert [each["id"] for each in named] == [intent_id]
    assert len(ballast("txs", "--json").json["transactions"]) == 2
    assert other != intent_id


def test_pause__without_a_vault__is_of_the_treasuries(
    rig: EngineOnPaper, ballast: Desk, intent_id: int
) -> None:
    scope = sender_scope(CHAIN_ID, rig.sender)
    assert ballast("pause", "--reason", "audit", "--json").json["paused"] == [scope]
    rig.run()
    assert rig.intent(intent_id).state == "QUEUED"
    resumed = ballast("resume", "--vault", "treasury", "--yes", "--json").json
    assert resumed["resumed"] == [scope]


def test_resync__of_the_treasuries__follows_what_their_key_has_sent(
    rig: EngineOnPaper, ballast: Desk, intent_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def pool_of(*_: object) -> AbstractAsyncContextManager[Nodes]:
        return nullcontext(rig.nodes)

    monkeypatch.setattr(passing, "pool_of", pool_of)
    rig.run()
    rig.chain.mine()
    asyncio.run(rig.engine.close())
    said = ballast("txs", "resync", "--json")
    assert said.status == 0, said.err
    assert said.json["senders"] == [{"sender": rig.sender.lower(), "by": None, "reached": True}]
    assert [each["id"] for each in said.json["changed"]] == [intent_id]


def test_bump__armed_beside_another_process__is_its_to_do(
    rig: EngineOnPaper, ballast: Desk, intent_id: int
) -> None:
    rig.run()
    settings = load_settings(ballast.folder / "ballast.toml")
    (sender,) = senders_named(settings, "treasury")
    with alone(settings, sender, rig.sender):
        said = ballast("txs", "bump", str(intent_id), "--arm", "--json").json
    assert said["by"] == "another process on this machine"


def test_sender__is_the_treasurys_on_the_chain_of_the_transaction(
    ballast: Desk, real_time: Database, intent_id: int
) -> None:
    overview = look_up(real_time, intent_id)
    found = sender_for(load_settings(ballast.folder / "ballast.toml"), real_time, overview)
    assert (found.name, found.chain.chain_id) == ("treasury on local", CHAIN_ID)


@pytest.mark.parametrize(
    ("text", "problem"),
    [(CONFIGURATION, "no vault treasury"), (OTHER_CHAIN, "treasury on local is on 1 now")],
)
def test_sender__settings_have_none_there__is_told(
    ballast: Desk, real_time: Database, intent_id: int, text: str, problem: str
) -> None:
    (ballast.folder / "ballast.toml").write_text(text)
    record = ballast.folder / "deployments" / "local.treasury.json"
    record.write_text(json.dumps(RECORD | {"chain_id": 1}))
    settings = load_settings(ballast.folder / "ballast.toml")
    with pytest.raises(RequestNotPossibleError, match=problem):
        sender_for(settings, real_time, look_up(real_time, intent_id))
