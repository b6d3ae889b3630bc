"""Presentation of a treasury's plan to approvers before they sign it."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest
from sqlalchemy import text

from keepers.config.treasury_deployment import TreasuryDeployment
from keepers.model.errors.run import AlteredPlanError
from keepers.runtime.approvals.requests import Request, lines_of, request_document
from keepers.runtime.treasury.approvals import TreasuryPlanSubject
from keepers.runtime.treasury.setup import TreasuryChainSetup
from keepers.store.connection import connect
from keepers.store.tickets import TicketRepository
from tests.unit.transfers.inventory.paper import BASE, TOKEN, UNIT, PaperInventory
from tests.unit.transfers.inventory.test_approvals import BANDS, asked
from tests.unit.transfers.paper_treasury import VENUE
from tests.unit.transfers.transfer_rig import ONE, TWO

CONTRACT: dict[str, Any] = {
    "address": "0x" + "11" * 20,
    "transaction": "0x" + "22" * 32,
    "block": 1,
    "arguments": [],
    "code_hash": "0x" + "33" * 32,
}


@pytest.fixture
def request_of_one(inventory: PaperInventory) -> tuple[PaperInventory, Request]:
    """Plan that waits for approval on the first chain."""
    inventory.shown[ONE]["bands"] = BANDS
    inventory.use(ONE, -BASE)
    inventory.use(TWO, 60 * UNIT)
    (plan,) = asked(inventory).plans
    record = TicketRepository(inventory.database).ticket(plan.run_id)
    assert record is not None
    deployment = TreasuryDeployment.model_validate(
        {
            "network": "paper",
            "chain_id": ONE,
            "block": 1,
            "keepers": [],
            "assets": {"USDC": {"address": TOKEN, "decimals": 6}},
            "contracts": {"Treasury": CONTRACT},
            "routes": [],
            "venues": {"USDC": [VENUE]},
            "external": {},
        }
    )
    setup = TreasuryChainSetup("paper", cast("Any", None), cast("Any", None), deployment)
    return inventory, Request(record, "treasury", TreasuryPlanSubject(setup))


def test_request__says_what_goes_where(request_of_one: tuple[PaperInventory, Request]) -> None:
    inventory, request = request_of_one
    lines = lines_of(inventory.database, request)
    assert lines[0] == f"Run {request.run_id} of treasury on paper: waiting"
    told = "\n".join(lines)
    assert "1. send 60 USDC to EVM-42161, treasury 0x" in told
    assert "by TIMED; at least 60000000 units must arrive" in told
    assert "EVM-42161 is triggered" in told
    document = request_document(inventory.database, request)
    json.dumps(document)
    assert document["vault"] == "treasury"


def test_request__of_terms_that_were_changed_in_the_database__is_not_shown(
    request_of_one: tuple[PaperInventory, Request],
) -> None:
    inventory, request = request_of_one
    engine = connect(f"sqlite:///{inventory.file}")
    with engine.begin() as connection:
        connection.execute(text("DROP TRIGGER tr_transfers_fixed"))
        connection.execute(text("UPDATE transfers SET destination_chain = 10"))
    engine.dispose()
    with pytest.raises(AlteredPlanError):
        lines_of(inventory.database, request)


def test_plan__is_kept_as_it_was_made(request_of_one: tuple[PaperInventory, Request]) -> None:
    inventory, request = request_of_one
    plan = request.record.ticket.treasury_plan
    assert inventory.plans[ONE].hash_of(plan) == request.record.ticket.plan_hash


def test_batch__is_found_by_the_beginning_of_its_id(
    request_of_one: tuple[PaperInventory, Request],
) -> None:
    inventory, request = request_of_one
    batch = inventory.transfers.batch_of_run(request.run_id)
    assert inventory.transfers.batches_beginning(batch.batch_id[:6]) == (batch,)
