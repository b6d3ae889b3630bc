"""Tests of C9: work that waits for a gas price reports that price and the current one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import pytest

from keepers.config import Settings, load_settings
from keepers.model.alarms import Alarm
from keepers.model.transaction_records import EVERYTHING
from keepers.runtime.owners import senders_named
from keepers.runtime.process.owner import SenderSetup
from keepers.runtime.process.price_waits import price_waits
from keepers.runtime.vault.status import vault_price_waits
from keepers.store.pauses import pause
from tests.unit.runtime.txs.conftest import CONFIGURATION, Desk
from tests.unit.transactions.paper_chain import GWEI
from tests.unit.transactions.paper_engine import CHAIN_ID, EngineOnPaper
from tests.unit.transactions.test_replacing import stuck

LIMIT = 200 * GWEI
"""Default of `maximum_fee_per_gas_wei`, and the limit of the rig."""

TIP = f"maximum_priority_fee_per_gas_wei = {20 * GWEI}"
"""Tip limit of the rig, in the settings of the same sender."""


@pytest.fixture
def settings(ballast: Desk) -> Settings:
    file = ballast.folder / "ballast.toml"
    file.write_text(CONFIGURATION.replace("[vaults.main]", f"[vaults.main]\n{TIP}"))
    return load_settings(file)


@pytest.fixture
def sender(settings: Settings) -> SenderSetup:
    (found,) = senders_named(settings, "main")
    return found


def waits(rig: EngineOnPaper, sender: SenderSetup) -> list[dict[str, Any]]:
    found = price_waits(rig.database, sender, rig.chain.base_fee)
    return cast("list[dict[str, Any]]", found)


def test_waits__gas_within_the_limit__nothing(rig: EngineOnPaper, sender: SenderSetup) -> None:
    rig.submit()
    assert waits(rig, sender) == []
    rig.run()
    assert waits(rig, sender) == []


def test_waits__asked_for_above_the_limit__says_limit_and_price(
    rig: EngineOnPaper, sender: SenderSetup
) -> None:
    rig.chain.base_fee = 350 * GWEI
    first, second = rig.submit(), rig.submit()
    rig.run()
    assert Alarm.FEE_CAP in rig.raised

    found = waits(rig, sender)

    price = "waits for a gas price of 200 gwei or less, the limit maximum_fee_per_gas_wei"
    assert [each["text"] for each in found] == [
        f"transaction {first}, CALL of vault main, {price}; it is 350 gwei now",
        f"transaction {second}, CALL of vault main, {price}; it is 350 gwei now",
        f"all new work of vault main {price}; it is 350 gwei now",
    ]
    assert found[0] == {
        "kind": "CALL",
        "intent": first,
        "run": "r1",
        "state": "QUEUED",
        "owner": "main",
        "chain_id": CHAIN_ID,
        "admitted_wei": str(LIMIT),
        "limit_wei": str(LIMIT),
        "base_fee_wei": str(350 * GWEI),
        "text": found[0]["text"],
    }
    assert (found[2]["kind"], found[2]["intent"]) == ("NEW", None)


def test_waits__sent_at_the_end_of_its_ladder__says_what_it_pays(
    rig: EngineOnPaper, sender: SenderSetup
) -> None:
    intent_id = rig.submit()
    rig.run()
    for _ in range(60):
        rig.chain.base_fee = min(rig.chain.base_fee * 9 // 8, 190 * GWEI)
        stuck(rig)
    assert Alarm.FEE_CAP in rig.raised
    paid = max(each.signed.max_fee_per_gas for each in rig.intent(intent_id).slots[0].attempts)
    assert waits(rig, sender) == []  # the price that it pays suffices
    rig.chain.base_fee = paid
    assert waits(rig, sender) == []
    rig.chain.base_fee = paid + 1
    assert len(waits(rig, sender)) == 2  # the transaction, and all new work

    rig.chain.base_fee = 350 * GWEI
    sent, _ = waits(rig, sender)

    assert (sent["state"], sent["admitted_wei"]) == ("BROADCAST", str(paid))
    assert f"waits for a gas price of {paid // GWEI} gwei or less" in sent["text"]


def test_waits__tip_at_its_limit__says_what_it_pays_and_why_no_more(
    rig: EngineOnPaper, sender: SenderSetup
) -> None:
    rig.chain.tip = 19 * GWEI  # 10 % more exceeds the limit of 20
    intent_id = rig.submit()
    rig.run()
    rig.chain.base_fee = 100 * GWEI

    (sent,) = waits(rig, sender)

    assert sent["text"] == (
        f"transaction {intent_id}, CALL of vault main, waits for a gas price of 39 gwei or less, "
        "which it offers; maximum_fee_per_gas_wei (200 gwei) and "
        "maximum_priority_fee_per_gas_wei allow no replacement; it is 100 gwei now"
    )


def test_waits__sent_below_the_market_with_room_for_a_bump__is_no_wait(
    rig: EngineOnPaper, sender: SenderSetup
) -> None:
    rig.submit()
    rig.run()
    rig.chain.base_fee = 100 * GWEI  # the transaction pays 21
    assert waits(rig, sender) == []


def test_waits__paused__waits_for_the_pause_and_not_for_gas(
    rig: EngineOnPaper, sender: SenderSetup
) -> None:
    rig.chain.base_fee = 350 * GWEI
    rig.submit()
    rig.database.transact("pause", lambda w: pause(w, EVERYTHING, "audit", "somebody"))
    assert [each["kind"] for each in waits(rig, sender)] == ["NEW"]


def test_waits__of_another_vault__are_not_shown(rig: EngineOnPaper, settings: Settings) -> None:
    rig.chain.base_fee = 350 * GWEI
    rig.submit()
    (main,) = senders_named(settings, "main")
    other = replace(main, name="vault other", subject="vault other", owner="other")
    assert [each["kind"] for each in waits(rig, other)] == ["NEW"]


def test_vault__database_unreadable__is_not_taken_for_nothing(
    settings: Settings, sender: SenderSetup, ballast: Desk
) -> None:
    (ballast.folder / "ledger.sqlite").write_bytes(b"no database at all, " * 100)
    assert vault_price_waits(settings, sender, GWEI)["waiting_for_gas"] is None


def test_vault__no_database__new_work_alone_and_no_file_is_made(
    settings: Settings, sender: SenderSetup, ballast: Desk
) -> None:
    file = ballast.folder / "elsewhere.sqlite"
    elsewhere = settings.model_copy(update={"database": f"sqlite:///{file}"})
    found = cast(
        "list[dict[str, Any]]", vault_price_waits(elsewhere, sender, 2 * LIMIT)["waiting_for_gas"]
    )
    assert [each["kind"] for each in found] == ["NEW"]
    assert not file.exists()
