"""Pauses: put and lifted by people, heeded before each signature and each sending."""

from __future__ import annotations

import pytest

from keepers.model.chain import Unsigned
from keepers.model.transactions.alarms import Alarm
from keepers.model.transactions.records import EVERYTHING, sender_scope
from keepers.store.pauses import pause
from tests.unit.runtime.txs.conftest import Desk
from tests.unit.transactions.bureau import CHAIN_ID, Bureau


def scopes(bureau: Bureau) -> list[str]:
    return [each.scope for each in bureau.context.store.pauses()]


def test_pause__vault__is_its_key_on_its_chain(bureau: Bureau, ballast: Desk) -> None:
    said = ballast("pause", "--reason", "audit of the month")
    assert said.status == 0
    scope = sender_scope(CHAIN_ID, bureau.sender)
    assert scopes(bureau) == [scope]
    intent_id = bureau.submit()
    bureau.run()
    assert bureau.intent(intent_id).state == "QUEUED"
    listed = ballast("txs", "--json").json["transactions"][0]
    assert listed["waits_for"] == "`ballast resume`: audit of the month"
    again = ballast("pause", "--reason", "other", "--json").json
    assert again["paused"] == []
    assert again["pauses"][0]["reason"] == "audit of the month"


def test_pause__no_reason__is_a_usage_error(ballast: Desk) -> None:
    assert ballast("pause").status == 2


def test_pause__everything_and_a_vault__is_refused(bureau: Bureau, ballast: Desk) -> None:
    said = ballast("pause", "--everything", "--vault", "main", "--reason", "x")
    assert (said.status, scopes(bureau)) == (2, [])


def test_pause__everything__stops_all(bureau: Bureau, ballast: Desk) -> None:
    ballast("pause", "--everything", "--reason", "the exchange is down")
    assert scopes(bureau) == [EVERYTHING]
    intent_id = bureau.submit()
    bureau.run()
    assert bureau.intent(intent_id).state == "QUEUED"


def test_pause__key_cannot_be_read__takes_who_has_sent(
    bureau: Bureau, ballast: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TEST_KEEPER_KEY")
    unknown = ballast("pause", "--reason", "theft")
    assert (unknown.status, scopes(bureau)) == (2, [])
    assert "--everything" in unknown.err
    bureau.submit()
    assert ballast("pause", "--reason", "theft").status == 0
    assert scopes(bureau) == [sender_scope(CHAIN_ID, bureau.sender)]


def test_resume__shows_the_reason_and_asks(bureau: Bureau, ballast: Desk) -> None:
    bureau.context.store.acquire()
    bureau.context.store.pause("the signer cannot be trusted")
    refused = ballast("resume", answer="n\n")
    assert refused.status == 1
    assert "by one: the signer cannot be trusted" in refused.err
    assert len(scopes(bureau)) == 1
    assert ballast("resume", answer="y\n").status == 0
    assert scopes(bureau) == []


def test_resume__not_paused__asks_nothing(ballast: Desk) -> None:
    said = ballast("resume")
    assert (said.status, "was not paused" in said.out) == (0, True)


def test_resume__vault__leaves_everything_paused(bureau: Bureau, ballast: Desk) -> None:
    ballast("pause", "--everything", "--reason", "all")
    ballast("resume", "--yes")
    assert scopes(bureau) == [EVERYTHING]
    ballast("resume", "--everything", "--yes")
    assert scopes(bureau) == []


def test_pass__paused_while_it_is_audited__signs_nothing(bureau: Bureau) -> None:
    audit = bureau.auditor.audit

    def audit_and_pause(transaction: Unsigned, sender: str) -> None:
        audit(transaction, sender)
        bureau.ledger.transact("pause", lambda w: pause(w, EVERYTHING, "now", "me"))

    bureau.auditor.audit = audit_and_pause  # pyright: ignore[reportAttributeAccessIssue]
    intent_id = bureau.submit()
    bureau.run()
    assert bureau.states(intent_id) == ("NUMBERED", [[]])
    assert Alarm.PAUSED in bureau.raised


def test_pass__paused_while_it_is_validated__sends_nothing(bureau: Bureau) -> None:
    validator = bureau.context.validator

    class Pausing:
        def open(self, *given: object) -> object:
            opened = validator.open(*given)  # pyright: ignore[reportArgumentType]
            bureau.ledger.transact("pause", lambda w: pause(w, EVERYTHING, "now", "me"))
            return opened

    bureau.context.validator = Pausing()  # pyright: ignore[reportAttributeAccessIssue]
    intent_id = bureau.submit()
    bureau.run()
    assert bureau.states(intent_id) == ("SEALED", [["SEALED"]])
    assert bureau.nodes.sent == []


def test_resume__vault_under_a_pause_of_everything__says_what_still_stops_it(
    bureau: Bureau, ballast: Desk
) -> None:
    """O10: "resumed", and all stayed paused."""
    ballast("pause", "--everything", "--reason", "the exchange is down")
    ballast("pause", "--reason", "audit")
    scope = sender_scope(CHAIN_ID, bureau.sender)
    resumed, still = ballast("resume", "--yes").out.splitlines()
    assert resumed == f"{scope}: resumed"
    assert still.startswith("still stopped: everything is paused since ")
    assert still.endswith(": the exchange is down; `ballast resume --everything` lifts this one")
    again = ballast("resume", "--yes").out
    assert f"{scope}: was not paused\n" in again
    assert "`ballast resume --everything` lifts this one" in again
    left = ballast("resume", "--yes", "--json").json["still_paused"]
    assert [each["scope"] for each in left] == [EVERYTHING]
