"""Tests of operator requests: stored whoever holds the lease, refused if not possible."""

from __future__ import annotations

import pytest

from keepers.config import load_settings
from keepers.model.errors.signing import SignerRefusedError
from keepers.model.transaction_records import sender_scope
from keepers.model.transaction_states import Hold, RequestedAction
from keepers.runtime.process.database import alone
from keepers.runtime.vault.sender import sender_of_vault
from keepers.runtime.vault.setup import set_up
from keepers.store.database import Database
from keepers.store.leases import acquire_lease
from tests.unit.runtime.txs.conftest import Desk
from tests.unit.transactions.paper_engine import CHAIN_ID, EngineOnPaper


def hold(rig: EngineOnPaper, ledger: Database, holder: str = "desk-2") -> None:
    scope = sender_scope(CHAIN_ID, rig.sender)
    ledger.transact("acquire", lambda writing: acquire_lease(writing, scope, holder, 60))


def test_bump__unarmed__is_remembered_and_done_by_the_next_pass(
    rig: EngineOnPaper, ballast: Desk
) -> None:
    intent_id = rig.submit()
    rig.run()
    said = ballast("txs", "bump", str(intent_id))
    assert said.status == 0
    assert "an armed keeper applies it" in said.out
    assert rig.intent(intent_id).wanted is RequestedAction.BUMP
    rig.run()
    assert rig.states(intent_id) == ("BROADCAST", [["BROADCAST", "BROADCAST"]])


@pytest.mark.parametrize("arm", [False, True])
def test_bump__another_keeper_has_the_lease__is_its_to_do(
    rig: EngineOnPaper, ballast: Desk, real_time: Database, arm: bool
) -> None:
    intent_id = rig.submit()
    rig.run()
    hold(rig, real_time)
    said = ballast("txs", "bump", str(intent_id), "--json", *(["--arm"] if arm else [])).json
    assert (said["acted"], said["by"]) == (False, "desk-2")
    assert "in its next pass" in said["text"]
    assert rig.intent(intent_id).wanted is RequestedAction.BUMP


def test_bump__armed_beside_another_process__is_its_to_do(
    rig: EngineOnPaper, ballast: Desk
) -> None:
    intent_id = rig.submit()
    rig.run()
    settings = load_settings(ballast.folder / "ballast.toml")
    with alone(settings, sender_of_vault(set_up(settings, None)), rig.sender):
        said = ballast("txs", "bump", str(intent_id), "--arm", "--json").json
    assert said["by"] == "another process on this machine"


def test_bump__nothing_signed__is_refused(rig: EngineOnPaper, ballast: Desk) -> None:
    intent_id = rig.submit()
    said = ballast("txs", "bump", str(intent_id))
    assert (said.status, said.out) == (1, "")
    assert "nothing is signed for it yet" in said.err
    assert rig.intent(intent_id).wanted is None


def test_ask__in_a_block_or_ended__is_refused(rig: EngineOnPaper, ballast: Desk) -> None:
    intent_id = rig.submit()
    rig.run()
    rig.mine()
    assert "it is in block" in ballast("txs", "bump", str(intent_id)).err
    assert "it is in block" in ballast("txs", "cancel", str(intent_id), "--yes").err
    rig.mine(5)
    for command in ("bump", "cancel", "retry"):
        yes = [] if command == "bump" else ["--yes"]
        said = ballast("txs", command, str(intent_id), *yes)
        assert (said.status, "it has ended: succeeded, final" in said.err) == (1, True)
    assert rig.intent(intent_id).wanted is None


def test_ask__unknown__is_unusable_input(ballast: Desk) -> None:
    assert ballast("txs", "bump", "7").status == 2


def test_cancel__no__remembers_nothing(rig: EngineOnPaper, ballast: Desk) -> None:
    intent_id = rig.submit()
    rig.run()
    for answer in ("n\n", ""):
        said = ballast("txs", "cancel", str(intent_id), answer=answer)
        assert said.status == 1
        assert "Cancel transaction 1?" in said.err
    assert rig.intent(intent_id).wanted is None


def test_cancel__yes__takes_the_nonce(rig: EngineOnPaper, ballast: Desk) -> None:
    intent_id = rig.submit()
    rig.run()
    said = ballast("txs", "cancel", str(intent_id), "--reason", "too late", answer="y\n")
    assert said.status == 0
    rig.run()
    rig.mine(6)
    record = rig.intent(intent_id)
    assert (record.state, record.reason) == ("CANCELLED", "too late")
    assert rig.executed() == []
    assert rig.context.store.step(record.intent.step_id).reason == "cancelled: too late"


def test_bump__cancellation_asked_for__is_refused(rig: EngineOnPaper, ballast: Desk) -> None:
    intent_id = rig.submit()
    rig.run()
    ballast("txs", "cancel", str(intent_id), "--yes")
    assert "its cancellation is already requested" in ballast("txs", "bump", str(intent_id)).err
    assert rig.intent(intent_id).wanted is RequestedAction.CANCEL


def test_retry__denied__goes_on(rig: EngineOnPaper, ballast: Desk) -> None:
    class Denying:
        address = rig.sender

        def sign(self, transaction: object) -> None:
            del transaction
            raise SignerRefusedError("signer", "above its daily limit")

    signer, rig.context.signer = rig.signer, Denying()  # pyright: ignore[reportAttributeAccessIssue]
    intent_id = rig.submit()
    rig.run()
    assert rig.intent(intent_id).hold is Hold.DENIED
    assert "ballast txs retry 1" in ballast("txs", "show", "1").out
    said = ballast("txs", "retry", str(intent_id), answer="y\n")
    assert "above its daily limit" in said.err
    rig.context.signer = signer
    rig.run()
    assert rig.intent(intent_id).state == "BROADCAST"


def test_retry__not_held_back__is_refused(rig: EngineOnPaper, ballast: Desk) -> None:
    intent_id = rig.submit()
    assert "it is not on hold" in ballast("txs", "retry", str(intent_id), "--yes").err
