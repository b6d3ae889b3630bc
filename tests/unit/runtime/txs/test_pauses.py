"""Tests of pauses: set and lifted by operators, checked before each signature and each send."""

from __future__ import annotations

import pytest

from keepers.model.alarms import Alarm
from keepers.model.chain import Unsigned
from keepers.model.transaction_records import EVERYTHING, sender_scope
from keepers.store.pauses import pause
from tests.unit.runtime.txs.conftest import Desk
from tests.unit.transactions.paper_engine import CHAIN_ID, EngineOnPaper


def scopes(rig: EngineOnPaper) -> list[str]:
    return [each.scope for each in rig.context.store.pauses()]


def test_pause__vault__is_its_key_on_its_chain(rig: EngineOnPaper, ballast: Desk) -> None:
    said = ballast("pause", "--reason", "audit of the month")
    assert said.status == 0
    scope = sender_scope(CHAIN_ID, rig.sender)
    assert scopes(rig) == [scope]
    intent_id = rig.submit()
    rig.run()
    assert rig.intent(intent_id).state == "QUEUED"
    listed = ballast("txs", "--json").json["transactions"][0]
    assert listed["waits_for"] == "`ballast resume`: audit of the month"
    again = ballast("pause", "--reason", "other", "--json").json
    assert again["paused"] == []
    assert again["pauses"][0]["reason"] == "audit of the month"


def test_pause__no_reason__is_a_usage_error(ballast: Desk) -> None:
    assert ballast("pause").status == 2


def test_pause__everything_and_a_vault__is_refused(rig: EngineOnPaper, ballast: Desk) -> None:
    said = ballast("pause", "--everything", "--vault", "main", "--reason", "x")
    assert (said.status, scopes(rig)) == (2, [])


def test_pause__everything__stops_all(rig: EngineOnPaper, ballast: Desk) -> None:
    ballast("pause", "--everything", "--reason", "the exchange is down")
    assert scopes(rig) == [EVERYTHING]
    intent_id = rig.submit()
    rig.run()
    assert rig.intent(intent_id).state == "QUEUED"


def test_pause__key_cannot_be_read__takes_who_has_sent(
    rig: EngineOnPaper, ballast: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TEST_KEEPER_KEY")
    unknown = ballast("pause", "--reason", "theft")
    assert (unknown.status, scopes(rig)) == (2, [])
    assert "--everything" in unknown.err
    rig.submit()
    assert ballast("pause", "--reason", "theft").status == 0
    assert scopes(rig) == [sender_scope(CHAIN_ID, rig.sender)]


def test_resume__shows_the_reason_and_asks(rig: EngineOnPaper, ballast: Desk) -> None:
    rig.context.store.acquire()
    rig.context.store.pause("the signer cannot be trusted")
    refused = ballast("resume", answer="n\n")
    assert refused.status == 1
    assert "by one: the signer cannot be trusted" in refused.err
    assert len(scopes(rig)) == 1
    assert ballast("resume", answer="y\n").status == 0
    assert scopes(rig) == []


def test_resume__not_paused__asks_nothing(ballast: Desk) -> None:
    said = ballast("resume")
    assert (said.status, "was not paused" in said.out) == (0, True)


def test_resume__vault__leaves_everything_paused(rig: EngineOnPaper, ballast: Desk) -> None:
    ballast("pause", "--everything", "--reason", "all")
    ballast("resume", "--yes")
    assert scopes(rig) == [EVERYTHING]
    ballast("resume", "--everything", "--yes")
    assert scopes(rig) == []


def test_pass__paused_while_it_is_audited__signs_nothing(rig: EngineOnPaper) -> None:
    audit = rig.auditor.audit

    def audit_and_pause(transaction: Unsigned, sender: str) -> None:
        audit(transaction, sender)
        rig.database.transact("pause", lambda w: pause(w, EVERYTHING, "now", "me"))

    rig.auditor.audit = audit_and_pause  # pyright: ignore[reportAttributeAccessIssue]
    intent_id = rig.submit()
    rig.run()
    assert rig.states(intent_id) == ("NUMBERED", [[]])
    assert Alarm.PAUSED in rig.raised


def test_pass__paused_while_it_is_validated__sends_nothing(rig: EngineOnPaper) -> None:
    validator = rig.context.validator

    class Pausing:
        def open(self, *given: object) -> object:
            opened = validator.open(*given)  # pyright: ignore[reportArgumentType]
            rig.database.transact("pause", lambda w: pause(w, EVERYTHING, "now", "me"))
            return opened

    rig.context.validator = Pausing()  # pyright: ignore[reportAttributeAccessIssue]
    intent_id = rig.submit()
    rig.run()
    assert rig.states(intent_id) == ("SEALED", [["SEALED"]])
    assert rig.nodes.sent == []


def test_resume__vault_under_a_pause_of_everything__says_what_still_stops_it(
    rig: EngineOnPaper, ballast: Desk
) -> None:
    """O10: before, it reported "resumed" although all stayed paused."""
    ballast("pause", "--everything", "--reason", "the exchange is down")
    ballast("pause", "--reason", "audit")
    scope = sender_scope(CHAIN_ID, rig.sender)
    resumed, still = ballast("resume", "--yes").out.splitlines()
    assert resumed == f"{scope}: resumed"
    assert still.startswith("still paused: everything has been paused since ")
    assert still.endswith(": the exchange is down; `ballast resume --everything` lifts this one")
    again = ballast("resume", "--yes").out
    assert f"{scope}: was not paused\n" in again
    assert "`ballast resume --everything` lifts this one" in again
    left = ballast("resume", "--yes", "--json").json["still_paused"]
    assert [each["scope"] for each in left] == [EVERYTHING]
