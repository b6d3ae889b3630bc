"""Property: in any order of events no notification is lost, reordered or repeated."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from keepers.model.notice import RANK, Severity
from keepers.notifications.notifier import SqlNotifier
from keepers.store.connection import connect
from keepers.store.database import Database
from keepers.store.messages import claim_message
from tests.support.sqlite import new_database
from tests.unit.notifications.outbox import Outbox, Paper, notice
from tests.unit.store.ledger.samples import StillClock

pytestmark = [pytest.mark.long, pytest.mark.deep]

KEYS = st.sampled_from(["one", "two"])
TEXTS = st.sampled_from(["low", "lower", "empty"])
WHO = st.sampled_from(["a", "b"])


class Desk(RuleBasedStateMachine):
    """Reports, recoveries, deliveries, failing destinations, killed senders, and time."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.clock = StillClock()
        url = new_database(Path(self.folder.name) / "outbox.sqlite")
        self.ledger = Database(connect(url), clock=self.clock)
        self.outbox, self.notifier = Outbox(self.ledger), SqlNotifier(self.ledger)
        self.kills = 0

    def teardown(self) -> None:
        self.ledger.close()
        self.folder.cleanup()

    @rule(key=KEYS, text=TEXTS, severity=st.sampled_from(Severity))
    def report(self, key: str, text: str, severity: Severity) -> None:
        before = self.outbox.rows()
        mine = [row for row in before if row["key"] == key and row["kind"] == "REPORT"]
        still = next((row for row in mine if row["over_at"] is None), None)
        told = [] if still is None else [row for row in mine if row["since"] == still["since"]]
        is_news = (
            still is None
            or RANK[severity] > RANK[Severity(still["severity"])]
            or (text, severity) not in [(row["text"], row["severity"]) for row in told]
        )
        self.notifier.report(notice(text, severity, key))
        assert len(self.outbox.rows()) - len(before) == is_news
        self.clock.advance(1)

    @rule(key=KEYS)
    def recover(self, key: str) -> None:
        was_open = any(
            each["key"] == key and each["over_at"] is None for each in self.outbox.rows()
        )
        before = len(self.outbox.rows())
        self.notifier.recovered(key, "fine")
        assert len(self.outbox.rows()) - before == was_open
        self.clock.advance(1)

    @rule(seconds=st.sampled_from([5, 20, 1_000, 7 * 3_600]))
    def wait(self, seconds: int) -> None:
        self.clock.advance(seconds)

    @rule(who=WHO, refuses=st.booleans())
    def turn(self, who: str, *, refuses: bool) -> None:
        self.paper(who).refuses = "no" if refuses else None

    @rule()
    def deliver(self) -> None:
        self.outbox.deliver()

    @rule(taken=st.sets(WHO))
    def deliver_and_be_killed(self, taken: set[str]) -> None:
        """Claim a message and deliver it to some destinations, without recording the delivery."""
        names = ("a", "b")
        claim = self.outbox.sender("a", "b")._policy.claim  # pyright: ignore[reportPrivateUsage]
        message = self.ledger.transact("claim", lambda w: claim_message(w, names, claim))
        if message is None:
            return
        for name in taken & set(message.destinations):
            self.paper(name).send(message)
        self.kills += 1

    def paper(self, who: str) -> Paper:
        return {"a": self.outbox.a, "b": self.outbox.b}[who]

    @invariant()
    def nothing_is_wrong(self) -> None:
        rows, papers = self.outbox.rows(), (self.outbox.a, self.outbox.b)
        still = Counter(row["key"] for row in rows if row["over_at"] is None)
        assert all(count == 1 for count in still.values()), "two are open under a key"
        sent = {row["notification_id"] for row in rows if row["state"] == "SENT"}
        doubles = 0
        for paper in papers:
            ids = [message.message_id for message in paper.got]
            assert ids == sorted(ids), "one has overtaken another"
            assert sent <= set(ids), "one is sent and did not come"
            doubles += len(ids) - len(set(ids))
        assert doubles <= 2 * self.kills, "one came twice, and nobody was killed"


def test_outbox__whatever_happens() -> None:
    cases = settings.default.max_examples // 4 if settings.default else 15
    steps = settings(max_examples=cases, stateful_step_count=25, deadline=None)
    run_state_machine_as_test(Desk, settings=steps)
